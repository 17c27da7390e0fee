-- Reads the numbers of the report of sys._debugmallocstats(), and gives numbers
-- that were counted in another way the labels of the report, to compare them.

local M = {}

-- The numbers of a report by label: "class 3" -> a string of block size, pools,
-- blocks in use and avail blocks; every other number as an integer. The second
-- Total of a report, that of the arena map, is "Total of the map".
function M.read(report)
  local numbers = {}
  for class, row in report:gmatch("\n +(%d+)( +%d+ +%d+ +%d+ +%d+)%f[\n]") do
    numbers["class " .. class] = row:gsub(" +", " "):sub(2)
  end
  for label, value in report:gmatch("([^\n=]-) += +([%d,]+)%f[\n]") do
    local name = numbers[label] and label .. " of the map" or label
    numbers[name] = math.tointeger((value:gsub(",", "")))
  end
  return numbers
end

-- The same table, made of sums over pools and arenas.
function M.from_sums(sums, geometry)
  local numbers = {
    ["# arenas allocated current"] = sums.arenas,
    ["# bytes in allocated blocks"] = sums.allocated,
    ["# bytes in available blocks"] = sums.available,
    ["# bytes lost to pool headers"] = sums.headers,
    ["# bytes lost to quantization"] = sums.quantization,
    ["# bytes lost to arena alignment"] = sums.alignment,
    Total = sums.arenas * geometry.arena_bytes,
  }
  numbers[("%d arenas * %d bytes/arena"):format(sums.arenas, geometry.arena_bytes)] = numbers.Total
  numbers[("%d unused pools * %d bytes"):format(sums.unused, geometry.pool_bytes)] =
    sums.unused * geometry.pool_bytes
  for szidx, class in pairs(sums.classes) do
    numbers["class " .. szidx] = ("%d %d %d %d"):format(class.size, class.pools, class.live,
      class.other)
  end
  return numbers
end

-- The number of nodes on one level of the arena map: the number of different
-- prefixes that the addresses of the first and last bytes of all arenas have, if
-- the lowest `bits` bits are cut off.
local function node_count(heap, bits)
  local seen, count = {}, 0
  for arena in heap:arenas() do
    for _, byte in ipairs { arena.address, arena.address + heap.geometry.arena_bytes - 1 } do
      count = count + (seen[byte >> bits] and 0 or 1)
      seen[byte >> bits] = true
    end
  end
  return count
end

-- Adds the arena map of CPython 3.11: a tree over the bits of an address. The
-- root decides by the highest 15 bits, a mid node by the next 15, and a bottom
-- node by the next 14; the other 20 bits are an offset in an arena.
function M.add_map(numbers, heap)
  local mid, bot = node_count(heap, 15 + 14 + 20), node_count(heap, 14 + 20)
  local link_bytes = 8
  numbers["# arena map mid nodes"], numbers["# arena map bot nodes"] = mid, bot
  numbers["# bytes lost to arena map root"] = link_bytes << 15
  numbers["# bytes lost to arena map mid"] = mid * (link_bytes << 15)
  numbers["# bytes lost to arena map bot"] = bot * (link_bytes << 14)
  numbers["Total of the map"] = (1 + mid) * (link_bytes << 15) + bot * (link_bytes << 14)
end

-- Adds the numbers about the past, which are not in any header. They are counted
-- from the events of a run up to a request; the run is left at that request.
function M.add_history(numbers, run, request)
  local total, reclaimed, most = 0, 0, 0
  run:seek(0)
  while run:continue { "arena_new", "arena_release" } and run.op <= request do
    for _, event in ipairs(run:events()) do
      total = total + (event.kind == "arena_new" and 1 or 0)
      reclaimed = reclaimed + (event.kind == "arena_release" and 1 or 0)
    end
    most = math.max(most, total - reclaimed)
  end
  run:seek(request)
  numbers["# arenas allocated total"] = total
  numbers["# arenas reclaimed"] = reclaimed
  numbers["# arenas highwater mark"] = most
end

-- Returns how many numbers of two tables are equal, and a list of the differences.
function M.compare(numbers, counted)
  local equal, differences = 0, {}
  for label, number in pairs(numbers) do
    if counted[label] == number then
      equal = equal + 1
    else
      table.insert(differences, ("%s: %s, counted %s"):format(label, number, counted[label]))
    end
  end
  for label, number in pairs(counted) do
    if numbers[label] == nil then
      table.insert(differences, ("%s: missing, counted %s"):format(label, number))
    end
  end
  return equal, differences
end

return M
