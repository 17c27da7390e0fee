-- Draws space over time for a terminal: a sign for each cell of a coarser grid.

local space = require "pymalloc.plot.space"

local M = {}

local UNICODE, ASCII = { "░", "▒", "▓", "█" }, { ":", "o", "O", "#" }

-- The mean shares of the cells that a character stands for.
local function shares(data, columns, rows, column, row)
  local live, held, count = 0, 0, 0
  local function range(number, parts, whole)
    local first = (number - 1) * whole // parts + 1
    return first, math.max(first, number * whole // parts)
  end
  local first_row, last_row = range(row, rows, data.rows)
  local first, last = range(column, columns, data.columns)
  for cell_row = first_row, last_row do
    for cell = first, last do
      local cell_live, cell_held = space.shares(data, cell, cell_row)
      live, held, count = live + cell_live, held + cell_held, count + 1
    end
  end
  return live / count, held / count
end

--- A raster as Page:raster expects it.
local function raster_of(data, columns, rows, signs, held_sign)
  return { columns = columns, rows = rows, row = function(_, from_top)
    local characters = {}
    for column = 1, columns do
      local live, held = shares(data, columns, rows, column, rows - from_top + 1)
      local number = math.min(#signs, 1 + math.floor(live * #signs))
      characters[column] = live * 2 * #signs >= 1 and signs[number] or held >= 0.5 and held_sign
        or " "
    end
    return table.concat(characters)
  end }
end

--- Draws the data that space.read returned.
function M.draw(page, data)
  page:title(data.title)
  local signs, held_sign = UNICODE, "·"
  if page.is_ascii then
    signs, held_sign = ASCII, "."
  end
  local columns = page:raster_width(data.y)
  if data.columns > 0 and data.rows > 0 then
    page:raster(raster_of(data, columns, page.height, signs, held_sign), data.x, data.y)
  end
  page:entries { ("%s to %s live, little to all"):format(signs[1], signs[#signs]),
    held_sign .. " held, not live" }
  page:notes(data.notes)
end

return M
