-- The summary of a replay as text.

local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"

local M = {}

local group = text.group

-- {=== Lines, which are added to an array

local function heading(lines, title)
  table.insert(lines, "")
  table.insert(lines, terminal.paint(io.stdout, "bold", title))
end

-- Adds a label, a number and an optional remark on it.
local function line(lines, label, number, remark)
  local cells = ("  %-22s %15s  %20s"):format(label, group(number), remark or "")
  table.insert(lines, (cells:gsub(" +$", "")))
end

-- {=== The parts of the text

local function add_head(lines, about)
  local geometry = about.geometry
  table.insert(lines, ("%s on a heap of profile %s"):format(about.trace, geometry.name))
  table.insert(lines,
    ("size classes up to %d bytes, %d bytes apart; pools of %s; arenas of %s; release %s"):format(
      geometry.threshold, geometry.alignment, text.size(geometry.pool_bytes),
      text.size(geometry.arena_bytes), geometry.release))
end

local function bytes_remark(bytes)
  return group(bytes) .. " bytes"
end

local function add_requests(lines, summary)
  heading(lines, "requests")
  line(lines, "malloc", summary.mallocs, bytes_remark(summary.malloc_bytes))
  line(lines, "calloc", summary.callocs, bytes_remark(summary.calloc_bytes))
  line(lines, "realloc", summary.reallocs, bytes_remark(summary.realloc_bytes))
  line(lines, "free", summary.frees, summary.free_nothing > 0 and
    group(summary.free_nothing) .. " of no live block" or nil)
  line(lines, "all", summary.requests)
end

local function add_servers(lines, summary)
  local served = summary.small + summary.raw + summary.refused
  heading(lines, "malloc, calloc and realloc were served by")
  line(lines, "pools", summary.small, text.share(summary.small, served))
  line(lines, "the raw allocator", summary.raw, text.share(summary.raw, served))
  line(lines, "none (refused)", summary.refused, text.share(summary.refused, served))
end

local function add_reallocs(lines, summary)
  if summary.reallocs == 0 then
    return
  end
  heading(lines, "the block of a realloc")
  line(lines, "stayed in its place", summary.realloc_in_place)
  line(lines, "moved", summary.realloc_moved)
  line(lines, "was a raw block", summary.realloc_raw)
  line(lines, "was not live (malloc)", summary.realloc_fresh)
end

-- The bytes in pools at their peak, as a share of the arenas at the highwater mark.
local function use_remark(summary, geometry)
  local arena_count = summary.heap.arenas_highwater
  local share = text.share(summary.peak_live_small_bytes, arena_count * geometry.arena_bytes)
  return share .. " of the arenas"
end

local function add_live(lines, summary, geometry)
  heading(lines, "live")
  line(lines, "blocks at the peak", summary.peak_live_blocks)
  line(lines, "bytes at the peak", summary.peak_live_bytes)
  line(lines, "in pools at the peak", summary.peak_live_small_bytes,
    use_remark(summary, geometry))
  line(lines, "blocks at the end", summary.live_blocks)
  line(lines, "bytes at the end", summary.live_bytes)
end

local function add_arenas(lines, heap)
  heading(lines, "arenas")
  line(lines, "obtained", heap.arenas_allocated_total)
  line(lines, "released", heap.arenas_reclaimed)
  line(lines, "highwater mark", heap.arenas_highwater)
  line(lines, "at the end", heap.arenas_current)
end

local kinds = {
  { "allocated_bytes", "in allocated blocks" },
  { "available_bytes", "in available blocks" },
  { "unused_pool_bytes", "in unused pools" },
  { "header_bytes", "lost to pool headers" },
  { "quantization_bytes", "lost to quantization" },
  { "alignment_bytes", "lost to alignment" },
}

local function add_bytes(lines, heap)
  if heap.arena_bytes == 0 then
    return
  end
  heading(lines, "bytes of the arenas at the end")
  for _, kind in ipairs(kinds) do
    local bytes = heap[kind[1]]
    line(lines, kind[2], bytes, text.share(bytes, heap.arena_bytes))
  end
  line(lines, "all", heap.arena_bytes)
end

local function add_phases(lines, summary)
  if not summary.phases then
    return
  end
  heading(lines, "marks")
  local rows = { { "request", "live blocks", "live bytes", "arena bytes", "mark" } }
  for _, phase in ipairs(summary.phases) do
    table.insert(rows, { group(phase.requests), group(phase.live_blocks),
      group(phase.live_bytes), group(phase.arena_bytes), text.printable(phase.text) })
  end
  for _, row in ipairs(text.table(rows, "rrrrl")) do
    table.insert(lines, "  " .. row)
  end
  if summary.phases_left_out then
    table.insert(lines, ("  %s more marks"):format(group(summary.phases_left_out)))
  end
end

-- The number of requests of all interpreters.
local function all_requests(summary)
  local sum = summary.requests
  for _, other in ipairs(summary.interpreters or {}) do
    sum = sum + other.requests
  end
  return sum
end

local function add_time(lines, summary)
  local rate = summary.seconds > 0 and all_requests(summary) / summary.seconds / 1e6 or 0
  heading(lines, ("%.3f seconds of processor time, %.1f million requests a second"):format(
    summary.seconds, rate))
end

-- The parts that each interpreter has.
local function add_interpreter(lines, summary, geometry)
  add_requests(lines, summary)
  add_servers(lines, summary)
  add_reallocs(lines, summary)
  add_live(lines, summary, geometry)
  add_arenas(lines, summary.heap)
  add_bytes(lines, summary.heap)
end

-- The parts of every interpreter, each headed by its number where there are several.
local function add_interpreters(lines, summary, geometry)
  if not summary.interpreters then
    add_interpreter(lines, summary, geometry)
    return
  end
  heading(lines, "interpreter 0")
  add_interpreter(lines, summary, geometry)
  for _, other in ipairs(summary.interpreters) do
    heading(lines, ("interpreter %d"):format(other.interpreter))
    add_interpreter(lines, other, geometry)
  end
end

-- The text of a summary. `about`: the fields trace, a name, and geometry.
function M.text(summary, about)
  local lines = {}
  add_head(lines, about)
  add_interpreters(lines, summary, about.geometry)
  add_phases(lines, summary)
  add_time(lines, summary)
  table.insert(lines, "")
  return table.concat(lines, "\n")
end

return M
