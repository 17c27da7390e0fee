-- pymalloc record: runs a program and writes its requests to malloc, or those of
-- a Python program to CPython's object allocator, as a trace.

local core = require "pymalloc.core"
local output = require "pymalloc.output"
local packed = require "pymalloc.packed"
local record_log = require "pymalloc.cli.record_log"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"
local trace = require "pymalloc.trace"

local M = {}

local FAILED, BAD_USAGE, SIGNAL_BASE = 1, 2, 128

function M.define(parser)
  local command = parser:command("record",
    "Run a program and record its requests to malloc, or to CPython's object allocator.",
    "Examples: pymalloc record -o ls.trace -- ls -l /\n"
      .. "          pymalloc record --python -o json.trace.xz -- -m json.tool data.json\n"
      .. "          pymalloc record --python --interpreter python3.12 -o t.trace -- tool.py\n\n"
      .. "Only the program itself is recorded, not its forked children or the programs that\n"
      .. "it starts. The exit code is that of the program; if a signal ended it, 128 plus the\n"
      .. "number of the signal.\n\n"
      .. "FILE is replaced when the trace is complete. If nothing was recorded, or the trace\n"
      .. "cannot be written, an older FILE is unchanged. Ctrl-C reaches the program too, and\n"
      .. "SIGTERM and SIGHUP are passed on to it: the recorder waits until the program has\n"
      .. "ended, and keeps the requests until then. The log from which the trace is made is in\n"
      .. "the folder that the environment variable TMPDIR names, or in /tmp.")
  command:option("-o --output", "The trace to write: .gz, .xz and .zst files are packed.")
    :argname("FILE"):count(1)
  command:flag("--python", "Run python3 with COMMAND (a script, -c or -m) and its "
    .. "arguments, and record the requests to its object and memory domains.")
  command:option("--interpreter", "With --python: the CPython to run, 3.7 or later. "
    .. "Default: python3."):argname("PYTHON")
  command:argument("program", "The program, dynamically linked, and its arguments.")
    :argname("COMMAND"):args "+"
end

local function quoted(words)
  local list = {}
  for i, word in ipairs(words) do
    list[i] = packed.quote(word)
  end
  return table.concat(list, " ")
end

-- The words of the command to run, and the library to preload.
local function plan(arguments)
  if not arguments.python then
    return { words = arguments.program, library = "pymalloc.preload" }
  end
  local words = { arguments.interpreter or "python3", table.unpack(arguments.program) }
  -- with PYTHONMALLOC, CPython would replace the allocator that the library has set
  return { words = words, library = "pymalloc.preload_python", unset = "unset PYTHONMALLOC; " }
end

-- The absolute path of the library, which is in the folder of the C module.
local function library_path(name)
  local path = package.searchpath(name, package.cpath)
  return path and (path:sub(1, 1) == "/" and path or os.getenv("PWD") .. "/" .. path)
end

-- Runs the command with the library preloaded. Returns its exit code, and whether it was
-- ended by a signal that this process got too, such as Ctrl-C.
local function run_recorded(planned, library, log)
  local others = os.getenv("LD_PRELOAD") or ""
  local line = ("%sPYMALLOC_RECORD=%s LD_PRELOAD=%s exec %s"):format(planned.unset or "",
    packed.quote(log), packed.quote(library .. (others ~= "" and ":" .. others or "")),
    quoted(planned.words))
  io.stdout:flush()
  local how, code, signal = core.process.execute(line)
  return how == "signal" and SIGNAL_BASE + code or code, how == "signal" and signal ~= nil
end

local function head_of(arguments, what)
  local command = table.concat(arguments.program, " "):gsub("%c", "?")
  return ("%s\n# recorded by pymalloc record%s: %s%s\n"):format(trace.HEAD,
    arguments.python and " --python" or "", what ~= "" and what .. ": " or "", command)
end

local function reason_for_nothing(arguments, cut)
  if cut then
    return "nothing was recorded: " .. cut
  elseif arguments.python then
    return "nothing was recorded: --python needs CPython 3.7 or later, without -X dev, which sets "
      .. "another allocator"
  end
  return "nothing was recorded: the program is missing or statically linked"
end

local function say(...)
  io.stderr:write("pymalloc: ", ...)
  io.stderr:write("\n")
end

local function report(arguments, requests, unknown, cut, is_interrupted)
  if is_interrupted and terminal.is_terminal(io.stderr) then
    io.stderr:write("\n") -- the terminal has written ^C
  end
  say(is_interrupted and "interrupted; " or "",
    ("%s recorded in %s"):format(text.count(requests, "request"), arguments.output))
  if unknown > 0 then
    say(text.count(unknown, "free"), " of unknown blocks left out")
  end
  if cut then
    say("the recording ends early: ", cut)
  end
end

-- Writes the trace. Returns a message if that fails.
local function convert(arguments, log, out, is_interrupted)
  local what, cut = log:about()
  if not what then
    return "the recording cannot be written: " .. cut
  end
  local requests, unknown = log:convert(out, head_of(arguments, what))
  if requests == 0 then
    return reason_for_nothing(arguments, cut) .. out:kept()
  elseif not requests and unknown then
    return "the recording cannot be written: " .. unknown
  end
  local ok, problem = out:finish()
  if not ok then
    return problem
  end
  report(arguments, requests, unknown, cut, is_interrupted)
end

local function misuse(arguments)
  if arguments.interpreter and not arguments.python then
    return "--interpreter needs --python"
  elseif arguments.output == "-" then
    return "--output cannot be -: standard output is the program's"
  end
end

-- The output is begun first, so that the command fails before the program runs if the trace
-- cannot be written.
local function record(arguments, planned, library)
  local out <close>, out_problem = output.open(arguments.output)
  if not out then
    return nil, out_problem, FAILED
  end
  local log <close>, log_problem = record_log.new()
  if not log then
    return nil, log_problem, FAILED
  end
  local code, is_interrupted = run_recorded(planned, library, log.path)
  local problem = convert(arguments, log, out, is_interrupted)
  if problem then
    return nil, problem, FAILED
  end
  return code
end

function M.run(arguments)
  local problem = misuse(arguments)
  if problem then
    return nil, problem, BAD_USAGE
  end
  local planned = plan(arguments)
  local library = library_path(planned.library)
  if not library then
    return nil, ("the library %s.so is missing: it is built with the GNU C library only, and not "
      .. "with sanitizers"):format(planned.library:gsub("%.", "/")), BAD_USAGE
  end
  return record(arguments, planned, library)
end

return M
