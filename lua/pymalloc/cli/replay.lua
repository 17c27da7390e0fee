-- pymalloc replay: runs a trace and prints a summary, or the output that options ask for.

local core = require "pymalloc.core"
local heap_options = require "pymalloc.cli.heap_options"
local json = require "pymalloc.cli.json"
local moment = require "pymalloc.cli.moment"
local numbers = require "pymalloc.cli.numbers"
local progress = require "pymalloc.cli.progress"
local remarks = require "pymalloc.cli.remarks"
local runs = require "pymalloc.run"
local stdout = require "pymalloc.cli.stdout"
local summaries = require "pymalloc.cli.summary"
local terminal = require "pymalloc.cli.terminal"
local traces = require "pymalloc.trace"

local M = {}

local FAILED, BAD_USAGE, NO_READER = 1, 2, 141

function M.define(parser)
  local command = parser:command("replay",
    "Run the requests of a trace on a new heap, and print a summary.",
    "Examples: pymalloc replay @startup --retain 0\n"
      .. "          pymalloc replay @startup --profile 3.11 --stats\n"
      .. "          pymalloc replay @startup --stats-at end\n"
      .. "          pymalloc replay @startup --json --max-arenas 3\n"
      .. "          pymalloc replay @startup --release never\n"
      .. "          pymalloc replay @startup --placements\n"
      .. "          pymalloc replay @json --dump-every 9999 \\\n"
      .. "            --dump --profile 3.11 --arena-offset 4096 --stats --no-arena-map")
  command:argument("trace", "The trace: .gz, .xz and .zst files are unpacked; - is standard input; "
    .. "@startup and @json are built in.")
    :argname("TRACE")
  command:flag("--placements", "Print the place of each request's block.")
  command:option("--dump-every", "Print the state after every N requests."):argname("N")
    :target("dump_every"):convert(numbers.count_reader("--dump-every", 1))
  command:flag("--dump", "Print the state at the end.")
  command:flag("--stats", "Print the report at the peak of arenas; with --placements, "
    .. "--dump-every or --dump at the end.")
  command:option("--stats-at", "Print the report at this moment: " .. moment.help)
    :argname("MOMENT"):target("stats_at")
  command:flag("--no-arena-map", "Omit the arena map from reports."):target("no_arena_map")
  command:flag("--json", "Print the summary as JSON.")
  heap_options.define(command)
end

local function merge(record, other)
  for name, value in pairs(other) do
    record[name] = value
  end
  return record
end

-- The moment of the report; nil if none is wanted. At the end, the replay itself writes it.
local function moment_of(arguments)
  local has_others = arguments.placements or arguments.dump_every or arguments.dump
  return arguments.stats_at or arguments.stats and (has_others and "end" or "peak") or nil
end

-- Do the options ask for output in place of the summary?
local function has_output(arguments)
  return arguments.placements or arguments.dump_every or arguments.dump or moment_of(arguments)
end

-- Standard output, as an object that keeps the number of the error of a failed write.
local function output()
  return {
    write = function(self, text)
      local ok, reason, code = stdout.write(text)
      self.code = code
      return ok, reason
    end,
  }
end

local function replay_options(arguments, heap, line, out)
  return {
    heap = heap,
    placements = arguments.placements,
    dump_every = arguments.dump_every,
    dump = arguments.dump,
    stats = moment_of(arguments) == "end",
    arena_map = not arguments.no_arena_map,
    output = out,
    progress = function(request_count)
      line:show(request_count)
    end,
  }
end

local function tell_format(path, notes)
  io.stderr:write(("pymalloc: %s is read as format %s\n"):format(path, notes.format))
  remarks.say(notes)
end

-- Adds the command for a log of another tool to the message on standard input that is not a trace:
-- it cannot be read again to find its format.
local function advice(path, message, kind)
  if path == "-" and kind == "trace" then
    return message .. "\nFor the log of another tool: pymalloc convert - - | pymalloc replay -"
  end
  return message
