-- pymalloc record: runs a program and writes its requests to malloc, or those of
-- a Python program to CPython's object allocator, as a trace.

local frames = require "pymalloc.cli.record.frames"
local launch = require "pymalloc.cli.record.launch"
local output = require "pymalloc.output"
local preloaded = require "pymalloc.preloaded"
local progress = require "pymalloc.cli.progress"
local processes = require "pymalloc.cli.record.processes"
local program = require "pymalloc.cli.record.program"
local python = require "pymalloc.cli.record.python"
local record_log = require "pymalloc.cli.record_log"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"
local trace = require "pymalloc.trace"

local M = {}

local FAILED, BAD_USAGE = 1, 2

function M.define(parser)
  local command = parser:command("record",
    "Run a program and record its requests to malloc, or to CPython's object allocator.",
    "Examples: pymalloc record -o ls.trace -- ls -l /\n"
      .. "          pymalloc record --where -o sort.trace -- sort data\n"
      .. "          pymalloc record --follow-fork -o make.trace -- make\n"
      .. "          pymalloc record --python -o json.trace.xz -- -m json.tool data.json\n"
      .. "          pymalloc record --python --where -o t.trace -- python3.12 tool.py\n"
      .. "          pymalloc record --python --where --depth 40 --interpreter ./python \\\n"
      .. "            -o t.trace -- tool.py\n\n"
      .. "Without --follow-fork, only the program itself is recorded: not its forked\n"
      .. "children, and not the programs that it starts. The exit code is that of the\n"
      .. "program; if a signal ended it, 128 plus the number of the signal.\n\n"
      .. "FILE is replaced when the trace is complete. If nothing was recorded, or the\n"
      .. "trace cannot be written, an older FILE is unchanged. Ctrl-C reaches the program\n"
      .. "too, and SIGTERM and SIGHUP are passed on to it: the recorder waits until the\n"
      .. "program has ended, and keeps the requests until then. The log from which the\n"
      .. "trace is made is in the folder that the environment variable TMPDIR names, or in\n"
      .. "/tmp.")
  command:option("-o --output", "The trace to write: .ptrace is the packed form; .gz, .xz and "
    .. ".zst files are packed.")
    :argname("FILE"):count(1)
  command:flag("--follow-fork", "Record every process: the first one in FILE, each other one in "
    .. "FILE.PID, and print a summary. A forked child's trace begins with the fork: its frees of "
    .. "older blocks are left out.")
  python.define(command)
  command:argument("program", "The program, dynamically linked, and its arguments.")
    :argname("COMMAND"):args "+"
end

-- The words of the command to run, the library to preload, a variable to unset, and the number of
-- frames of call stacks.
local function plan(arguments)
  if not arguments.python then
    return { words = arguments.program, library = "pymalloc.preload",
      depth = python.depth(arguments), each = arguments.follow_fork }
  end
  -- with PYTHONMALLOC, CPython would replace the allocator that the library has set
  return { words = python.words(arguments), library = "pymalloc.preload_python",
    unset = "PYTHONMALLOC", depth = python.depth(arguments), each = arguments.follow_fork }
end

local function head_of(arguments, what)
  local command = table.concat(arguments.program, " "):gsub("%c", "?")
  return ("%s\n# recorded by pymalloc record%s%s: %s%s\n"):format(trace.HEAD,
    arguments.python and " --python" or "", arguments.where and " --where" or "",
    what ~= "" and what .. ": " or "", command)
end

-- Why a program that was to replace the recorded one is not recorded.
local function reason_for_next(planned, about)
  local path = program.find(about.next_program)
  return ("%s was replaced by %s, which cannot be recorded: %s"):format(planned.words[1],
    about.next_program, path and program.obstacle(path, planned.path)
      or "the recorder was not loaded into it")
end

local function reason_for_nothing(arguments, planned, about, is_interrupted)
  if is_interrupted then
    return "a signal ended the program"
  elseif about.cut then
    return about.cut
  elseif about.next_program then
    return reason_for_next(planned, about)
  elseif arguments.python then
    return python.reason_for_nothing(about.what)
  elseif not about.is_open then
    return "the recorder was not loaded into the program"
  elseif program.has_own_malloc(planned.program) then
    return "the program has a malloc of its own"
  end
  return "the program made no request to malloc"
end

local function say(...)
  io.stderr:write("pymalloc: ", ...)
  io.stderr:write("\n")
end

