-- Who asked for the blocks of a run: the frames of sites, and the live blocks.

local core = require "pymalloc.core"

local M = {}

local FRAMES_MOST = 256 -- of a call stack; those farther out are left out

-- From a heap to its run: keeps the run while the heap is referred to.
M.run_of = setmetatable({}, { __mode = "k" })

-- From a run to what was read of its sites, by number: texts, parents and stacks.
local read_of = setmetatable({}, { __mode = "k" })

-- The text and the parent of a site. Each text is made once: stacks share it.
local function read_site(run, read, site)
  if not read.texts[site] then
    read.texts[site], read.parents[site] = core.run.site(run, site)
  end
  return read.texts[site], read.parents[site]
end

local function read_stack(run, read, site)
  local frames = {}
  while site ~= 0 and #frames < FRAMES_MOST do
    frames[#frames + 1], site = read_site(run, read, site)
  end
  return frames
end

--- The frames of a site, innermost first; nil for no site. Equal sites have the same
-- table.
function M.frames(run, site)
  if not site or site == 0 then
    return nil
  end
  local read = read_of[run]
  if not read then
    read = { texts = {}, parents = {}, stacks = {} }
    read_of[run] = read
  end
  read.stacks[site] = read.stacks[site] or read_stack(run, read, site)
  return read.stacks[site]
end

--- Adds `where` to a record that has a site. Returns the record.
function M.add_where(run, record)
  if record then
    record.where = M.frames(run, record.site)
  end
  return record
end

local RECORD = ("j"):rep(7)

--- An iterator over the live blocks in pools, of one arena, of one pool of it (an offset) or of
-- all: id, size, request, arena, pool, block, site (0: none).
function M.each_live(run, arena, offset)
  local records, at = core.run.live(run, arena, offset), 1
  return function()
    if at > #records then
      return nil
    end
    local id, size, request, slot, pool, block, site, behind = string.unpack(RECORD, records, at)
    at = behind
    return id, size, request, slot, pool, block, site
  end
end

--- Adds id, request and where to the places of blocks in an arena, if the heap is that of
-- a run. Returns the places.
function M.add_owners(heap, arena, places)
  local run = M.run_of[heap]
  if not run then
    return places
  end
  local by_place = {}
  for id, _, request, _, pool, block, site in M.each_live(run, arena) do
    by_place[pool + block] = { id, request, M.frames(run, site) }
  end
  for _, place in ipairs(places) do
    place.id, place.request, place.where =
      table.unpack(by_place[place.pool + place.offset] or {}, 1, 3)
  end
  return places
end

return M