end

-- Replays the trace, which is a path or was read before.
local function run_all(arguments, trace, heap, line, out)
  local options = replay_options(arguments, heap, line, out)
  if type(trace) == "table" then
    local summary, message, kind = core.trace.replay_text(trace.text, options)
    return summary, message and message:gsub("^text:", "standard input:"), kind
  end
  return traces.or_foreign(trace, false, function(path, notes)
    if notes then
      tell_format(arguments.trace, notes)
    end
    return core.trace.replay_file(path, options)
  end)
end

-- The summary, with the processor time in seconds; or nil, a message and an exit code.
local function replay(arguments, trace, heap)
  local in_the_way = has_output(arguments) and terminal.is_terminal(io.stdout)
  local line <close> = progress.new(not in_the_way)
  local began, out = os.clock(), output()
  local summary, message, kind = run_all(arguments, trace, heap, line, out)
  if not summary then
    return nil, advice(arguments.trace, message, kind),
      out.code == core.process.BROKEN_PIPE and NO_READER or FAILED
  end
  summary.seconds = os.clock() - began
  return summary
end

-- {=== The report at another moment than the end

-- Prints the report of one interpreter. Returns 0; or nil, a message and an exit code.
local function report_of(arguments, trace, heap, number)
  local options = merge({ interpreter = number }, heap)
  local run <close>, problem = runs.replay(trace, options)
  if not run then
    return nil, problem, FAILED
  end
  local op, message, code = moment.seek(run, moment_of(arguments), "--stats-at")
  if not op then
    return nil, message, code
  end
  stdout.write(("STATS %d\n"):format(op),
    run.heap:debugmallocstats { arena_map = not arguments.no_arena_map }, "END\n")
  return 0
end

-- Prints the report of every interpreter, each at its own moment.
local function report(arguments, trace, heap, summary)
  local others = summary.interpreters or {}
  for i = 0, #others do
    local number = i == 0 and 0 or others[i].interpreter
    if #others > 0 then
      stdout.write(("interpreter %d\n"):format(number))
    end
    local ok, problem, code = report_of(arguments, trace, heap, number)
    if not ok then
      return nil, problem, code
    end
  end
  return 0
end

-- The trace, read at once where it is needed twice and can be read only once; or nil and a
-- message.
local function source_of(arguments)
  local at = moment_of(arguments)
  if arguments.trace == "-" and at and at ~= "end" then
    return traces.load(arguments.trace)
  end
  return arguments.trace
end

local function summary_text(arguments, summary, heap)
  local about = { trace = arguments.trace, geometry = heap_options.geometry(heap) }
  if arguments.json then
    return json.text(merge(about, summary))
  end
  return summaries.text(summary, about)
end

local function misuse(arguments)
  if arguments.json and has_output(arguments) then
    return "--json prints the summary and cannot be combined with --placements, --dump-every, "
      .. "--dump, --stats or --stats-at"
  end
end

-- Prints what the replay itself has not written. Returns 0; or nil, a message and an exit code.
local function print_rest(arguments, trace, heap, summary)
  local at = moment_of(arguments)
  if at and at ~= "end" then
    return report(arguments, trace, heap, summary)
  elseif not has_output(arguments) then
    stdout.write(summary_text(arguments, summary, heap))
  end
  return 0
end

function M.run(arguments)
  local heap, problem = heap_options.read(arguments)
  problem = not heap and problem or misuse(arguments)
  if problem then
    return nil, problem, BAD_USAGE
  end
  local trace, unread = source_of(arguments)
  if not trace then
    return nil, unread, FAILED
  end
  local summary, message, code = replay(arguments, trace, heap)
  if not summary then
    return nil, message, code
  end
  local ok, reason, failure = print_rest(arguments, trace, heap, summary)
  if ok then
    heap_options.report_addresses(summary.heap, heap_options.geometry(heap).arena_bytes,
      arguments.max_arenas)
  end
  return ok, reason, failure
end

return M
