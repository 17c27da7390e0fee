--- Experiments: the same traces replayed with several designs, and a table of measures.
--
--     print(pymalloc.experiment {
--       traces = { "@startup", "@json" },
--       designs = { "3.6", "3.11", { profile = "3.6", pool_bytes = 16384 } },
--       measure = { "held_peak", "held_mean", "utilisation_mean", "waste_unused" },
--     })
--
-- A design is a geometry of the heap, a simulated allocator, an oracle or a real allocator. A
-- geometry is called by its profile and the options that differ from the profile, such as
-- "3.6, pool_bytes 16384", or by its field name.

local core = require "pymalloc.core"
local formats = require "pymalloc.experiment.formats"
local layout = require "pymalloc.experiment.layout"
local measures = require "pymalloc.experiment.measures"
local plans = require "pymalloc.experiment.plan"
local reshape = require "pymalloc.experiment.reshape"
local rows = require "pymalloc.experiment.rows"
local shape = require "pymalloc.shape"
local sources = require "pymalloc.experiment.sources"

local M = {}

--- pymalloc.Experiment: the results of an experiment; tostring writes them as a table.
-- @tfield string[] measures names of the measures, in order
-- @tfield pymalloc.ExperimentRow[] rows one for each trace, design and interpreter of the trace
-- @tfield table[] columns the measures, each with the fields name and unit: "bytes", "percent",
-- "seconds", "ratio", or "" for a number
-- @tfield string[] labels names of the columns before the measures: trace and design
-- @tfield[opt] string title a line above the table
local Experiment = {}

local metatable = {
  __name = "pymalloc.Experiment",
  __metatable = "pymalloc.Experiment",
  __index = Experiment,
}

--- pymalloc.ExperimentRow: a design on a trace. In addition, each measure of the plan that is a
-- function, or a field of a pymalloc.Summary, is in the field of its name.
-- @tfield string trace name of the trace
-- @tfield string design name of the design
-- @tfield string geometry the same as design
-- @tfield string kind of the design: "exact" for a heap
-- @tfield[opt] integer interpreter its number, where it is not 0
-- @tfield[opt] string problem why the design could not be measured
-- @tfield[opt] table series if the plan asked for it: the arrays requests, held, live, total and
-- total_live, of the values after each of these requests
-- @tfield[opt] integer held_peak bytes of arenas held, the most after any request
-- @tfield[opt] number held_mean bytes of arenas held, the mean over the moments after each request
-- @tfield[opt] integer held_end bytes of arenas held after the last request
-- @tfield[opt] number utilisation_peak live_peak in per cent of held_peak
-- @tfield[opt] number utilisation_mean live_mean in per cent of held_mean
-- @tfield[opt] integer live_peak bytes requested and live in pools, the most while held_peak was
-- held
-- @tfield[opt] number live_mean bytes requested and live in pools, the mean over the moments after
-- each request
-- @tfield[opt] integer live_end bytes requested and live in pools after the last request
-- @tfield[opt] integer waste_rounding bytes at the ends of live blocks that were not requested, at
-- the moment of live_peak
-- @tfield[opt] integer waste_headers bytes of pools in use that no block can have, and of arenas
-- that no pool can have, at the moment of live_peak
-- @tfield[opt] integer waste_free bytes of free blocks in pools in use, at the moment of live_peak
-- @tfield[opt] integer waste_unused bytes of pools without a live block, at the moment of
-- live_peak
-- @tfield[opt] integer system_calls reservations of addresses for arenas, commits and decommits of
-- their pages, and advice on large pages, before the end of the heap
-- @tfield[opt] integer touched_pages pages of 4096 bytes in arenas of which a pool header or a
-- carved block has ever covered a byte
-- @tfield[opt] integer raw_requests requests that the raw allocator served
-- @tfield[opt] integer requests all requests: malloc, calloc, realloc and free
-- @tfield[opt] integer small_requests requests that pools served
-- @tfield[opt] integer live_most bytes requested and live in pools, the most after any request
-- @tfield[opt] integer total_peak bytes of arenas held and bytes live in raw blocks together, or
-- resident bytes of a real allocator, the most after any request
-- @tfield[opt] number total_mean bytes of arenas held and bytes live in raw blocks together, or
-- resident bytes of a real allocator, the mean over the moments after each request
-- @tfield[opt] integer total_end bytes of arenas held and bytes live in raw blocks together, or
-- resident bytes of a real allocator, after the last request
-- @tfield[opt] integer total_trimmed resident bytes of a real allocator after the last request and
-- its function that returns free memory to the system
-- @tfield[opt] integer total_live_peak all bytes requested and live, the most while total_peak was
-- held
-- @tfield[opt] number total_live_mean all bytes requested and live, the mean over the moments
-- after each request
-- @tfield[opt] integer total_live_end all bytes requested and live after the last request
-- @tfield[opt] integer arenas_highwater arenas held, the most after any request
-- @tfield[opt] integer arenas_obtained arenas obtained in all
-- @tfield[opt] integer arenas_released arenas released in all
-- @tfield[opt] number seconds processor time of the requests; of a heap, the least of three replays
-- @tfield[opt] integer instructions instructions executed in user space for the requests, the
-- least of three replays; absent where the system does not let the process count them
-- @tfield[opt] integer page_faults page faults of the process during the requests, the least of
-- three replays

