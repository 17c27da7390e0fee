-- Draws points as SVG. A point is named beside it where there is room: all points if they are
-- few, otherwise those of the front.

local drawings = require "pymalloc.plot.drawing"
local frame = require "pymalloc.plot.frame"
local scatter = require "pymalloc.plot.scatter"
local theme = require "pymalloc.plot.theme"

local M = {}

local NAMED_MOST, SIZE, RADIUS = 24, 12, 5

local function place(data, area, point)
  return area.left + data.x:place(point.x) * (area.right - area.left),
    area.bottom - data.y:place(point.y) * (area.bottom - area.top)
end

-- {=== Names

local function overlaps(a, b)
  return a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom
end

local function is_free(boxes, box, area)
  if box.left < area.left or box.right > area.right + 8 or box.top < area.top - 8
    or box.bottom > area.bottom then
    return false
  end
  for _, other in ipairs(boxes) do
    if overlaps(box, other) then
      return false
    end
  end
  return true
end

-- Where a name may begin beside its point: to the right, to the left, above, below.
local function choices(x, y, width)
  return { { x + 9, y + 4 }, { x - 9 - width, y + 4 }, { x + 4, y - 8 }, { x - width - 4, y - 8 },
    { x + 4, y + 17 }, { x - width - 4, y + 17 }, { x - width / 2, y - 10 },
    { x - width / 2, y + 20 }, { x + 4, y - 17 }, { x - width - 4, y - 17 }, { x + 4, y + 26 },
    { x - width - 4, y + 26 } }
end

local function draw_name(drawing, data, area, boxes, point)
  local x, y = place(data, area, point)
  local width = drawings.text_width(point.name, SIZE)
  for _, choice in ipairs(choices(x, y, width)) do
    local box = { left = choice[1], right = choice[1] + width, top = choice[2] - 10,
      bottom = choice[2] + 3 }
    if is_free(boxes, box, area) then
      table.insert(boxes, box)
      drawing:text(choice[1], choice[2], point.name, { size = SIZE })
      return
    end
  end
end

local function draw_names(drawing, data, area)
  local boxes, is_few = {}, #data.points <= NAMED_MOST
  for _, point in ipairs(data.points) do
    local x, y = place(data, area, point)
    table.insert(boxes, { left = x - 6, right = x + 6, top = y - 6, bottom = y + 6 })
  end
  for _, front_first in ipairs { true, false } do
    for _, point in ipairs(data.points) do
      local is_front = point.is_front == true
      if is_front == front_first and (is_front or is_few) and point.name ~= "" then
        draw_name(drawing, data, area, boxes, point)
      end
    end
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

local function legend_of(drawing, data)
  local legend = {}
  for i, group in ipairs(data.groups) do
    legend[i] = { text = group, sample = 14, draw = function(x, y)
      drawing:marker(x + 7, y, i, { radius = RADIUS, hollow = data.has_front })
    end }
  end
  return #legend > 1 and legend or {}
end

--- Draws the data that scatter.read returned.
function M.draw(drawing, data)
  local area = frame.open(drawing, { title = data.title, notes = data.notes,
    left = frame.tick_room(data.y), right = 24, above = data.y.title ~= "" and 32 or 12,
    below = frame.below(data.x), legend = legend_of(drawing, data) })
  frame.draw_y(drawing, area, data.y)
  frame.draw_x(drawing, area, data.x)
  for group = 1, data.has_front and #data.groups or 0 do
    draw_front(drawing, data, area, group)
  end
  for _, point in ipairs(data.points) do
    local x, y = place(data, area, point)
    drawing:marker(x, y, point.group, { radius = RADIUS,
      hollow = data.has_front and not point.is_front, tip = scatter.point_text(data, point) })
  end
  draw_names(drawing, data, area)
end

return M
