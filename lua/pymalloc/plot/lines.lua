-- Lines over an x axis: one for each series, with marks at some x. Used by plot.lines and
-- plot.curve, whose lines have a marker at each point.

local axes = require "pymalloc.plot.axis"
local check = require "pymalloc.plot.check"
local reduce = require "pymalloc.plot.reduce"
local text = require "pymalloc.text"

local M = {}

M.SERIES_MOST, M.MARKS_MOST = 12, 100

local fields = check.with_look { "x", "y", "series", "marks", "step" }
local series_fields = { name = true, x = true, y = true }
local mark_fields = { x = true, name = true }

-- {=== Reading

local function is_number(value)
  return type(value) == "number" and value >= -check.NUMBER_MOST and value <= check.NUMBER_MOST
end

local function check_arrays(what, name, given)
  local count = type(given.x) == "table" and #given.x or 0
  if count == 0 then
    check.refuse(what, "%s.x must be an array with at least one number, got %s", name,
      check.length(given.x))
  elseif type(given.y) ~= "table" then
    check.refuse(what, "%s.y must be an array, got %s", name, check.length(given.y))
  elseif #given.y > count then
    check.refuse(what, "%s.y has %d elements, but %s.x has %d", name, #given.y, name, count)
  end
  return count
end

-- Raises a message where the x of a series are not ascending numbers, or its y are not numbers.
-- Sets the lowest and the highest y, and the number of those that are missing.
local function check_points(what, name, series)
  local xs, ys, missing, before = series.xs, series.ys, 0, -math.huge
  local low, high = math.huge, -math.huge
  for i = 1, series.count do
    local x, y = xs[i], ys[i]
    if not is_number(x) or y and not is_number(y) then -- the names take more time than the check
      check.number(what, ("%s.x[%d]"):format(name, i), x)
      check.number(what, ("%s.y[%d]"):format(name, i), y)
    elseif x < before then
      check.refuse(what, "%s.x[%d] is less than the number before it: x must ascend", name, i)
    end
    before = x
    if y then
      low, high = y < low and y or low, y > high and y or high
    else
      missing = missing + 1
    end
  end
  series.low, series.high, series.missing = low, high, missing
end

local function read_series(what, number, given)
  local name = ("series[%d]"):format(number)
  check.fields(what, name, given, series_fields)
  local series = { number = number, name = check.text(what, name .. ".name", given.name),
    xs = given.x, ys = given.y, count = check_arrays(what, name, given) }
  check_points(what, name, series)
  return series
end

local function ranges_of(list)
  local x, y = { low = math.huge, high = -math.huge }, { low = math.huge, high = -math.huge }
  for _, series in ipairs(list) do
    x.low = math.min(x.low, series.xs[1])
    x.high = math.max(x.high, series.xs[series.count])
    y.low, y.high = math.min(y.low, series.low), math.max(y.high, series.high)
  end
  if y.low > y.high then
    y.low, y.high = 0, 0
  end
  return x, y
end

-- The marks inside the range, one for each hundredth of it.
local function read_marks(what, given, x_axis, notes)
  local marks, count, taken = {}, 0, {}
  for i, mark in ipairs(given or {}) do
    local name = ("marks[%d]"):format(i)
    check.fields(what, name, mark, mark_fields)
    local x = check.number(what, name .. ".x", mark.x)
    local place = x_axis.log and x <= 0 and -1 or x_axis:place(x)
    local part = math.min(M.MARKS_MOST - 1, place * M.MARKS_MOST // 1)
    local shown = check.text(what, name .. ".name", mark.name, "")
    if place >= 0 and place <= 1 then
      count = count + 1
      if not taken[part] then
        taken[part] = true
        table.insert(marks, { x = x, name = shown })
      end
    end
  end
  if count > #marks then
    table.insert(notes, ("%d of %s are drawn."):format(#marks, text.count(text.group(count),
      "mark")))
  end
  table.sort(marks, function(a, b)
    return a.x < b.x
  end)
  return marks
end

local function add_notes(data, cut)
  for _, series in ipairs(data.series) do
    if series.missing > 0 then
      table.insert(data.notes, series.missing == series.count
        and ("%s: no value is known."):format(series.name)
        or ("%s: %d of %d values are not known; the line is interrupted there."):format(
          series.name, series.missing, series.count))
    end
  end
  if cut > 0 then
    table.insert(data.notes, ("Each %s of the x axis shows its first, lowest, highest and last "
      .. "value, of up to %s values."):format("1/" .. reduce.COLUMNS, text.group(cut)))
  end
end

-- The points of all series. The result is the count of the longest series that was reduced.
local function reduce_all(list, x_axis)
  local cut = 0
  for _, series in ipairs(list) do
    local is_reduced
    series.points, is_reduced = reduce.line(series.xs, series.ys, series.count, x_axis)
    cut = is_reduced and math.max(cut, series.count) or cut
    series.xs, series.ys = nil, nil
  end
  return cut
end

--- Checks the options of plot.lines or plot.curve and reduces the series.
-- @param has_markers whether each point gets a marker
function M.read(given, what, has_markers)
  check.fields(what, "the options", given, fields)
  local data = check.look(what, given)
  data.step = check.boolean(what, "step", given.step)
  data.has_markers = has_markers
  data.series = {}
  for i, one in ipairs(check.array(what, "series", given.series, M.SERIES_MOST)) do
    data.series[i] = read_series(what, i, one)
  end
  local x, y = ranges_of(data.series)
  local given_x, given_y = check.axis(what, "x", given.x), check.axis(what, "y", given.y)
  data.x = axes.new(what, given_x, x.low, x.high, { ticks = 7,
    pad = has_markers and 0.03 })
  data.y = axes.new(what, given_y, y.low, y.high, { ticks = 6, zero = true, round = true })
  if given.marks ~= nil and type(given.marks) ~= "table" then
    check.refuse(what, "marks must be an array, got %s", check.length(given.marks))
  end
  data.marks = read_marks(what, given.marks, data.x, data.notes)
  add_notes(data, reduce_all(data.series, data.x))
  return data
end

--- The points of a series for text; with `step`, a value holds until the next one.
function M.path_of(data, series)
  if not data.step then
    return series.points
  end
  local points, before = {}, nil
  for _, point in ipairs(series.points) do
    if point and before then
      table.insert(points, { x = point.x, y = before.y })
    end
    table.insert(points, point)
    before = point
  end
  return points
end

-- The last known point of a series, or nil.
function M.last_point(series)
  for i = #series.points, 1, -1 do
    if series.points[i] then
      return series.points[i]
    end
  end
end

--- A sentence on each series, for readers who do not see the plot.
function M.description(data)
  local sentences = {}
  for i, series in ipairs(data.series) do
    local last = M.last_point(series)
    sentences[i] = not last and ("%s: no value is known."):format(series.name)
      or ("%s: from %s to %s, at the end %s."):format(series.name,
        axes.text(series.low, data.y.unit), axes.text(series.high, data.y.unit),
        axes.text(last.y, data.y.unit))
  end
  return table.concat(sentences, " ")
end

return M
