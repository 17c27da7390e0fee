-- The format of Android's memory_replay, which libmemunreachable's record_allocs writes:
-- "TID: malloc 0xb48390a0 48". Two time stamps may stand at the end of a line.

local M = {}

local plain = {
  "malloc|%*: malloc %a %s", "calloc|%*: calloc %a %c %s", "realloc|%*: realloc %a %o %s",
  "malloc|%*: memalign %a %* %s", "free|%*: free %a",
}
M.templates = {}
for _, template in ipairs(plain) do
  table.insert(M.templates, template)
  table.insert(M.templates, template .. " %*")
end
table.insert(M.templates, "skip|%*: thread_done %*")

-- The name of the call of a line, its address, and an array of its other arguments.
local function split(line)
  local name, address, rest = line:match("^%s*%d+:%s+([%a_]+)%s+(0x%x+)(.*)$")
  local arguments = {}
  for argument in (rest or ""):gmatch("%S+") do
    table.insert(arguments, argument)
  end
  return name, address, arguments
end

local readers = {
  malloc = function(sink, address, arguments) sink:malloc(address, arguments[1]) end,
  calloc = function(sink, address, arguments)
    sink:calloc(address, arguments[1], arguments[2])
  end,
  realloc = function(sink, address, arguments)
    sink:realloc(arguments[1], address, arguments[2])
  end,
  memalign = function(sink, address, arguments) sink:malloc(address, arguments[2]) end,
  free = function(sink, address) sink:free(address) end,
  thread_done = function() end,
}

function M.fits(lines)
  local name = split(lines[1] or "")
  return readers[name] ~= nil
end

function M.line(sink, line)
  local name, address, arguments = split(line)
  if not readers[name] then
    return false
  end
  readers[name](sink, address, arguments)
  return true
end

return M
