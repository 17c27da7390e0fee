-- Compares two reports: their numbers, and those of each size class.

local sorted_keys = require "pymalloc.sorted_keys"

local M = {}

-- The numbers that are compared, in the order of the report, with their labels.
local rows = {
  { "arenas_allocated_total", "arenas allocated total" },
  { "arenas_reclaimed", "arenas reclaimed" },
  { "arenas_highwater", "arenas highwater mark" },
  { "arenas_current", "arenas allocated current" },
  { "arena_bytes", "bytes of all arenas" },
  { "allocated_bytes", "bytes in allocated blocks" },
  { "available_bytes", "bytes in available blocks" },
  { "unused_pools", "unused pools" },
  { "unused_pool_bytes", "bytes of unused pools" },
  { "header_bytes", "bytes lost to pool headers" },
  { "quantization_bytes", "bytes lost to quantization" },
  { "alignment_bytes", "bytes lost to arena alignment" },
  { "map_bytes", "bytes lost to the arena map" },
  { "mimalloc_blocks", "blocks allocated by mimalloc" },
  { "mimalloc_allocated_bytes", "bytes allocated by mimalloc" },
  { "mimalloc_reserved_bytes", "bytes reserved by mimalloc" },
  { "mimalloc_committed_bytes", "bytes committed by mimalloc" },
}

local function change(old, new)
  return { old = old, new = new, change = new - old }
end

local function by_size(report)
  local map = {}
  for _, class in ipairs(report.classes) do
    map[class.size] = class
  end
  return map
end

local NONE = { pools = 0, live = 0, available = 0 }

local function compare_classes(old, new)
  local before, after, list = by_size(old), by_size(new), {}
  for _, size in ipairs(sorted_keys(before, after)) do
    local one, other = before[size] or NONE, after[size] or NONE
    table.insert(list, { size = size, pools = change(one.pools, other.pools),
      live = change(one.live, other.live), available = change(one.available, other.available) })
  end
  return list
end

--- The differences of two reports: numbers, an array of tables with name, old, new and change,
-- for the numbers that both have; and classes, an array with size, pools, live and available,
-- each with old, new and change.
function M.of(old, new)
  local numbers = {}
  for _, row in ipairs(rows) do
    local before, after = old[row[1]], new[row[1]]
    if before and after then
      local number = change(before, after)
      number.name = row[2]
      table.insert(numbers, number)
    end
  end
  return { numbers = numbers, classes = compare_classes(old, new) }
end

return M
