-- The text that sys._debugmallocstats() of the process would print, made from a snapshot.

local statistics = require "pymalloc.snapshot.stats"
local text = require "pymalloc.text"

local M = {}

local LINE, UNKNOWN = "%-35s=%21s", "unknown"

-- Adds a line with a value, or "unknown" where the snapshot does not have it.
local function add(lines, label, value)
  table.insert(lines, LINE:format(label, value and text.group(value) or UNKNOWN))
end

local function add_classes(lines, stats)
  table.insert(lines, "class   size   num pools   blocks in use  avail blocks")
  table.insert(lines, "-----   ----   ---------   -------------  ------------")
  for _, class in ipairs(stats.classes) do
    if class.pools > 0 then
      table.insert(lines, ("%5d %6d %11d %15d %13d"):format(class.szidx, class.size, class.pools,
        class.live, class.available))
    end
  end
  table.insert(lines, "")
end

local function add_arenas(lines, stats, geometry)
  add(lines, "# arenas allocated total", stats.arenas_allocated_total)
  add(lines, "# arenas reclaimed", stats.arenas_reclaimed)
  add(lines, "# arenas highwater mark", stats.arenas_highwater)
  add(lines, "# arenas allocated current", stats.arenas_current)
  add(lines, ("%d arenas * %d bytes/arena"):format(stats.arenas_current, geometry.arena_bytes),
    stats.arena_bytes)
  table.insert(lines, "")
end

local function add_bytes(lines, stats, geometry)
  local total = stats.allocated_bytes + stats.available_bytes + stats.unused_pool_bytes
    + stats.header_bytes + stats.quantization_bytes + stats.alignment_bytes
  add(lines, "# bytes in allocated blocks", stats.allocated_bytes)
  add(lines, "# bytes in available blocks", stats.available_bytes)
  add(lines, ("%d unused pools * %d bytes"):format(stats.unused_pools, geometry.pool_bytes),
    stats.unused_pool_bytes)
  add(lines, "# bytes lost to pool headers", stats.header_bytes)
  add(lines, "# bytes lost to quantization", stats.quantization_bytes)
  add(lines, "# bytes lost to arena alignment", stats.alignment_bytes)
  add(lines, "Total", total)
end

local function add_map(lines, stats, geometry)
  local map = statistics.map(geometry)
  if not map then
    return
  end
  local is_known = stats.map_mid_nodes and stats.map_bot_nodes
  local mid = is_known and stats.map_mid_nodes * map.upper_bytes
  local bottom = is_known and stats.map_bot_nodes * map.bottom_bytes
  table.insert(lines, "")
  table.insert(lines, "arena map counts")
  add(lines, "# arena map mid nodes", stats.map_mid_nodes)
  add(lines, "# arena map bot nodes", stats.map_bot_nodes)
  table.insert(lines, "")
  add(lines, "# bytes lost to arena map root", map.upper_bytes)
  add(lines, "# bytes lost to arena map mid", mid)
  add(lines, "# bytes lost to arena map bot", bottom)
  add(lines, "Total", is_known and map.upper_bytes + mid + bottom)
end

--- The report as text that ends in a newline.
function M.text(snapshot)
  local stats, geometry = statistics.of(snapshot), snapshot.geometry
  local lines = {
    ("Small block threshold = %d, in %d size classes."):format(geometry.threshold,
      geometry.class_count),
    "",
  }
  add_classes(lines, stats)
  add_arenas(lines, stats, geometry)
  add_bytes(lines, stats, geometry)
  add_map(lines, stats, geometry)
  return table.concat(lines, "\n") .. "\n"
end

return M
