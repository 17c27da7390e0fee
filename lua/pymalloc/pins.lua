--- Pins: the live blocks that keep arenas of a run from being released, and who asked for
-- them, where the trace has sites.
--
--     local run = pymalloc.replay("app.trace.xz")
--     run:seek(run:most("unused"))
--     for _, pin in ipairs(run:pins()) do
--       print(pin.arenas, pin.blocks, pin.bytes, pin.where)
--     end

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local events = require "pymalloc.event"
local frames = require "pymalloc.frames"
local method = require "pymalloc.method"
local sites = require "pymalloc.sites"
local snapshot_pins = require "pymalloc.snapshot.pins"

local M = {}

--- The names by which run:pins groups.
M.groupings = frames.groupings

local function label_of(run, site, by)
  return frames.label(sites.frames(run, site), by)
end

-- {=== run:pins

-- Counts a block for its row. `owners`: from an arena to its only row, or false.
local function count_block(row, size, arena, owners)
  row.blocks = row.blocks + 1
  row.bytes = row.bytes + size
  if not row.has[arena] then
    row.has[arena] = true
    row.arenas = row.arenas + 1
    owners[arena] = owners[arena] == nil and row or false
  end
end

local function new_row(run, site, by, label)
  local stack = by == "stack" and sites.frames(run, site) or nil
  return { where = label, stack = stack, arenas = 0, alone = 0,
    blocks = 0, bytes = 0, has = {} }
end

-- The rows by label, and from each arena to its only row, or false.
local function gather(run, by, arena)
  local row_of, label_of_site, rows, owners = {}, {}, {}, {}
  for _, size, _, slot, _, _, site in sites.each_live(run, arena) do
    local label = label_of_site[site] or label_of(run, site, by)
    label_of_site[site] = label
    local row = row_of[label]
    if not row then
      row = new_row(run, site, by, label)
      row_of[label] = row
      table.insert(rows, row)
    end
    count_block(row, size, slot, owners)
  end
  return rows, owners
end

-- Sorts by the fields, the largest first, and then by where.
local function sort_down(rows, ...)
  local names = { ... }
  table.sort(rows, function(one, other)
    for _, name in ipairs(names) do
      if one[name] ~= other[name] then
        return one[name] > other[name]
      end
    end
    return one.where < other.where
  end)
end

local function check_options(options)
  check.keys("run:pins", "option", options, { "arena", "by" })
  local by = options.by == nil and "site" or options.by
  if not frames.is_grouping(by) then
    error(("pymalloc: run:pins: by must be one of %s, got %s"):format(
      table.concat(M.groupings, ", "), core.describe(by)), 0)
  end
  return by
end

-- The slot of an arena, given as a view or as a slot.
local function slot_of(run, arena, what)
  if core.kind(arena) ~= "Arena" then
    return events.unplaced(core.methods.Heap.arena, run.heap, arena).index
  elseif core.owner(arena) ~= run.heap then
    error(("pymalloc: %s: arena must be one of this run, got %s"):format(what,
      tostring(arena)), 0)
  end
  return arena.index
end

local Run = method.of "Run"

--- The live blocks in arenas, by who asked for them: those that pin the most arenas
-- first.
-- @tparam[opt] table options arena (a view or a slot: only its blocks) and by: "site" (the
-- innermost frame of the program, the default), "stack" (the whole call stack), "line",
-- "function" or "file"
-- @treturn table[] each has where (the name of the group), arenas (with a block of it),
-- alone (arenas in which all blocks are of it), blocks, bytes (requested); by "stack",
-- also stack (the frames, innermost first)
-- @usage run:pins()[1].where --> (no site)
function Run:pins(options)
  options = options or {}
  if type(options) ~= "table" then
    error("pymalloc: run:pins: options must be a table, got " .. core.describe(options), 2)
  end
  local by = events.checked(check_options, options)
  local arena = options.arena
  arena = arena ~= nil and events.checked(slot_of, self, arena, "run:pins") or nil
  local rows, owners = gather(self, by, arena)
  for _, row in pairs(owners) do
    if row then
      row.alone = row.alone + 1
    end
  end
  for _, row in ipairs(rows) do
    row.has = nil
  end
  sort_down(rows, "arenas", "alone", "bytes", "blocks")
  return rows
end

-- {=== run:pinned_by and run:release_candidates

-- The blocks of the run by arena.
local function blocks_by_arena(run, arena)
  local list_of, first_of = {}, {}
  for id, size, request, slot, pool, block, site in sites.each_live(run, arena) do
    list_of[slot] = list_of[slot] or {}
    first_of[slot] = first_of[slot]
      or snapshot_pins.first_pool(run.heap:arena(slot).address, run.heap.geometry)
    table.insert(list_of[slot], { id = id, size = size, request = request, arena = slot,
      pool = pool, block = block, address = first_of[slot] + pool + block,
      site = site ~= 0 and site or nil, where = sites.frames(run, site) })
  end
  for _, list in pairs(list_of) do
    table.sort(list, function(one, other)
      return one.pool + one.block < other.pool + other.block
    end)
  end
  return list_of
end

-- The blocks by call stack: { where =, blocks =, bytes = }, those with most bytes first.
local function sum_up(blocks)
  local rows, row_of = {}, {}
  for _, block in ipairs(blocks) do
    local key = block.where or frames.NO_SITE
    local row = row_of[key]
    if not row then
      row = { where = block.where, name = block.where and table.concat(block.where, "\n") or "",
        blocks = 0, bytes = 0 }
      row_of[key] = row
      table.insert(rows, row)
    end
    row.blocks = row.blocks + 1
    row.bytes = row.bytes + block.size
  end
  table.sort(rows, function(one, other)
    if one.bytes ~= other.bytes then
      return one.bytes > other.bytes
    end
    return one.name < other.name
  end)
  for _, row in ipairs(rows) do
    row.name = nil
  end
  return rows
end

--- The live blocks that keep an arena from being released.
-- @tparam pymalloc.Arena|integer arena a view of it, or its slot
-- @treturn table[] the blocks by address, each as run:block returns it
-- @treturn table[] the same by call stack, those with the most bytes first: where, blocks,
-- bytes (requested)
-- @usage run:pinned_by(0)[1].request --> 1
function Run:pinned_by(arena)
  local slot = events.checked(slot_of, self, arena, "run:pinned_by")
  local blocks = blocks_by_arena(self, slot)[slot] or {}
  return blocks, sum_up(blocks)
end

--- The live arenas, ordered by their number of live blocks, the fewest first.
-- @treturn table[] for each: arena (slot), blocks (number of live blocks), bytes (as
-- requested), pinned and sites (the results of run:pinned_by)
-- @usage run:release_candidates()[1].blocks --> 2
function Run:release_candidates()
  local candidates = {}
  for slot, blocks in pairs(blocks_by_arena(self)) do
    local bytes = 0
    for _, block in ipairs(blocks) do
      bytes = bytes + block.size
    end
    table.insert(candidates, { arena = slot, blocks = #blocks, bytes = bytes, pinned = blocks,
      sites = sum_up(blocks) })
  end
  return snapshot_pins.sort(candidates)
end

--- The first request after which a figure is at its most. The run stays where it is.
-- @tparam string figure "live" (bytes of live blocks, as requested), "held" (bytes of arenas;
-- of the requests after which equally many are held, the one after which most bytes in pools
-- are live) or "unused" (bytes of arenas that are not of live blocks, at or after the request
-- of "held")
-- @treturn integer number of the request; 0 if the figure is 0 all the time
-- @usage run:most("live") --> 2
function Run:most(figure)
  if figure ~= "live" and figure ~= "held" and figure ~= "unused" then
    error("pymalloc: run:most: figure must be live, held or unused, got " .. check.quote(figure),
      2)
  end
  return core.run.most(self, figure)
end

return M
