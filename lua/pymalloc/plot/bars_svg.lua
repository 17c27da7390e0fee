-- Draws stacked bars as SVG. Parts differ in colour and in hatching.

local bars = require "pymalloc.plot.bars"
local drawings = require "pymalloc.plot.drawing"
local frame = require "pymalloc.plot.frame"
local theme = require "pymalloc.plot.theme"

local M = {}

local BAR_HIGH, BAR_LOW, LINE, GAP, SAMPLE = 22, 14, 16, 9, 22

-- The lines of each bar's name, the room for the names, and the height of all bars.
local function layout(data, width)
  local names, room, height = {}, 0, GAP
  local thickness = #data.bars > 20 and BAR_LOW or BAR_HIGH
  for i, bar in ipairs(data.bars) do
    names[i] = drawings.wrap(drawings.glue(bar.name), width * 0.34, frame.LABEL)
    for _, line in ipairs(names[i]) do
      room = math.max(room, drawings.text_width(line, frame.LABEL))
    end
    height = height + math.max(thickness, #names[i] * LINE) + GAP
  end
  return names, room + 10, height, thickness
end

local function draw_part(drawing, x, y, width, thickness, number, tip)
  drawing:rect(x, y, width, thickness, theme.series(number), { tip = tip, stroke = "background" })
  drawing:hatch(x, y, width, thickness, number)
end

local function draw_bar(drawing, data, area, bar, y, thickness)
  local scale = (area.right - area.left) / data.y.high
  local x = area.left
  for number in ipairs(data.parts) do
    local width = (bar.values[number] or 0) * scale
    if width > 0 then
      draw_part(drawing, x, y, width, thickness, number, bars.part_text(data, bar, number))
      x = x + width
    end
  end
  drawing:text(x + 7, y + thickness / 2 + 4.5, bars.sum_text(data, bar), { size = frame.LABEL })
end

local function legend_of(drawing, data)
  local legend = {}
  for i, part in ipairs(data.parts) do
    legend[i] = { text = part, sample = SAMPLE, draw = function(x, y)
      draw_part(drawing, x, y - 7, SAMPLE, 14, i, part)
    end }
  end
  return bars.has_legend(data) and legend or {}
end

local function sum_room(data)
  local room = 0
  for _, bar in ipairs(data.bars) do
    -- The text of a bar that ends before the end of the area needs less room beside the area.
    room = math.max(room, drawings.text_width(bars.sum_text(data, bar), frame.LABEL))
  end
  return room + 10
end

--- Draws the data that bars.read returned.
function M.draw(drawing, data)
  local names, room, height, thickness = layout(data, drawing.width)
  local area = frame.open(drawing, { title = data.title, notes = data.notes, left = room,
    right = sum_room(data), above = 8, below = frame.below(data.y), area = height,
    legend = legend_of(drawing, data) })
  frame.draw_x(drawing, area, data.y, true)
  local spare = (area.bottom - area.top - height) / (#data.bars + 1)
  local y = area.top + GAP + spare
  for i, bar in ipairs(data.bars) do
    local room_high = math.max(thickness, #names[i] * LINE)
    for line, text in ipairs(names[i]) do
      drawing:text(area.left - 8, y + room_high / 2 + 4.5 + (line - 1 - (#names[i] - 1) / 2) * LINE,
        text, { anchor = "end", size = frame.LABEL })
    end
    draw_bar(drawing, data, area, bar, y + (room_high - thickness) / 2, thickness)
    y = y + room_high + GAP + spare
  end
  drawing:line(area.left, area.top, area.left, area.bottom, "axis")
end

return M
