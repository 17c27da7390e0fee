-- Draws a heat map as SVG.

local drawings = require "pymalloc.plot.drawing"
local frame = require "pymalloc.plot.frame"
local heat = require "pymalloc.plot.heat"
local theme = require "pymalloc.plot.theme"

local M = {}

local VALUE, RAMP, CELL_LEAST = 12, 180, 16

local function label_room(texts)
  local room = 0
  for _, text in ipairs(texts) do
    room = math.max(room, drawings.text_width(text, frame.TICK))
  end
  return room
end

-- Does the text of every value fit in a cell?
local function values_fit(data, width, height)
  for _, row in ipairs(data.values) do
    for _, value in ipairs(row) do
      if drawings.text_width(heat.text(data, value), VALUE) > width - 6 then
        return false
      end
    end
  end
  return height >= VALUE + 4
end

local function draw_cell(drawing, data, box, row, column, has_text)
  local value = data.values[row][column]
  local shade = value and theme.shade(heat.share(data, value))
  drawing:rect(box.x, box.y, box.width, box.height, value and "shade" .. shade or "background",
    { tip = heat.cell_text(data, row, column), stroke = "background" })
  if not value then
    drawing:line(box.x + 3, box.y + box.height - 3, box.x + box.width - 3, box.y + 3, "missing")
  end
  if value == data.best then
    drawing:rect(box.x + 2, box.y + 2, box.width - 4, box.height - 4, nil,
      { stroke = "on" .. shade })
  end
  if has_text and value then
    drawing:text(box.x + box.width / 2, box.y + box.height / 2 + 4.5, heat.text(data, value),
      { anchor = "middle", size = VALUE, role = "on" .. shade })
  end
end

local function draw_labels(drawing, data, area, width, height)
  local column_step = math.ceil((label_room(data.x.texts) + 8) / width)
  for column = 1, #data.x.texts, column_step do
    drawing:text(area.left + (column - 0.5) * width, area.bottom + 18, data.x.texts[column],
      { anchor = "middle", size = frame.TICK, role = "faint" })
  end
  local row_step = math.ceil(15 / height)
  for row = 1, #data.y.texts, row_step do
    drawing:text(area.left - 8, area.bottom - (row - 0.5) * height + 4.5, data.y.texts[row],
      { anchor = "end", size = frame.TICK, role = "faint" })
  end
  drawing:text((area.left + area.right) / 2, area.bottom + 38, data.x.title,
    { anchor = "middle", size = frame.LABEL, role = "faint" })
  drawing:text(frame.MARGIN, area.title_y, data.y.title, { size = frame.LABEL, role = "faint" })
end

-- The shades with the values at their ends and in the middle.
local function draw_ramp(drawing, data, x, y)
  for shade = 1, theme.SHADES do
    drawing:rect(x + (shade - 1) * RAMP / theme.SHADES, y, RAMP / theme.SHADES + 0.5, 12,
      "shade" .. shade)
  end
  local texts = data.high == data.low and { data.low } or { data.low, heat.middle(data), data.high }
  for i, value in ipairs(texts) do
    drawing:text(x + (i - 1) * RAMP / 2, y + 27, heat.text(data, value), { anchor = "middle",
      size = VALUE, role = "faint" })
  end
  local lines = drawings.wrap(data.measure.title, x - 50 - frame.MARGIN, frame.LABEL)
  for i = 1, math.min(2, #lines) do
    drawing:text(frame.MARGIN, y + 11 + (i - 1) * 16, lines[i], { size = frame.LABEL })
  end
end

--- Draws the data that heat.read returned.
function M.draw(drawing, data)
  local notes = { table.unpack(data.notes) }
  if data.low <= data.high then
    table.insert(notes, ("The frame marks the %s value."):format(
      data.measure.better == "low" and "lowest" or "highest"))
  end
  local area = frame.open(drawing, { title = data.title, notes = notes,
    left = label_room(data.y.texts) + 8, right = 0, above = 24, below = 86,
    area = #data.y.texts * CELL_LEAST })
  local width = (area.right - area.left) / #data.x.texts
  local height = (area.bottom - area.top) / #data.y.texts
  local has_text = values_fit(data, width, height)
  for row = 1, #data.y.texts do
    for column = 1, #data.x.texts do
      local box = { x = area.left + (column - 1) * width, y = area.bottom - row * height,
        width = width, height = height }
      draw_cell(drawing, data, box, row, column, has_text)
    end
  end
  draw_labels(drawing, data, area, width, height)
  if data.low <= data.high then
    draw_ramp(drawing, data, area.right - RAMP - 30, area.bottom + 54)
  end
end

return M
