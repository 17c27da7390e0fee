-- bench/figures.lua: reads the output of the program bench, and a recorded run, which is that
-- output behind lines of facts (script/bench --record); gives medians over the rounds.

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
  self.kib[key] = f[7] and {
    peak = tonumber(f[7]),
    kept = tonumber(f[8]),
    trimmed = tonumber(f[9]),
  }
end

-- Reads lines of the program bench from an iterator. A line that begins with # is a fact about
-- the machine or the run: its name, a tab, its value.
function figures.read(lines)
  local self = setmetatable({ workloads = {}, allocators = {}, is_core = {}, units = {},
    times = {}, kib = {}, facts = {} }, figures)
  for line in lines do
    local name, value = line:match("^#([^\t]+)\t(.*)$")
    if name then
      table.insert(self.facts, { name = name, value = value })
      self.facts[name] = value
    else
      add_line(self, line)
    end
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

-- How far the rounds of a measurement are apart: half the distance between the quartiles of the
-- times, relative to the median. It is 0 if there was one round.
function figures:spread(workload, name)
  local median, list = self:median(workload, name), self.times[workload .. "\t" .. name]
  local quarter = #list // 4
  return (list[#list - quarter] - list[1 + quarter]) / 2 / median
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

-- The workloads in which the allocator `name` is slower than the best peer by more than the
-- spreads of the two measurements: rows of { workload, ratio, peer, tolerance }.
function figures:slower(name)
  local rows = {}
  for _, workload in ipairs(self.workloads) do
    local ns, best, peer = self:median(workload, name), self:best_peer(workload)
    if ns and best then
      local tolerance = self:spread(workload, name) + self:spread(workload, peer)
      if ns / best > 1 + tolerance then
        table.insert(rows, { workload = workload, ratio = ns / best, peer = peer,
          tolerance = tolerance })
      end
    end
  end
  return rows
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
