-- Draws an arena as text: each pool with its class and its fill.

local lists = require "pymalloc.view.lists"
local strip = require "pymalloc.view.strip"

local M = {}

local CELL_COLUMNS, LABEL_COLUMNS = 6, 10
local CELLS_MOST, SIGNS_IN_ROW = 256, 32 -- pools that are drawn with their classes; of more, signs
local OFFSETS_LISTED = 24

local function title(arena)
  return ("arena %d, %s: %d of %d pools free"):format(arena.index, arena.state,
    arena.nfreepools, arena.ntotalpools)
end

-- The pools as cells like " 12▅ ": the class, and the sign of the pool.
local function cells(canvas, arena)
  local signs = strip.signs(canvas, arena)
  local list = {}
  for pool in arena:pools() do
    local class = pool.capacity and tostring(pool.szidx) or "?"
    table.insert(list, class .. signs[#list + 1])
  end
  for i = #list + 1, #signs do
    list[i] = signs[i]
  end
  for i, cell in ipairs(list) do
    list[i] = (" "):rep(CELL_COLUMNS - 1 - canvas.columns(cell)) .. cell .. " "
  end
  return list
end

-- Draws 8 pools a row, or 16 of an arena with more than 64 where they fit; 4 where 8 do not fit.
local function draw_pools(canvas, arena, pool_bytes)
  local columns = strip.columns(arena.ntotalpools)
  while columns > 4 and columns * CELL_COLUMNS + LABEL_COLUMNS > canvas.width do
    columns = columns // 2
  end
  for i, row in ipairs(canvas.rows(cells(canvas, arena), columns)) do
    local offset = (i - 1) * columns * pool_bytes
    canvas:add(("%8d "):format(offset) .. canvas.signs.bar .. row)
  end
end

-- Draws the pools of a large arena as signs only.
local function draw_signs(canvas, arena)
  local signs = strip.signs(canvas, arena)
  for _, row in ipairs(strip.rows(canvas, signs, SIGNS_IN_ROW)) do
    canvas:add("  " .. canvas.signs.bar .. row .. canvas.signs.bar)
  end
end

-- The offsets of the pools on the list freepools, shortened.
local function freepools(arena)
  local offsets = lists.freepools(arena)
  for i, offset in ipairs(offsets) do
    offsets[i] = tostring(offset)
  end
  return lists.shorten(offsets, OFFSETS_LISTED)
end

-- `heap` has the arena's geometry.
function M.draw(canvas, arena, heap)
  if arena.state == "closed" then
    local next_slot = arena.nextarena and tostring(arena.nextarena) or "-"
    canvas:title(("arena %d, closed: next unused slot %s"):format(arena.index, next_slot))
    return
  end
  canvas:title(title(arena))
  if arena.ntotalpools <= CELLS_MOST then
    draw_pools(canvas, arena, heap.geometry.pool_bytes)
  else
    draw_signs(canvas, arena)
  end
  strip.draw_legend(canvas)
  canvas:words("freepools: ", freepools(arena), "")
end

return M
