-- Typed buffers: numbers of one type, in a block of a heap.
local pymalloc = require "pymalloc"

local heap <close> = pymalloc.heap { profile = "3.11" }
local squares <close> = heap:buffer("i32", 10) -- ten zeros
for i = 1, #squares do
  squares[i] = i * i
end
print(squares)
print("sum of the last three:", squares[8] + squares[9] + squares[10])

-- A slice shares the elements of its buffer, and keeps the buffer alive.
local middle = squares:slice(4, 6)
middle:fill(-1)
print(table.concat(squares, " "))

-- Resizing keeps the elements; new ones are zero.
squares:resize(12)
print(#squares, squares[10], squares[11])

-- Buffers are made from tables and strings, and converted to them.
local halves <close> = heap:buffer("f32", { 0.5, 1.5, 2.5 })
local bytes <close> = heap:buffer("u8", "pymalloc")
print(table.unpack(halves:totable()))
print(bytes:slice(3):string(), #halves:string() .. " bytes")

-- An index out of range, and a value that the type cannot hold, raise errors.
print(pcall(function() squares[13] = 1 end))
print(pcall(function() squares[1] = 1 << 31 end))
