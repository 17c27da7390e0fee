-- The live blocks that keep arenas from being released, by a snapshot.

local core = require "pymalloc.core"

local M = {}

--- The address of the first pool of an arena, from that of the arena; nil if it is not known.
function M.first_pool(address, geometry)
  return address and (address + geometry.pool_bytes - 1) & -geometry.pool_bytes
end

--- The live blocks of an arena of a snapshot, by address.
-- @param base the address of its first pool, or nil
function M.in_arena(arena, base)
  local pinned = {}
  for _, pool in ipairs(arena.pools) do
    local is_free = {}
    for _, offset in ipairs(pool.free) do
      is_free[offset] = true
    end
    local size = pool.size or 1 -- without a class no block was carved
    local first = pool.nextoffset - (pool.ref_count + #pool.free) * size
    for offset = first, pool.size and pool.nextoffset - 1 or first - 1, size do
      if not is_free[offset] then
        local place = { arena = arena.index, pool = pool.offset, offset = offset, size = size,
          address = base and base + pool.offset + offset }
        table.insert(pinned, setmetatable(place, core.metatables.Place))
      end
    end
  end
  return pinned
end

--- Sorts candidates: those with the fewest live blocks are the first, and among those with
-- equally many, the one with the lowest slot. Returns the same table.
function M.sort(candidates)
  table.sort(candidates, function(one, other)
    if one.blocks == other.blocks then
      return one.arena < other.arena
    end
    return one.blocks < other.blocks
  end)
  return candidates
end

--- All arenas of a snapshot, those with the fewest live blocks first, each with the fields
-- arena, blocks, bytes and pinned.
-- @param heap the heap of the snapshot, which has the addresses; nil: the snapshot has them, or
-- they are not known
function M.candidates(snapshot, heap)
  local candidates = {}
  for _, arena in ipairs(snapshot.arenas) do
    local address = heap and heap:arena(arena.index).address or arena.address
    local pinned = M.in_arena(arena, M.first_pool(address, snapshot.geometry))
    local bytes = 0
    for _, block in ipairs(pinned) do
      bytes = bytes + block.size
    end
    table.insert(candidates,
      { arena = arena.index, blocks = #pinned, bytes = bytes, pinned = pinned })
  end
  return M.sort(candidates)
end

return M
