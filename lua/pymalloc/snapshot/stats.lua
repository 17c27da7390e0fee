-- The statistics of a snapshot, with the fields of heap:stats() that a snapshot has.

local core = require "pymalloc.core"

local M = {}

local function empty_classes(geometry)
  local classes = {}
  for szidx = 0, geometry.class_count - 1 do
    classes[szidx + 1] = setmetatable({ szidx = szidx, size = (szidx + 1) * geometry.alignment,
      pools = 0, live = 0, available = 0 }, core.metatables.ClassStats)
  end
  return classes
end

local function add_pool(stats, pool, geometry)
  if pool.ref_count == 0 or not pool.size then
    return
  end
  local class = stats.classes[pool.szidx + 1]
  local available = pool.capacity - pool.ref_count
  class.pools = class.pools + 1
  class.live = class.live + pool.ref_count
  class.available = class.available + available
  stats.allocated_bytes = stats.allocated_bytes + pool.ref_count * pool.size
  stats.available_bytes = stats.available_bytes + available * pool.size
  stats.header_bytes = stats.header_bytes + geometry.header_bytes
  stats.quantization_bytes = stats.quantization_bytes
    + (geometry.pool_bytes - geometry.header_bytes) % pool.size
end

local function add_arena(stats, arena, geometry)
  stats.unused_pools = stats.unused_pools + arena.nfreepools
  stats.arena_bytes = stats.arena_bytes + geometry.arena_bytes
  stats.alignment_bytes = stats.alignment_bytes
    + geometry.arena_bytes - arena.ntotalpools * geometry.pool_bytes
  for _, pool in ipairs(arena.pools) do
    add_pool(stats, pool, geometry)
  end
end

-- The nodes on one level of the arena map: the number of different prefixes of the addresses
-- of all arenas without the lowest `bits` bits.
local function count_nodes(snapshot, bits)
  local seen, count = {}, 0
  for _, arena in ipairs(snapshot.arenas) do
    for _, address in ipairs { arena.address or 0,
      (arena.address or 0) + snapshot.geometry.arena_bytes - 1 } do
      count = count + (seen[address >> bits] and 0 or 1)
      seen[address >> bits] = true
    end
  end
  return count
end

--- The sizes of the nodes of the arena map and the bits that they cut off; nil if the version
-- has no map, or, with addresses of 32 bits, a map of one node.
function M.map(geometry)
  if geometry.address_bits <= 32 then
    return nil
  end
  local arena_bits = math.tointeger(math.log(geometry.arena_bytes, 2))
  local bits = geometry.address_bits - arena_bits
  local upper = (bits + 2) // 3
  local bottom = bits - 2 * upper
  return { upper_bytes = 8 << upper, bottom_bytes = 8 << bottom,
    mid_shift = arena_bits + bottom + upper, bot_shift = arena_bits + bottom }
end

local function add_map(stats, snapshot)
  local map, globals = M.map(snapshot.geometry), snapshot.globals
  if map then
    stats.map_mid_nodes = globals.map_mid_nodes or count_nodes(snapshot, map.mid_shift)
    stats.map_bot_nodes = globals.map_bot_nodes or count_nodes(snapshot, map.bot_shift)
  end
end

local function add_shares(stats)
  local whole = math.max(stats.arena_bytes, 1)
  stats.fragmentation = {
    available = stats.available_bytes / whole,
    unused_pool = stats.unused_pool_bytes / whole,
    header = stats.header_bytes / whole,
    quantization = stats.quantization_bytes / whole,
    alignment = stats.alignment_bytes / whole,
  }
end

--- The statistics of a snapshot as a table.
function M.of(snapshot)
  local geometry = snapshot.geometry
  local stats = { allocated_bytes = 0, available_bytes = 0, header_bytes = 0,
    quantization_bytes = 0, alignment_bytes = 0, arena_bytes = 0, unused_pools = 0,
    classes = empty_classes(geometry) }
  for name, value in pairs(snapshot.globals) do
    stats[name] = value
  end
  for _, arena in ipairs(snapshot.arenas) do
    add_arena(stats, arena, geometry)
  end
  stats.unused_pool_bytes = stats.unused_pools * geometry.pool_bytes
  add_map(stats, snapshot)
  add_shares(stats)
  return setmetatable(stats, core.metatables.Stats)
end

return M
