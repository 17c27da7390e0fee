-- Other tables of the rows of an experiment: sorted, traces by designs, ratios. Each function
-- returns a table with the fields that differ: rows, columns, labels and title.

local check = require "pymalloc.check"
local measures = require "pymalloc.experiment.measures"

local M = {}

local function refuse(format, ...)
  error(("pymalloc: experiment:" .. format):format(...), 0)
end

local function names_of(columns)
  local names = {}
  for i, column in ipairs(columns) do
    names[i] = column.name
  end
  return names
end

-- The column of a measure of the table, or of one that rows have in addition.
local function column_of(result, name, what)
  for _, column in ipairs(result.columns) do
    if column.name == name then
      return column
    end
  end
  if measures.of[name] then
    return measures.of[name]
  end
  refuse("%s: the measure must be one of %s, got %s", what,
    table.concat(names_of(result.columns), ", "), check.quote(name))
end

-- {=== Sorting

local function is_label(result, name)
  for _, label in ipairs(result.labels) do
    if label == name then
      return true
    end
  end
  return false
end

-- Compares two values that are known: numbers, else their texts.
local function is_less(one, other)
  if math.type(one) and math.type(other) then
    return one < other
  end
  return tostring(one) < tostring(other)
end

--- The rows by a measure, or by "trace" or "design". Rows with equal values keep their order,
-- and rows without a value are the last.
-- @param direction "ascending", the default, or "descending"
function M.sort(result, name, direction)
  if not is_label(result, name) then
    column_of(result, name, "sort")
  end
  if direction ~= nil and direction ~= "ascending" and direction ~= "descending" then
    refuse("sort: direction must be ascending or descending, got %s", check.quote(direction))
  end
  local rows, place = table.move(result.rows, 1, #result.rows, 1, {}), {}
  for i, row in ipairs(rows) do
    place[row] = i
  end
  table.sort(rows, function(one, other)
    local a, b = one[name], other[name]
    if a == nil or b == nil or not is_less(a, b) and not is_less(b, a) then
      local is_known = (b == nil and 1 or 0) - (a == nil and 1 or 0)
      return is_known > 0 or is_known == 0 and place[one] < place[other]
    end
    return is_less(a, b) == (direction ~= "descending")
  end)
  return { rows = rows }
end

-- {=== Traces by designs

--- A row for each trace, and a column for each design.
function M.pivot(result, name)
  local column = column_of(result, name, "pivot")
  local rows, row_of, columns, is_there = {}, {}, {}, {}
  for _, row in ipairs(result.rows) do
    local trace, design = tostring(row.trace), tostring(row.design)
    if design == "trace" then
      refuse("pivot: a design called 'trace' cannot be a column")
    end
    if not row_of[trace] then
      row_of[trace] = { trace = trace }
      table.insert(rows, row_of[trace])
    end
    if not is_there[design] then
      is_there[design] = true
      table.insert(columns, { name = design, unit = column.unit })
    end
    row_of[trace][design] = row[name]
  end
  return { rows = rows, columns = columns, labels = { "trace" }, title = name }
end

-- {=== Ratios

local function ratio(value, base)
  if math.type(value) and math.type(base) and base ~= 0 then
    return value / base
  end
end

-- The rows of a design, by the names of their traces.
local function rows_of(result, design)
  local found, names, is_there = {}, {}, {}
  for _, row in ipairs(result.rows) do
    local name = tostring(row.design)
    if row.design == design then
      found[tostring(row.trace)] = row
    end
    if not is_there[name] then
      is_there[name] = true
      table.insert(names, name)
    end
  end
  if not next(found) then
    refuse("ratios: the baseline must be one of the designs %s, got %s",
      table.concat(names, "; "), check.quote(design))
  end
  return found
end

--- Each value divided by that of the design `baseline` on the same trace.
function M.ratios(result, baseline)
  local bases, rows, columns = rows_of(result, baseline), {}, {}
  for i, column in ipairs(result.columns) do
    columns[i] = { name = column.name, unit = "ratio" }
  end
  for i, row in ipairs(result.rows) do
    local base = bases[tostring(row.trace)] or {}
    rows[i] = { trace = row.trace, design = row.design, geometry = row.design, kind = row.kind,
      interpreter = row.interpreter, problem = row.problem }
    for _, column in ipairs(columns) do
      rows[i][column.name] = ratio(row[column.name], base[column.name])
    end
  end
  return { rows = rows, columns = columns, title = "ratios to " .. baseline }
end

return M