-- Sentences on the requests and call stacks that the trace lacks.
local function remarks(arguments, planned, about)
  local list = {}
  if not arguments.python and program.has_own_malloc(planned.program) then
    table.insert(list, "the program has a malloc of its own: requests that it serves itself are "
      .. "not recorded")
  end
  if about.cut then
    table.insert(list, "the recording ends early: " .. about.cut)
  end
  if about.next_program then
    table.insert(list, "the recording ends early: " .. reason_for_next(planned, about))
  end
  if arguments.where and not arguments.python and not frames.has_tool() then
    table.insert(list, "addr2line, of the package binutils, is not installed: call stacks have "
      .. "places in files instead of source lines")
  end
  list[#list + 1] = python.remark(arguments, about.what)
  return list
end

local function report(arguments, planned, requests, unknown, about, is_interrupted)
  if is_interrupted and terminal.is_terminal(io.stderr) then
    io.stderr:write("\n") -- the terminal has written ^C
  end
  say(is_interrupted and "interrupted; " or "",
    ("%s recorded in %s"):format(text.count(requests, "request"), arguments.output))
  if unknown > 0 then
    say(text.count(unknown, "free"), " of unknown blocks left out")
  end
  for _, remark in ipairs(remarks(arguments, planned, about)) do
    say(remark)
  end
end

-- The texts of the return addresses in a log; nil if it has none.
local function texts_of(arguments, log)
  return arguments.where and not arguments.python and frames.texts(log.path) or nil
end

-- Writes the trace. Returns a message if that fails.
local function convert(arguments, planned, log, out, is_interrupted)
  local about, problem = log:about()
  if not about then
    return "the recording cannot be written: " .. problem
  end
  local requests, unknown = log:convert(out, head_of(arguments, about.what),
    texts_of(arguments, log))
  planned.first = processes.first(about, arguments.output, requests, unknown)
  if requests == 0 then
    return ("nothing was recorded: %s%s"):format(
      reason_for_nothing(arguments, planned, about, is_interrupted), out:kept())
  elseif not requests and unknown then
    return "the recording cannot be written: " .. unknown
  end
  local ok, failure = out:finish()
  if not ok then
    return failure
  end
  report(arguments, planned, requests, unknown, about, is_interrupted)
end

-- Writes the traces of the other processes, and the summary. Returns their number; or nil and a
-- message.
local function convert_others(arguments, planned, log)
  local rows, problem = processes.write(log, arguments.output, function(about)
    return head_of(arguments, about.what)
  end, function(other)
    return texts_of(arguments, other)
  end)
  if not rows then
    return nil, problem
  end
  local others = #rows
  if planned.first then
    table.insert(rows, 1, planned.first)
  end
  io.stderr:write(processes.summary(rows))
  return others
end

local function misuse(arguments)
  if arguments.output == "-" then
    return "--output cannot be -: standard output is the program's"
  end
  return python.misuse(arguments)
end

-- Adds to the plan the paths of the library and of the program; or returns a message and an exit
-- code, where the program cannot be recorded.
local function prepare(planned)
  local problem, code
  planned.path, problem = preloaded.library(planned.library)
  if not planned.path then
    return problem, BAD_USAGE
  end
  planned.program, problem, code = program.find(planned.words[1])
  if not planned.program then
    return problem, code
  end
  local obstacle = program.obstacle(planned.program, planned.path)
  if obstacle then
    return ("%s cannot be recorded: %s"):format(planned.words[1], obstacle), FAILED
  end
end

-- The output is begun first, so that the command fails before the program runs if the trace
-- cannot be written.
local function record(arguments, planned)
  local line <close> = progress.new(true)
  local out <close>, out_problem = output.open(arguments.output, line:of_output())
  if not out then
    return nil, out_problem, FAILED
  end
  local log <close>, log_problem = record_log.new()
  if not log then
    return nil, log_problem, FAILED
  end
  local library <close>, library_problem = preloaded.link(planned.path)
  if not library then
    return nil, library_problem, FAILED
  end
  local code, is_interrupted = launch.run(planned, library.path, log.path)
  local problem = convert(arguments, planned, log, out, is_interrupted)
  if planned.each then
    local others, failure = convert_others(arguments, planned, log)
    if others and others > 0 and problem then -- the first process alone has no trace
      say(problem)
      return code
    end
    problem = problem or failure
  end
  if problem then
    return nil, problem, is_interrupted and code or FAILED
  end
  return code
end

function M.run(arguments)
  local problem, code = misuse(arguments), BAD_USAGE
  if problem then
    return nil, problem, code
  end
  local planned = plan(arguments)
  problem, code = prepare(planned)
  if problem then
    return nil, problem, code
  end
  return record(arguments, planned)
end

return M