-- {=== Making results

-- Calls a function that raises messages without a place: they get that of the caller.
local function checked(f, ...)
  local ok, result = pcall(f, ...)
  if not ok then
    error(result, 3)
  end
  return result
end

-- The parts of a result that its methods read. A script may have changed them.
local result_shape = shape.record {
  rows = shape.list(shape.record {}),
  columns = shape.list(shape.record { name = shape.text, unit = shape.text }),
  labels = shape.list(shape.text),
  title = shape.optional(shape.text),
}

local function check_self(self, what)
  local problem
  if debug.getmetatable(self) ~= metatable then
    problem = "an experiment expected, got " .. core.describe(self)
  else
    problem = result_shape(self, "")
    problem = problem and "the experiment is not whole: " .. problem
  end
  if problem then
    error(("pymalloc: experiment:%s: %s"):format(what, problem), 3)
  end
end

-- A result with these rows. `columns` have the fields name and unit.
local function new(columns, all_rows)
  local result = { measures = {}, rows = all_rows, columns = {}, labels = { "trace", "design" } }
  for i, column in ipairs(columns) do
    result.measures[i] = column.name
    result.columns[i] = { name = column.name, unit = column.unit }
  end
  return setmetatable(result, metatable)
end

-- A copy of a result with some fields changed.
local function changed(result, fields)
  local copy = new(fields.columns or result.columns, fields.rows)
  copy.labels, copy.title = fields.labels or result.labels, fields.title or result.title
  return copy
end

--- The result that has rows which were measured before, also in another process.
-- @tparam table measured what pymalloc.experiment.rows.measure returned, in one array
-- @tparam string[] names the measures of the table, which are not functions
-- @treturn pymalloc.Experiment
-- @local
function M.of_rows(measured, names)
  local columns = {}
  for i, name in ipairs(names) do
    columns[i] = measures.read(name, i)
  end
  return new(columns, measured)
end

-- {=== Running

-- Measures all designs on a trace. Returns true; or nil and a message.
local function measure_trace(result, given, name, plan, tell)
  local opened <close>, problem = sources.open(given, name)
  if not opened then
    return nil, problem
  end
  for _, design in ipairs(plan.designs) do
    tell(name, design.name)
    local measured, reason = rows.measure(opened, design, plan)
    if not measured then
      return nil, reason
    end
    table.move(measured, 1, #measured, #result.rows + 1, result.rows)
  end
  return true
end

--- Measures designs on traces.
-- @tparam table plan traces: an array of paths, traces or pymalloc.LoadedTrace; designs (or
-- geometries): an array of names of profiles, of options of a heap, or of { lab = a design }, {
-- oracle = a name } and { real = an allocator }, each with or without a name; measure: an array
-- of measures, which are names, functions of a pymalloc.Summary, or { name, function }; by
-- default bytes held, bytes live, utilisation and the kinds of fragmentation, or, with a real
-- allocator, bytes held in arenas and raw together and resident bytes; series: the number
-- of points, at evenly spread requests, of the curves in each row's field series; progress: a
-- function that is called before each measurement with the number of those done, the number of
-- all, and the names of trace and design
-- @treturn pymalloc.Experiment or nil and the reason why a trace cannot be run
-- @usage
-- local result = pymalloc.experiment {
--   traces = { trace },
--   designs = { "3.6", { profile = "3.6", pool_bytes = 16384 } },
--   measure = { "held_peak", { "small", function(summary) return summary.small end } },
-- }
-- result.rows[2].design --> 3.6, pool_bytes 16384
-- result.rows[2].small --> 2
function M.experiment(plan)
  local plan_read = checked(plans.read, plan)
  local result = new(plan_read.measures, {})
  local done, all = 0, #plan_read.traces * #plan_read.designs
  local function tell(...)
    if plan_read.progress then
      plan_read.progress(done, all, ...)
    end
    done = done + 1
  end
  for i, given in ipairs(plan_read.traces) do
    local name = plan_read.names[i]
    local measured, problem = measure_trace(result, given, name, plan_read, tell)
    if not measured then
      return nil, problem
    end
  end
  return result
end

-- {=== As text

function metatable:__tostring()
  local problem = result_shape(self, "")
  if problem then
    return "pymalloc.Experiment that is not whole: " .. problem
  end
  return table.concat(layout.lines(self, layout.width()), "\n")
end

--- The table as text. All bytes have one unit, and so many decimals that different values
-- differ. Columns for which there is no room are named below the table, and names that are too
-- long are cut: ".." stands for what is left out.
-- @tparam[opt] integer width columns of the terminal, at least 40; by default those of the
-- variable COLUMNS, or of the terminal, or 80; tostring does the same
-- @treturn string
-- @usage
-- local result = pymalloc.experiment { traces = { trace }, designs = { "3.6" },
--   measure = { "held_peak" } }
-- result:text(100):match("3.6 .*$") --> 3.6           256
function Experiment:text(width)
  check_self(self, "text")
  if width ~= nil and (math.type(width) ~= "integer" or width < 40) then
    error("pymalloc: experiment:text: width must be an integer, 40 or more, got "
      .. core.describe(width), 2)
  end
  return table.concat(layout.lines(self, width or layout.width()), "\n")
end

--- The rows as comma-separated values, after a line of names. Values are in bytes and seconds,
-- and not in the units of the text; those that are not known are empty.
-- @treturn string
-- @usage
-- local result = pymalloc.experiment { traces = { trace }, designs = { "3.6" },
--   measure = { "small" } }
-- result:csv() --> trace,design,small\ntext,3.6,2\n
function Experiment:csv()
  check_self(self, "csv")
  return formats.csv(self)
end

--- The rows as JSON: an object with the array measures (name, unit, text) and the array rows,
-- each with every measure that is known, also of those that the table does not show, and series.
-- @treturn string
-- @usage
-- local result = pymalloc.experiment { traces = { trace }, designs = { "3.6" } }
-- result:json():match('"held_peak":%d+') --> "held_peak":262144
function Experiment:json()
  check_self(self, "json")
  return formats.json(self)
end

--- The table in Markdown, with all columns and the units in its head.
-- @treturn string
-- @usage
-- local result = pymalloc.experiment { traces = { trace }, designs = { "3.6" },
--   measure = { "held_peak" } }
-- result:markdown():match("^[^\n]*") --> | trace | design | held_peak (KiB) |
function Experiment:markdown()
  check_self(self, "markdown")
  return formats.markdown(self)
end

-- {=== As a plot

local function plot_of(result, options)
  local kind, plot = require("pymalloc.plot.experiment").read(result, options)
  local ok, made = pcall(require("pymalloc.plot")[kind], plot)
  if not ok then
    error(tostring(made):gsub("^.-(pymalloc: )", "%1"), 0)
  end
  return made
end

--- The results as a plot.
-- @tparam table options kind: "lines" draws bytes held over the requests of a trace, for each
-- design (the plan needs the field series; measure may be held, live, total or total_live);
-- "bars" the bytes held at the peak by kind, or one measure; "scatter" the measures x and y, by
-- default arenas_obtained and held_mean, with the Pareto front; "curve" a measure over a
-- parameter x of a sweep; "heat" a measure over two parameters x and y. trace: the name of the
-- trace that is drawn. And the options of all plots (see pymalloc.plot)
-- @treturn pymalloc.Plot
-- @usage
-- local result = pymalloc.experiment { traces = { trace },
--   designs = { "3.6", { profile = "3.6", arena_bytes = 524288 } } }
-- local curve = result:plot { kind = "curve", measure = "held_peak" }
-- curve:text():match("^[^\n]*") --> held_peak by arena_bytes: text
function Experiment:plot(options)
  check_self(self, "plot")
  return checked(plot_of, self, options)
end

-- {=== Other tables of the same rows

--- The rows in the order of a measure. Rows with equal values keep their order, and those
-- without a value are the last.
-- @tparam string measure the name of a measure, or trace or design
-- @tparam[opt] string direction ascending, the default, or descending
-- @treturn pymalloc.Experiment a new one
-- @usage
-- local result = pymalloc.experiment { traces = { trace }, designs = { "3.6", "3.11" },
--   measure = { "held_peak" } }
-- result:sort("held_peak", "descending").rows[1].design --> 3.11
function Experiment:sort(measure, direction)
  check_self(self, "sort")
  return changed(self, checked(reshape.sort, self, measure, direction))
end

--- One measure as a table with a row for each trace and a column for each design.
-- @tparam string measure the name of a measure
-- @treturn pymalloc.Experiment a new one, whose measures are the names of the designs
-- @usage
-- local result = pymalloc.experiment { traces = { trace }, designs = { "3.6", "3.11" } }
-- local peaks = result:pivot("held_peak")
-- peaks.rows[1]["3.11"] --> 1048576
function Experiment:pivot(measure)
  check_self(self, "pivot")
  return changed(self, checked(reshape.pivot, self, measure))
end

--- Each value divided by that of one design on the same trace; nil where that is 0 or not known.
-- @tparam string baseline the name of the design
-- @treturn pymalloc.Experiment a new one
-- @usage
-- local result = pymalloc.experiment { traces = { trace }, designs = { "3.6", "3.11" } }
-- result:ratios("3.6").rows[2].held_peak --> 4.0
function Experiment:ratios(baseline)
  check_self(self, "ratios")
  return changed(self, checked(reshape.ratios, self, baseline))
end

return M
