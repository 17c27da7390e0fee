-- A heat map: a measure for each pair of two parameters, as a table of shaded cells.

local axes = require "pymalloc.plot.axis"
local check = require "pymalloc.plot.check"

local M = {}

M.SIDE_MOST, M.CELLS_MOST = 48, 1024

local TIP_COLUMNS = 20

local fields = check.with_look { "x", "y", "measure", "values" }
local side_fields = { title = true, unit = true, values = true }

-- A side of the map: its title, and the texts of its values.
local function read_side(what, name, given)
  check.fields(what, name, given, side_fields)
  local side = { title = check.text(what, name .. ".title", given.title, ""), texts = {} }
  local unit = check.choice(what, name .. ".unit", given.unit, check.UNITS, "")
  for i, value in ipairs(check.array(what, name .. ".values", given.values, M.SIDE_MOST)) do
    local place = ("%s.values[%d]"):format(name, i)
    side.texts[i] = type(value) == "number" and axes.text(check.number(what, place, value), unit)
      or check.text(what, place, value)
  end
  return side
end

local function read_rows(what, data, given)
  local rows, columns = #data.y.texts, #data.x.texts
  if type(given) ~= "table" or #given > rows then
    check.refuse(what, "values must be an array of %d rows, one for each of y.values, got %s",
      rows, check.length(given))
  end
  for row = 1, rows do
    local list = given[row] == nil and {} or given[row]
    if type(list) ~= "table" or #list > columns then
      check.refuse(what, "values[%d] must be an array of %d values, one for each of x.values, "
        .. "got %s", row, columns, check.length(list))
    end
    data.values[row] = {}
    for column = 1, columns do
      data.values[row][column] = check.number_or_missing(what,
        ("values[%d][%d]"):format(row, column), list[column])
    end
  end
end

local function find_range(data)
  local low, high, missing = math.huge, -math.huge, 0
  for _, row in ipairs(data.values) do
    for _, value in ipairs(row) do
      if value then
        low, high = math.min(low, value), math.max(high, value)
      else
        missing = missing + 1
      end
    end
  end
  data.low, data.high = low, high
  if missing > 0 then
    table.insert(data.notes, ("%d of %d values are not known."):format(missing,
      #data.y.texts * #data.x.texts))
  end
end

--- Checks the options of plot.heat.
function M.read(given, what)
  check.fields(what, "the options", given, fields)
  local data = check.look(what, given)
  data.x, data.y = read_side(what, "x", given.x), read_side(what, "y", given.y)
  data.measure = check.axis(what, "measure", given.measure)
  if #data.x.texts * #data.y.texts > M.CELLS_MOST then
    check.refuse(what, "x.values and y.values must make at most %d cells, got %d", M.CELLS_MOST,
      #data.x.texts * #data.y.texts)
  end
  data.values = {}
  read_rows(what, data, given.values)
  find_range(data)
  if data.measure.log and data.low <= 0 then
    check.refuse(what, "the values must be above 0 as measure.log is true, got %g", data.low)
  end
  data.best = data.measure.better == "low" and data.low or data.high
  return data
end

--- The share of a value between the lowest and the highest, from 0 to 1.
function M.share(data, value)
  if data.high == data.low then
    return 0
  elseif data.measure.log then
    return math.log(value / data.low) / math.log(data.high / data.low)
  end
  return (value - data.low) / (data.high - data.low)
end

--- The value in the middle of the shades.
function M.middle(data)
  return data.measure.log and (data.low * data.high) ^ 0.5 or (data.low + data.high) / 2
end

function M.text(data, value)
  return value and axes.text(value, data.measure.unit) or "-"
end

local function tip(shown)
  return check.cut(shown, TIP_COLUMNS)
end

--- The parameters and the value of a cell.
function M.cell_text(data, row, column)
  local value = data.values[row][column]
  return ("%s %s, %s %s: %s"):format(tip(data.x.title), tip(data.x.texts[column]),
    tip(data.y.title), tip(data.y.texts[row]), value and M.text(data, value) or "not known")
end

function M.description(data)
  for row, list in ipairs(data.values) do
    for column, value in ipairs(list) do
      if value == data.best then
        return ("From %s to %s. The %s value is at %s."):format(M.text(data, data.low),
          M.text(data, data.high), data.measure.better == "low" and "lowest" or "highest",
          M.cell_text(data, row, column))
      end
    end
  end
  return "No value is known."
end

return M
