-- Damage done to a heap on purpose, and undone.

local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local arenas = require "spec.support.arenas"

local M = {}
M.__index = M

-- A heap in which there is something of everything to damage. Profile
-- "classroom", filled with 64-byte blocks: 3 in a pool of 256 bytes, 12 in an
-- arena of 1024. Then:
--   slot 0  two used pools, behind them two full ones
--   slot 1  one empty pool
--   slot 2  two empty pools
--   slot 3  a used pool of class 0, most of it virgin; no free pool
--   slot 4  one empty pool
--   slot 5  no arena
-- usedpools of class 3 has 0:256 0:0; usable_arenas has 4 1 2.
function M.heap()
  local heap = pymalloc.heap { profile = "classroom" }
  local full = arenas.fill(heap, 6)
  heap:free(table.remove(full[1][1]))
  heap:free(table.remove(full[1][2]))
  arenas.empty_pools(heap, full[2], 1)
  arenas.empty_pools(heap, full[3], 2)
  arenas.empty_pools(heap, full[5], 1)
  arenas.empty_pools(heap, full[4], 1)
  heap:malloc(16)
  arenas.empty_pools(heap, full[6], 4)
  return heap
end

-- A table of functions for addresses in that heap: pool(slot, number),
-- block(slot, number of the pool, number of the 64-byte block) and slot(slot),
-- which is that of the arena object.
function M.addresses(heap)
  local base = heap:arena(0).address
  local function pool(slot, number)
    return base + 1024 * slot + 256 * number
  end
  local function block(slot, number, index)
    return pool(slot, number) + 48 + 64 * index
  end
  local function slot_address(slot)
    return faults.arena_object(heap, slot)
  end
  return { pool = pool, block = block, slot = slot_address }
end

-- No damage yet.
function M.new(heap)
  return setmetatable({ heap = heap, undo = {} }, M)
end

-- Calls exchange(heap, ..., value) and remembers how to take it back.
local function change(self, exchange, ...)
  local arguments = table.pack(...)
  local old = exchange(self.heap, ...)
  arguments[arguments.n] = old
  table.insert(self.undo, 1, function()
    exchange(self.heap, table.unpack(arguments, 1, arguments.n))
  end)
  return self
end

-- Sets a field of the heap, of an arena object, of the pool header or ring
-- header at an address, or an element of nfp2lasta. Returns the damage.
function M:set_heap(name, value)
  return change(self, faults.heap_field, name, value)
end

function M:set_arena(slot, name, value)
  return change(self, faults.arena_field, slot, name, value)
end

function M:set_pool(address, name, value)
  return change(self, faults.pool_field, address, name, value)
end

function M:set_last(nfreepools, value)
  return change(self, faults.last_arena, nfreepools, value)
end

-- Sets the link in the free block at an address.
function M:set_link(address, value)
  return change(self, faults.block_link, address, value)
end

-- What only looks finds its way through a damaged heap.
local function look_at(heap)
  faults.walk(heap)
  heap:stats()
  heap:debugmallocstats()
  heap:dump()
end

-- The heap's check names the invariant, and is content again when the damage
-- is undone. Returns what it said.
function M:assert_breaks(invariant)
  local ok, message = pcall(self.heap.check, self.heap)
  look_at(self.heap)
  for _, take_back in ipairs(self.undo) do
    take_back()
  end
  assert(self.heap:check())
  assert(not ok, invariant .. " is broken and the check is content")
  local named = message:match("pymalloc: ([%w_.]+): ")
  assert(named == invariant, ("broke %s, but the check says %s"):format(invariant, message))
  return message
end

return M
