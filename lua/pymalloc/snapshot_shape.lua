-- The shape of a snapshot, also of one that was saved and read again.

local shape = require "pymalloc.shape"

local number, list, record = shape.number, shape.list, shape.record

local M = {}

-- No geometry has larger arenas or pools.
local POOL_MOST, ARENA_MOST = 1 << 20, 1 << 30

M.slot = number(1 << 53)
M.pool_offset = number(ARENA_MOST)
M.block_offset = number(POOL_MOST)

-- The parts of a snapshot that are compared.
local snapshot_shape = record {
  globals = record {},
  usable_arenas = list(M.slot),
  arenas = list(record {
    index = M.slot,
    freepools = list(M.pool_offset),
    pools = list(record {
      offset = M.pool_offset,
      ref_count = number(POOL_MOST),
      szidx = number(math.maxinteger),
      nextoffset = M.block_offset,
      size = shape.optional(M.block_offset),
      free = list(M.block_offset),
    }),
  }),
}

-- The blocks of a pool begin at an offset that is not negative. Returns a message about the
-- first pool for which that is wrong.
local function blocks_problem(snapshot)
  for _, arena in ipairs(snapshot.arenas) do
    for _, pool in ipairs(arena.pools) do
      local carved = pool.ref_count + #pool.free
      if pool.size and (pool.size == 0 or carved * pool.size > pool.nextoffset) then
        return ("%d blocks of %d bytes do not fit before nextoffset %d of pool %d:%d"):format(
          carved, pool.size, pool.nextoffset, arena.index, pool.offset)
      end
    end
  end
end

--- A message about the first part of a table that no snapshot has; nil if there is none.
function M.problem(snapshot)
  return snapshot_shape(snapshot, "") or blocks_problem(snapshot)
end

return M
