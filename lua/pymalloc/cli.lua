-- The command line: finds the command and runs it. Each command has a file in
-- pymalloc/cli/ with two functions. define(parser) adds the command to the
-- parser; run(arguments) returns an exit code, or nil, a message and the exit
-- code of the failure.

local argparse = require "argparse"
local core = require "pymalloc.core"
local terminal = require "pymalloc.cli.terminal"

local M = {}

local OK, FAILED, BAD_USAGE = 0, 1, 2
local INTERRUPTED, NO_READER = 130, 141 -- as a shell reports SIGINT and SIGPIPE

local OUTPUT_BYTES = 1 << 16

local commands = {
  replay = require "pymalloc.cli.replay",
  record = require "pymalloc.cli.record",
  convert = require "pymalloc.cli.convert",
  step = require "pymalloc.cli.step",
  profiles = require "pymalloc.cli.profiles",
  classes = require "pymalloc.cli.classes",
  lesson = require "pymalloc.cli.lesson",
}
local order = { "replay", "record", "convert", "step", "profiles", "classes", "lesson" }

-- The parser calls this function when the command line is wrong.
local function raise_usage(parser, message)
  error({ usage = parser:get_usage(), message = message }, 0)
end

-- The parser of all commands. The reference is generated from it too.
function M.parser()
  local parser = argparse("pymalloc", "CPython's small-object allocator, for Lua and the shell.",
    "Example: pymalloc replay traces/cpython-json.trace.xz --profile 3.11")
  parser:command_target("command"):require_command(true)
  parser:flag("--version", "Print the version."):action(function()
    io.stdout:write(core._VERSION, "\n")
    os.exit(io.stdout:flush() and OK or FAILED, true)
  end)
  for _, name in ipairs(order) do
    commands[name].define(parser)
  end
  parser.error = raise_usage
  return parser
end

-- The arguments as a table, or nil and a message.
local function parse(arguments)
  local parser = M.parser()
  local ok, result = pcall(parser.parse, parser, arguments)
  if ok then
    return result
  elseif type(result) ~= "table" then
    error(result, 0)
  end
  return nil, result.message .. "\n" .. result.usage
end

local function say(message)
  io.stdout:flush()
  local head = terminal.paint(io.stderr, "red", "pymalloc:")
  io.stderr:write(head, " ", (message:gsub("^pymalloc: ", "")), "\n")
end

-- The process that read the output has closed its end of the pipe, so that no message is
-- written.
local function is_broken_pipe(message)
  return message:find("Broken pipe", 1, true) ~= nil
end

local function fail(message, code)
  if is_broken_pipe(message) then
    return NO_READER
  end
  say(message)
  return code
end

local function run(arguments)
  io.stdout:setvbuf("full", OUTPUT_BYTES)
  local parsed, misuse = parse(arguments)
  if not parsed then
    return fail(misuse, BAD_USAGE)
  end
  local code, message, failure = commands[parsed.command].run(parsed)
  if not code then
    return fail(message, failure or FAILED)
  end
  local ok, reason = io.stdout:flush()
  return ok and code or fail("the output cannot be written: " .. reason, FAILED)
end

-- Runs a command line, which is an array of strings. Returns the exit code: 0; 1
-- if a check failed, a trace is not valid or the output cannot be written; 2 if
-- the command line is wrong.
function M.main(arguments)
  local ok, result = pcall(run, arguments)
  if ok then
    return result
  elseif tostring(result):find("interrupted!", 1, true) then
    return INTERRUPTED
  end
  error(result, 0)
end

return M
