-- The live blocks that keep arenas from being released, by a snapshot.

local core = require "pymalloc.core"

local M = {}

--- The live blocks of an arena of a snapshot, by address.
function M.in_arena(arena)
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
        local place = { arena = arena.index, pool = pool.offset, offset = offset, size = size }
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
function M.candidates(snapshot)
  local candidates = {}
  for _, arena in ipairs(snapshot.arenas) do
    local pinned = M.in_arena(arena)
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
