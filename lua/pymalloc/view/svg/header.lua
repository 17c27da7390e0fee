-- The header of a pool as a table of its fields, in the order of memory.

local pool_view = require "pymalloc.view.pool"
local picture_of = require "pymalloc.view.svg.picture"

local M = {}

local FIELD_HEIGHT, GAP, PAD = 42, 6, 8

local function draw_field(picture, box, name, value, old)
  local drawing = picture.drawing
  local is_changed = old ~= nil and old ~= value
  drawing:rect(box.x, box.y, box.width, FIELD_HEIGHT, "background",
    { stroke = is_changed and "series4" or "axis", width = is_changed and 3 or 1, radius = 3 })
  drawing:text(box.x + PAD, box.y + 16, name, { size = 12, role = "faint", mono = true })
  local shown = is_changed and picture_of.first_fitting({ old .. " → " .. value, "→ " .. value,
    value }, box.width - 2 * PAD, 15) or value
  drawing:text(box.x + PAD, box.y + 34, shown, { size = 15, bold = true })
end

--- Draws the fields, four in a row, two where the picture is narrow.
-- @param was the values before of the fields that changed, as text, by name
-- @param[opt] width of the table
function M.draw(picture, pool, was, width)
  width = width or picture.width
  local columns = width >= 560 and 4 or 2
  local step = (width + GAP) / columns
  local fields = pool_view.fields(pool)
  for i, field in ipairs(fields) do
    draw_field(picture, { x = picture.left + (i - 1) % columns * step,
      y = picture.y + (i - 1) // columns * (FIELD_HEIGHT + GAP), width = step - GAP }, field[1],
      field[2], was and was[field[1]])
    picture:say(("%s %s."):format(field[1], field[2]))
  end
  picture.y = picture.y + #fields // columns * (FIELD_HEIGHT + GAP)
end

return M
