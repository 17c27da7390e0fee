-- Compares two geometries with one recorded program, the start-up of CPython.
local pymalloc = require "pymalloc"

local TRACE = "@startup"

local rows = {
  { "most arenas at once", function(s) return s.heap.arenas_highwater end },
  { "arenas obtained", function(s) return s.heap.arenas_allocated_total end },
  { "bytes of arenas at the end", function(s) return s.heap.arena_bytes end },
  { "  in live blocks", function(s) return s.heap.allocated_bytes end },
  { "  in free blocks of pools in use", function(s) return s.heap.available_bytes end },
  { "  in unused pools", function(s) return s.heap.unused_pool_bytes end },
}

local old = assert(pymalloc.trace.replay_file(TRACE, { heap = { profile = "3.6" } }))
local new = assert(pymalloc.trace.replay_file(TRACE, { heap = { profile = "3.11" } }))

print(("%-34s %12s %12s"):format(TRACE, "3.6", "3.11"))
for _, row in ipairs(rows) do
  print(("%-34s %12d %12d"):format(row[1], row[2](old), row[2](new)))
end

-- Profile 3.6 with one parameter changed: pools of 16 KiB.
local mixed = assert(pymalloc.trace.replay_file(TRACE, {
  heap = { profile = "3.6", pool_bytes = 16384 } }))
print(("\n3.6 with pools of 16 KiB: at most %d arenas"):format(mixed.heap.arenas_highwater))
