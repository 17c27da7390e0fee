-- bench/targets.lua: the targets for the allocator, and what a run of the
-- benchmarks measured for each.

local targets = {}

-- The titles of some targets in words that need no explanation, for the README.
local PLAIN = {
  ["warm pair, functions / fastest peer"] =
    "malloc and free of a block that was just freed: functions, to the fastest peer",
  ["warm pair, inline and sized / fastest peer"] =
    "malloc and free of a block that was just freed: inline and sized, to the fastest peer",
  ["live100000, functions / fastest peer"] =
    "replacing one of 100,000 live blocks: functions, to the fastest peer",
  ["mean of the core, functions / best single peer"] =
    "geometric mean of the core workloads: functions, to the best peer",
  ["mean of the core, inline and sized / best single peer"] =
    "geometric mean of the core workloads: inline and sized, to the best peer",
  ["exact 3.11, mean of the core / CPython 3.11"] =
    "geometric mean of the core workloads: exact heap, to CPython 3.11's allocator",
}

local LOADS = { "live1000", "live100000", "stack", "queue", "storm" }
local WARM = { "warm16", "warm64", "warm256" }

-- The largest of the ratios of `name` to the best peer, and its workload.
local function worst(figures, name, workloads, base)
  local most, where
  for _, workload in ipairs(workloads) do
    local ns, best = figures:median(workload, name), base(workload)
    local ratio = ns and best and ns / best
    if ratio and (not most or ratio > most) then
      most, where = ratio, workload
    end
  end
  return most, where
end

local function thriftiest(figures, workload)
  local least, who
  for _, name in ipairs(figures.allocators) do
    local kib = figures.is_peer(name) and figures:memory(workload, name)
    if kib and (not least or kib.peak < least) then
      least, who = kib.peak, name
    end
  end
  return least, who
end

-- Returns rows of { what = target, most = largest value allowed, value = measured value,
-- where = the workload or the peer that it is about, is_mean = is it a mean over workloads?,
-- plain = title for the README, or nil }.
function targets.of(figures)
  local rows = {}
  local function best(workload)
    return (figures:best_peer(workload))
  end
  local function cpython(workload)
    return figures:median(workload, "CPython 3.11")
  end
  local function add(what, most, value, where)
    if value then
      table.insert(rows, { what = what, most = most, value = value, where = where,
        plain = PLAIN[what], is_mean = what:find("mean of ", 1, true) ~= nil })
    end
  end
  local core = {}
  for _, workload in ipairs(figures.workloads) do
    if figures.is_core[workload] then
      table.insert(core, workload)
    end
  end
  add("warm pair, inline and sized / fastest peer", 0.75,
    worst(figures, "cached inline sized", WARM, best))
  add("warm pair, functions / fastest peer", 1, worst(figures, "cached", WARM, best))
  for _, workload in ipairs(LOADS) do
    local ns, fastest, who = figures:median(workload, "cached"), figures:best_peer(workload)
    add(workload .. ", functions / fastest peer", 1, ns and fastest and ns / fastest, who)
  end
  local single = figures:best_single_peer()
  local function of_single(workload)
    return figures:median(workload, single)
  end
  if single then
    add("mean of the core, inline and sized / best single peer", 0.9,
      figures:mean("cached inline sized", of_single), single)
    add("mean of the core, functions / best single peer", 0.9,
      figures:mean("cached", of_single), single)
    add("mean of all workloads, functions / best single peer", 0.9,
      figures:mean("cached", of_single, true), single)
  end
  add("exact 3.11, mean of the core / CPython 3.11", 0.7, figures:mean("exact 3.11", cpython))
  add("exact 3.11, slowest of the core / CPython 3.11", 1,
    worst(figures, "exact 3.11", core, cpython))
  local own, least, who = figures:memory("live100000", "cached"), thriftiest(figures, "live100000")
  if own and least then
    add("peak resident memory, 100,000 live / smallest peer", 1.02, own.peak / least, who)
    add("left after trim, 100,000 live / peak", 0.01, own.trimmed / own.peak)
  end
  return rows
end

return targets
