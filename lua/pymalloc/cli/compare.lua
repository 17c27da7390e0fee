-- pymalloc compare: designs of allocators on traces, as a table, a file or a picture.

local cells = require "pymalloc.experiment.cells"
local designs = require "pymalloc.cli.compare.designs"
local grammar = require "pymalloc.cli.compare.grammar"
local heading = require "pymalloc.cli.compare.heading"
local jobs = require "pymalloc.cli.compare.jobs"
local numbers = require "pymalloc.cli.numbers"
local parts = require "pymalloc.cli.compare.parts"
local shards = require "pymalloc.cli.compare.shards"
local svg_options = require "pymalloc.cli.svg_options"
local tables = require "pymalloc.cli.compare.tables"
local text = require "pymalloc.text"

local M = {}

local BAD_USAGE = 2
local CURVE_POINTS = 400

-- Adds an option that may be given several times: what read(text) returns is added to a list.
local function add_repeated(option, list, read)
  return option:count("*"):convert(read):action(function(arguments, _, value)
    arguments[list] = arguments[list] or {}
    table.insert(arguments[list], value)
  end)
end

local function add_design(command, name, argname, help)
  add_repeated(command:option("--" .. name, help):argname(argname), "designs",
    function(given)
      local fields, problem = grammar.design(name, given)
      return fields and { option = name, fields = fields, text = given }, problem
    end)
end

local function add_sweep(command)
  local help = "All combinations of the geometries and policies with the values of a field."
  add_repeated(command:option("--sweep", help):argname("SWEEP"), "sweeps",
    function(given)
      local field, values = grammar.sweep(given)
      return field and { field = field, values = values }, values
    end)
end

local function define_designs(command)
  add_design(command, "geometry", "GEOMETRY", "The heap of a profile, with some fields changed.")
  add_design(command, "policy", "POLICIES", "A simulated allocator, with policies by name.")
  add_design(command, "oracle", "ORACLE", "A bound or placement computed from the whole trace.")
  add_design(command, "real", "ALLOCATOR", "Another allocator, in a process of its own.")
  add_sweep(command)
end

local function define_output(command)
  command:option("--measure", "Measures, separated by commas: see below.")
    :argname("NAMES"):count("*")
  command:option("--sort", "Sort the rows by a measure."):argname("MEASURE")
  command:option("--baseline", "Print ratios to this design."):argname("DESIGN")
  command:mutex(
    command:flag("--csv", "Print comma-separated values, in bytes."),
    command:flag("--json", "Print JSON, with all measures that are known."),
    command:flag("--markdown", "Print a table in Markdown."))
  command:option("--svg", "Save a picture."):argname("FILE")
  svg_options.define(command)
  command:option("--plot", "The picture. Default: curve for one sweep, heat for two, else bars.")
    :choices({ "bars", "lines", "scatter", "curve", "heat" }):argname("KIND")
  command:option("--plot-trace", "The trace that the picture shows."):argname("NAME")
    :target("plot_trace")
end

local function define_cells(command)
  command:option("--jobs", "Measure in N processes. Default: 1."):argname("N")
    :convert(numbers.count_reader("--jobs", 1))
  command:flag("--list", "Write the cells, one a line, and measure nothing.")
  command:option("--cell", "Measure one cell, a line of --list; - reads it."):argname("CELL")
  command:option("--cells", "Take the cells from a file that --list wrote."):argname("FILE")
  command:option("--shard", "Measure part I of N, and write a line for each cell.")
    :argname("I/N"):convert(shards.read)
  command:option("-o --output", "Add the lines of --shard to FILE. Cells that it has are not "
    .. "measured again."):argname("FILE")
  command:flag("--merge", "The arguments are files of results: print their table.")
end

function M.define(parser)
  local command = parser:command("compare",
    "Compare designs of allocators on traces: geometries, policies, other allocators.",
    heading.text())
  command:argument("traces", "The traces, or the files of --merge."):argname("TRACE"):args("*")
  define_designs(command)
  define_output(command)
  define_cells(command)
end

-- {=== What is measured

local function measure_names(arguments)
  local names = {}
  for _, list in ipairs(arguments.measure or {}) do
    for name in list:gmatch("[^,]+") do
      table.insert(names, name)
    end
  end
  return #names > 0 and names or nil
end

-- The plan of an experiment; or nil and a message.
local function plan_of(arguments)
  for _, trace in ipairs(arguments.traces) do
    if trace == "-" then
      return nil, "a trace is read several times: it cannot be standard input"
    end
  end
  local list, left_out = designs.read(arguments)
  if not list then
    return nil, left_out
  elseif left_out > 0 then
    io.stderr:write(("pymalloc: %s left out, which no allocator can have\n"):format(
      text.count(text.group(left_out), "combination")))
  end
  return { traces = arguments.traces, designs = list, measure = measure_names(arguments),
    series = arguments.plot == "lines" and CURVE_POINTS or nil }
end

-- The cells of the arguments; or nil, a message and the exit code.
local function cells_of(arguments)
  if arguments.cells then
    return parts.read_cells(arguments.cells)
  end
  local plan, problem = plan_of(arguments)
  if not plan then
    return nil, problem, BAD_USAGE
  end
  local ok, list = pcall(cells.list, plan)
  if not ok then
    return nil, (tostring(list):gsub("^pymalloc: experiment: ", "")), BAD_USAGE
  end
  return list
end

-- {=== Running

-- The options that have the cells or their results.
local function source_of(arguments)
  return arguments.cell and "--cell" or arguments.merge and "--merge"
    or arguments.cells and "--cells"
end

-- The fault of these options beside others, as a message; nil if there is none.
local function misused_source(arguments)
  local source, has_traces = source_of(arguments), #arguments.traces > 0
  if source and (arguments.designs or arguments.sweeps) then
    return source .. " has the designs: options that give others cannot be combined with it"
  elseif source == "--merge" then
    return not has_traces and "--merge takes files of results" or nil
  elseif source and has_traces then
    return source .. " has the traces: others cannot be combined with it"
  end
  return not source and not has_traces
    and "missing argument 'TRACE', such as @startup or @json" or nil
end

local function misuse(arguments)
  local of_picture = svg_options.misuse(arguments)
  if of_picture then
    return of_picture
  elseif arguments.output and not arguments.shard then
    return "--output is the file of --shard: without it, the table is printed"
  end
  return misused_source(arguments)
end

-- Measures all cells, and prints their table.
local function compare(arguments, list)
  local wrong = tables.check(arguments, list)
  if wrong then
    return nil, wrong, BAD_USAGE
  end
  return tables.print(arguments, jobs.run(list, arguments.jobs or 1))
end

function M.run(arguments)
  local problem = misuse(arguments)
  if problem then
    return nil, problem, BAD_USAGE
  elseif arguments.cell then
    return parts.run_cell(arguments.cell)
  elseif arguments.merge then
    local results, message, code = parts.merge(arguments.traces)
    return tables.print(arguments, results, message, code)
  end
  local list, message, code = cells_of(arguments)
  if not list then
    return nil, message, code
  elseif arguments.list then
    return parts.write_list(list)
  elseif arguments.shard then
    return shards.run(list, arguments.shard, arguments.output)
  end
  return compare(arguments, list)
end

return M
