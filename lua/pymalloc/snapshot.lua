--- Snapshots: the state of a heap as plain data, and what two of them differ
-- in.
--
--     local before = heap:snapshot()
--     ...
--     print(pymalloc.diff(before, heap:snapshot()))
--
-- A snapshot holds numbers, strings, booleans and tables of them: what can
-- write JSON can save it, and diff takes it as it comes back.

local core = require "pymalloc.core"

local M = {}

local FORMAT = 1

--- pymalloc.Snapshot: the state of a heap as plain data.
-- @tfield integer format 1
-- @tfield string profile
-- @tfield table geometry as heap.geometry
-- @tfield table globals some of pymalloc.Stats
-- @tfield table[] arenas live ones: the fields of pymalloc.Arena, freepools as offsets,
-- and pools with the fields of pymalloc.Pool and free, the offsets of the free chain
-- @tfield integer[] usable_arenas
-- @tfield integer[] unused_arena_objects
-- @tfield table[] usedpools for each class in use: szidx, and pools: arena, offset
local Snapshot = { __name = "pymalloc.Snapshot" }

function Snapshot:__tostring()
  return ("pymalloc.Snapshot %s with %d arenas, %d live blocks"):format(self.profile,
    self.globals.arenas_current, self.globals.blocks)
end

local function pool_record(pool)
  return {
    offset = pool.offset,
    state = pool.state,
    ref_count = pool.ref_count,
    szidx = pool.szidx,
    nextoffset = pool.nextoffset,
    maxnextoffset = pool.maxnextoffset,
    size = pool.size,
    capacity = pool.capacity,
    free = pool:freelist(),
  }
end

-- Offsets of the pools that an arena got back, in list order.
local function freepools(arena, offset_of)
  local list = {}
  local address = arena.freepools
  while address do
    local offset = offset_of[address]
    table.insert(list, offset)
    address = arena:pool(offset).nextpool
  end
  return list
end

local function arena_record(arena)
  local record = {
    index = arena.index,
    serial = arena.serial,
    state = arena.state,
    nfreepools = arena.nfreepools,
    ntotalpools = arena.ntotalpools,
    nextarena = arena.nextarena,
    prevarena = arena.prevarena,
    pools = {},
  }
  local offset_of = {}
  for pool in arena:pools() do
    offset_of[pool.address] = pool.offset
    table.insert(record.pools, pool_record(pool))
  end
  record.freepools = freepools(arena, offset_of)
  return record
end

local function indexes(arenas)
  local list = {}
  for i, arena in ipairs(arenas) do
    list[i] = arena.index
  end
  return list
end

local function used_records(heap)
  local classes = {}
  for szidx = 0, heap.geometry.class_count - 1 do
    local pools = {}
    for i, pool in ipairs(heap:usedpools(szidx)) do
      pools[i] = { arena = pool.arena, offset = pool.offset }
    end
    if #pools > 0 then
      table.insert(classes, { szidx = szidx, pools = pools })
    end
  end
  return classes
end

local global_names = {
  "arenas_allocated_total", "arenas_reclaimed", "arenas_highwater", "arenas_current",
  "arena_slots", "blocks", "raw_blocks",
}

local function globals(heap)
  local stats, record = heap:stats(), {}
  for _, name in ipairs(global_names) do
    record[name] = stats[name]
  end
  return record
end

local function geometry_record(geometry)
  local record = {}
  for name, value in pairs(geometry) do
    record[name] = value
  end
  return record
end

--- The whole state of the heap as plain data.
-- @treturn pymalloc.Snapshot
-- @usage heap:snapshot().arenas[1].pools[1].szidx --> 1
function M.snapshot(heap)
  local snapshot = {
    format = FORMAT,
    profile = heap.geometry.profile,
    geometry = geometry_record(heap.geometry),
    globals = globals(heap),
    arenas = {},
    usable_arenas = indexes(heap:usable_arenas()),
    unused_arena_objects = indexes(heap:unused_arena_objects()),
    usedpools = used_records(heap),
  }
  for arena in heap:arenas() do
    table.insert(snapshot.arenas, arena_record(arena))
  end
  return setmetatable(snapshot, Snapshot)
end

--- Arenas by how many live blocks keep them, the fewest first.
-- @treturn table[] arena = slot, blocks = how many, bytes = of them, pinned = what
-- heap:pinned_by gives
-- @usage heap:release_candidates()[1].bytes --> 16
function M.release_candidates(heap)
  local candidates = {}
  for arena in heap:arenas() do
    local pinned = heap:pinned_by(arena)
    local bytes = 0
    for _, block in ipairs(pinned) do
      bytes = bytes + block.size
    end
    table.insert(candidates,
      { arena = arena.index, blocks = #pinned, bytes = bytes, pinned = pinned })
  end
  table.sort(candidates, function(one, other)
    if one.blocks == other.blocks then
      return one.arena < other.arena
    end
    return one.blocks < other.blocks
  end)
  return candidates
end

for name, method in pairs(M) do
  core.methods.Heap[name] = method
end

return M
