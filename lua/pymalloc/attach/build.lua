-- Makes a snapshot from the records that were read from a process.

local capture = require "pymalloc.attach.capture"
local layout = require "pymalloc.attach.layout"
local scan = require "pymalloc.attach.scan"

local M = {}

-- The pools of all arenas by address.
local function pools_by_address(taken)
  local map = {}
  for slot, arena in pairs(taken.arenas) do
    for _, pool in ipairs(arena.pools) do
      map[pool.address] = { arena = slot, pool = pool }
    end
  end
  return map
end

-- Follows links from `first` to the end. next_of(x) returns the next one, or nil. A list that
-- runs in a circle, as one that was read while it changed may, ends there.
local function follow(first, next_of)
  local list, seen = {}, {}
  while first and not seen[first] do
    seen[first] = true
    table.insert(list, first)
    first = next_of(first)
  end
  return list
end

local function freepools(arena, by_address)
  local address = arena.object.freepools
  local pools = follow(by_address[address] and address, function(at)
    local following = by_address[at].pool.nextpool
    return by_address[following] and following
  end)
  local offsets = {}
  for i, at in ipairs(pools) do
    offsets[i] = by_address[at].pool.offset
  end
  return offsets
end

-- The record of a carved pool in a snapshot. Numbers of a pool that contradict each other are a
-- fault only if the process changed no pool while it was read.
local function pool_record(pool, is_still)
  local is_broken = pool.fault and is_still and not pool.is_torn
  return { offset = pool.offset, state = pool.state, ref_count = pool.ref_count,
    szidx = pool.szidx, nextoffset = pool.nextoffset, maxnextoffset = pool.maxnextoffset,
    size = pool.size, capacity = pool.capacity, free = pool.free,
    fault = is_broken and pool.fault or nil,
    is_torn = pool.fault and not is_broken or nil }
end

local function arena_record(taken, arena, by_address)
  local object, records = arena.object, {}
  for i, pool in ipairs(arena.pools) do
    records[i] = pool_record(pool, taken.changed == 0)
  end
  local is_usable = object.nfreepools > 0
  return {
    index = arena.index,
    address = object.address,
    state = is_usable and "usable" or "full",
    nfreepools = object.nfreepools,
    ntotalpools = object.ntotalpools,
    nextarena = is_usable and capture.slot_of(taken.vector, object.nextarena) or nil,
    prevarena = is_usable and capture.slot_of(taken.vector, object.prevarena) or nil,
    pools = records,
    freepools = freepools(arena, by_address),
  }
end

-- {=== Lists of arenas

-- The first slot of a list: the one to which no other member links.
local function head_of(members, next_of)
  local is_linked = {}
  for slot in pairs(members) do
    is_linked[next_of(slot) or -1] = true
  end
  local head
  for slot in pairs(members) do
    if not is_linked[slot] and (not head or slot < head) then
      head = slot
    end
  end
  return head
end

local function slot_list(taken, is_member)
  local members, nexts = {}, {}
  for slot = 0, taken.vector.slots - 1 do
    local object = layout.arena(taken.vector.bytes, slot * layout.ARENA.bytes)
    if is_member(object) then
      members[slot] = true
      nexts[slot] = capture.slot_of(taken.vector, object.nextarena)
    end
  end
  local function next_of(slot)
    return members[nexts[slot]] and nexts[slot]
  end
  return follow(head_of(members, next_of), next_of)
end

-- {=== Lists of pools

local function class_list(words, taken, szidx, by_address)
  local at = taken.used.address + szidx * layout.USED_BYTES
  local first = words[2 * szidx + 1]
  local list = follow(first ~= at - layout.HEADER_TO_USED and by_address[first] and first,
    function(address)
      local following = by_address[address].pool.nextpool
      return by_address[following] and following
    end)
  local places = {}
  for i, address in ipairs(list) do
    places[i] = { arena = by_address[address].arena, offset = by_address[address].pool.offset }
  end
  return places
end

local function usedpools(taken, by_address)
  local words, list = scan.words(taken.used_bytes), {}
  for szidx = 0, #words // 2 - 1 do
    local places = class_list(words, taken, szidx, by_address)
    if #places > 0 then
      table.insert(list, { szidx = szidx, pools = places })
    end
  end
  return list
end

-- {=== Counters

local function add_globals(globals, taken, arenas)
  local counters, pool_blocks = taken.counters, 0
  for _, arena in ipairs(arenas) do
    for _, pool in ipairs(arena.pools) do
      pool_blocks = pool_blocks + pool.ref_count
    end
  end
  local raw = counters.raw_blocks or counters.all_blocks and counters.all_blocks - pool_blocks
  globals.arenas_current = #arenas
  globals.arenas_allocated_total = counters.total
  globals.arenas_highwater = counters.highwater
  globals.arenas_reclaimed = counters.total and counters.total - #arenas
  globals.arena_slots = taken.vector.slots
  globals.raw_blocks = raw and math.max(raw, 0)
  globals.blocks = pool_blocks + (globals.raw_blocks or 0)
  globals.map_mid_nodes, globals.map_bot_nodes = counters.mid_nodes, counters.bot_nodes
end

local function count_torn(arenas)
  local pools, torn = 0, 0
  for _, arena in ipairs(arenas) do
    for _, pool in ipairs(arena.pools) do
      pools, torn = pools + 1, torn + (pool.is_torn and 1 or 0)
    end
  end
  return pools, torn
end

--- The fields of a snapshot, without those that name the process.
-- @param taken by capture.take
function M.snapshot(taken)
  local by_address, arenas = pools_by_address(taken), {}
  for slot = 0, taken.vector.slots - 1 do
    if taken.arenas[slot] then
      table.insert(arenas, arena_record(taken, taken.arenas[slot], by_address))
    end
  end
  local pools, torn = count_torn(arenas)
  local snapshot = {
    format = 1,
    profile = taken.geometry.profile,
    geometry = taken.geometry,
    globals = {},
    arenas = arenas,
    usable_arenas = slot_list(taken, function(object)
      return object.address ~= 0 and object.nfreepools > 0
    end),
    unused_arena_objects = slot_list(taken, function(object) return object.address == 0 end),
    usedpools = usedpools(taken, by_address),
    reading = { passes = taken.passes, pools = pools, changed = taken.changed, torn = torn },
  }
  add_globals(snapshot.globals, taken, arenas)
  return snapshot
end

return M
