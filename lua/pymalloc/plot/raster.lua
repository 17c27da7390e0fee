-- A raster of characters for plots on a terminal. Lines are drawn as dots of Braille, two by
-- four in a character, or as signs, one in a character.

local M = {}
local Raster = {}
Raster.__index = Raster

-- The bit of each of the dots of a Braille character, by row and column.
local BITS = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } }

--- A raster of that many columns and rows of characters.
function M.new(columns, rows, has_dots)
  return setmetatable({ columns = columns, rows = rows, has_dots = has_dots,
    across = has_dots and 2 * columns or columns, up = has_dots and 4 * rows or rows,
    bits = {}, owners = {} }, Raster)
end

--- The dot of a place, whose parts are from 0 to 1; row 0 is the lowest.
function Raster:dot(x, y)
  return math.max(0, math.min(self.across - 1, math.floor(x * (self.across - 1) + 0.5))),
    math.max(0, math.min(self.up - 1, math.floor(y * (self.up - 1) + 0.5)))
end

--- Sets a dot for an owner, which is a number.
function Raster:set(column, row, owner)
  local from_top = self.up - 1 - row
  local cell = self.has_dots and from_top // 4 * self.columns + column // 2
    or from_top * self.columns + column
  self.owners[cell] = owner
  if self.has_dots then
    self.bits[cell] = (self.bits[cell] or 0) | BITS[from_top % 4 + 1][column % 2 + 1]
  end
end

--- Sets the dots of a straight line between two dots.
function Raster:line(x1, y1, x2, y2, owner)
  local steps = math.max(math.abs(x2 - x1), math.abs(y2 - y1), 1)
  for i = 0, steps do
    self:set((x1 + (x2 - x1) * i / steps + 0.5) // 1 | 0, (y1 + (y2 - y1) * i / steps + 0.5) // 1
      | 0, owner)
  end
end

--- The owners of all characters, as a set.
function Raster:seen()
  local seen = {}
  for _, owner in pairs(self.owners) do
    seen[owner] = true
  end
  return seen
end

--- The characters of a row, from the top; sign(owner) is the sign of an owner and
-- paint(owner, character) gives it a colour.
function Raster:row(number, sign, paint)
  local characters = {}
  for column = 0, self.columns - 1 do
    local cell = (number - 1) * self.columns + column
    local owner = self.owners[cell]
    local character = owner and (self.has_dots and utf8.char(0x2800 + self.bits[cell])
      or sign(owner)) or " "
    table.insert(characters, owner and paint(owner, character) or character)
  end
  return table.concat(characters)
end

return M
