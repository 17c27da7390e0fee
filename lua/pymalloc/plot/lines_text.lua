-- Draws lines for a terminal. One line, or several in colours, is drawn in dots of Braille;
-- several without colours are drawn in signs, one for each line.

local lines = require "pymalloc.plot.lines"
local pages = require "pymalloc.plot.page"
local rasters = require "pymalloc.plot.raster"

local M = {}

local MARK = 0 -- the owner of the characters of marks

local function draw_series(raster, data, series)
  local x1, y1
  for _, point in ipairs(lines.path_of(data, series)) do
    if point then
      local x2, y2 = raster:dot(data.x:place(point.x), data.y:place(point.y))
      raster:line(x1 or x2, y1 or y2, x2, y2, series.number)
      x1, y1 = x2, y2
    else
      x1, y1 = nil, nil
    end
  end
end

local function draw_marks(raster, data)
  for _, mark in ipairs(data.marks) do
    local column = raster:dot(data.x:place(mark.x), 0)
    for row = 0, raster.up - 1, raster.has_dots and 4 or 2 do
      raster:set(column, row, MARK)
    end
  end
end

local function legend(page, data, raster, sign)
  local seen, entries = raster:seen(), {}
  for i, series in ipairs(data.series) do
    local remark = not lines.last_point(series) and " (not known)"
      or not seen[i] and " (covered by the others)" or ""
    entries[i] = page:paint(i, sign(i)) .. " " .. page:fit(series.name .. remark, page.width - 2)
  end
  page:entries(entries)
end

local function mark_line(page, data)
  local names = {}
  for _, mark in ipairs(data.marks) do
    if mark.name ~= "" then
      table.insert(names, mark.name)
    end
  end
  if #names > 0 then
    page:wrapped("marks, from left to right: " .. table.concat(names, ", "))
  end
end

--- Draws the data that lines.read returned.
function M.draw(page, data)
  page:title(data.title)
  local has_dots = not page.is_ascii and (#data.series == 1 or page.has_colours)
  local raster = rasters.new(page:raster_width(data.y), page.height, has_dots)
  local function sign(owner)
    if owner == MARK then
      return ":"
    end
    return has_dots and "━" or pages.SIGNS[owner]
  end
  draw_marks(raster, data)
  for _, series in ipairs(data.series) do
    draw_series(raster, data, series)
  end
  page:raster(raster, data.x, data.y, sign)
  legend(page, data, raster, sign)
  mark_line(page, data)
  page:notes(data.notes)
end

return M
