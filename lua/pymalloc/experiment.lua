--- Experiments: the same traces replayed with several geometries, and a table of measures.
--
--     print(pymalloc.experiment {
--       traces = { "traces/cpython-startup.trace.xz", "traces/cpython-json.trace.xz" },
--       geometries = { "3.6", "3.11", { pool_bytes = 16384, name = "3.6, 16 KiB pools" } },
--       measure = { "arenas_highwater", "arenas_reclaimed", "utilisation" },
--     })
--
-- A measure is a field of pymalloc.Summary or of its heap, "utilisation", or a function.
-- The utilisation is a percentage: the peak of the bytes live in small requests, divided
-- by the bytes of arenas at the highwater mark.

local core = require "pymalloc.core"
local text = require "pymalloc.text"
local trace = require "pymalloc.trace"

local M = {}

local DEFAULT = { "arenas_highwater", "arenas_allocated_total", "arenas_reclaimed", "utilisation" }

--- pymalloc.Experiment: the results of an experiment; tostring writes them as a table.
-- @tfield string[] measures names of the measures, in order
-- @tfield table[] rows one for each trace, geometry and interpreter of the trace: the fields
-- trace and geometry are their names; each measure's value is in the field of its name
local Experiment = {}

local metatable = {
  __name = "pymalloc.Experiment",
  __metatable = "pymalloc.Experiment",
  __index = Experiment,
}

