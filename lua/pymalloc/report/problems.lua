-- Checks the arithmetic of a report: each number that follows from others.

local versions = require "pymalloc.report.versions"
local text = require "pymalloc.text"

local M = {}

local group = text.group

-- Adds a message if two numbers differ. Where one of them is not known nothing is added.
local function check(problems, what, printed, expected, why)
  if printed and expected and printed ~= expected then
    table.insert(problems, ("%s: %s, expected %s (%s)"):format(what, group(printed),
      group(expected), why))
  end
end

-- The bytes of a pool's header: 48 in builds for 64 bits, 32 for 32 bits.
local function header_bytes(report, pools)
  local per_pool = report.header_bytes and pools > 0 and report.header_bytes % pools == 0
    and report.header_bytes // pools
  return per_pool == 32 and 32 or 48
end

local function sums_of(report)
  local sums = { pools = 0, allocated = 0, available = 0 }
  for _, class in ipairs(report.classes) do
    sums.pools = sums.pools + class.pools
    sums.allocated = sums.allocated + class.live * class.size
    sums.available = sums.available + class.available * class.size
  end
  return sums
end

-- {=== Rows of classes

local function check_class(problems, class, step, pool_bytes, header)
  local what = ("class %d"):format(class.szidx)
  check(problems, what .. ", size", class.size, (class.szidx + 1) * step,
    ("classes are %d bytes apart"):format(step))
  if pool_bytes and class.size > 0 and class.size <= pool_bytes - header then
    local capacity = (pool_bytes - header) // class.size
    check(problems, what .. ", blocks", class.live + class.available, class.pools * capacity,
      ("%s of %d blocks"):format(text.count(class.pools, "pool"), capacity))
  end
end

-- The sums over all rows hold only if none was cut off: the report then begins with its first
-- line.
local function check_sums(problems, report, sums, header)
  local why = "the sum over all classes"
  check(problems, "bytes in allocated blocks", report.allocated_bytes, sums.allocated, why)
  check(problems, "bytes in available blocks", report.available_bytes, sums.available, why)
  check(problems, "bytes lost to pool headers", report.header_bytes, sums.pools * header,
    ("%s with a header of %d bytes"):format(text.count(sums.pools, "pool"), header))
  local waste = report.pool_bytes and 0
  for _, class in ipairs(waste and report.classes or {}) do
    waste = waste + class.pools * ((report.pool_bytes - header) % math.max(class.size, 1))
  end
  check(problems, "bytes lost to quantization", report.quantization_bytes, waste, why)
end

-- {=== Arenas

local function check_arenas(problems, report)
  local total, reclaimed, current = report.arenas_allocated_total, report.arenas_reclaimed,
    report.arenas_current
  check(problems, "arenas allocated current", current,
    total and reclaimed and total - reclaimed, "allocated total - reclaimed")
  check(problems, "the number of arenas", report.arena_count, current, "allocated current")
  check(problems, "bytes of all arenas", report.arena_bytes,
    report.arena_count and report.arena_size and report.arena_count * report.arena_size,
    "arenas * bytes/arena")
  local highwater = report.arenas_highwater
  if highwater and (current and highwater < current or total and highwater > total) then
    table.insert(problems, ("arenas highwater mark: %s, expected a number from allocated current "
      .. "to allocated total"):format(group(highwater)))
  end
end

local parts = { "allocated_bytes", "available_bytes", "unused_pool_bytes", "header_bytes",
  "quantization_bytes", "alignment_bytes" }

local function sum_of(report, names)
  local sum = 0
  for _, name in ipairs(names) do
    if not report[name] then
      return nil
    end
    sum = sum + report[name]
  end
  return sum
end

local function check_total(problems, report)
  check(problems, "bytes of unused pools", report.unused_pool_bytes,
    report.unused_pools and report.pool_bytes and report.unused_pools * report.pool_bytes,
    "pools * bytes")
  check(problems, "Total", report.total_bytes, sum_of(report, parts), "the sum of the six kinds")
  check(problems, "Total", report.total_bytes, report.arena_bytes, "the bytes of all arenas")
end

-- Each pool of an arena is in use by a class, or unused; one may be lost to alignment.
local function check_pools(problems, report, sums)
  if report.arena_bytes and report.pool_bytes and report.alignment_bytes and report.unused_pools
  then
    check(problems, "pools", sums.pools + report.unused_pools,
      (report.arena_bytes - report.alignment_bytes) // report.pool_bytes,
      "the pools that fit in the arenas")
  end
end

local function check_map(problems, report)
  check(problems, "Total of the arena map", report.map_bytes,
    sum_of(report, { "map_root_bytes", "map_mid_bytes", "map_bot_bytes" }), "the sum of its nodes")
  check(problems, "bytes lost to arena map mid", report.map_mid_bytes,
    report.map_mid_nodes and report.map_root_bytes
      and report.map_mid_nodes * report.map_root_bytes, "nodes of the size of the root")
  local bottom = versions.bottom_bytes(report)
  check(problems, "bytes lost to arena map bot", report.map_bot_bytes,
    report.map_bot_nodes and bottom and report.map_bot_nodes * bottom,
    ("nodes of %d bytes"):format(bottom or 0))
end

local function check_free_lists(problems, report)
  for _, list in ipairs(report.free_lists) do
    check(problems, list.name .. " on free lists", list.bytes, list.count * list.size,
      "objects * bytes")
  end
end

--- The numbers that contradict each other in a report: an array of messages.
function M.of(report)
  local problems, sums = {}, sums_of(report)
  local step, header = versions.step(report), header_bytes(report, sums.pools)
  for _, class in ipairs(report.classes) do
    check_class(problems, class, step, report.pool_bytes, header)
  end
  if report.threshold and report.class_count and step then
    check(problems, "the threshold", report.threshold, report.class_count * step,
      ("%d size classes, %d bytes apart"):format(report.class_count, step))
    check_sums(problems, report, sums, header)
    check_pools(problems, report, sums)
  end
  check_arenas(problems, report)
  check_total(problems, report)
  check_map(problems, report)
  check_free_lists(problems, report)
  return problems
end

-- {=== What is missing

local needed = {
  { "threshold", "the first line" },
  { "arenas_allocated_total", "arenas allocated total" },
  { "arenas_reclaimed", "arenas reclaimed" },
  { "arenas_highwater", "arenas highwater mark" },
  { "arenas_current", "arenas allocated current" },
  { "arena_bytes", "arenas * bytes/arena" },
  { "allocated_bytes", "bytes in allocated blocks" },
  { "available_bytes", "bytes in available blocks" },
  { "unused_pools", "unused pools" },
  { "header_bytes", "bytes lost to pool headers" },
  { "quantization_bytes", "bytes lost to quantization" },
  { "alignment_bytes", "bytes lost to arena alignment" },
  { "total_bytes", "Total" },
}

--- The lines that are missing: an array of their names. A report of mimalloc misses none.
function M.missing(report)
  local missing = {}
  for _, line in ipairs(needed) do
    if report[line[1]] == nil then
      table.insert(missing, line[2])
    end
  end
  if #report.classes == 0 and report.arena_count ~= 0 then
    table.insert(missing, "the rows of classes")
  end
  return report.mimalloc_blocks and {} or missing
end

return M
