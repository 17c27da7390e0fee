-- The frame of a plot as SVG: the title above, the axes, and below them the legend and the
-- notes. A plot gets at least AREA_LEAST of height for its data: a drawing with a long legend
-- becomes higher than was asked for.

local drawings = require "pymalloc.plot.drawing"

local M = {}

M.MARGIN = 16

local TITLE, LABEL, TICK, NOTE = 18, 13, 12.5, 12 -- sizes of the texts
M.LABEL, M.TICK = LABEL, TICK
local AREA_LEAST = 140

local width_of = drawings.text_width

-- {=== What is below the axes

-- The entries of a legend in rows: arrays of { x =, entry =, lines = }.
local function legend_rows(entries, width)
  local rows, row, x = {}, {}, 0
  for _, entry in ipairs(entries) do
    local room = width - entry.sample - 8
    local lines = drawings.wrap(entry.text, room, LABEL)
    local longest = 0
    for _, line in ipairs(lines) do
      longest = math.max(longest, width_of(line, LABEL))
    end
    local need = entry.sample + 8 + longest
    if x > 0 and x + need > width then
      table.insert(rows, row)
      row, x = {}, 0
    end
    table.insert(row, { x = x, entry = entry, lines = lines })
    row.lines = math.max(row.lines or 1, #lines)
    x = x + need + 24
  end
  if #row > 0 then
    table.insert(rows, row)
  end
  return rows
end

local function rows_height(rows)
  local height = 0
  for _, row in ipairs(rows) do
    height = height + row.lines * 17 + 4
  end
  return height
end

local function draw_legend(drawing, rows, left, y)
  for _, row in ipairs(rows) do
    for _, item in ipairs(row) do
      item.entry.draw(left + item.x, y + 8)
      for i, line in ipairs(item.lines) do
        drawing:text(left + item.x + item.entry.sample + 8, y + 13 + (i - 1) * 17, line,
          { size = LABEL })
      end
    end
    y = y + row.lines * 17 + 4
  end
  return y
end

local function note_lines(notes, width)
  local lines = {}
  for _, note in ipairs(notes) do
    for _, line in ipairs(drawings.wrap(note, width, NOTE)) do
      table.insert(lines, line)
    end
  end
  return lines
end

-- {=== The frame

local function draw_title(drawing, title, width)
  local y = M.MARGIN
  for _, line in ipairs(drawings.wrap(title, width, TITLE)) do
    y = y + 22
    drawing:text(M.MARGIN, y - 5, line, { size = TITLE, bold = true })
  end
  return y
end

--- Draws title, legend and notes, and returns the area in between: a table with left, top,
-- right, bottom and title_y, the line of the y axis's title. Options: title, left and right (the
-- room beside the area), above (room for the y axis's title), below (room for ticks and title of
-- the x axis), legend (an array of { text =, sample = width, draw = function(x, y) }), notes, and
-- area, the least height of the area.
function M.open(drawing, options)
  local width = drawing.width - 2 * M.MARGIN
  local y = draw_title(drawing, options.title, width)
  local rows = legend_rows(options.legend or {}, width)
  local notes = note_lines(options.notes, width)
  local legend_gap, note_gap = #rows > 0 and 10 or 0, #notes > 0 and 8 or 0
  local below = options.below + legend_gap + rows_height(rows) + note_gap + #notes * 16 + 10
  local top = y + options.above
  drawing.height = math.max(drawing.height, math.ceil(top + (options.area or AREA_LEAST) + below))
  local bottom = drawing.height - below
  local next_y = draw_legend(drawing, rows, M.MARGIN, bottom + options.below + legend_gap)
  for i, line in ipairs(notes) do
    drawing:text(M.MARGIN, next_y + note_gap + i * 16 - 4, line, { size = NOTE, role = "faint" })
  end
  return { left = M.MARGIN + options.left, right = drawing.width - M.MARGIN - options.right,
    top = top, bottom = bottom, title_y = y + 13 }
end

-- {=== Axes

--- The room that the ticks of a vertical axis need beside it.
function M.tick_room(axis)
  local most = 0
  for _, tick in ipairs(axis.ticks) do
    most = math.max(most, width_of(tick.text, TICK))
  end
  return most + 8
end

function M.draw_y(drawing, area, axis)
  for _, tick in ipairs(axis.ticks) do
    local y = area.bottom - axis:place(tick.value) * (area.bottom - area.top)
    drawing:line(area.left, y, area.right, y, "grid")
    drawing:text(area.left - 8, y + 4, tick.text, { anchor = "end", size = TICK, role = "faint" })
  end
  if axis.title ~= "" then
    drawing:text(M.MARGIN, area.title_y, drawings.fit(axis.title, drawing.width - 2 * M.MARGIN,
      LABEL), { size = LABEL, role = "faint" })
  end
end

-- The ticks of a horizontal axis whose texts do not overlap: all, or every second, and so on.
local function every(axis, centre_of)
  for step = 1, #axis.ticks do
    local last, fits = -math.huge, true
    for i = 1, #axis.ticks, step do
      local half = width_of(axis.ticks[i].text, TICK) / 2
      local x = centre_of(axis.ticks[i])
      fits = fits and x - half > last + 8
      last = x + half
    end
    if fits then
      return step
    end
  end
  return math.max(1, #axis.ticks)
end

--- `has_lines`: lines of the grid go up from the ticks.
function M.draw_x(drawing, area, axis, has_lines)
  local function centre_of(tick)
    return area.left + axis:place(tick.value) * (area.right - area.left)
  end
  local step = every(axis, centre_of)
  for i = 1, #axis.ticks, step do
    local tick = axis.ticks[i]
    local x = centre_of(tick)
    local half = width_of(tick.text, TICK) / 2
    if has_lines then
      drawing:line(x, area.top, x, area.bottom, "grid")
    else
      drawing:line(x, area.bottom, x, area.bottom + 5, "axis")
    end
    local shown = math.min(x, drawing.width - 4 - half)
    drawing:text(shown, area.bottom + 19, tick.text, { anchor = "middle", size = TICK,
      role = "faint" })
  end
  drawing:line(area.left, area.bottom, area.right, area.bottom, "axis")
  if axis.title ~= "" then
    drawing:text((area.left + area.right) / 2, area.bottom + 39,
      drawings.fit(axis.title, drawing.width - 2 * M.MARGIN, LABEL), { anchor = "middle",
        size = LABEL, role = "faint" })
  end
end

--- The room below the area for the ticks and the title of a horizontal axis.
function M.below(axis)
  return axis.title ~= "" and 44 or 24
end

-- {=== Labels beside lines

--- Moves labels, which have the fields y (wanted) and height, so that they do not overlap and
-- stay between top and bottom; sets the field at. Returns false if there is no room.
function M.spread(labels, top, bottom)
  local need = 0
  for _, label in ipairs(labels) do
    need = need + label.height
  end
  if need > bottom - top then
    return false
  end
  table.sort(labels, function(a, b)
    return a.y < b.y or a.y == b.y and a.number < b.number
  end)
  local free = top
  for _, label in ipairs(labels) do
    label.at = math.max(label.y, free + label.height / 2)
    free = label.at + label.height / 2
  end
  local limit = bottom
  for i = #labels, 1, -1 do
    labels[i].at = math.min(labels[i].at, limit - labels[i].height / 2)
    limit = labels[i].at - labels[i].height / 2
  end
  return true
end

return M
