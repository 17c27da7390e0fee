-- Draws space over time as SVG. Cells of one row that look alike are one line.

local axes = require "pymalloc.plot.axis"
local drawings = require "pymalloc.plot.drawing"
local frame = require "pymalloc.plot.frame"
local space = require "pymalloc.plot.space"
local theme = require "pymalloc.plot.theme"

local M = {}

-- {=== The grid

-- For each look, the runs of cells as commands of a path, whose unit is a cell.
local function runs(data)
  local paths, order = {}, {}
  for row = 1, data.rows do
    local column = 1
    while column <= data.columns do
      local look, first = space.look_of(data, column, row, theme.SHADES), column
      repeat
        column = column + 1
      until column > data.columns or space.look_of(data, column, row, theme.SHADES) ~= look
      if look then
        if not paths[look] then
          paths[look] = {}
          table.insert(order, look)
        end
        table.insert(paths[look], ("M%d %.1fh%d"):format(first - 1, row - 0.5, column - first))
      end
    end
  end
  table.sort(order, function(a, b)
    return tostring(a) < tostring(b)
  end)
  return paths, order
end

-- Draws in units of cells: the group has the cells' width and height as its scale.
local function draw_cells(drawing, data, area)
  local paths, order = runs(data)
  local wide = (area.right - area.left) * data.column_requests / data.requests
  local high = (area.bottom - area.top) * data.row_bytes / math.max(1, data.extent)
  drawing:add('<g transform="translate(%.2f %.2f) scale(%.5f %.5f)" shape-rendering="crispEdges">',
    area.left, area.bottom, wide, -high)
  for _, look in ipairs(order) do
    drawing:path(paths[look], { stroke = look == "held" and "held" or "shade" .. look,
      width = 1 })
  end
  drawing:add("</g>")
end

-- {=== Single blocks

-- The places where arenas are held, below the blocks.
local function held_only(data)
  local copy = setmetatable({ live = {} }, { __index = data })
  for i = 1, #data.live do
    copy.live[i] = 0
  end
  return copy
end

local function draw_spans(drawing, data, area)
  local wide = (area.right - area.left) / data.requests
  local high = (area.bottom - area.top) / math.max(1, data.extent)
  for _, span in ipairs(data.spans) do
    local height, width = span.bytes * high, math.max(0.6, (span.to - span.from) * wide)
    local shown = math.max(0.8, height)
    drawing:rect(area.left + span.from * wide,
      area.bottom - span.address * high - height / 2 - shown / 2, width, shown, "series1",
      { tip = ("%s at %s, requests %d to %d"):format(axes.text(span.bytes, "bytes"),
        axes.text(span.address, "bytes"), span.from + 1, span.to) })
  end
end

-- {=== The whole

local RAMP = 120

local function legend_of(drawing, data)
  local held = { text = "held, not live", sample = 18, draw = function(x, y)
    drawing:rect(x, y - 7, 18, 14, "held")
  end }
  if data.spans then
    return { { text = "live", sample = 18, draw = function(x, y)
      drawing:rect(x, y - 7, 18, 14, "series1")
    end }, held }
  end
  return { { text = "live part of a cell: little to all", sample = RAMP, draw = function(x, y)
    for shade = 1, theme.SHADES do
      drawing:rect(x + (shade - 1) * RAMP / theme.SHADES, y - 7, RAMP / theme.SHADES + 0.4, 14,
        "shade" .. shade)
    end
  end }, held }
end

local function draw_arenas(drawing, data, area)
  for _, tick in ipairs(data.y.ticks) do
    local y = area.bottom - data.y:place(tick.value) * (area.bottom - area.top)
    drawing:line(area.left - 5, y, area.left, y, "axis")
    drawing:text(area.left - 8, y + 4, tick.text, { anchor = "end", size = frame.TICK,
      role = "faint" })
  end
  drawing:text(frame.MARGIN, area.title_y, drawings.fit(data.y.title, drawing.width * 0.9,
    frame.LABEL), { size = frame.LABEL, role = "faint" })
end

--- Draws the data that space.read returned.
function M.draw(drawing, data)
  local area = frame.open(drawing, { title = data.title, notes = data.notes,
    left = frame.tick_room(data.y), right = 20, above = 32, below = frame.below(data.x),
    legend = legend_of(drawing, data) })
  if data.spans then
    draw_cells(drawing, held_only(data), area)
    draw_spans(drawing, data, area)
  else
    draw_cells(drawing, data, area)
  end
  draw_arenas(drawing, data, area)
  frame.draw_x(drawing, area, data.x)
end

return M
