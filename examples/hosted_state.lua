-- Hosts this Lua state on a heap, and reads the heap that serves the state.
-- To host a whole script: lua5.4 -l pymalloc.hosted script.lua
local pymalloc = require "pymalloc"

local heap = assert(pymalloc.host())
print("this state is hosted:", pymalloc.hosting() == heap)

-- The number of live blocks. stats.blocks includes the free blocks in the heap's cache.
local function live_blocks()
  local stats = heap:stats()
  return stats.blocks - stats.cached_blocks
end

-- A thousand tables with one element each: two blocks per table.
local before = live_blocks()
local tables = {}
for i = 1, 1000 do
  tables[i] = { i }
end
print("at least 2000 new blocks:", live_blocks() - before >= 2000)

-- The size class with the most live blocks. A table has 56 bytes, in a block of 64.
local most = { live = 0 }
for _, class in ipairs(heap:stats().classes) do
  most = class.live > most.live and class or most
end
print("size of most live blocks:", most.size .. " bytes")

-- All invariants hold while the state is hosted.
print("all invariants hold:", heap:check())

while #tables > 0 do
  table.remove(tables)
end
collectgarbage()
print("fewer than 500 of them left:", live_blocks() - before < 500)
