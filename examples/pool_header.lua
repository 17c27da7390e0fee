-- Reads a pool header: the fields as they are in memory, with their meanings.
local pymalloc = require "pymalloc"

local heap <close> = pymalloc.heap { profile = "3.6" }
local blocks = {}
for i = 1, 5 do
  blocks[i] = heap:malloc(100) -- class 12: blocks of 104 bytes
end
blocks[2]:free()
blocks[4]:free()

local pool = blocks[1]:pool()
print(pool)
print("live blocks      ref_count", pool.ref_count)
print("size class       szidx", pool.szidx, "blocks of " .. pool.size)
print("first free       freeblock", heap:locate(pool.freeblock).offset)
print("next to carve    nextoffset", pool.nextoffset)
print("last that fits   maxnextoffset", pool.maxnextoffset)
print("its arena        arenaindex", pool.arenaindex)

-- The free blocks form a chain: each one begins with the address of the next.
print("free chain       " .. table.concat(pool:freelist(), " -> "))

-- The first four bytes of the header, read from memory: the count of live blocks.
print("bytes 0 to 3     " .. ("<I4"):unpack(heap:peek(pool.address, 4)))

print(pymalloc.view.text(pool, { ascii = true, width = 72 }))
