-- The mappings of a process: which addresses are mapped, with which permissions, and from
-- which file. They are an array ordered by address; each has the fields first, last (the
-- address after it), is_writable, offset (in the file), and path, "" where there is no file.

local M = {}

local LINE = "^(%x+)%-(%x+) (%S+) (%x+) %S+ %d+ *(.*)$"

-- Reads /proc/PID/maps.
function M.parse(content)
  local maps = {}
  for line in content:gmatch("[^\n]+") do
    local first, last, permissions, offset, path = line:match(LINE)
    if first then
      table.insert(maps, {
        first = tonumber(first, 16),
        last = tonumber(last, 16),
        is_writable = permissions:find("w", 1, true) ~= nil,
        offset = tonumber(offset, 16),
        path = path,
      })
    end
  end
  return maps
end

-- The mapping that contains an address, by binary search; nil if there is none.
function M.find(maps, address)
  local low, high = 1, #maps
  while low <= high do
    local middle = (low + high) // 2
    local map = maps[middle]
    if address < map.first then
      high = middle - 1
    elseif address >= map.last then
      low = middle + 1
    else
      return map
    end
  end
end

-- May the address be in writable memory that belongs to no file? Arenas and the vector of
-- arena objects are there. Memory that was mapped after the mappings were read is not known.
function M.may_be_anonymous(maps, address)
  local map = M.find(maps, address)
  return map == nil or map.is_writable and map.path:sub(1, 1) ~= "/"
end

return M
