-- The text that pymalloc attach prints on a snapshot: the process, its arenas, the bytes in them by
-- kind, and the blocks that pin arenas.

local fragmentation = require "pymalloc.fragmentation"
local pins = require "pymalloc.snapshot.pins"
local statistics = require "pymalloc.snapshot.stats"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"

local M = {}

local ARENAS_SHOWN, BLOCKS_SHOWN = 10, 3

local function unknown(number)
  return number and text.group(number) or "unknown"
end

-- {=== The head

local function source(process)
  local name = process.name and " (" .. process.name .. ")" or ""
  if process.core then
    return ("core file %s of process %s%s"):format(process.core, process.pid or "?", name)
  end
  return ("process %s%s"):format(process.pid or "?", name)
end

local function title(snapshot)
  local process = snapshot.process
  if not process then
    return "snapshot of a heap of profile " .. (snapshot.geometry.name or snapshot.profile)
  end
  local line = ("%s: CPython %s, interpreter %d, geometry of profile %s"):format(source(process),
    process.python, process.interpreter, snapshot.profile)
  return (line:gsub("%c", "?"))
end

local function add_head(lines, snapshot)
  table.insert(lines, terminal.paint(io.stdout, "bold", title(snapshot)))
  local process = snapshot.process or {}
  if process.debug_hooks then
    table.insert(lines, "debug hooks are on: the guard bytes of each block are part of its size")
  end
end

-- {=== Arenas

local function add_arenas(lines, stats)
  table.insert(lines, "")
  local rows = {
    { "arenas", text.group(stats.arenas_current), ("obtained %s, released %s, highwater mark %s")
      :format(unknown(stats.arenas_allocated_total), unknown(stats.arenas_reclaimed),
        unknown(stats.arenas_highwater)) },
    { "live blocks", text.group(stats.blocks - (stats.raw_blocks or 0)), ("in pools; of the raw "
      .. "allocator: %s"):format(unknown(stats.raw_blocks)) },
    { "unused pools", text.group(stats.unused_pools), "" },
  }
  for _, line in ipairs(text.table(rows, "lrl")) do
    table.insert(lines, line)
  end
end

-- The class with the most bytes in free blocks.
local function add_worst_class(lines, stats)
  local worst, bytes
  for _, class in ipairs(stats.classes) do
    local available = class.available * class.size
    if class.pools > 0 and (not worst or available > bytes) then
      worst, bytes = class, available
    end
  end
  if worst and bytes > 0 then
    table.insert(lines, ("most free bytes: class %d, blocks of %d bytes: %s of %s blocks are free")
      :format(worst.szidx, worst.size, text.group(worst.available),
        text.group(worst.available + worst.live)))
  end
end

--- The summary of a snapshot.
function M.text(snapshot)
  local lines, stats = {}, statistics.of(snapshot)
  add_head(lines, snapshot)
  add_arenas(lines, stats)
  table.insert(lines, "")
  local kinds = fragmentation.kinds(stats, snapshot.geometry.alignment)
  for _, line in ipairs(fragmentation.lines(kinds)) do
    table.insert(lines, line)
  end
  table.insert(lines, "")
  add_worst_class(lines, stats)
  table.insert(lines, (M.pins(snapshot, 3):gsub("\n$", "")))
  return table.concat(lines, "\n") .. "\n"
end

-- {=== Pins

-- The first blocks of a candidate as text.
local function blocks_text(candidate)
  local places = {}
  for i = 1, math.min(#candidate.pinned, BLOCKS_SHOWN) do
    local block = candidate.pinned[i]
    places[i] = ("%d:%d (%d)"):format(block.pool, block.offset, block.size)
  end
  if #candidate.pinned > BLOCKS_SHOWN then
    table.insert(places, "...")
  end
  return table.concat(places, " ")
end

--- The arenas that the fewest live blocks pin.
-- @param most how many arenas are listed
function M.pins(snapshot, most)
  local rows = { { "arena", "live blocks", "bytes", "the first of them: pool:offset (bytes)" } }
  for i, candidate in ipairs(pins.candidates(snapshot)) do
    if i <= (most or ARENAS_SHOWN) then
      table.insert(rows, { candidate.arena, text.group(candidate.blocks),
        text.group(candidate.bytes), blocks_text(candidate) })
    end
  end
  local lines = text.table(rows, "rrrl")
  table.insert(lines, 1, "arenas that the fewest live blocks keep from being released:")
  return table.concat(lines, "\n") .. "\n"
end

return M
