-- Draws points for a terminal: a letter for each point and a table of the letters.

local rasters = require "pymalloc.plot.raster"
local scatter = require "pymalloc.plot.scatter"

local M = {}

local LETTERS = "abcdefghijklmnopqrstuvwxyz"
local OTHER = 27 -- the owner of the characters of points without a letter

-- The points in the order in which they get letters: those of the front first.
local function ordered(data)
  local list = {}
  for _, wanted in ipairs { true, false } do
    for _, point in ipairs(data.points) do
      if (point.is_front == true) == wanted then
        table.insert(list, point)
      end
    end
  end
  return list
end

local function sign(owner)
  return owner == OTHER and "." or LETTERS:sub(owner, owner)
end

--- Draws the data that scatter.read returned.
function M.draw(page, data)
  page:title(data.title)
  local raster = rasters.new(page:raster_width(data.y), page.height, false)
  local points = ordered(data)
  for i = #points, 1, -1 do
    local column, row = raster:dot(data.x:place(points[i].x), data.y:place(points[i].y))
    raster:set(column, row, math.min(i, OTHER))
  end
  page:raster(raster, data.x, data.y, sign)
  for i = 1, math.min(#points, OTHER - 1) do
    page:add(page:fit(("%s  %s%s"):format(sign(i), scatter.point_text(data, points[i]),
      points[i].is_front and " (front)" or "")))
  end
  if #points >= OTHER then
    page:wrapped((".  %d other points"):format(#points - OTHER + 1))
  end
  page:notes(data.notes)
end

return M
