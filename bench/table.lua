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

-- A cell of each allocator, by a function of workload and allocator.
local function rows(cell_of, label_of)
  for _, workload in ipairs(workloads) do
    local cells = { label_of and label_of(workload) or workload }
    for _, name in ipairs(allocators) do
      table.insert(cells, cell_of(workload, name))
    end
    row(cells)
  end
end

local function time_cell(workload, name)
  local ns = median(workload, name)
  return ns and ("%.2f"):format(ns) or "-"
end

local function ratio_cell(workload, name)
  local ns, best = median(workload, name), best_peer(workload)
  return ns and best and ("%.2f"):format(ns / best) or "-"
end

local function memory_cell(workload, name)
  local kib = memory[workload .. "\t" .. name]
  return kib and table.concat(kib, "/") or "-"
end

local function print_means()
  local means = { "geometric mean" }
  for _, name in ipairs(allocators) do
    table.insert(means, ("%.2f"):format(geometric_mean(name, best_peer)))
  end
  row(means)
end

print("Nanoseconds of processor time per operation, medians\n")
header("workload")
rows(time_cell)

print("\nRelative to the best peer of each workload; the last row: geometric means, core only\n")
header("workload (best peer)")
rows(ratio_cell, function(workload)
  return ("%s (%s)"):format(workload, select(2, best_peer(workload)) or "none")
end)
print_means()

print("\nKiB resident: at the peak / when all is freed / after giving back\n")
header("workload")
rows(memory_cell)
