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

-- Of a process: where the snapshot is from, and how it was read.
local process_shape = record {
  pid = shape.optional(M.slot),
  name = shape.optional(shape.text),
  core = shape.optional(shape.text),
  python = shape.text,
  interpreter = M.slot,
  interpreters = list(M.slot),
}
local reading_shape = record {
  passes = M.slot,
  pools = M.slot,
  changed = M.slot,
  torn = M.slot,
}

-- Who asked for the blocks of a pool.
local owners_shape = record {
  blocks = list(M.block_offset),
  ids = list(number(math.maxinteger, math.mininteger)),
  requests = list(M.slot),
  stacks = list(M.slot),
}

-- The parts that a picture, a check or statistics need in addition.
local whole_shape = record {
  process = shape.optional(process_shape),
  reading = shape.optional(reading_shape),
  profile = shape.text,
  stacks = shape.optional(list(list(shape.text))),
  geometry = record {
    alignment = number(1 << 10),
    threshold = number(POOL_MOST),
    class_count = number(POOL_MOST),
    pool_bytes = number(POOL_MOST),
    arena_bytes = number(ARENA_MOST),
    header_bytes = number(POOL_MOST),
    address_bits = number(64),
    name = shape.optional(shape.text),
  },
  globals = record {
    arenas_current = M.slot,
    arena_slots = M.slot,
    blocks = M.slot,
    raw_blocks = shape.optional(M.slot),
    medium_blocks = shape.optional(M.slot),
    medium_bytes = shape.optional(M.slot),
    span_bytes = shape.optional(M.slot),
    arenas_allocated_total = shape.optional(M.slot),
    arenas_reclaimed = shape.optional(M.slot),
    arenas_highwater = shape.optional(M.slot),
    map_mid_nodes = shape.optional(M.slot),
    map_bot_nodes = shape.optional(M.slot),
  },
  unused_arena_objects = list(M.slot),
  usedpools = list(record {
    szidx = M.slot,
    pools = list(record { arena = M.slot, offset = M.pool_offset }),
  }),
  arenas = list(record {
    address = shape.optional(number(math.maxinteger)),
    state = shape.text,
    nfreepools = M.slot,
    ntotalpools = number(1 << 20),
    pools = list(record {
      state = shape.text,
      maxnextoffset = number(math.maxinteger),
      capacity = shape.optional(M.block_offset),
      owners = shape.optional(owners_shape),
      fault = shape.optional(record { invariant = shape.text, message = shape.text }),
    }),
  }),
}

local states = { empty = true, used = true, full = true }

-- A message about a pool whose fields do not belong to its geometry; otherwise nil.
local function pool_problem(pool, geometry)
  if not states[pool.state] then
    return "state must be empty, used or full, got " .. pool.state
  elseif (pool.size == nil) ~= (pool.capacity == nil) then
    return "size and capacity must both be present, or both be absent"
  elseif pool.size and (pool.szidx >= geometry.class_count
    or pool.size ~= (pool.szidx + 1) * geometry.alignment
    or pool.capacity ~= (geometry.pool_bytes - geometry.header_bytes) // pool.size
    or pool.ref_count > pool.capacity) then
    return "szidx, size, capacity and ref_count contradict each other"
  elseif not pool.size and pool.state ~= "empty" then
    return "a pool without a size class must be empty"
  end
end

local function pools_problem(snapshot)
  for _, arena in ipairs(snapshot.arenas) do
    for _, pool in ipairs(arena.pools) do
      local problem = pool_problem(pool, snapshot.geometry)
      if problem then
        return ("pool %d:%d: %s"):format(arena.index, pool.offset, problem)
      end
    end
  end
end

--- The same for all parts of a snapshot, also those that are not compared.
function M.whole_problem(snapshot)
  return M.problem(snapshot) or whole_shape(snapshot, "") or pools_problem(snapshot)
end

return M
