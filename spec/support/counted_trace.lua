-- Counts the requests of a trace by the rules of the 3.6 geometry, without an
-- allocator. The counts are those of the summary of its replay.

local pymalloc = require "pymalloc"

local THRESHOLD, ALIGNMENT = 512, 8

local function is_small(bytes)
  return bytes >= 1 and bytes <= THRESHOLD
end

local function add(counts, name, amount)
  counts[name] = counts[name] + amount
end

local function peak(counts, name)
  counts["peak_live_" .. name] = math.max(counts["peak_live_" .. name], counts["live_" .. name])
end

local function count_live(counts, block, sign)
  add(counts, "live_blocks", sign)
  add(counts, "live_bytes", sign * block.bytes)
  add(counts, "live_small_bytes", block.small and sign * block.bytes or 0)
  peak(counts, "blocks")
  peak(counts, "bytes")
  peak(counts, "small_bytes")
end

local function give(counts, live, id, bytes, small)
  live[id] = { bytes = bytes, small = small }
  add(counts, small and "small" or "raw", 1)
  count_live(counts, live[id], 1)
end

local function take(counts, live, id)
  count_live(counts, live[id], -1)
  live[id] = nil
end

-- Returns how a realloc of a live block is served.
local function way_of(old, bytes)
  local room = (old.bytes + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT
  if not old.small then
    return "realloc_raw"
  end
  return bytes <= room and 4 * bytes > 3 * room and "realloc_in_place" or "realloc_moved"
end

local count = {}

function count.malloc(counts, live, id, bytes)
  add(counts, "mallocs", 1)
  add(counts, "malloc_bytes", bytes)
  give(counts, live, id, bytes, is_small(bytes))
end

function count.calloc(counts, live, id, element_bytes, elements)
  local bytes = elements * element_bytes
  add(counts, "callocs", 1)
  add(counts, "calloc_bytes", bytes)
  give(counts, live, id, bytes, is_small(bytes))
end

function count.realloc(counts, live, id, bytes)
  local old = live[id]
  add(counts, "reallocs", 1)
  add(counts, "realloc_bytes", bytes)
  add(counts, old and way_of(old, bytes) or "realloc_fresh", 1)
  if old then
    take(counts, live, id)
  end
  give(counts, live, id, bytes, is_small(bytes) and (not old or old.small))
end

function count.free(counts, live, id)
  add(counts, "frees", 1)
  if live[id] then
    take(counts, live, id)
  else
    add(counts, "free_nothing", 1)
  end
end

local names = { "requests", "mallocs", "callocs", "reallocs", "frees", "malloc_bytes",
  "calloc_bytes", "realloc_bytes", "small", "raw", "realloc_raw", "realloc_in_place",
  "realloc_moved", "realloc_fresh", "free_nothing", "live_blocks", "live_bytes",
  "live_small_bytes", "peak_live_blocks", "peak_live_bytes", "peak_live_small_bytes" }

-- Counts the trace at `path`, whose lines are all requests.
return function(path)
  local counts, live = {}, {}
  for _, name in ipairs(names) do
    counts[name] = 0
  end
  for operation, id, bytes, elements in pymalloc.trace.each(path) do
    add(counts, "requests", 1)
    count[operation](counts, live, id, bytes, elements)
  end
  return counts
end
