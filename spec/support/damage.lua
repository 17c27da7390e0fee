-- Damages a heap on purpose, and undoes the damage.

local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local arenas = require "spec.support.arenas"

local M = {}
M.__index = M

-- Makes a heap with pools, arenas and slots in every state. It has the profile
-- "classroom" and is filled with 64-byte blocks: 3 in a pool of 256 bytes, 12 in
-- an arena of 1024. Then it has:
--   slot 0  two used pools, then two full ones
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

-- Returns functions for addresses in that heap: pool(slot, number of the pool),
-- block(slot, number of the pool, number of the 64-byte block), and slot(slot)
-- for the address of the arena object.
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

-- Makes an object for the damage of a heap, without damage at first.
function M.new(heap)
  return setmetatable({ heap = heap, undo = {} }, M)
end

-- Calls exchange(heap, ..., value), and keeps a function that undoes it.
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

-- Calls the functions that only read the heap, which must not crash.
local function look_at(heap)
  faults.walk(heap)
  heap:stats()
  heap:debugmallocstats()
  heap:dump()
end

-- Asserts that the heap's check names the invariant, and that it passes after the
-- damage is undone. Returns the message of the check.
function M:assert_breaks(invariant)
  local ok, message = pcall(self.heap.check, self.heap)
  look_at(self.heap)
  for _, take_back in ipairs(self.undo) do
    take_back()
  end
  assert(self.heap:check())
  assert(not ok, invariant .. " is broken, but the check passes")
  local named = message:match("pymalloc: ([%w_.]+): ")
  assert(named == invariant, ("%s is broken, but the check names %s"):format(invariant, message))
  return message
end

return M
