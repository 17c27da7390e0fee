-- Checks the invariants that a snapshot can show, under the names that the headers of the C
-- sources state them with.

local M = {}

local function add(faults, invariant, place, format, ...)
  table.insert(faults, { invariant = invariant, place = place, message = format:format(...) })
end

-- {=== Pools

local function check_chain(faults, place, pool, geometry)
  local seen = {}
  for _, offset in ipairs(pool.free) do
    if seen[offset] then
      add(faults, "pool.chain", place, "offset %d is twice on the free chain", offset)
    elseif offset < geometry.header_bytes or offset >= pool.nextoffset
      or (offset - geometry.header_bytes) % pool.size ~= 0 then
      add(faults, "pool.chain", place, "offset %d on the free chain is not a block", offset)
    end
    seen[offset] = true
  end
end

local function check_counts(faults, place, pool, geometry)
  local carved = (pool.nextoffset - geometry.header_bytes) // pool.size
  if pool.ref_count + #pool.free ~= carved then
    add(faults, "pool.count", place, "%d live and %d free blocks, but %d were carved",
      pool.ref_count, #pool.free, carved)
  end
  if pool.ref_count < pool.capacity and #pool.free == 0 then
    add(faults, "pool.ready", place, "it is not full, but its free chain is empty")
  end
end

local function check_pool(faults, arena, pool, geometry)
  local place = ("pool %d:%d"):format(arena.index, pool.offset)
  if pool.is_torn then
    return
  elseif pool.fault then
    add(faults, pool.fault.invariant, place, "%s", pool.fault.message)
  elseif pool.size then
    if pool.maxnextoffset ~= geometry.pool_bytes - pool.size then
      add(faults, "pool.class", place, "maxnextoffset is %d", pool.maxnextoffset)
    end
    check_chain(faults, place, pool, geometry)
    check_counts(faults, place, pool, geometry)
  end
end

-- {=== Arenas

local function count_empty(arena)
  local is_empty, count = {}, 0
  for _, pool in ipairs(arena.pools) do
    if pool.state == "empty" then
      is_empty[pool.offset], count = true, count + 1
    end
  end
  return is_empty, count
end

local function check_arena(faults, arena)
  local place = ("arena %d"):format(arena.index)
  local uncarved = arena.ntotalpools - #arena.pools
  if uncarved < 0 then
    add(faults, "arena.extent", place, "%d pools are carved, but only %d fit", #arena.pools,
      arena.ntotalpools)
  elseif arena.nfreepools ~= #arena.freepools + uncarved then
    add(faults, "arena.free_pools", place,
      "nfreepools is %d, but %d pools are on freepools and %d were never carved",
      arena.nfreepools, #arena.freepools, uncarved)
  end
  local is_empty, count = count_empty(arena)
  for _, offset in ipairs(arena.freepools) do
    if not is_empty[offset] then
      add(faults, "arena.empty", place, "pool %d is on freepools, but is not empty", offset)
    end
  end
  if count ~= #arena.freepools then
    add(faults, "arena.empty", place, "%d pools are empty, but %d are on freepools", count,
      #arena.freepools)
  end
end

-- {=== Lists

local function used_places(snapshot)
  local places = {}
  for _, arena in ipairs(snapshot.arenas) do
    for _, pool in ipairs(arena.pools) do
      if pool.state == "used" then
        places[("%d:%d"):format(arena.index, pool.offset)] = pool.szidx
      end
    end
  end
  return places
end

local function check_used(faults, snapshot)
  local places = used_places(snapshot)
  for _, list in ipairs(snapshot.usedpools) do
    for _, member in ipairs(list.pools) do
      local place = ("%d:%d"):format(member.arena, member.offset)
      if places[place] ~= list.szidx then
        add(faults, "used.members", "pool " .. place,
          "it is on the list of class %d, but is not a used pool of it", list.szidx)
      end
      places[place] = nil
    end
  end
  for place, szidx in pairs(places) do
    add(faults, "used.members", "pool " .. place, "it is used, but not on the list of class %d",
      szidx)
  end
end

local function by_index(arenas)
  local map = {}
  for _, arena in ipairs(arenas) do
    map[arena.index] = arena
  end
  return map
end

-- Checks the order of usable_arenas. Returns its members as a set.
local function check_order(faults, snapshot, arenas)
  local members, last = {}, 0
  for _, slot in ipairs(snapshot.usable_arenas) do
    local arena = arenas[slot]
    if arena and arena.nfreepools < last then
      add(faults, "usable.sorted", ("arena %d"):format(slot),
        "it has %d free pools, but the arena before it on usable_arenas has %d",
        arena.nfreepools, last)
    end
    last, members[slot] = arena and arena.nfreepools or last, true
  end
  return members
end

local function check_usable(faults, snapshot)
  local arenas = by_index(snapshot.arenas)
  local members = check_order(faults, snapshot, arenas)
  for _, arena in ipairs(snapshot.arenas) do
    if (arena.nfreepools > 0) ~= (members[arena.index] or false) then
      add(faults, "usable.members", ("arena %d"):format(arena.index),
        members[arena.index] and "it is on usable_arenas, but has no free pool"
        or "it has free pools, but is not on usable_arenas")
    end
  end
end

local function check_counters(faults, snapshot)
  local globals = snapshot.globals
  local unused = globals.arena_slots - #snapshot.arenas
  if #snapshot.unused_arena_objects ~= unused then
    add(faults, "unused.members", "heap", "%d slots have no arena, but %d are on "
      .. "unused_arena_objects", unused, #snapshot.unused_arena_objects)
  end
  local highwater, total = globals.arenas_highwater, globals.arenas_allocated_total
  if globals.arenas_current ~= #snapshot.arenas or highwater and highwater < #snapshot.arenas
    or total and total < highwater then
    add(faults, "arenas.counters", "heap", "%d arenas, but the counters are: current %s, "
      .. "highwater %s, total %s", #snapshot.arenas, globals.arenas_current, highwater, total)
  end
end

-- Was the snapshot taken of a process that changed at the same time? Its pools and lists then
-- are of different moments.
local function is_moving(snapshot)
  return snapshot.reading ~= nil and snapshot.reading.changed ~= 0
end

--- The faults of a snapshot: an array of tables with the fields invariant, place, message.
-- Pools that could not be read whole are left out. If the process changed while it was read,
-- only pools are checked, each by itself.
function M.of(snapshot)
  local faults, is_at_once = {}, not is_moving(snapshot)
  for _, arena in ipairs(snapshot.arenas) do
    for _, pool in ipairs(arena.pools) do
      check_pool(faults, arena, pool, snapshot.geometry)
    end
    if is_at_once then
      check_arena(faults, arena)
    end
  end
  if is_at_once then
    check_used(faults, snapshot)
    check_usable(faults, snapshot)
    check_counters(faults, snapshot)
  end
  return faults
end

return M
