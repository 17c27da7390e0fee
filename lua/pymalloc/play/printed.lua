-- The text that statements print. It is bounded: of what is printed beyond the bound, only the
-- number of bytes is kept.

local text = require "pymalloc.text"

local M = {}

M.MOST_BYTES = 200000

local Printed = {}
Printed.__index = Printed

--- Adds strings.
function Printed:write(...)
  for i = 1, select("#", ...) do
    local piece = (select(i, ...))
    local kept = piece:sub(1, M.MOST_BYTES - self.bytes)
    if kept ~= "" then
      table.insert(self.pieces, kept)
    end
    self.bytes, self.lost = self.bytes + #kept, self.lost + #piece - #kept
  end
end

--- Adds values as print writes them.
function Printed:print(...)
  local count = select("#", ...)
  for i = 1, count do
    self:write(tostring((select(i, ...))), i < count and "\t" or "")
  end
  self:write "\n"
end

--- The text, with a last line on the bytes that were not kept.
function Printed:text()
  local note = self.lost > 0 and ("\n(%s more bytes were printed; they are not shown.)\n"):format(
    text.group(self.lost)) or ""
  return table.concat(self.pieces) .. note
end

function M.new()
  return setmetatable({ pieces = {}, bytes = 0, lost = 0 }, Printed)
end

return M
