--- Experiments: the same traces replayed with several designs, and a table of measures.
--
--     print(pymalloc.experiment {
--       traces = { "@startup", "@json" },
--       designs = { "3.6", "3.11", { profile = "3.6", pool_bytes = 16384 } },
--       measure = { "held_peak", "held_mean", "utilisation_mean", "waste_unused" },
--     })
--
-- A design is a geometry of the heap, or of another kind. It is called by its profile and the
-- options that differ from the profile, such as "3.6, pool_bytes 16384", or by its field name.

local text = require "pymalloc.text"
local plans = require "pymalloc.experiment.plan"
local rows = require "pymalloc.experiment.rows"
local sources = require "pymalloc.experiment.sources"

local M = {}

--- pymalloc.Experiment: the results of an experiment; tostring writes them as a table.
-- @tfield string[] measures names of the measures, in order
-- @tfield table[] rows one for each trace, design and interpreter of the trace: the fields
-- trace and design are their names, geometry is another name of design; each measure's value is
-- in the field of its name, nil where it is not known; series, if it was asked for, is a table
-- of arrays
local Experiment = {}

local metatable = {
  __name = "pymalloc.Experiment",
  __metatable = "pymalloc.Experiment",
  __index = Experiment,
}

-- {=== Running

-- Measures all designs on a trace. Returns true; or nil and a message.
local function measure_trace(result, given, plan, tell)
  local opened, problem = sources.open(given)
  if not opened then
    return nil, problem
  end
  for _, design in ipairs(plan.designs) do
    tell(sources.name(given), design.name)
    local ok, measured, reason = pcall(rows.measure, opened, design, plan)
    if not ok or not measured then
      sources.close(opened)
      if not ok then
        error(measured, 0)
      end
      return nil, reason
    end
    table.move(measured, 1, #measured, #result.rows + 1, result.rows)
  end
  sources.close(opened)
  return true
end

--- Measures designs on traces.
-- @tparam table plan traces: an array of paths or traces; designs (or geometries): an array of
-- names of profiles, or of options with a field name; measure: an array of measures, which are
-- names, functions of a pymalloc.Summary, or { name, function }; by default bytes held, bytes
-- live, utilisation and the kinds of fragmentation; series: the number of points, at evenly
-- spread requests, of the curves in each row's field series; progress: a function that is
-- called before each measurement with the number of those done, the number of all, and the
-- names of trace and design
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
  local ok, checked = pcall(plans.read, plan)
  if not ok then
    error(checked, 2)
  end
  local result = setmetatable({ measures = {}, rows = {} }, metatable)
  for i, one in ipairs(checked.measures) do
    result.measures[i] = one.name
  end
  local done, all = 0, #checked.traces * #checked.designs
  local function tell(...)
    if checked.progress then
      checked.progress(done, all, ...)
    end
    done = done + 1
  end
  for _, given in ipairs(checked.traces) do
    local measured, problem = measure_trace(result, given, checked, tell)
    if not measured then
      return nil, problem
    end
  end
  return result
end

-- {=== As text

local function value_text(value)
  return math.type(value) == "float" and ("%.1f"):format(value) or tostring(value)
end

local function cells_of(result)
  local columns = table.move(result.measures, 1, #result.measures, 3, { "trace", "design" })
  local lines = { columns }
  for i, row in ipairs(result.rows) do
    lines[i + 1] = {}
    for column, name in ipairs(columns) do
      lines[i + 1][column] = row[name] == nil and "-" or value_text(row[name])
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
-- local result = pymalloc.experiment { traces = { trace }, designs = { "3.6" },
--   measure = { "small" } }
-- result:csv() --> trace,design,small\ntext,3.6,2\n
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
