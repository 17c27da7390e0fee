-- The format of bcc's memleak --trace, and of the trace pipe that it reads:
-- "alloc exited, size = 256, result = 55d0c0" and "free entered, address = 55d0c0". A realloc
-- is traced as a free and an allocation. The output does not distinguish processes from threads.

local M = {}

M.templates = {
  "malloc|%*alloc exited, size = %s, result = %h%*", "free|%*free entered, address = %h%*",
  "skip|%*alloc entered, size = %*",
}

function M.fits(lines)
  for _, line in ipairs(lines) do
    if line:find("alloc exited, size = %d+, result = %x") or line:find("free entered, address = %x")
    then
      return true
    end
  end
  return false
end

function M.line(sink, line)
  local size, result = line:match("alloc exited, size = (%d+), result = (%x+)")
  local freed = line:match("free entered, address = (%x+)")
  if size then
    sink:malloc(sink.address(result), size)
  elseif freed then
    sink:free(sink.address(freed))
  end
  return size or freed or not line:find("alloc exited") and not line:find("free entered")
end

return M
