-- The picture of a heap: each arena as a small square of its pools. Of a heap with many arenas
-- the squares are smaller; with very many, each cell is an arena, or several.

local arenas_of = require "pymalloc.view.svg.arena"
local heaps = require "pymalloc.view.heap"
local picture_of = require "pymalloc.view.svg.picture"
local pools = require "pymalloc.view.svg.pools"

local M = {}

-- The most pools with tips; the most pools, and the most arenas, of which each pool is a cell; and
-- the most arenas of which each is a cell. With these limits a picture has at most 256 KiB.
M.POOLS_WITH_TIPS, M.POOLS_MOST, M.SQUARES_MOST, M.ARENAS_MOST = 640, 8192, 320, 4096

local LABEL_HEIGHT, LABEL_WIDTH, SPACE = 20, 70, 18
local ARENA_CELL = 12
local POOLS_WITH_WORDS, CELL_WIDTH, CELL_HEIGHT = 64, 64, 40

local function arenas_list(heap)
  local list, count = {}, 0
  for arena in heap:arenas() do
    table.insert(list, arena)
    count = count + arena.ntotalpools
  end
  return list, count
end

-- The width and height of a pool's cell: in pictures of few pools there is room for words, and
-- cells are smaller in larger pictures.
local function cell_of(pool_count, columns, width)
  local most = width // columns
  if pool_count <= POOLS_WITH_WORDS and most >= CELL_HEIGHT then
    return math.min(CELL_WIDTH, most), CELL_HEIGHT
  end
  local wished = pool_count <= M.POOLS_WITH_TIPS and 14 or pool_count <= 2048 and 10 or 6
  local side = math.max(2, math.min(wished, most))
  return side, side
end

local function label(picture, arena, x, width)
  local free = ("arena %d: %d of %d free"):format(arena.index, arena.nfreepools,
    arena.ntotalpools)
  local shown = picture_of.first_fitting({ free, ("%d: %d free"):format(arena.index,
    arena.nfreepools), tostring(arena.index) }, width + SPACE - 6, 12)
  picture.drawing:text(x, picture.y + 13, shown or "", { size = 12 })
end

-- Draws the square of an arena at x, below picture.y. Returns its width and its lower end.
local function draw_square(picture, arena, x, size, look, is_map)
  local facts = pools.facts(arena)
  local rows = (#facts + size.columns - 1) // size.columns
  local width, height = math.min(#facts, size.columns) * size.width, rows * size.height
  local box = { x = x, y = picture.y + LABEL_HEIGHT, columns = size.columns, width = size.width,
    height = size.height }
  label(picture, arena, x, width)
  local draw = is_map and pools.map or pools.square
  draw(picture.drawing, facts, box, look.marks.pools)
  if look.marks.arenas[arena.index] and not next(look.marks.pools) then
    pools.mark(picture.drawing, x - 3, box.y - 3, width + 3, height + 3)
  end
  return width, box.y + height
end

--- Draws a square for each arena, from left to right and down.
-- @param marks sets of places
function M.squares(picture, list, pool_count, look, width)
  width = width or picture.width
  local left, x, bottom = picture.left, picture.left, picture.y
  for _, arena in ipairs(list) do
    local columns = look.columns or arenas_of.columns(arena.ntotalpools, picture.width)
    columns = math.min(columns, arena.ntotalpools)
    local wide, high = cell_of(pool_count, columns, width)
    if x > left and x + columns * wide > left + width then
      x, picture.y = left, bottom + 8
    end
    local drawn, low = draw_square(picture, arena, x, { columns = columns, width = wide,
      height = high }, look, pool_count > M.POOLS_WITH_TIPS)
    bottom = math.max(bottom, low)
    x = x + math.max(drawn + SPACE, LABEL_WIDTH)
  end
  picture.y = bottom
end

-- {=== Arenas as cells

local function arena_fact(arena)
  local live, capacity = 0, 0
  for pool in arena:pools() do
    live, capacity = live + pool.ref_count * (pool.size or 0), capacity
      + (pool.capacity or 0) * (pool.size or 0)
  end
  local carved = arena.ntotalpools - arena.nfreepools
  local state = carved == 0 and "empty" or live == capacity and arena.nfreepools == 0 and "full"
    or "used"
  return { place = tostring(arena.index), state = state, live = live, capacity = capacity,
    tip = tostring(arena) }
end

-- Each arena as a cell; the shade is its live bytes of the bytes of its pools' blocks.
local function arena_cells(picture, list, look)
  local facts = {}
  for i, arena in ipairs(list) do
    facts[i] = arena_fact(arena)
  end
  local few, each = pools.merge(facts, M.ARENAS_MOST)
  local columns = picture.width // ARENA_CELL
  local marks = {}
  for slot in pairs(look.marks.arenas) do
    marks[tostring(slot)] = each == 1
  end
  pools.map(picture.drawing, few, { x = picture.left, y = picture.y + 4, columns = columns,
    width = ARENA_CELL, height = ARENA_CELL }, marks)
  picture.y = picture.y + 4 + (#few + columns - 1) // columns * ARENA_CELL
  picture:note(("The heap has %d arenas, too many to draw their pools: each cell is %s, in the "
    .. "order of slots, shaded by live bytes."):format(#list,
    each == 1 and "an arena" or ("%d arenas"):format(each)))
end

-- {=== The whole

--- Draws the arenas of a heap, as squares or as cells.
function M.map(picture, heap, look)
  local list, pool_count = arenas_list(heap)
  if #list == 0 then
    picture:text("no arena", { role = "faint", is_said = true })
  elseif pool_count > M.POOLS_MOST or #list > M.SQUARES_MOST then
    arena_cells(picture, list, look)
  else
    M.squares(picture, list, pool_count, look)
  end
end

function M.draw(picture, heap, look)
  picture:heading(heaps.title(heap))
  M.map(picture, heap, look)
  local has_marks = next(look.marks.arenas) and "marked"
  picture:legend(pools.legend(picture.drawing, has_marks))
  picture:text("usable_arenas: " .. heaps.usable_text(heap, 12), { is_said = true })
end

return M
