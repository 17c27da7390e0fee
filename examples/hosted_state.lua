-- Hosting: from here on this Lua state lives on a heap, and can look at it.
-- For a whole script: lua5.4 -l pymalloc.hosted script.lua
local pymalloc = require "pymalloc"

local heap = assert(pymalloc.host())
print("this state is hosted:", pymalloc.hosting() == heap)

-- Live blocks: the heap's cache keeps free ones in front of it.
local function live_blocks()
  local stats = heap:stats()
  return stats.blocks - stats.cached_blocks
end

-- A thousand tables with one element each: two blocks a table.
local before = live_blocks()
local tables = {}
for i = 1, 1000 do
  tables[i] = { i }
end
print("at least 2000 blocks for them:", live_blocks() - before >= 2000)

-- Which sizes does Lua ask for most? Tables have 56 bytes, in blocks of 64.
local most = { live = 0 }
for _, class in ipairs(heap:stats().classes) do
  most = class.live > most.live and class or most
end
print("most live blocks are of:", most.size .. " bytes")

-- Every invariant holds while the state that asks is on the heap.
print("valid:", heap:check())

while #tables > 0 do
  table.remove(tables)
end
collectgarbage()
print("gone again:", live_blocks() - before < 500)
