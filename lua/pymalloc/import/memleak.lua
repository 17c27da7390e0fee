-- The format of bcc's memleak --trace, and of the trace pipe that it reads:
-- "alloc exited, size = 256, result = 55d0c0" and "free entered, address = 55d0c0". A realloc
-- is traced as a free and an allocation. The output does not distinguish processes from threads.

local M = {}

M.templates = {
  "malloc|%*alloc exited, size = %s, result = %h%*", "free|%*free entered, address = %h%*",
  "skip|%*alloc entered, size = %*",
}

M.words = { "exited", "entered" }

-- The size and the address of a line behind an allocation, and the address of a free.
local function split(line)
  local size, result = line:match("alloc%s+exited,%s+size%s+=%s+(%d+),%s+result%s+=%s+(%x+)")
  return size, result, line:match("free%s+entered,%s+address%s+=%s+(%x+)")
end

function M.fits(lines)
  for _, line in ipairs(lines) do
    local size, _, freed = split(line)
    if size or freed then
      return true
    end
  end
  return false
end

function M.line(sink, line)
  local size, result, freed = split(line)
  if size then
    sink:malloc(sink.address(result), size)
  elseif freed then
    sink:free(sink.address(freed))
  end
  return size or freed or not line:find("alloc%s+exited") and not line:find("free%s+entered")
end

return M
