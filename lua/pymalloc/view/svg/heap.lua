-- The picture of a heap: each arena as a small square of its pools. Of a heap with many arenas
-- the squares are smaller; with very many, each cell is an arena, or several.

local arenas_of = require "pymalloc.view.svg.arena"
local heaps = require "pymalloc.view.heap"
local picture_of = require "pymalloc.view.svg.picture"
local pools = require "pymalloc.view.svg.pools"

local M = {}

-- Up to so many pools each has a tip; up to so many pools, in so many arenas, each is a cell; up
-- to so many arenas each is a cell. The picture has then at most 256 KiB.
M.POOLS_WITH_TIPS, M.POOLS_MOST, M.SQUARES_MOST, M.ARENAS_MOST = 640, 8192, 320, 4096

local LABEL_HEIGHT, SPACE = 20, 18
local ARENA_CELL = 12

local function arenas_list(heap)
  local list, count = {}, 0
  for arena in heap:arenas() do
    table.insert(list, arena)
    count = count + arena.ntotalpools
  end
  return list, count
end

-- The size of a pool's cell: smaller in larger pictures.
local function cell_of(pool_count, columns, width)
  local wished = pool_count <= M.POOLS_WITH_TIPS and 14 or pool_count <= 2048 and 10 or 6
  return math.max(2, math.min(wished, width // columns))
end

local function label(picture, arena, x, width)
  local free = ("arena %d: %d of %d free"):format(arena.index, arena.nfreepools,
    arena.ntotalpools)
  local shown = picture_of.first_fitting({ free, ("%d: %d free"):format(arena.index,
    arena.nfreepools), tostring(arena.index) }, width + SPACE - 6, 12)
  picture.drawing:text(x, picture.y + 13, shown or "", { size = 12 })
end

--- Draws a square for each arena, from left to right and down.
-- @param marks sets of places
function M.squares(picture, list, pool_count, look, width)
  width = width or picture.width
  local left, x, bottom = picture.left, picture.left, picture.y
  for _, arena in ipairs(list) do
    local columns = look.columns or arenas_of.columns(arena.ntotalpools, picture.width)
    local cell = cell_of(pool_count, columns, width)
    local facts = pools.facts(arena)
    if x > left and x + columns * cell > left + width then
      x, picture.y = left, bottom + 8
    end
    label(picture, arena, x, columns * cell)
    local box = { x = x, y = picture.y + LABEL_HEIGHT, columns = columns, width = cell,
      height = cell }
    local draw = pool_count > M.POOLS_WITH_TIPS and pools.map or pools.square
    draw(picture.drawing, facts, box, look.marks.pools)
    if look.marks.arenas[arena.index] and not next(look.marks.pools) then
      pools.mark(picture.drawing, x - 3, box.y - 3, columns * cell + 3,
        (#facts + columns - 1) // columns * cell + 3)
    end
    bottom = math.max(bottom, box.y + (#facts + columns - 1) // columns * cell)
    x = x + math.max(columns * cell + SPACE, 70)
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
