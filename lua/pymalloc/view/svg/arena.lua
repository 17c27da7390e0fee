-- The picture of an arena: its pools as a square, 8 by 8 for CPython's 64 pools, with class and
-- fill in each, and the list of its free pools.

local lists = require "pymalloc.view.lists"
local pools = require "pymalloc.view.svg.pools"
local text = require "pymalloc.text"

local M = {}

local WIDE = 1200 -- pixels, from which on a square has twice the columns
local LABEL_WIDTH = 62
local CELL_HEIGHT, CELL_LEAST = 52, 10
local WORDS_WIDTH = 44 -- of a cell that has words
local POOLS_DRAWN = 2048 -- of one arena
local POOLS_WITH_TIPS = 1024

--- The pools in a row: 8 for up to 64 pools, and 16, 32 and so on for larger squares; twice as
-- many where the picture is wide.
function M.columns(count, width)
  local columns = 8
  while columns * columns < count do
    columns = columns * 2
  end
  return width >= WIDE and columns * 2 or columns
end

-- The offsets of the first pools of the rows.
local function draw_offsets(picture, box, rows, step)
  for row = 0, rows - 1 do
    picture.drawing:text(picture.left + LABEL_WIDTH - 8, box.y + row * box.height
      + box.height / 2 + 3, text.group(row * step), { size = 12, role = "faint", anchor = "end" })
  end
end

-- Where the cells are. Those of a map have whole numbers of pixels.
local function box_of(picture, columns, is_map)
  local width = (picture.width - LABEL_WIDTH) / columns
  local height = width >= WORDS_WIDTH and CELL_HEIGHT or math.min(CELL_HEIGHT, width)
  if is_map then
    width = math.max(2, math.floor(width))
    height = width
  end
  return { x = picture.left + LABEL_WIDTH, y = picture.y, columns = columns, width = width,
    height = height }
end

--- Draws the square of an arena.
-- @param pool_bytes of the heap
function M.square(picture, arena, pool_bytes, columns, marks)
  local facts, each = pools.merge(pools.facts(arena), POOLS_DRAWN)
  columns = columns or M.columns(#facts, picture.width)
  local is_map = #facts > POOLS_WITH_TIPS or (picture.width - LABEL_WIDTH) / columns < CELL_LEAST
  local box = box_of(picture, columns, is_map)
  local rows = (#facts + columns - 1) // columns
  local draw = is_map and pools.map or pools.square
  draw(picture.drawing, facts, box, marks)
  if box.height >= 12 then
    draw_offsets(picture, box, rows, columns * each * pool_bytes)
  end
  picture.y = picture.y + rows * box.height
  if each > 1 then
    picture:note(("Each cell is %d pools; its shade is their fill."):format(each))
  end
end

-- The free pools of the arena, in the order of its list, as text.
local function freepools_text(arena)
  local places = {}
  for i, offset in ipairs(lists.freepools(arena)) do
    places[i] = text.group(offset)
  end
  return "freepools: " .. (#places == 0 and "empty" or lists.elided(places, 8, " → "))
end

local function title(arena)
  return ("arena %d, %s: %d of %d pools free"):format(arena.index, arena.state,
    arena.nfreepools, arena.ntotalpools)
end

--- Draws an arena; `heap` has its geometry.
function M.draw(picture, arena, look, heap)
  if arena.state == "closed" then
    picture:heading(("arena %d, closed"):format(arena.index))
    picture:text("next unused slot: " .. (arena.nextarena and tostring(arena.nextarena) or "none"),
      { is_said = true })
    return
  end
  picture:heading(title(arena))
  picture:say("Each cell is a pool, by address from left to right, with its size class and its "
    .. "live blocks of all blocks.")
  M.square(picture, arena, heap.geometry.pool_bytes, look.columns, look.marks.pools)
  picture:legend(pools.legend(picture.drawing, next(look.marks.pools) and "marked"))
  picture:text(freepools_text(arena), { is_said = true })
end

return M
