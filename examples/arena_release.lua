-- Prints the release of an arena: an arena is released when none of its blocks is live.
local pymalloc = require "pymalloc"

local heap <close> = pymalloc.heap { profile = "classroom" } -- arenas of 4 pools
heap:on(function(event)
  print(("request %d: %s, arena %d"):format(event.request, event.kind, event.arena))
end, { kind = { "arena_new", "arena_release" } })

local blocks = {}
for i = 1, 40 do
  blocks[i] = heap:malloc(48) -- four of them fill a pool
end
print(("%d arenas hold %d blocks"):format(heap:stats().arenas_current, #blocks))

-- While one of its blocks is live, the first arena is not released.
for i = 2, 16 do
  blocks[i]:free()
end
local survivor = heap:pinned_by(0)
print(("arena 0 is kept by %d block of %d bytes"):format(#survivor, survivor[1].size))

-- The free of the last block releases the arena.
blocks[1]:free()
print(("%d arenas are left"):format(heap:stats().arenas_current))
