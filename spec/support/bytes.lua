-- Bytes as hexadecimal text, and what a block looks like in memory.

local M = {}

-- "fb fb 6f" of a string.
function M.hex(bytes)
  return (bytes:gsub(".", function(byte)
    return ("%02x "):format(byte:byte())
  end):sub(1, -2))
end

-- `count` bytes from `offset` bytes behind the start of a buffer's block.
function M.around(heap, buffer, offset, count)
  return M.hex(heap:peek(buffer:address() + offset, count))
end

-- Writes one byte there, behind the heap's back.
function M.poke(heap, buffer, offset, byte)
  heap:poke(buffer:address() + offset, string.char(byte or 0x41))
end

-- The message of the error that a call has to raise, without its position.
function M.error_of(call, ...)
  local ok, message = pcall(call, ...)
  assert(not ok, "no error was raised")
  return (message:gsub("^[^\n]-pymalloc: ", ""))
end

-- The call has to raise an error with this pattern in it.
function M.raises(pattern, call, ...)
  local message = M.error_of(call, ...)
  assert(message:find(pattern), ("no %q in the error:\n%s"):format(pattern, message))
end

return M
