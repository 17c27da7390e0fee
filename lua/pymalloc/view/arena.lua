-- Draws an arena as text: each pool with its class and its fill.

local strip = require "pymalloc.view.strip"

local M = {}

local CELL_COLUMNS = 6

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

local function draw_pools(canvas, arena, pool_bytes)
  local columns = (canvas.width - 10) // CELL_COLUMNS
  for i, row in ipairs(canvas.rows(cells(canvas, arena), columns)) do
    local offset = (i - 1) * columns * pool_bytes
    canvas:add(("%8d "):format(offset) .. canvas.signs.bar .. row)
  end
end

-- The distance from one pool to the next; 0 if no more than one pool is carved: then
-- there is only the row at 0.
local function pool_bytes(arena)
  for pool in arena:pools() do
    if pool.offset > 0 then
      return pool.offset
    end
  end
  return 0
end

-- The offsets of the pools on the list freepools, in its order.
local function freepools(arena)
  local by_address, places = {}, {}
  for pool in arena:pools() do
    by_address[pool.address] = pool
  end
  local pool = arena.freepools and by_address[arena.freepools]
  while pool do
    table.insert(places, tostring(pool.offset))
    pool = pool:next()
  end
  return places
end

function M.draw(canvas, arena)
  if arena.state == "closed" then
    local next_slot = arena.nextarena and tostring(arena.nextarena) or "-"
    canvas:title(("arena %d, closed: next unused slot %s"):format(arena.index, next_slot))
    return
  end
  canvas:title(title(arena))
  draw_pools(canvas, arena, pool_bytes(arena))
  canvas:add(strip.legend(canvas))
  canvas:words("freepools: ", freepools(arena), "")
end

return M
