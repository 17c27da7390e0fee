-- Checks the plan of an experiment.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local designs = require "pymalloc.experiment.designs"
local measures = require "pymalloc.experiment.measures"
local sources = require "pymalloc.experiment.sources"

local M = {}

local allowed = { "traces", "designs", "geometries", "measure", "series", "progress" }

local function refuse(format, ...)
  check.refuse("experiment", format, ...)
end

local function check_fields(plan)
  if type(plan) ~= "table" then
    refuse("plan must be a table, got %s", core.describe(plan))
  end
  check.keys("experiment", "field", plan, allowed)
  if plan.designs ~= nil and plan.geometries ~= nil then
    refuse("designs and geometries are two names of one field: give one of them")
  end
end

local function check_list(plan, name, default)
  local list = plan[name] == nil and default or plan[name]
  if type(list) ~= "table" or #list == 0 then
    refuse("%s must be an array with at least one element, got %s", name,
      type(list) == "table" and "an empty table" or core.describe(list))
  end
  return list
end

local function check_series(plan)
  if plan.series ~= nil then
    return check.integer("experiment", "series", plan.series, 1, 1000000)
  end
end

local function check_progress(plan)
  if plan.progress ~= nil and type(plan.progress) ~= "function" then
    refuse("progress must be a function, got %s", core.describe(plan.progress))
  end
  return plan.progress
end

local function has_real(design_list)
  for _, design in ipairs(design_list) do
    if design.kind == "real" then
      return true
    end
  end
end

local function check_measures(plan, design_list)
  local given_list = check_list(plan, "measure",
    has_real(design_list) and measures.default_of_real or measures.default)
  local list, is_there = {}, { trace = true, design = true, geometry = true, kind = true }
  for i, given in ipairs(given_list) do
    local measure = measures.read(given, i)
    if is_there[measure.name] then
      refuse("measure %d cannot be called '%s': the table has a column of that name", i,
        measure.name)
    end
    list[i], is_there[measure.name] = measure, true
  end
  return list
end

-- Is a field of one of the measures true?
local function any(list, field)
  for _, measure in ipairs(list) do
    if measure[field] then
      return true
    end
  end
end

--- Checks a plan; a wrong value raises a message. Returns a table with the fields traces (as
-- given), names (of the traces), designs, measures, progress, and options: the table that
-- designs.run gets.
function M.read(plan)
  check_fields(plan)
  local traces = check_list(plan, "traces")
  for _, given in ipairs(traces) do
    sources.check(given)
  end
  local design_list = designs.read_all(check_list(plan,
    plan.designs and "designs" or "geometries"))
  local list = check_measures(plan, design_list)
  local needs_summary = any(list, "needs_summary")
  for _, given in ipairs(traces) do
    sources.check(given, needs_summary)
  end
  return {
    traces = traces,
    names = sources.names(traces),
    designs = design_list,
    measures = list,
    progress = check_progress(plan),
    options = { series = check_series(plan), costs = any(list, "is_cost"),
      summary = needs_summary },
  }
end

return M
