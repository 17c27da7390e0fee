-- Heaps with full arenas, whose pools lessons make empty one by one.

local M = {}

-- The numbers of some arenas.
function M.indexes(arenas)
  local list = {}
  for i, arena in ipairs(arenas) do
    list[i] = arena.index
  end
  return list
end

-- The numbers of the usable arenas, in list order.
function M.usable(heap)
  return M.indexes(heap:usable_arenas())
end

-- Fills a pool with blocks of the largest class; returns the blocks.
local function take_pool(heap)
  local geometry = heap.geometry
  local blocks = {}
  for i = 1, (geometry.pool_bytes - geometry.header_bytes) // geometry.threshold do
    blocks[i] = heap:malloc(geometry.threshold)
  end
  return blocks
end

-- Fills the arenas 0 to count - 1. Returns a table of arenas by number; each
-- arena is a list of full pools.
function M.fill(heap, count)
  local arenas = {}
  for index = 0, count - 1 do
    arenas[index] = {}
    for i = 1, heap.geometry.pools_per_arena do
      arenas[index][i] = take_pool(heap)
    end
  end
  return arenas
end

-- Frees all blocks of the first pool of an arena that is still full.
function M.empty(arena)
  for _, block in ipairs(table.remove(arena, 1)) do
    block:free()
  end
end

-- The arena numbers that usable_arenas will have after one more pool of an arena
-- becomes empty, computed as CPython 3.6 does it: the arena moves to the right
-- until the next one has at least as many free pools.
function M.walk(heap, index)
  local list, place = M.usable(heap), 1
  local free = heap:arena(index).nfreepools + 1
  if free == 1 then
    table.insert(list, 1, index)
  end
  while list[place] ~= index do
    place = place + 1
  end
  while list[place + 1] and heap:arena(list[place + 1]).nfreepools < free do
    list[place], list[place + 1] = list[place + 1], index
    place = place + 1
  end
  if free == heap:arena(index).ntotalpools then
    table.remove(list, place)
  end
  return list
end

return M
