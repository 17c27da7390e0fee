-- bench/figures.lua: reads the output of the program bench; gives medians over its rounds.

local figures = {}
figures.__index = figures

local function remember(list, name)
  if not list[name] then
    list[name] = true
    table.insert(list, name)
  end
end

-- Is the allocator a peer: neither one of this library nor a limit?
function figures.is_peer(name)
  return not (name:find("^limit") or name:find("^exact") or name:find("^cached"))
end

local function add_line(self, line)
  local f = {}
  for field in line:gmatch("[^\t]+") do
    table.insert(f, field)
  end
  local name, workload = f[1], f[2]
  local key = workload .. "\t" .. name
  remember(self.workloads, workload)
  remember(self.allocators, name)
  self.is_core[workload] = f[4] == "core"
  self.units[workload] = f[3]
  self.times[key] = self.times[key] or {}
  table.insert(self.times[key], tonumber(f[6]))
  self.kib[key] = { peak = tonumber(f[7]), kept = tonumber(f[8]), trimmed = tonumber(f[9]) }
end

-- Reads lines of the program bench from an iterator.
function figures.read(lines)
  local self = setmetatable({ workloads = {}, allocators = {}, is_core = {}, units = {},
    times = {}, kib = {} }, figures)
  for line in lines do
    add_line(self, line)
  end
  return self
end

-- Nanoseconds per operation; nil if it was not measured.
function figures:median(workload, name)
  local list = self.times[workload .. "\t" .. name]
  if list then
    table.sort(list)
    return list[(#list + 1) // 2]
  end
end

-- KiB resident at the peak, after all frees, and after a trim; or nil.
function figures:memory(workload, name)
  return self.kib[workload .. "\t" .. name]
end

-- The time of the best peer of a workload, and its name.
function figures:best_peer(workload)
  local best, who
  for _, name in ipairs(self.allocators) do
    local ns = figures.is_peer(name) and self:median(workload, name)
    if ns and (not best or ns < best) then
      best, who = ns, name
    end
  end
  return best, who
end

-- The geometric mean over the core workloads, or over all, of one allocator's
-- times relative to base(workload).
function figures:mean(name, base, with_extras)
  local sum, count = 0, 0
  for _, workload in ipairs(self.workloads) do
    local ns, reference = self:median(workload, name), base(workload)
    if (with_extras or self.is_core[workload]) and ns and reference then
      sum, count = sum + math.log(ns / reference), count + 1
    end
  end
  return count > 0 and math.exp(sum / count) or nil
end

-- The peer with the smallest geometric mean of times relative to the best peer of each
-- workload.
function figures:best_single_peer()
  local best, who
  for _, name in ipairs(self.allocators) do
    local mean = figures.is_peer(name)
      and self:mean(name, function(workload) return (self:best_peer(workload)) end)
    if mean and (not best or mean < best) then
      best, who = mean, name
    end
  end
  return who
end

return figures
