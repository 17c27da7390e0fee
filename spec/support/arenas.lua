-- Fills and empties small arenas of a heap, pool by pool.

local M = {}

-- A geometry with eight pools in an arena and two blocks of eight bytes in a
-- pool: sixteen requests fill an arena.
M.TINY = { alignment = 8, threshold = 8, pool_bytes = 64, arena_bytes = 512 }

-- Returns the options of TINY with some of them changed or added.
function M.tiny(changes)
  local options = {}
  for name, value in pairs(M.TINY) do
    options[name] = value
  end
  for name, value in pairs(changes or {}) do
    options[name] = value
  end
  return options
end

local function take_pool(heap, block_count)
  local pool = {}
  for i = 1, block_count do
    pool[i] = assert(heap:malloc(heap.geometry.threshold))
  end
  return pool
end

-- Fills `count` arenas of a new heap with the largest blocks. Returns a list
-- of arenas; an arena is a list of pools, a pool a list of buffers.
function M.fill(heap, count)
  local geometry = heap.geometry
  local block_count = (geometry.pool_bytes - 48) // geometry.threshold
  local pool_count = geometry.arena_bytes // geometry.pool_bytes
  local arenas = {}
  for i = 1, count do
    arenas[i] = {}
    for p = 1, pool_count do
      arenas[i][p] = take_pool(heap, block_count)
    end
  end
  return arenas
end

-- Empties `count` pools of an arena, those that were filled first.
function M.empty_pools(heap, arena, count)
  for _ = 1, count do
    for _, buffer in ipairs(table.remove(arena, 1)) do
      heap:free(buffer)
    end
  end
end

-- Empties filled arenas in the order in which 3.6 makes the most hops. Each turn
-- empties one pool of each arena, always of the arena at the head of
-- usable_arenas, and so reverses the order of that list.
function M.empty_in_worst_order(heap, arenas)
  local first, last, step = 1, #arenas, 1
  while #arenas[1] > 0 do
    for i = first, last, step do
      M.empty_pools(heap, arenas[i], 1)
    end
    first, last, step = last, first, -step
  end
end

return M
