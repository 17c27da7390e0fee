-- bench/instructions.lua [OPTION VALUE]...: counts instructions per operation with
-- callgrind, for script/bench --instructions.
--
-- Each allocator runs with each workload once, and once without it; the difference
-- is the cost of the operations. "-" is an allocator that valgrind cannot run.

local PROGRAM = "build-release/programs/bench"

local markdown = dofile("bench/markdown.lua")

local WORKLOADS = { "warm64", "live1000", "stack", "list", "doubling" }

local passed, only, wanted = {}, WORKLOADS, nil

local function split(list)
  local names = {}
  for name in list:gmatch("[^,]+") do
    table.insert(names, name)
  end
  return names
end

for i = 1, #arg, 2 do
  if arg[i] == "--peer" then
    table.insert(passed, ("--peer '%s'"):format(arg[i + 1]))
  elseif arg[i] == "--only" then
    only = split(arg[i + 1])
  elseif arg[i] == "--peers" then
    wanted = split(arg[i + 1])
  end
end

local function output_of(command)
  local pipe <close> = assert(io.popen(command))
  return pipe:read("a")
end

local function found_peers()
  local names = {}
  for name in output_of(PROGRAM .. " " .. table.concat(passed, " ") .. " --list")
      :gmatch("peer\t([^\t]+)\tfound") do
    table.insert(names, name)
  end
  return names
end

-- The instructions of a whole process, and the number of operations that it did.
local function count(peer, workload, scale)
  local traces = (workload == "json" or workload == "startup") and "--traces traces" or ""
  local text = output_of(("valgrind --tool=callgrind --callgrind-out-file=/dev/null " ..
    PROGRAM .. " %s %s --scale %d --count-peer '%s' --count %s 2>&1"):format(
    traces, table.concat(passed, " "), scale, peer, workload))
  return tonumber(text:match("Collected : (%d+)")), tonumber(text:match("\n(%d+)\n") or
    text:match("^(%d+)\n"))
end

local function per_operation(peer, workload)
  local none = count(peer, workload, 0)
  local all, operations = count(peer, workload, 1)
  if none and all and operations and operations > 0 then
    return ("%.0f"):format((all - none) / operations)
  end
  return "-"
end

print("Instructions per operation, counted by callgrind\n")
markdown.header(table.move(only, 1, #only, 2, { "allocator" }))
for _, peer in ipairs(wanted or found_peers()) do
  local cells = { peer }
  for _, workload in ipairs(only) do
    io.stderr:write(("%-20s %-12s\r"):format(peer, workload))
    table.insert(cells, per_operation(peer, workload))
  end
  markdown.row(cells)
end
io.stderr:write((" "):rep(34), "\r")
