--- The methods of snapshots: statistics, checks, pictures, and files.
--
--     local snapshot = assert(pymalloc.attach(4711))
--     print(pymalloc.view.text(snapshot))
--     assert(snapshot:save("before.json"))
--     print(pymalloc.diff(assert(pymalloc.snapshot.load("before.json")), pymalloc.attach(4711)))

local core = require "pymalloc.core"
local faults = require "pymalloc.snapshot.faults"
local input = require "pymalloc.input"
local json = require "pymalloc.json"
local mallocstats = require "pymalloc.snapshot.mallocstats"
local optional = require "pymalloc.optional"
local output = require "pymalloc.output"
local owners = require "pymalloc.snapshot.owners"
local packed = require "pymalloc.packed"
local pins = require "pymalloc.snapshot.pins"
local snapshot_shape = require "pymalloc.snapshot_shape"
local statistics = require "pymalloc.snapshot.stats"
local views = require "pymalloc.snapshot.views"

require "pymalloc.snapshot"

local M, Snapshot = {}, {}

local BYTES_MOST = 1 << 30 -- of a saved snapshot

local metatable = core.metatables.Snapshot

-- Refuses a value that is not a snapshot, and a snapshot whose fields were changed. The error has
-- the place of the caller at that level, by default the caller of the method that calls this.
local function check(snapshot, name, level)
  level = level or 3
  if debug.getmetatable(snapshot) ~= metatable then
    error(("pymalloc: snapshot:%s: self must be a snapshot, got %s"):format(name,
      core.describe(snapshot)), level)
  end
  local problem = snapshot_shape.whole_problem(snapshot)
  if problem then
    error(("pymalloc: snapshot:%s: the snapshot is not whole: %s"):format(name, problem), level)
  end
end

-- {=== Looking

--- The statistics of the state in the snapshot, with those fields of heap:stats() that are
-- known.
-- @treturn pymalloc.Stats
-- @usage heap:snapshot():stats().arenas_current --> 1
function Snapshot:stats()
  check(self, "stats")
  return statistics.of(self)
end

--- The report that sys._debugmallocstats() of a CPython in this state prints. A counter that
-- the snapshot does not have is "unknown".
-- @treturn string
-- @usage heap:snapshot():debugmallocstats():match("%d+ size classes") --> 64 size classes
function Snapshot:debugmallocstats()
  check(self, "debugmallocstats")
  return mallocstats.text(self)
end

--- The view of an arena, for pymalloc.view. It has the fields of pymalloc.Arena that a
-- snapshot has, and the methods pools and pool.
-- @tparam integer slot
-- @treturn table
-- @usage heap:snapshot():arena(0):pool(0).ref_count --> 1
function Snapshot:arena(slot)
  check(self, "arena")
  return views.heap(self):arena(slot)
end

--- The live blocks that keep an arena from being released, by address.
-- @tparam integer slot
-- @treturn pymalloc.Place[] each also with size, the bytes of the block; for the snapshot of a
-- process also address; for that of a run id, request and where, as in run:block
-- @usage heap:snapshot():pinned_by(0)[1] --> pymalloc.Place 0:0:48, 16 bytes
function Snapshot:pinned_by(slot)
  check(self, "pinned_by")
  for _, arena in ipairs(self.arenas) do
    if arena.index == slot then
      local blocks = pins.in_arena(arena, pins.first_pool(arena.address, self.geometry))
      return owners.apply(self, arena, blocks)
    end
  end
  error("pymalloc: snapshot:pinned_by: there is no arena " .. tostring(slot), 2)
end

--- The arenas, ordered by their number of live blocks, the fewest first.
-- @treturn table[] as heap:release_candidates() returns them
-- @usage heap:snapshot():release_candidates()[1].bytes --> 16
function Snapshot:release_candidates()
  check(self, "release_candidates")
  local candidates = pins.candidates(self)
  local arena_of = {}
  for _, arena in ipairs(self.arenas) do
    arena_of[arena.index] = arena
  end
  for _, candidate in ipairs(candidates) do
    owners.apply(self, arena_of[candidate.arena], candidate.pinned)
  end
  return candidates
end

-- {=== Checking

--- All broken invariants that the snapshot shows. Pools that were not read whole are left
-- out. If a process changed while it was read, only its pools are checked, each by itself,
-- because the lists are of different moments.
-- @treturn table[] each with invariant, place and message
-- @usage #heap:snapshot():faults() --> 0
function Snapshot:faults()
  check(self, "faults")
  return faults.of(self)
end

--- Checks the invariants that the snapshot shows. A broken one raises an error with its name
-- and its place.
-- @treturn boolean true
-- @usage heap:snapshot():check() --> true
function Snapshot:check()
  check(self, "check")
  local first = faults.of(self)[1]
  if first then
    error(("pymalloc: %s: %s: %s"):format(first.invariant, first.place, first.message), 2)
  end
  return true
end

-- {=== Files

-- The snapshot as JSON, for the method of that name.
local function to_json(snapshot, name)
  check(snapshot, name, 4)
  local ok, written = pcall(json.line, snapshot)
  if not ok then -- fields that were added, or that no check reads, may hold anything
    error(("pymalloc: snapshot:%s: a value of the snapshot cannot be written as JSON"):format(name),
      3)
  end
  return written .. "\n"
end

--- The snapshot as JSON.
-- @treturn string
-- @usage heap:snapshot():json():match('"format":%d') --> "format":1
function Snapshot:json()
  local written = to_json(self, "json")
  return written
end

--- Saves the snapshot as JSON. A file whose name ends in .gz, .xz or .zst is packed.
-- @tparam string path
-- @treturn boolean true; or nil and a message
-- @usage heap:snapshot():save("/dev/null") --> true
function Snapshot:save(path)
  local written = to_json(self, "save")
  packed.check_path(path, "snapshot:save")
  return output.write(path, written)
end

--- The snapshot in a text of JSON.
-- @tparam string text
-- @treturn pymalloc.Snapshot or nil and a message
-- @usage pymalloc.snapshot.parse(heap:snapshot():json()):check() --> true
function M.parse(text)
  if type(text) ~= "string" then
    error("pymalloc: snapshot.parse: text must be a string, got " .. core.describe(text), 2)
  end
  local ok, snapshot = pcall(optional.load("dkjson").decode, text, 1, nil, nil)
  if not ok or type(snapshot) ~= "table" then
    return nil, "it is not the JSON of a snapshot"
  elseif snapshot.format ~= 1 then
    return nil, "its format is not 1, that of snapshots"
  end
  local problem = snapshot_shape.whole_problem(snapshot)
  if problem then
    return nil, problem
  end
  return setmetatable(snapshot, metatable)
end

--- Loads a snapshot that was saved.
-- @tparam string path .gz, .xz and .zst files are unpacked
-- @treturn pymalloc.Snapshot or nil and a message
-- @usage local before, problem = pymalloc.snapshot.load("before.json")
function M.load(path)
  packed.check_path(path, "snapshot.load")
  local content, problem = input.whole(path, BYTES_MOST)
  if not content then
    return nil, problem
  end
  local snapshot, why = M.parse(content)
  return snapshot, why and ("%s cannot be read as a snapshot: %s"):format(path, why)
end

metatable.__index = Snapshot

return M
