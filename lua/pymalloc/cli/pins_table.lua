-- The rows of run:pins as lines of text.

local text = require "pymalloc.text"

require "pymalloc.pins"

local M = {}

local TITLES = { "arenas", "alone", "blocks", "bytes", "who asked" }

-- Adds a row, and for each calling frame one more.
local function add_pin(rows, pin)
  local frames = pin.stack or { pin.where }
  table.insert(rows, { text.group(pin.arenas), text.group(pin.alone), text.group(pin.blocks),
    text.group(pin.bytes), text.printable(frames[1]) })
  for i = 2, #frames do
    table.insert(rows, { "", "", "", "", "  from " .. text.printable(frames[i]) })
  end
end

--- The first rows as lines, the titles in the first of them.
function M.lines(pins, top)
  local rows = { TITLES }
  for i = 1, math.min(#pins, top) do
    add_pin(rows, pins[i])
  end
  return text.table(rows, "rrrrl")
end

return M