-- {=== The plan

local function refuse(format, ...)
  error(("pymalloc: experiment: " .. format):format(...), 0)
end

local function check_list(plan, name, default)
  local list = plan[name] == nil and default or plan[name]
  if type(list) ~= "table" or #list == 0 then
    refuse("%s must be an array with at least one element, got %s", name,
      type(list) == "table" and "an empty table" or core.describe(list))
  end
  return list
end

-- Makes { name =, options = } from the name of a profile or a table of options.
local function geometry_of(given)
  local options = type(given) == "string" and { profile = given } or given
  if type(options) ~= "table" then
    refuse("a geometry must be the name of a profile or a table of options, got %s",
      core.describe(given))
  end
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.name = nil
  local ok, problem = pcall(core.class_table, copy)
  if not ok then
    error(problem, 0)
  end
  return { name = tostring(options.name or options.profile or "3.6"), options = copy }
end

local function utilisation(summary, arena_bytes)
  local most = summary.heap.arenas_highwater * arena_bytes
  return most > 0 and 100 * summary.peak_live_small_bytes / most or 0
end

-- The value of the measure of that name; nil if there is no such measure.
local function value_of(name, summary, arena_bytes)
  if name == "utilisation" then
    return utilisation(summary, arena_bytes)
  end
  local value = summary[name]
  if type(value) ~= "number" then
    value = summary.heap[name]
  end
  return value
end

-- Makes { name =, read = } from a measure; read is a function of the summary and of the
-- size of an arena.
local function measure_of(given, number)
  if type(given) == "function" then
    return { name = "measure " .. number, read = given }
  elseif type(given) == "table" and type(given[2]) == "function" then
    return { name = tostring(given[1]), read = given[2] }
  end
  local sample = trace.replay_text("a 1 8\n")
  if type(given) ~= "string" or value_of(given, sample, 1) == nil then
    local got = type(given) == "string" and "'" .. given .. "'" or type(given)
    refuse("a measure must be a field of a summary or of its heap, 'utilisation', a function or "
      .. "{ name, function }, got %s", got)
  end
  return { name = given, read = function(summary, arena_bytes)
    return value_of(given, summary, arena_bytes)
  end }
end

-- {=== Running

local function replay(source, geometry)
  local options = { heap = geometry.options }
  local content, is_text = trace.source(source, "experiment")
  return (is_text and trace.replay_text or trace.replay_file)(content, options)
end

local function name_of_trace(source)
  local name = type(source) == "table" and (source.name or source.path) or source
  return (tostring(name):gsub("^.*/", ""):gsub("%.trace.*$", ""))
end

local function arena_bytes_of(geometry)
  local heap <close> = assert(core.heap(geometry.options))
  return heap.geometry.arena_bytes
end

-- The row of one interpreter of a trace.
local function row_of(name, summary, geometry, measures)
  local number = summary.interpreter
  local row = { trace = number and ("%s, interpreter %d"):format(name, number) or name,
    geometry = geometry.name }
  for _, one in ipairs(measures) do
    row[one.name] = one.read(summary, geometry.arena_bytes)
  end
  return row
end

-- Adds the rows of a trace and a geometry, one for each interpreter. Returns true; or nil and
-- a message.
local function measure(rows, source, geometry, measures)
  local summary, problem = replay(source, geometry)
  if not summary then
    return nil, problem
  end
  local name = name_of_trace(source)
  table.insert(rows, row_of(name, summary, geometry, measures))
  for _, other in ipairs(summary.interpreters or {}) do
    table.insert(rows, row_of(name, other, geometry, measures))
  end
  return true
end

local function check_fields(plan)
  if type(plan) ~= "table" then
    refuse("plan must be a table, got %s", core.describe(plan))
  end
  for name in pairs(plan) do
    if name ~= "traces" and name ~= "geometries" and name ~= "measure" then
      refuse("unknown field %s (allowed: traces, geometries, measure)", tostring(name))
    end
  end
end

-- Checks a plan. Returns its traces, geometries and measures.
local function read_plan(plan)
  check_fields(plan)
  local traces, geometries, measures = check_list(plan, "traces"), {}, {}
  for _, source in ipairs(traces) do
    trace.source(source, "experiment")
  end
  for i, given in ipairs(check_list(plan, "geometries")) do
    geometries[i] = geometry_of(given)
    geometries[i].arena_bytes = arena_bytes_of(geometries[i])
  end
  for i, given in ipairs(check_list(plan, "measure", DEFAULT)) do
    measures[i] = measure_of(given, i)
  end
  return traces, geometries, measures
end

--- Replays each trace on a heap of each geometry.
-- @tparam table plan traces: an array of paths or traces; geometries: an array of names
-- of profiles, or of options with a field name; measure: an array of measures, which are
-- names, functions of the summary, or { name, function }; the default is
-- arenas_highwater, arenas_allocated_total, arenas_reclaimed and utilisation
-- @treturn pymalloc.Experiment or nil and the reason why a trace cannot be run
-- @usage
-- local result = pymalloc.experiment {
--   traces = { trace },
--   geometries = { "3.6", "classroom" },
--   measure = { "small", { "bytes", function(summary) return summary.heap.arena_bytes end } },
-- }
-- result.rows[2] --> { bytes = 1024, geometry = "classroom", small = 2, trace = "text" }
function M.experiment(plan)
  local ok, traces, geometries, measures = pcall(read_plan, plan)
  if not ok then
    error(traces, 2)
  end
  local result = setmetatable({ measures = {}, rows = {} }, metatable)
  for i, one in ipairs(measures) do
    result.measures[i] = one.name
  end
  for _, source in ipairs(traces) do
    for _, geometry in ipairs(geometries) do
      local done, problem = measure(result.rows, source, geometry, measures)
      if not done then
        return nil, problem
      end
    end
  end
  return result
end

-- {=== As text

local function value_text(value)
  return math.type(value) == "float" and ("%.1f"):format(value) or tostring(value)
end

local function cells_of(result)
  local columns = table.move(result.measures, 1, #result.measures, 3, { "trace", "geometry" })
  local lines = { columns }
  for i, row in ipairs(result.rows) do
    lines[i + 1] = {}
    for column, name in ipairs(columns) do
      lines[i + 1][column] = value_text(row[name])
    end
  end
  return lines
end

function metatable:__tostring()
  return table.concat(text.table(cells_of(self), "ll"), "\n")
end

--- The rows as comma-separated values, after a line of titles.
-- @treturn string
-- @usage
-- local result = pymalloc.experiment { traces = { trace }, geometries = { "3.6" },
--   measure = { "small" } }
-- result:csv() --> trace,geometry,small\ntext,3.6,2\n
function Experiment:csv()
  local lines = {}
  for i, line in ipairs(cells_of(self)) do
    local cells = {}
    for column, cell in ipairs(line) do
      cells[column] = cell:find('[,"\n]') and '"' .. cell:gsub('"', '""') .. '"' or cell
    end
    lines[i] = table.concat(cells, ",") .. "\n"
  end
  return table.concat(lines)
end

return M
