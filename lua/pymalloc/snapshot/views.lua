-- Views of a snapshot that have the fields and methods of those of a heap, so that a snapshot
-- is drawn as a heap is.

local statistics = require "pymalloc.snapshot.stats"

local M = {}

local Heap = { __metatable = "pymalloc.snapshot.Heap" }
local Arena = { __metatable = "pymalloc.snapshot.Arena" }
local Pool = { __metatable = "pymalloc.snapshot.Pool" }
local kinds = { [Heap] = "Heap", [Arena] = "Arena", [Pool] = "Pool" }

-- A class that reads fields of the record where it has no method.
local function fields_of(class)
  class.__index = function(view, name)
    return class[name] or rawget(view, "record")[name]
  end
end
fields_of(Arena)
fields_of(Pool)
Heap.__index = Heap

--- "Heap", "Arena" or "Pool" for a view that was made here; otherwise nil.
function M.kind(x)
  return kinds[debug.getmetatable(x) or false]
end

--- The view of the heap that a view of an arena or a pool belongs to; nil for anything else.
function M.owner(x)
  return M.kind(x) and rawget(x, "heap")
end

--- The snapshot of a view of a heap.
function M.snapshot(x)
  return rawget(x, "snapshot")
end

-- An iterator over the values of an array.
local function values(list)
  local i = 0
  return function()
    i = i + 1
    return list[i]
  end
end

-- The first member of an array whose field has that value; nil if there is none.
local function find(list, field, value)
  for _, member in ipairs(list) do
    if member[field] == value then
      return member
    end
  end
end

-- {=== Pools

function Pool:freelist()
  return self.record.free
end

-- The states of all blocks, by address.
function Pool:blocks()
  local record, is_free, states = self.record, {}, {}
  for _, offset in ipairs(record.free) do
    is_free[offset] = true
  end
  for i = 1, record.size and record.capacity or 0 do
    local offset = self.heap.geometry.header_bytes + (i - 1) * record.size
    states[i] = offset >= record.nextoffset and "virgin" or is_free[offset] and "free" or "live"
  end
  return states
end

function Pool:next()
  return self.heap.nexts[self]
end

function Pool:prev()
  return self.heap.prevs[self]
end

function Pool:__tostring()
  if not self.size then
    return ("pymalloc.Pool %d:%d %s"):format(self.arena, self.offset, self.state)
  end
  return ("pymalloc.Pool %d:%d %s, %d of %d blocks of %d bytes live"):format(self.arena,
    self.offset, self.state, self.ref_count, self.capacity, self.size)
end

-- {=== Arenas

-- The carved pools, by address.
function Arena:pools()
  return values(self.list)
end

--- The carved pool at an offset.
function Arena:pool(offset)
  return find(self.list, "offset", offset)
    or error(("pymalloc: arena:pool: there is no carved pool at %s"):format(tostring(offset)), 2)
end

function Arena:__tostring()
  return ("pymalloc.Arena %d %s, %d of %d pools free"):format(self.index, self.state,
    self.nfreepools, self.ntotalpools)
end

-- {=== The heap

function Heap:arenas()
  return values(self.list)
end

function Heap:arena(slot)
  return find(self.list, "index", slot)
    or error(("pymalloc: snapshot:arena: there is no arena %s"):format(tostring(slot)), 3)
end

function Heap:stats()
  return statistics.of(self.snapshot)
end

function Heap:usable_arenas()
  local list = {}
  for i, slot in ipairs(self.snapshot.usable_arenas) do
    list[i] = { index = slot }
  end
  return list
end

function Heap:usedpools(szidx)
  return self.lists[szidx] or {}
end

-- {=== Making them

local function pool_view(heap, arena, record)
  local address = (arena.address or arena.index << 40) + record.offset
  return setmetatable({ heap = heap, record = record, arena = arena.index, address = address,
    arenaindex = arena.index }, Pool)
end

local function arena_view(heap, record)
  local arena = setmetatable({ heap = heap, record = record, list = {} }, Arena)
  for i, pool in ipairs(record.pools) do
    arena.list[i] = pool_view(heap, record, pool)
  end
  return arena
end

-- Links the pools of a list to each other.
local function link(heap, pools)
  for i, pool in ipairs(pools) do
    heap.nexts[pool], heap.prevs[pool] = pools[i + 1], pools[i - 1]
  end
  return pools
end

-- The views of pools that a list names, without those that are not there.
local function views_of(by_place, list, place_of)
  local views = {}
  for _, element in ipairs(list) do
    table.insert(views, by_place[place_of(element)])
  end
  return views
end

local function pools_by_place(heap)
  local map = {}
  for _, arena in ipairs(heap.list) do
    for _, pool in ipairs(arena.list) do
      map[("%d:%d"):format(arena.index, pool.offset)] = pool
    end
  end
  return map
end

local function link_lists(heap, snapshot)
  local by_place = pools_by_place(heap)
  for _, arena in ipairs(heap.list) do
    local emptied = link(heap, views_of(by_place, arena.record.freepools, function(offset)
      return ("%d:%d"):format(arena.index, offset)
    end))
    arena.freepools = emptied[1] and emptied[1].address or false
  end
  for _, list in ipairs(snapshot.usedpools) do
    heap.lists[list.szidx] = link(heap, views_of(by_place, list.pools, function(place)
      return ("%d:%d"):format(place.arena, place.offset)
    end))
  end
end

--- A view of a snapshot as a heap.
function M.heap(snapshot)
  local heap = setmetatable({ snapshot = snapshot, geometry = snapshot.geometry, list = {},
    nexts = {}, prevs = {}, lists = {} }, Heap)
  for i, arena in ipairs(snapshot.arenas) do
    heap.list[i] = arena_view(heap, arena)
  end
  link_lists(heap, snapshot)
  return heap
end

return M
