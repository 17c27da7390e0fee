-- bench/jobs.lua: measures how much sooner pymalloc compare --jobs N is done, for
-- script/bench --jobs.
--
-- The command measures a sweep of 24 heaps on @json, with 1 and with more processes in turns: the
-- time until it ends, the least of five rounds. The tables must be equal, byte for byte. With
-- other programs running, more processes gain less.

local ROUNDS = 5
local COMMAND = "PYMALLOC_BUILD=build-release script/pymalloc compare @json --csv "
  .. "--sweep pool-bytes=4K,8K,16K,32K --sweep arena-bytes=64K,128K,256K,512K,1M,2M --jobs %d"

local markdown = dofile("bench/markdown.lua")

local function read(command)
  local pipe <close> = assert(io.popen(command))
  local text = pipe:read("a")
  assert(pipe:close(), command)
  return text
end

local function now()
  return tonumber(read("date +%s.%N"))
end

-- Numbers of processes up to that of the processors: 1, 2, 4 and so on.
local function counts_of(processors)
  local counts = {}
  for power = 0, 6 do
    if 1 << power <= processors then
      table.insert(counts, 1 << power)
    end
  end
  return counts
end

local processors = math.tointeger(read("nproc"))
local counts, least, table_of_one = counts_of(processors), {}, nil
for _ = 1, ROUNDS do
  for _, count in ipairs(counts) do
    local begin = now()
    local result = read(COMMAND:format(count))
    least[count] = math.min(least[count] or math.huge, now() - begin)
    table_of_one = table_of_one or result
    assert(result == table_of_one, "the table depends on the number of processes")
  end
end
local _, lines = table_of_one:gsub("\n", "")
print(("%d processors; the tables, of %d lines each, are equal\n"):format(processors, lines))
markdown.header { "processes", "seconds", "times as fast as one" }
for _, count in ipairs(counts) do
  markdown.row { count, ("%.2f"):format(least[count]), ("%.2f"):format(least[1] / least[count]) }
end
