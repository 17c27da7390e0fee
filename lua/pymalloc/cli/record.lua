-- pymalloc record: what a program asks malloc for, as a trace.

local trace = require "pymalloc.trace"

local M = {}

local FAILED, BAD_USAGE, SIGNAL_BASE = 1, 2, 128

function M.define(parser)
  local command = parser:command("record",
    "Run a program and record what it asks malloc for.",
    "Example: pymalloc record -o ls.trace -- ls -l /")
  command:option("-o --output", "The trace to write."):argname("FILE"):count(1)
  command:argument("program", "The program, dynamically linked, and its arguments.")
    :argname("COMMAND"):args "+"
end

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

local function quoted(words)
  local list = {}
  for i, word in ipairs(words) do
    list[i] = quote(word)
  end
  return table.concat(list, " ")
end

-- The library stands beside the module's.
local function preload_path()
  local path = package.searchpath("pymalloc.preload", package.cpath)
  return path and (path:sub(1, 1) == "/" and path or os.getenv("PWD") .. "/" .. path)
end

-- Runs the words with the library in front; returns their exit code.
local function run_recorded(words, library, log)
  local others = os.getenv("LD_PRELOAD") or ""
  local line = ("PYMALLOC_RECORD=%s LD_PRELOAD=%s exec %s"):format(quote(log),
    quote(library .. (others ~= "" and ":" .. others or "")), quoted(words))
  io.stdout:flush()
  local _, how, code = os.execute(line)
  return how == "signal" and SIGNAL_BASE + code or code
end

local function head_of(words)
  return ("%s\n# recorded by pymalloc record: %s\n"):format(trace.HEAD,
    (table.concat(words, " "):gsub("%c", "?")))
end

-- Writes the trace; returns an error's message, or nil.
local function convert(arguments, log)
  local requests, unknown = trace.convert_log(log, arguments.output, head_of(arguments.program))
  if not requests then
    return "the recording cannot be written: " .. unknown
  elseif requests == 0 then
    return "nothing was recorded: is the program statically linked, or not there?"
  end
  io.stderr:write(("pymalloc: %d requests recorded in %s\n"):format(requests, arguments.output))
  if unknown > 0 then
    io.stderr:write(("pymalloc: %d frees of blocks that were never seen are left out\n")
      :format(unknown))
  end
end

function M.run(arguments)
  local library = preload_path()
  if not library then
    return nil, "the library pymalloc/preload.so is missing: it needs the GNU C library", BAD_USAGE
  end
  local log = os.tmpname()
  local ok, problem = trace.new_log(log)
  if not ok then
    os.remove(log)
    return nil, problem, FAILED
  end
  local code = run_recorded(arguments.program, library, log)
  problem = convert(arguments, log)
  os.remove(log)
  if problem then
    return nil, problem, FAILED
  end
  return code
end

return M
