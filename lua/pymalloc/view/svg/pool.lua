-- The picture of a pool: its header with the values of all fields, its bytes to scale, and its
-- free chain as arrows.

local blocks = require "pymalloc.view.svg.blocks"
local header = require "pymalloc.view.svg.header"
local lists = require "pymalloc.view.lists"
local pool_view = require "pymalloc.view.pool"
local text = require "pymalloc.text"

local M = {}

local ARROWS_MOST = 12 -- links of a chain that are drawn

-- {=== The free chain as arrows

-- An arrow between blocks on one row: above them.
local function arrow_above(picture, from, to)
  local x1, x2 = from.x + from.width / 2, to.x + to.width / 2
  local lift = math.min(16, 6 + math.abs(x2 - x1) / 16)
  picture:arrow(x1, from.y, x2, to.y, { x1, from.y - lift, x2, to.y - lift }, "series2")
end

-- The space above a row in which the arrow of that number runs.
local function lane(corner, number)
  return corner.y - blocks.ROW_SPACE + 5 + number % 4 * 3
end

-- An arrow to a block on another row. It runs between the rows, and beside them, so that it
-- crosses no block.
local function arrow_across(picture, from, to, number)
  local x1, x2 = from.x + from.width / 2, to.x + to.width / 2
  local is_down = to.row > from.row
  local y1 = is_down and from.y + from.height or from.y
  local first = is_down and lane({ y = from.y + from.height + blocks.ROW_SPACE }, number)
    or lane(from, number)
  local last = lane(to, number)
  local corners = { { x1, y1 }, { x1, first } }
  if first ~= last then
    local side = picture.left + blocks.LABEL_WIDTH - 4 - number % 5 * 3
    table.move({ { side, first }, { side, last } }, 1, 2, 3, corners)
  end
  table.move({ { x2, last }, { x2, to.y } }, 1, 2, #corners + 1, corners)
  picture:polyline(corners, "series2")
end

local function draw_link(picture, from, to, number)
  if from.row == to.row then
    arrow_above(picture, from, to)
  else
    arrow_across(picture, from, to, number)
  end
end

--- Draws the first links of a chain, from freeblock in the header on.
-- @param corners of the header and the blocks, as blocks.draw returns them
function M.draw_chain(picture, chain, corners)
  local from = corners[0]
  for i = 1, math.min(#chain, ARROWS_MOST) do
    local to = corners[chain[i]]
    if not to then
      return
    end
    draw_link(picture, from, to, i)
    from = to
  end
end

local function chain_text(chain)
  local texts = {}
  for i, offset in ipairs(chain) do
    texts[i] = text.group(offset)
  end
  if #chain == 0 then
    return "free chain: none, freeblock is NULL"
  end
  local drawn = #chain > ARROWS_MOST and (", the first %d as arrows"):format(ARROWS_MOST) or ""
  return ("free chain (%s%s): %s → NULL"):format(text.count(#chain, "block"), drawn,
    lists.elided(texts, 12, " → "))
end

-- {=== The whole

--- Draws header, bytes and chain.
-- @param marks a set of places of blocks
-- @param[opt] was the values before of the fields that changed, as text, by name
-- @param[opt] mark the legend's text for marks
function M.parts(picture, pool, heap, marks, was, mark)
  header.draw(picture, pool, was)
  local corners = blocks.draw(picture, pool, heap, marks)
  M.draw_chain(picture, pool:freelist(), corners)
  picture:text(chain_text(pool:freelist()), { is_said = true })
  picture:legend(blocks.legend(picture.drawing, pool, heap, mark))
end

function M.draw(picture, pool, look, heap)
  picture:heading(pool_view.title(pool))
  M.parts(picture, pool, heap, look.marks.blocks, nil, next(look.marks.blocks) and "marked")
end

return M
