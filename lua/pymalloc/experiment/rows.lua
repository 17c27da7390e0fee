-- The rows of an experiment: one for each trace, interpreter of the trace, and design.

local designs = require "pymalloc.experiment.designs"

local M = {}

-- A row holds every measure of the result by its name, and the measures of the plan.
local function row_of(result, source, design, measures)
  local row = { trace = source.name, design = design.name, geometry = design.name,
    kind = design.kind, interpreter = source.interpreter }
  for name, value in pairs(result) do
    if name ~= "summary" then
      row[name] = value
    end
  end
  for _, measure in ipairs(measures) do
    row[measure.name] = measure.read(result, design)
  end
  return row
end

--- Measures one design on the sources of one trace (see pymalloc.experiment.sources).
-- @param plan what pymalloc.experiment.plan.read returned
-- @return an array of rows; or nil and a message
function M.measure(sources, design, plan)
  local rows = {}
  for _, source in ipairs(sources) do
    local results, problem = designs.run(design, source, plan.options)
    if not results then
      return nil, problem
    end
    for _, result in ipairs(results) do
      table.insert(rows, row_of(result, source, design, plan.measures))
    end
  end
  return rows
end

return M
