-- bench/table.lua: reads what bench prints; writes a table in Markdown.
--
-- Medians over all rounds. A workload's row ends with the ratio of each of
-- ours to the best peer; the last row has the geometric means.

local OURS = { "exact 3.6", "exact 3.11", "cached", "cached sized", "cached inline",
  "cached inline sized" }
local is_no_peer = { ["limit inline"] = true, ["limit called"] = true }
for _, name in ipairs(OURS) do
  is_no_peer[name] = true
end

local times, memory, is_core = {}, {}, {}
local workloads, allocators = {}, {}

local function remember(list, name)
  if not list[name] then
    list[name] = true
    table.insert(list, name)
  end
end

for line in io.lines() do
  local f = {}
  for field in line:gmatch("[^\t]+") do
    table.insert(f, field)
  end
  local name, workload = f[1], f[2]
  remember(workloads, workload)
  remember(allocators, name)
  is_core[workload] = f[4] == "core"
  local key = workload .. "\t" .. name
  times[key] = times[key] or {}
  table.insert(times[key], tonumber(f[6]))
  memory[key] = { f[7], f[8], f[9] }
end

local function median(workload, name)
  local list = times[workload .. "\t" .. name]
  if list then
    table.sort(list)
    return list[(#list + 1) // 2]
  end
end

local function best_peer(workload)
  local best, who
  for _, name in ipairs(allocators) do
    local ns = not is_no_peer[name] and median(workload, name)
    if ns and (not best or ns < best) then
      best, who = ns, name
    end
  end
  return best, who
end

local function row(cells)
  print("| " .. table.concat(cells, " | ") .. " |")
end

local function header(first)
  local cells, rule = { first }, { "---" }
  for _, name in ipairs(allocators) do
    table.insert(cells, name)
    table.insert(rule, "---:")
  end
  row(cells)
  row(rule)
end

-- The geometric mean over core workloads of one allocator's times, relative
-- to those of 'base', a function of the workload.
local function geometric_mean(name, base)
  local sum, count = 0, 0
  for _, workload in ipairs(workloads) do
    local ns, reference = median(workload, name), base(workload)
    if is_core[workload] and ns and reference then
      sum, count = sum + math.log(ns / reference), count + 1
    end
  end
  return count > 0 and math.exp(sum / count) or 0 / 0
end

print("Nanoseconds of processor time per operation, medians\n")
header("workload")
for _, workload in ipairs(workloads) do
  local cells = { workload }
  for _, name in ipairs(allocators) do
    local ns = median(workload, name)
    table.insert(cells, ns and ("%.2f"):format(ns) or "-")
  end
  row(cells)
end

print("\nRelative to the best peer of each workload; the last row: geometric means, core only\n")
header("workload (best peer)")
for _, workload in ipairs(workloads) do
  local best, who = best_peer(workload)
  local cells = { ("%s (%s)"):format(workload, who or "none") }
  for _, name in ipairs(allocators) do
    local ns = median(workload, name)
    table.insert(cells, ns and best and ("%.2f"):format(ns / best) or "-")
  end
  row(cells)
end
local means = { "geometric mean" }
for _, name in ipairs(allocators) do
  table.insert(means, ("%.2f"):format(geometric_mean(name, best_peer)))
end
row(means)

print("\nKiB resident: at the peak / when all is freed / after giving back\n")
header("workload")
for _, workload in ipairs(workloads) do
  local cells = { workload }
  for _, name in ipairs(allocators) do
    local kib = memory[workload .. "\t" .. name]
    table.insert(cells, kib and table.concat(kib, "/") or "-")
  end
  row(cells)
end
