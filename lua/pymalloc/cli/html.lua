-- pymalloc html: writes a page that contains the allocator and a trace.

local core = require "pymalloc.core"
local document = require "pymalloc.page.document"
local grammar = require "pymalloc.cli.compare.grammar"
local heap_options = require "pymalloc.cli.heap_options"
local moment = require "pymalloc.cli.moment"
local numbers = require "pymalloc.cli.numbers"
local progress = require "pymalloc.cli.progress"
local remarks = require "pymalloc.cli.remarks"
local text = require "pymalloc.text"

local M = {}

local FAILED, BAD_USAGE, NO_READER = 1, 2, 141

local BIG_BYTES = 50000000 -- browsers may take long for a page of more

function M.define(parser)
  local command = parser:command("html",
    "Write a page that contains the allocator and a trace, for any browser.",
    "Examples: pymalloc html @startup\n"
      .. "          pymalloc html @json -o json.html --profile 3.11 --at peak\n"
      .. "          pymalloc html @json --compare 3.11,pool=4K --title 'json on 3.6'\n"
      .. "          pymalloc html @json --from 100000 --to 200000\n"
      .. "          pymalloc html valgrind.log --lenient --interpreter 0\n\n"
      .. "The page is one file. It opens from disk, needs no server and no network, and\n"
      .. "runs the allocator itself, so that it shows the heap at any request. Requests\n"
      .. "up to --from are run, and are in the page; those after --to are left out.")
  command:argument("trace", "The trace, or the log of another tool: .gz, .xz and .zst files are "
    .. "unpacked; - is standard input; @startup and @json are built in."):argname("TRACE")
  command:option("-o --output", "The page. Default: the name of the trace with .html; - is "
    .. "standard output."):argname("FILE")
  command:option("--at", "The moment that is shown first: " .. moment.help .. " Default: that of "
    .. "--from."):argname("MOMENT")
  command:option("--from", "The first moment of the page: after request N. Default: 0.")
    :argname("N"):convert(numbers.count_reader("--from", 0))
  command:option("--to", "The last moment of the page: after request N. Default: the end of the "
    .. "trace."):argname("N")
    :convert(numbers.count_reader("--to", 0))
  command:option("--compare", "Show a second heap of this geometry beside the first: a profile "
    .. "and KEY=VALUE, separated by commas."):argname("GEOMETRY")
  command:option("--title", "The title of the page."):argname("TEXT")
  command:option("--interpreter", "The interpreter whose heap is shown. Default: 0.")
    :argname("N"):convert(numbers.interpreter_reader("--interpreter"))
  command:flag("--lenient", "Leave out wrong lines, and count them.")
  heap_options.define(command)
end

-- The name of the trace without its folder and the ends that traces have, with .html.
local function default_name(trace)
  local name = trace:match("[^/]*$"):gsub("^@", "")
  name = name:gsub("%.xz$", ""):gsub("%.gz$", ""):gsub("%.zst$", "")
  name = name:gsub("%.p?trace$", "")
  return (trace == "-" and "trace" or name) .. ".html"
end

-- The geometry of --compare; or nil and a message.
local function compared(given)
  local design, problem = grammar.design("geometry", given)
  if not design then
    return nil, (problem:gsub("%-%-geometry", "--compare"))
  end
  if design.name then
    return nil, "option '--compare' takes no name"
  end
  local ok, wrong = pcall(core.class_table, design)
  if not ok then
    return nil, "option '--compare': " .. wrong:gsub("^pymalloc: ", "")
  end
  return design
end

-- A function that finds the moment of --at in a run.
local function finder(at)
  return at and function(run)
    return moment.find(run, at)
  end
end

local function say(written, path, trace)
  if type(written.notes) == "table" then
    remarks.say(written.notes)
  end
  io.stderr:write(("pymalloc: %s with %s of %s, %s bytes\n"):format(
    path == "-" and "a page" or path, text.count(text.group(written.requests), "request"),
    trace == "-" and "standard input" or trace, text.group(written.bytes)))
  if written.bytes > BIG_BYTES then
    io.stderr:write("pymalloc: a browser may take long to open a page of this size: --to makes "
      .. "it smaller\n")
  end
end

-- The options of the page; or nil and a message.
local function options_of(arguments, line)
  local geometry, problem = heap_options.read(arguments)
  if not geometry then
    return nil, problem
  end
  local compare, wrong
  if arguments.compare then
    compare, wrong = compared(arguments.compare)
    if not compare then
      return nil, wrong
    end
  end
  return { geometry = geometry, compare = compare, interpreter = arguments.interpreter,
    from = arguments.from, to = arguments.to, title = arguments.title,
    lenient = arguments.lenient, find_moment = finder(arguments.at),
    progress = function(count)
      line:show(type(count) == "number" and count or 0)
    end }
end

function M.run(arguments)
  local line <close> = progress.new(true, "lines")
  local options, problem = options_of(arguments, line)
  if not options then
    return nil, problem, BAD_USAGE
  end
  local path = arguments.output or default_name(arguments.trace)
  local written, reason, is_unread = document.write(arguments.trace, path, options)
  line:clear()
  if not written then
    return nil, reason, is_unread and NO_READER or FAILED
  end
  say(written, path, arguments.trace)
  return 0
end

return M
