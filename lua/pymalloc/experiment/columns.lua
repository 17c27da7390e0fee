-- The columns of the table of an experiment: values as text, heads and widths.

local figures = require "pymalloc.experiment.figures"
local names = require "pymalloc.experiment.names"
local text = require "pymalloc.text"

local M = {}

-- Blanks between two columns.
M.GAP = 2

-- {=== Values

local function values_of(rows, name)
  local values = {}
  for i, row in ipairs(rows) do
    values[i] = row[name]
  end
  return values
end

-- All values of the measures of a unit, of which there may be gaps.
local function pooled(result, unit)
  local values = {}
  for _, column in ipairs(result.columns) do
    for _, row in ipairs(result.rows) do
      if column.unit == unit then
        table.insert(values, row[column.name])
      end
    end
  end
  return values
end

-- One unit for all bytes of the table, and one for all seconds.
local function units_of(result)
  local units = {}
  for _, column in ipairs(result.columns) do
    units[column.unit] = units[column.unit] or figures.unit(column.unit, pooled(result,
      column.unit))
  end
  return units
end

--- The measures as columns: an array of tables with the fields name, unit (as text), cells and
-- is_known (has any row a value?).
function M.measures(result)
  local columns, units = {}, units_of(result)
  for i, column in ipairs(result.columns) do
    local values = values_of(result.rows, column.name)
    columns[i] = { name = text.printable(column.name), unit = units[column.unit].name,
      cells = figures.column(values, #result.rows, units[column.unit]),
      is_known = next(values) ~= nil }
  end
  return columns
end

--- The names of rows as columns: an array of tables with the fields name and cells.
function M.labels(result)
  local columns = {}
  for i, name in ipairs(result.labels) do
    local cells = {}
    for number, row in ipairs(result.rows) do
      cells[number] = row[name] == nil and "-" or tostring(row[name])
    end
    columns[i] = { name = text.printable(name), cells = cells, unit = "" }
  end
  return columns
end

--- The columns of the terminal that the longest of some lines needs.
function M.width_of(lines)
  local width = 0
  for _, line in ipairs(lines) do
    width = math.max(width, text.columns(line))
  end
  return width
end

-- {=== Heads

-- "held_peak" -> "held_", "peak"; "3.6, pool_bytes 8192" -> "3.6,", "pool_bytes 8192"
local function halves(name)
  local first, second = name:match("^([^,]+,) (.+)$")
  if not first then
    first, second = name:match("^(.*_)([^_]+)$")
  end
  return first or "", second or name
end

-- The names of columns in at most that many columns of the terminal each.
local function names_within(columns, width)
  local list = {}
  for i, column in ipairs(columns) do
    list[i] = column.name
  end
  return names.fit(list, width)
end

--- Gives measures their heads, arrays of lines, and the widths that heads and cells need.
-- @param is_split are names in two lines?
-- @param has_units is there a line for units?
-- @param most the columns of the terminal that a name may have
function M.add_heads(columns, is_split, has_units, most)
  local heads = names_within(columns, most)
  for i, column in ipairs(columns) do
    column.head = is_split and { halves(heads[i]) } or { heads[i] }
    if has_units then
      table.insert(column.head, column.unit)
    end
    column.width = math.max(M.width_of(column.head), M.width_of(column.cells))
  end
end

--- The columns of the terminal that columns need side by side.
function M.sum_of_widths(columns)
  local sum = 0
  for i, column in ipairs(columns) do
    sum = sum + column.width + (i > 1 and M.GAP or 0)
  end
  return sum
end

return M
