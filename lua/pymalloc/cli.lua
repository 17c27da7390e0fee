-- The command line: finds the command and runs it. Each command has a file in
-- pymalloc/cli/ with two functions. define(parser) adds the command to the
-- parser; run(arguments) returns an exit code, or nil, a message and the exit
-- code of the failure.

local core = require "pymalloc.core"
local optional = require "pymalloc.optional"
local stdout = require "pymalloc.cli.stdout"
local terminal = require "pymalloc.cli.terminal"

require "pymalloc" -- its modules add the methods that commands call

local M = {}

local OK, FAILED, BAD_USAGE, INTERNAL = 0, 1, 2, 70
local NO_READER = 141 -- as a shell reports SIGPIPE

local OUTPUT_BYTES, HELP_COLUMNS = 1 << 16, 80

-- The commands, in the order of the help.
local names = { "replay", "record", "convert", "step", "show", "html", "pins", "analyse",
  "workload", "compare", "score", "attach", "report", "traces", "profiles", "classes", "lesson" }

-- The parser calls this function when the command line is wrong. No option of one letter
-- is suggested for another one.
local function raise_usage(parser, message)
  message = message:gsub("^(unknown option '%-[^-][^\n]*)\nDid you mean .*", "%1")
  error({ usage = parser:get_usage(), message = message }, 0)
end

-- Makes an option raise a text, which is then printed in place of running a command.
local function print_instead(option, make_text)
  option:action(function()
    error({ text = make_text() .. "\n" }, 0)
  end)
end

local function replace_help(parser)
  print_instead(parser._options[parser._help_option_idx], function()
    return parser:get_help()
  end)
end

-- What arguments that name an input are called in the usage.
local INPUTS = { TRACE = true, IN = true, FILE = true, FILE2 = true, ["PID|FILE"] = true,
  ANSWER = true }

-- Makes an argument refuse the name "".
local function refuse_empty(argument)
  argument:convert(function(value)
    if value == "" then
      return nil, ("argument '%s' is empty"):format(argument._argname)
    end
    return value
  end)
end

-- Adds to the help of an option the values that it allows. Gives an argument the name in the
-- list of arguments that it has in the usage; one that names an input cannot be "".
local function complete(command)
  for _, option in ipairs(command._options) do
    if option._choices then
      option:description(("%s One of %s."):format(option._description,
        table.concat(option._choices, ", ")))
    end
  end
  for _, argument in ipairs(command._arguments) do
    if INPUTS[argument._argname] then
      refuse_empty(argument)
    end
    if argument._argname then
      argument:target(argument._target or argument._name):name(argument._argname)
    end
  end
end

local function command_of(name)
  return require("pymalloc.cli." .. name)
end

local function is_command(name)
  for _, known in ipairs(names) do
    if known == name then
      return true
    end
  end
  return false
end

-- The parser of one command, or of all commands. The reference is generated from it too.
function M.parser(only)
  local argparse = optional.load "argparse"
  local parser = argparse("pymalloc", "CPython's small-object allocator, for Lua and the shell.",
    "Example: pymalloc replay @json --profile 3.11")
  parser:command_target("command"):require_command(true):help_max_width(HELP_COLUMNS)
  print_instead(parser:flag("--version", "Print the version, and that of Lua."), function()
    return ("%s, %s"):format(core._VERSION, _VERSION)
  end)
  for _, name in ipairs(only and { only } or names) do
    command_of(name).define(parser)
  end
  replace_help(parser)
  for _, command in ipairs(parser._commands) do
    replace_help(command)
    complete(command)
  end
  parser.error = raise_usage
  return parser
end

-- Joins a negative number to the option before it, because the parser takes "-1" for the name
-- of an option.
local function join_numbers(arguments)
  local joined = {}
  for i, argument in ipairs(arguments) do
    if argument == "--" then
      return table.move(arguments, i, #arguments, #joined + 1, joined)
    elseif argument:find("^%-%d") and (joined[#joined] or ""):find("^%-%-[^=]+$") then
      joined[#joined] = joined[#joined] .. "=" .. argument
    else
      table.insert(joined, argument)
    end
  end
  return joined
end

-- The arguments as a table; or nil and a table with a text to print, or with a message and
-- the usage.
local function parse(arguments)
  local parser = M.parser(is_command(arguments[1]) and arguments[1] or nil)
  local ok, result = pcall(parser.parse, parser, join_numbers(arguments))
  if ok then
    return result
  elseif type(result) ~= "table" then
    error(result, 0)
  end
  return nil, result
end

local function say(message)
  io.stdout:flush()
  local head = terminal.paint(io.stderr, "red", "pymalloc:")
  io.stderr:write(head, " ", (message:gsub("^pymalloc: ", "")), "\n")
end

-- No message is written if the process that read the output has closed its pipe.
local function fail(message, code)
  if code ~= NO_READER then
    say(message)
  end
  return code
end

-- Writes what is still in the buffer of standard output. Returns the code, unless that fails.
local function finish(code)
  local ok, problem, is_closed = stdout.finish()
  return ok and code or fail(problem, is_closed and NO_READER or FAILED)
end

local function run(arguments)
  io.stdout:setvbuf("full", OUTPUT_BYTES)
  local parsed, other = parse(#arguments > 0 and arguments or { "--help" })
  if not parsed and other.text then
    stdout.write(other.text)
    return finish(OK)
  elseif not parsed then
    return fail(other.message .. "\n" .. other.usage, BAD_USAGE)
  end
  if parsed.json then
    optional.load "dkjson" -- before a command takes long
  end
  local code, message, failure = command_of(parsed.command).run(parsed)
  return code and finish(code) or fail(message, failure or FAILED)
end

-- The error that was raised, as text, and its traceback. Lua does not call this function for a lack
-- of memory.
local function caught(problem)
  return { text = tostring(problem), traceback = debug.traceback(tostring(problem), 2) }
end

-- A lesson raises an error where it cannot read a built-in trace, because the program that
-- unpacks it is missing. Returns the message without the place in the lesson; nil for other errors.
local function missing_program(text)
  return text:match("^[^\n]-([^%s:]+ needs the program '[^\n]*)")
end

-- Reports an error that no command expects. Returns the exit code.
local function report(problem)
  if problem.text:find("not enough memory", 1, true) then
    return fail("not enough memory", FAILED)
  elseif missing_program(problem.text) then
    return fail(missing_program(problem.text), FAILED)
  elseif optional.is_raised(problem.text) then
    return fail(problem.text, FAILED)
  elseif os.getenv("PYMALLOC_TRACEBACK") then
    return fail(problem.traceback or problem.text, INTERNAL)
  end
  return fail(("internal error: %s\nPlease report it. With PYMALLOC_TRACEBACK=1 in the "
    .. "environment, the message says where it was raised."):format(problem.text:match("^[^\n]*")),
    INTERNAL)
end

-- Runs a command line, which is an array of strings; an empty one prints the help. Returns
-- the exit code: 0; 1 if a check failed, a trace is not valid or the output cannot be written; 2
-- if the command line is wrong; 70 for an error in this program; 141 if the reader of the output
-- has closed its pipe.
function M.main(arguments)
  local ok, result = xpcall(run, caught, arguments)
  if ok then
    return result
  end
  return report(type(result) == "table" and result or { text = tostring(result) })
end

return M
