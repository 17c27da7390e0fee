-- Stacked bars: one for each name, of parts that add up, such as live bytes and the kinds of
-- fragmentation. Bars are horizontal, so that long names have room.

local axes = require "pymalloc.plot.axis"
local check = require "pymalloc.plot.check"

local M = {}

M.BARS_MOST, M.PARTS_MOST = 60, 8

local fields = check.with_look { "y", "parts", "bars" }
local bar_fields = { name = true, values = true }

local function read_bar(what, number, given, parts)
  local name = ("bars[%d]"):format(number)
  check.fields(what, name, given, bar_fields)
  if type(given.values) ~= "table" or #given.values > #parts then
    check.refuse(what, "%s.values must be an array with a value for each of the %d parts, got %s",
      name, #parts, check.length(given.values))
  end
  local bar = { name = check.text(what, name .. ".name", given.name), values = {}, sum = 0,
    missing = {} }
  for i, part in ipairs(parts) do
    local value = check.number_or_missing(what, ("%s.values[%d]"):format(name, i),
      given.values[i])
    if value and value < 0 then
      check.refuse(what, "%s.values[%d] must be 0 or more, got %g", name, i, value)
    end
    bar.values[i] = value
    bar.sum = bar.sum + (value or 0)
    table.insert(bar.missing, not value and part or nil)
  end
  return bar
end

local function add_notes(data)
  for _, bar in ipairs(data.bars) do
    if #bar.missing == #data.parts then
      table.insert(data.notes, ("%s: no value is known."):format(bar.name))
    elseif #bar.missing > 0 then
      table.insert(data.notes, ("%s: not known, and not in the sum: %s."):format(bar.name,
        table.concat(bar.missing, ", ")))
    end
  end
end

--- Checks the options of plot.bars.
function M.read(given, what)
  check.fields(what, "the options", given, fields)
  local data = check.look(what, given)
  data.parts, data.bars = {}, {}
  for i, part in ipairs(check.array(what, "parts", given.parts, M.PARTS_MOST)) do
    data.parts[i] = check.text(what, ("parts[%d]"):format(i), part)
  end
  local most = 0
  for i, bar in ipairs(check.array(what, "bars", given.bars, M.BARS_MOST)) do
    data.bars[i] = read_bar(what, i, bar, data.parts)
    most = math.max(most, data.bars[i].sum)
  end
  local given_y = check.axis(what, "y", given.y)
  if given_y.log then
    check.refuse(what, "y.log must not be true: parts do not add up on a scale of ratios")
  end
  data.y = axes.new(what, given_y, 0, most, { ticks = 6, zero = true })
  add_notes(data)
  return data
end

--- Are the names of the parts needed beside the title of the axis?
function M.has_legend(data)
  return #data.parts > 1 or data.y.title == ""
end

--- The text at the end of a bar.
function M.sum_text(data, bar)
  if #bar.missing == #data.parts then
    return "not known"
  end
  return axes.text(bar.sum, data.y.unit) .. (#bar.missing > 0 and " + ?" or "")
end

--- The name and the value of a part of a bar.
function M.part_text(data, bar, number)
  return ("%s: %s %s"):format(bar.name, data.parts[number],
    axes.text(bar.values[number], data.y.unit))
end

function M.description(data)
  local sentences = {}
  for i, bar in ipairs(data.bars) do
    sentences[i] = ("%s: %s."):format(bar.name, M.sum_text(data, bar))
  end
  return table.concat(sentences, " ")
end

return M
