-- Heaps with full arenas, which lessons empty pool by pool.

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

-- A full pool, as a list of its blocks, which are of the largest class.
local function take_pool(heap)
  local geometry = heap.geometry
  local blocks = {}
  for i = 1, (geometry.pool_bytes - geometry.header_bytes) // geometry.threshold do
    blocks[i] = heap:malloc(geometry.threshold)
  end
  return blocks
end

-- Fills the arenas 0 to count - 1; of each, a list of its full pools.
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

-- Empties the first pool of an arena that is not empty yet.
function M.empty(arena)
  for _, block in ipairs(table.remove(arena, 1)) do
    block:free()
  end
end

-- usable_arenas as it will be when one more pool of an arena is empty, found as
-- CPython 3.6 finds it: the arena walks right until the next one is not fuller.
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
