-- Draws points as SVG. Points have their short names beside them. Where names are long, or
-- points many, the points of the front have numbers, which the legend explains.

local drawings = require "pymalloc.plot.drawing"
local frame = require "pymalloc.plot.frame"
local scatter = require "pymalloc.plot.scatter"
local theme = require "pymalloc.plot.theme"

local M = {}

local NAMED_MOST, SIZE, RADIUS, SHORT, CLEAR, TOGETHER = 24, 12, 5, 110, 12, 12

local function place(data, area, point)
  return area.left + data.x:place(point.x) * (area.right - area.left),
    area.bottom - data.y:place(point.y) * (area.bottom - area.top)
end

-- {=== Names

-- The points that get a name or a number, those of the front first.
local function named(data)
  local list, is_few = {}, #data.points <= NAMED_MOST
  for _, wants_front in ipairs { true, false } do
    for _, point in ipairs(data.points) do
      local is_front = point.is_front == true
      if point.name ~= "" and is_front == wants_front and (is_front or is_few)
        and #list < NAMED_MOST then
        table.insert(list, point)
      end
    end
  end
  return list
end

-- Sets the label of the points in the list: their names, if these are short; else numbers.
-- Returns whether they are numbers.
local function label_points(list)
  local longest = 0
  for _, point in ipairs(list) do
    longest = math.max(longest, drawings.text_width(point.name, SIZE))
  end
  for i, point in ipairs(list) do
    point.label = longest <= SHORT and point.name or tostring(i)
  end
  return longest > SHORT
end

local function overlaps(a, b, clear)
  return a.left < b.right + clear and b.left < a.right + clear and a.top < b.bottom
    and b.top < a.bottom
end

local function lie_together(one, other)
  return math.abs(other.left - one.left) + math.abs(other.top - one.top) <= TOGETHER
end

-- May a label be there? A label that ends near another point would seem to be that point's.
local function is_free(boxes, box, area, own)
  if box.left < area.left or box.right > area.right + 20 or box.top < area.top - 8
    or box.bottom > area.bottom then
    return false
  end
  for _, other in ipairs(boxes) do
    local clear = (other.is_label or lie_together(own, other)) and 0 or CLEAR
    if overlaps(box, other, clear) then
      return false
    end
  end
  return true
end

-- Where a label may begin beside its point: to the right, to the left, above, below.
local function choices(x, y, width)
  return { { x + 8, y + 4 }, { x - 8 - width, y + 4 }, { x - width / 2, y - 9 },
    { x - width / 2, y + 18 }, { x + 7, y - 7 }, { x - width - 7, y - 7 }, { x + 7, y + 16 },
    { x - width - 7, y + 16 } }
end

local function draw_label(drawing, data, area, boxes, point)
  local x, y = place(data, area, point)
  local width = drawings.text_width(point.label, SIZE)
  for _, choice in ipairs(choices(x, y, width)) do
    local box = { left = choice[1], right = choice[1] + width, top = choice[2] - 10,
      bottom = choice[2] + 3, is_label = true }
    if is_free(boxes, box, area, point.box) then
      table.insert(boxes, box)
      drawing:text(choice[1], choice[2], point.label, { size = SIZE })
      return
    end
  end
end

-- Joins the labels of points that lie together: the first of them gets all.
local function join(data, area, list)
  local joined = {}
  for _, point in ipairs(list) do
    local x, y = place(data, area, point)
    local first
    for _, other in ipairs(joined) do
      if not first and math.abs(other.x - x) + math.abs(other.y - y) <= TOGETHER then
        first = other
      end
    end
    if first then
      first.point.label = first.point.label .. ", " .. point.label
    else
      table.insert(joined, { x = x, y = y, point = point })
    end
  end
  local points = {}
  for i, one in ipairs(joined) do
    points[i] = one.point
  end
  return points
end

local function draw_labels(drawing, data, area, list)
  local boxes = {}
  for _, point in ipairs(data.points) do
    local x, y = place(data, area, point)
    point.box = { left = x - 6, right = x + 6, top = y - 6, bottom = y + 6 }
    table.insert(boxes, point.box)
  end
  for _, point in ipairs(list) do
    draw_label(drawing, data, area, boxes, point)
  end
end

-- {=== Points

-- The front as stairs: the best y that the points reach at each x.
local function draw_front(drawing, data, area, group)
  local commands, before_y = {}, nil
  for _, point in ipairs(scatter.front(data, group)) do
    local x, y = place(data, area, point)
    if before_y then
      table.insert(commands, data.is_low_first and "H" .. drawings.number(x)
        or "V" .. drawings.number(y))
    end
    table.insert(commands, ("%s%s %s"):format(before_y and "L" or "M", drawings.number(x),
      drawings.number(y)))
    before_y = y
  end
  if #commands > 1 then
    drawing:path(commands, { stroke = theme.series(group), width = 1.5, dash = "5 4" })
  end
end

-- Where points are many, only those of the front have a description.
local function draw_points(drawing, data, area)
  for _, point in ipairs(data.points) do
    local x, y = place(data, area, point)
    local has_tip = #data.points <= scatter.FEW or point.is_front
    drawing:marker(x, y, point.group, { radius = RADIUS,
      hollow = data.has_front and not point.is_front,
      tip = has_tip and scatter.point_text(data, point) or nil })
  end
end

local function legend_of(drawing, data, numbered)
  local legend = {}
  for i, group in ipairs(#data.groups > 1 and data.groups or {}) do
    legend[i] = { text = group, sample = 14, draw = function(x, y)
      drawing:marker(x + 7, y, i, { radius = RADIUS, hollow = data.has_front })
    end }
  end
  for i, point in ipairs(numbered) do
    table.insert(legend, { text = point.name, sample = 20, draw = function(x, y)
      drawing:text(x + 20, y + 5, tostring(i), { size = SIZE, bold = true, anchor = "end" })
    end })
  end
  return legend
end

--- Draws the data that scatter.read returned.
function M.draw(drawing, data)
  local list = named(data)
  local is_numbered = label_points(list)
  local area = frame.open(drawing, { title = data.title, notes = data.notes,
    left = frame.tick_room(data.y), right = 24, above = data.y.title ~= "" and 32 or 12,
    below = frame.below(data.x), area = 220,
    legend = legend_of(drawing, data, is_numbered and list or {}) })
  frame.draw_y(drawing, area, data.y)
  frame.draw_x(drawing, area, data.x)
  for group = 1, data.has_front and #data.groups or 0 do
    draw_front(drawing, data, area, group)
  end
  draw_points(drawing, data, area)
  draw_labels(drawing, data, area, join(data, area, list))
end

return M
