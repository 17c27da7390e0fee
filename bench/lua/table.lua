-- bench/lua/table.lua: reads the output of bench-lua; writes tables in Markdown.
--
-- The values are medians over all rounds, relative to the first allocator. The
-- means are geometric, over all programs.

local markdown = dofile("bench/markdown.lua")

local OURS = { ["exact 3.6"] = true, ["exact 3.11"] = true, cached = true, hosted = true }
local NO_PEER = { limit = true }

local seconds, kib = {}, {}
local programs, allocators = {}, {}

local function remember(list, name)
  if not list[name] then
    list[name] = true
    table.insert(list, name)
  end
end

local function add(lists, key, value)
  lists[key] = lists[key] or {}
  table.insert(lists[key], tonumber(value))
end

for line in io.lines() do
  local name, program, _, time, peak = line:match("^([^\t]*)\t([^\t]*)\t(%d+)\t([^\t]*)\t(%d+)$")
  remember(allocators, name)
  remember(programs, program)
  add(seconds, program .. "\t" .. name, time)
  add(kib, program .. "\t" .. name, peak)
end

local function median(lists, program, name)
  local list = lists[program .. "\t" .. name]
  table.sort(list)
  return list[(#list + 1) // 2]
end

local function ratio(lists, program, name)
  return median(lists, program, name) / median(lists, program, allocators[1])
end

local function mean(lists, name)
  local sum = 0
  for _, program in ipairs(programs) do
    sum = sum + math.log(ratio(lists, program, name))
  end
  return math.exp(sum / #programs)
end

local function row(first, cell_of)
  local cells = { first }
  for _, name in ipairs(allocators) do
    table.insert(cells, cell_of(name))
  end
  markdown.row(cells)
end

local function print_table(title, lists)
  print("\n" .. title .. "\n")
  markdown.header(table.move(allocators, 1, #allocators, 2, { "program" }))
  for _, program in ipairs(programs) do
    row(program, function(name) return ("%.2f"):format(ratio(lists, program, name)) end)
  end
  row("geometric mean", function(name) return ("%.3f"):format(mean(lists, name)) end)
end

local function best_peer()
  local best
  for _, name in ipairs(allocators) do
    if not OURS[name] and not NO_PEER[name] and (not best or mean(seconds, name) < best.mean) then
      best = { name = name, mean = mean(seconds, name) }
    end
  end
  return best
end

assert(#programs > 0, "bench-lua measured nothing")
print("Seconds of " .. allocators[1])
for _, program in ipairs(programs) do
  print(("%-12s %.3f"):format(program, median(seconds, program, allocators[1])))
end
print_table("Processor time, relative to " .. allocators[1], seconds)
print_table("Memory resident at the peak, relative to " .. allocators[1], kib)

local best = best_peer()
print(("\nThe best peer is %s; relative to it"):format(best.name))
for _, name in ipairs(allocators) do
  if OURS[name] then
    print(("%-12s %.3f"):format(name, mean(seconds, name) / best.mean))
  end
end
