-- Points, and of each group the Pareto front: the points that no other point of the group beats
-- on one axis without being worse on the other.

local axes = require "pymalloc.plot.axis"
local check = require "pymalloc.plot.check"
local text = require "pymalloc.text"

local M = {}

M.POINTS_MOST, M.GROUPS_MOST, M.FRONT_MOST, M.CELLS = 100000, 12, 300, 40
M.FEW = 400 -- up to this many points, all are drawn

local TIP_COLUMNS = 60
local WORDS = { low = "lower", high = "higher" }

local fields = check.with_look { "x", "y", "points", "pareto" }
local point_fields = { name = true, x = true, y = true, group = true }

local function read_point(what, number, given, groups)
  local name = ("points[%d]"):format(number)
  check.fields(what, name, given, point_fields)
  local group = check.text(what, name .. ".group", given.group, "")
  if not groups[group] then
    table.insert(groups, group)
    groups[group] = #groups
    if #groups > M.GROUPS_MOST then
      check.refuse(what, "points must have at most %d groups, got '%s' as another one",
        M.GROUPS_MOST, group)
    end
  end
  return { name = check.text(what, name .. ".name", given.name, ""), group = groups[group],
    x = check.number_or_missing(what, name .. ".x", given.x),
    y = check.number_or_missing(what, name .. ".y", given.y) }
end

-- {=== The front

-- Sets is_front of the points of one group that no other point of it beats.
local function mark_front(points, x_sign, y_sign)
  table.sort(points, function(a, b)
    local ax, bx = a.x * x_sign, b.x * x_sign
    return ax < bx or ax == bx and a.y * y_sign < b.y * y_sign
  end)
  local best, best_x = math.huge, nil
  for _, point in ipairs(points) do
    local y = point.y * y_sign
    point.is_front = y < best or y == best and point.x == best_x
    if y < best then
      best, best_x = y, point.x
    end
  end
end

local function mark_fronts(data, x, y)
  for group = 1, #data.groups do
    local points = {}
    for _, point in ipairs(data.points) do
      table.insert(points, point.group == group and point or nil)
    end
    mark_front(points, x.better == "low" and 1 or -1, y.better == "low" and 1 or -1)
  end
end

-- {=== Bounding

-- Keeps the points of fronts, and one point of each group in each cell of a grid.
local function thin(data)
  local all, kept, taken, fronts = #data.points, {}, {}, 0
  for _, point in ipairs(data.points) do
    local cell = ("%d:%d:%d"):format(data.x:place(point.x) * M.CELLS // 1,
      data.y:place(point.y) * M.CELLS // 1, point.group)
    local is_kept = point.is_front and fronts < M.FRONT_MOST or not taken[cell]
    fronts = fronts + (point.is_front and 1 or 0)
    if is_kept and #kept < M.CELLS ^ 2 then
      taken[cell] = true
      table.insert(kept, point)
    end
  end
  if all > #kept then
    table.insert(data.notes, ("%s of %s points are drawn: those of the front, and one of those "
      .. "that lie together."):format(text.group(#kept), text.group(all)))
  end
  data.points = kept
end

-- {=== Reading

local function split_missing(data, points)
  local missing = {}
  for _, point in ipairs(points) do
    table.insert(point.x and point.y and data.points or missing, point)
  end
  if #missing > 0 then
    local names = {}
    for i = 1, math.min(3, #missing) do
      names[i] = missing[i].name
    end
    table.insert(data.notes, ("%s not drawn, as a value is not known: %s%s."):format(
      #missing == 1 and "1 point is" or #missing .. " points are", table.concat(names, "; "),
      #missing > 3 and "; and others" or ""))
  end
end

local function range(points, field)
  local low, high = math.huge, -math.huge
  for _, point in ipairs(points) do
    low, high = math.min(low, point[field]), math.max(high, point[field])
  end
  if low > high then
    return 1, 2
  end
  return low, high
end

local function axis_of(what, data, name, given)
  local low, high = range(data.points, name)
  -- A range that is far from 0 would be a thin part of an axis that begins at 0.
  local has_zero = low >= 0 and low < high * 0.6
  return axes.new(what, given, low, high, { ticks = 6, zero = has_zero, round = not given.log,
    pad = (given.log or not has_zero) and 0.04 or 0 })
end

--- Checks the options of plot.scatter.
function M.read(given, what)
  check.fields(what, "the options", given, fields)
  local data = check.look(what, given)
  data.points, data.groups = {}, {}
  local points = {}
  for i, point in ipairs(check.array(what, "points", given.points, M.POINTS_MOST)) do
    points[i] = read_point(what, i, point, data.groups)
  end
  split_missing(data, points)
  data.has_front = check.boolean(what, "pareto", given.pareto)
  local x, y = check.axis(what, "x", given.x), check.axis(what, "y", given.y)
  data.x, data.y = axis_of(what, data, "x", x), axis_of(what, data, "y", y)
  if data.has_front then
    mark_fronts(data, x, y)
    data.is_low_first = x.better == "low"
    table.insert(data.notes, ("Filled points are on the Pareto front: no other point%s is better "
      .. "in one value and as good in the other. A %s x and a %s y are better."):format(
      #data.groups > 1 and " of the group" or "", WORDS[x.better], WORDS[y.better]))
  end
  if not (data.x:has_zero() and data.y:has_zero()) then
    table.insert(data.notes, "Not both axes begin at 0.")
  end
  if #data.points > M.FEW then
    thin(data)
  end
  return data
end

--- The points of the front of a group, by x.
function M.front(data, group)
  local front = {}
  for _, point in ipairs(data.points) do
    table.insert(front, point.is_front and point.group == group and point or nil)
  end
  table.sort(front, function(a, b)
    return a.x < b.x
  end)
  return front
end

--- The name and the values of a point.
function M.point_text(data, point)
  local group = check.cut(data.groups[point.group], TIP_COLUMNS)
  return ("%s%s: %s, %s"):format(check.cut(point.name, TIP_COLUMNS),
    group ~= "" and ", " .. group or "",
    axes.text(point.x, data.x.unit), axes.text(point.y, data.y.unit))
end

function M.description(data)
  local count = text.count(text.group(#data.points), "point")
  local front = {}
  for group = 1, data.has_front and #data.groups or 0 do
    for _, point in ipairs(M.front(data, group)) do
      if #front < 20 then
        table.insert(front, M.point_text(data, point))
      end
    end
  end
  return #front == 0 and count .. "."
    or ("%s. On the front: %s."):format(count, table.concat(front, "; "))
end

return M
