-- Reads and writes bytes in and around blocks, as hexadecimal text.

local M = {}

-- Returns the bytes of a string as text like "fb fb 6f".
function M.hex(bytes)
  return (bytes:gsub(".", function(byte)
    return ("%02x "):format(byte:byte())
  end):sub(1, -2))
end

-- Returns `count` bytes from `offset` bytes after the start of a buffer's block.
function M.around(heap, buffer, offset, count)
  return M.hex(heap:peek(buffer:address() + offset, count))
end

-- Returns `count` times the same byte, given as two digits.
function M.repeated(byte, count)
  return ((" " .. byte):rep(count):sub(2))
end

-- Asserts that a report contains each of these lines.
function M.has_lines(report, lines)
  for line in lines:gmatch("[^\n]+") do
    assert(report:find(line, 1, true), ("no line %q in\n%s"):format(line, report))
  end
end

-- Writes one byte at that offset, as a bug of a program does.
function M.poke(heap, buffer, offset, byte)
  heap:poke(buffer:address() + offset, string.char(byte or 0x41))
end

-- Asserts that a call raises an error. Returns its message without the position.
function M.error_of(call, ...)
  local ok, message = pcall(call, ...)
  assert(not ok, "no error was raised")
  return (message:gsub("^[^\n]-pymalloc: ", ""))
end

-- Asserts that a call raises an error whose message matches the pattern.
function M.raises(pattern, call, ...)
  local message = M.error_of(call, ...)
  assert(message:find(pattern), ("no %q in the error:\n%s"):format(pattern, message))
end

return M
