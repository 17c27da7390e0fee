-- Draws lines as SVG. A line is known by its colour, its dashes and its markers, and by its
-- name at its end; where the names have no room there, or a line ends before the right side of
-- the area, a legend below has them.

local drawings = require "pymalloc.plot.drawing"
local frame = require "pymalloc.plot.frame"
local lines = require "pymalloc.plot.lines"
local theme = require "pymalloc.plot.theme"

local M = {}

local LABEL_WIDTH, LABEL_LINE, MARKERS, MARKED_MOST, SAMPLE = 150, 16, 5, 100, 34
local NEAR_END = 0.9 -- of the x axis

local function place(data, area, point)
  return area.left + data.x:place(point.x) * (area.right - area.left),
    area.bottom - data.y:place(point.y) * (area.bottom - area.top)
end

-- {=== Names of the lines

-- Do all lines end near the right side? A stroke from another end to its name would seem to be
-- a part of the line.
local function end_at_side(data)
  for _, series in ipairs(data.series) do
    local last = lines.last_point(series)
    if last and data.x:place(last.x) < NEAR_END then
      return false
    end
  end
  return true
end

-- The names in lines for the room beside the area; nil if they do not fit there.
local function direct_labels(data)
  if not end_at_side(data) then
    return nil
  end
  local labels, width, height = {}, 0, 0
  for i, series in ipairs(data.series) do
    if lines.last_point(series) then
      local wrapped = drawings.wrap(drawings.glue(series.name), LABEL_WIDTH, frame.LABEL)
      for _, line in ipairs(wrapped) do
        width = math.max(width, drawings.text_width(line, frame.LABEL))
        if line:find("%.%.%.$") then
          return nil
        end
      end
      local label = { number = i, lines = wrapped, height = #wrapped * LABEL_LINE + 4 }
      height = height + label.height
      table.insert(labels, label)
    end
  end
  local is_wide = width + 40 > data.width / 3
  if #labels == 0 or #labels ~= #data.series or is_wide or height > data.height * 0.55 then
    return nil
  end
  return labels, width
end

local function legend_of(drawing, data)
  local legend = {}
  for i, series in ipairs(data.series) do
    local is_known = lines.last_point(series) ~= nil
    legend[i] = { text = is_known and series.name or series.name .. " (not known)", sample = SAMPLE,
      draw = function(x, y)
        if is_known then
          drawing:line(x, y, x + SAMPLE, y, theme.series(i), 2.5, theme.dash(i))
          drawing:marker(x + SAMPLE / 2, y, i)
        end
      end }
  end
  return legend
end

local function draw_labels(drawing, data, area, labels)
  for _, label in ipairs(labels) do
    local _, y = place(data, area, lines.last_point(data.series[label.number]))
    label.y = y
  end
  if not frame.spread(labels, area.top - 12, area.bottom + 12) then
    return
  end
  for _, label in ipairs(labels) do
    local x, y = place(data, area, lines.last_point(data.series[label.number]))
    local role = theme.series(label.number)
    drawing:line(x + 5, y, area.right + 20, label.at, role, 1)
    drawing:marker(area.right + 25, label.at, label.number)
    for i, line in ipairs(label.lines) do
      drawing:text(area.right + 34, label.at + 4.5 + (i - 1 - (#label.lines - 1) / 2) * LABEL_LINE,
        line, { size = frame.LABEL })
    end
  end
end

-- {=== Marks

-- The row of each mark's name above the area, so that names do not overlap; nil for one that
-- has no room.
local function draw_marks(drawing, data, area)
  local free = { -math.huge, -math.huge }
  for _, mark in ipairs(data.marks) do
    local x = area.left + data.x:place(mark.x) * (area.right - area.left)
    drawing:path({ ("M%s %sV%s"):format(drawings.number(x), drawings.number(area.top - 2),
      drawings.number(area.bottom)) }, { stroke = "axis", dash = "3 3", tip = mark.name })
    local width = drawings.text_width(mark.name, 11.5)
    local left = math.max(frame.MARGIN, math.min(x - width / 2,
      drawing.width - frame.MARGIN - width))
    for row = 1, 2 do
      if mark.name ~= "" and left > free[row] + 6 then
        drawing:text(left, area.top - 6 - (row - 1) * 14, mark.name, { size = 11.5,
          role = "faint" })
        free[row] = left + width
        break
      end
    end
  end
end

-- {=== The lines

-- A point without neighbours becomes a line of one pixel.
local function path_commands(data, area, series)
  local commands, command = {}, "M"
  local points = series.points
  for i, point in ipairs(points) do
    if point then
      local x, y = place(data, area, point)
      local is_alone = command == "M" and not points[i + 1]
      local form = command == "L" and data.step and "H%sV%s" or command .. "%s %s"
      table.insert(commands, form:format(drawings.number(x), drawings.number(y))
        .. (is_alone and "h1" or ""))
      command = "L"
    else
      command = "M"
    end
  end
  return commands
end

-- The points that get a marker: all; or some, each series at other places; none of a line that
-- is alone.
local function marked_points(data, series)
  local points, marked = {}, {}
  for _, point in ipairs(series.points) do
    if point then
      table.insert(points, point)
    end
  end
  if data.has_markers and #points <= MARKED_MOST or #points == 1 then
    return points
  elseif #data.series == 1 then
    return marked
  end
  for i = 1, MARKERS do
    local share = (i - 1 + (series.number * 0.37) % 1) / MARKERS
    table.insert(marked, points[1 + math.floor(share * #points)])
  end
  return marked
end

local function draw_markers(drawing, data, area, series)
  for _, point in ipairs(marked_points(data, series)) do
    local x, y = place(data, area, point)
    drawing:marker(x, y, series.number)
  end
end

local function draw_series(drawing, data, area)
  for i, series in ipairs(data.series) do
    local commands = path_commands(data, area, series)
    if #commands > 0 then
      drawing:path(commands, { stroke = theme.series(i), width = 2.2, dash = theme.dash(i),
        tip = series.name })
    end
  end
  for _, series in ipairs(data.series) do
    draw_markers(drawing, data, area, series)
  end
end

--- Draws the data that lines.read returned.
function M.draw(drawing, data)
  local has_mark_names = false
  for _, mark in ipairs(data.marks) do
    has_mark_names = has_mark_names or mark.name ~= ""
  end
  local labels, width = direct_labels(data)
  local area = frame.open(drawing, {
    title = data.title, notes = data.notes, left = frame.tick_room(data.y),
    right = labels and width + 36 or 20, below = frame.below(data.x),
    above = (data.y.title ~= "" and 32 or 10) + (has_mark_names and 28 or 0),
    legend = not labels and legend_of(drawing, data) or {},
  })
  frame.draw_y(drawing, area, data.y)
  frame.draw_x(drawing, area, data.x)
  draw_marks(drawing, data, area)
  draw_series(drawing, data, area)
  if labels then
    draw_labels(drawing, data, area, labels)
  end
end

return M
