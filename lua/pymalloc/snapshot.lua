--- Snapshots: the state of a heap as plain data.
--
--     local before = heap:snapshot()
--     ...
--     print(pymalloc.diff(before, heap:snapshot()))
--
-- A snapshot consists of numbers, strings, booleans and tables of them. It can be saved
-- as JSON; pymalloc.diff accepts the table that a JSON library reads back.

local copy = require "pymalloc.copy"
local core = require "pymalloc.core"
local events = require "pymalloc.event"
local snapshot_shape = require "pymalloc.snapshot_shape"
local method = require "pymalloc.method"
local owners = require "pymalloc.snapshot.owners"
local pins = require "pymalloc.snapshot.pins"
local sites = require "pymalloc.sites"
local text = require "pymalloc.text"

local M = {}

local FORMAT = 1

--- pymalloc.Snapshot: the state of a heap as plain data.
-- @tfield integer format version of the format: 1
-- @tfield string profile name of the profile
-- @tfield table geometry the fields of heap.geometry
-- @tfield table globals some fields of pymalloc.Stats
-- @tfield table[] arenas the live ones, with fields of pymalloc.Arena; freepools are
-- offsets; pools have fields of pymalloc.Pool, in free the offsets of the free chain, and for
-- the heap of a run in owners four arrays: blocks (offsets), ids, requests and stacks (places in
-- stacks of the snapshot, 0 for none)
-- @tfield[opt] table[] stacks of the heap of a run: the call stacks of live blocks, each an array
-- of frames, innermost first
-- @tfield integer[] usable_arenas slots, in list order
-- @tfield integer[] unused_arena_objects slots, in list order
-- @tfield table[] usedpools for each class that has used pools: szidx, and pools, each
-- with arena and offset
local Snapshot = { __name = "pymalloc.Snapshot", __metatable = "pymalloc.Snapshot" }
core.metatables.Snapshot = Snapshot

function Snapshot:__tostring()
  if snapshot_shape.problem(self) then
    return "pymalloc.Snapshot that is not whole"
  end
  local name = type(self.geometry) == "table" and self.geometry.name or self.profile
  return ("pymalloc.Snapshot %s with %s, %s"):format(name,
    text.count(self.globals.arenas_current, "arena"), text.count(self.globals.blocks, "live block"))
end

-- The numbers of a line by their names. A field with the value "-" is left out.
local function fields(line)
  local record = {}
  for name, value in line:gmatch("(%w+)=(%d+)") do
    record[name] = math.tointeger(value)
  end
  return record
end

-- The numbers in a line.
local function numbers(line)
  local list = {}
  for number in line:gmatch("%d+") do
    table.insert(list, math.tointeger(number))
  end
  return list
end

-- The core writes the whole state as text before any Lua table is made: making a table
-- changes the heap if it hosts Lua. Each line begins with a word, and the reader of that
-- name adds the line to the snapshot.
local readers = {}

function readers.raw_blocks(snapshot, line)
  snapshot.globals.raw_blocks = numbers(line)[2]
end

function readers.serial(_, line, serials)
  local slot, serial = table.unpack(numbers(line))
  serials[slot] = serial
end

function readers.globals(snapshot, line)
  local read, globals = fields(line), snapshot.globals
  globals.arenas_allocated_total = read.total
  globals.arenas_reclaimed = read.total - read.current
  globals.arenas_highwater = read.highwater
  globals.arenas_current = read.current
  globals.arena_slots = read.maxarenas
  globals.blocks = read.blocks
end

function readers.medium(snapshot, line)
  local read = fields(line)
  snapshot.globals.medium_blocks, snapshot.globals.medium_bytes = read.blocks, read.bytes
  snapshot.globals.span_bytes = read.spans
end

function readers.usable(snapshot, line)
  snapshot.usable_arenas = numbers(line)
end

function readers.unused(snapshot, line)
  snapshot.unused_arena_objects = numbers(line)
end

function readers.arena(snapshot, line, serials)
  local freepools = line:match(" freepools(.*)")
  if not freepools then
    return
  end
  local read, index = fields(line), math.tointeger(line:match("%d+"))
  table.insert(snapshot.arenas, {
    index = index,
    serial = serials[index],
    state = line:find(" full ", 1, true) and "full" or "usable",
    nfreepools = read.nfreepools,
    ntotalpools = read.ntotalpools,
    nextarena = read.next,
    prevarena = read.prev,
    pools = {},
    freepools = numbers(freepools:gsub("%d+:", "")),
  })
end

function readers.pool(snapshot, line)
  local read, geometry = fields(line), snapshot.geometry
  local offset, state, free = line:match("^%d+:(%d+) .* (%a+) free(.*)$")
  local size = read.szidx < geometry.class_count and (read.szidx + 1) * geometry.alignment or nil
  table.insert(snapshot.arenas[#snapshot.arenas].pools, {
    offset = math.tointeger(offset),
    state = state,
    ref_count = read.count,
    szidx = read.szidx,
    nextoffset = read.nextoffset,
    maxnextoffset = read.maxnextoffset,
    size = size,
    capacity = size and (geometry.pool_bytes - geometry.header_bytes) // size,
    free = numbers(free),
  })
end

function readers.class(snapshot, line)
  local pools = {}
  for arena, offset in line:gmatch("(%d+):(%d+)") do
    table.insert(pools, { arena = math.tointeger(arena), offset = math.tointeger(offset) })
  end
  table.insert(snapshot.usedpools, { szidx = math.tointeger(line:match("%d+")), pools = pools })
end

local function read_state(snapshot, state)
  local serials = {}
  if state:find("?", 1, true) then
    error("pymalloc: heap:snapshot: a list of the heap is broken, as heap:check() tells", 4)
  end
  for word, line in state:gmatch("(%S+) ?([^\n]*)\n") do
    readers[word](snapshot, line, serials)
  end
end

-- The state without the owners of blocks. An error gets the place of the caller's caller.
local function state_of(heap)
  local geometry = copy(heap.geometry)
  local snapshot = setmetatable({
    format = FORMAT,
    profile = geometry.profile,
    geometry = geometry,
    globals = {},
    arenas = {},
    usedpools = {},
  }, Snapshot)
  read_state(snapshot, core.state(heap))
  return snapshot
end

--- The whole state of the heap at one moment, as plain data.
-- @treturn pymalloc.Snapshot
-- @usage
-- heap:snapshot().arenas[1].pools[1].szidx --> 1
-- run:seek(3)
-- run.heap:snapshot():pinned_by(0)[1].request --> 2
function M.snapshot(heap)
  local snapshot = state_of(heap)
  local run = sites.run_of[heap]
  if run then
    owners.add(snapshot, run)
  end
  return snapshot
end

local function index_of(heap, arena)
  if core.kind(arena) ~= "Arena" then
    return events.unplaced(core.methods.Heap.arena, heap, arena).index
  elseif core.owner(arena) ~= heap then
    error("pymalloc: heap:pinned_by: arena must be one of this heap, got " .. tostring(arena), 0)
  end
  return arena.index
end

--- The live blocks that keep an arena from being released, by address.
-- @tparam pymalloc.Arena|integer arena a view of it, or its slot
-- @treturn pymalloc.Place[] each also with address and size, the bytes of the block; for the
-- heap of a run also id, request and where, as in run:block
-- @usage heap:pinned_by(0)[1] --> pymalloc.Place 0:0:48, 16 bytes
function M.pinned_by(heap, arena)
  local index = events.checked(index_of, heap, arena)
  for _, record in ipairs(state_of(heap).arenas) do
    if record.index == index then
      local base = pins.first_pool(heap:arena(index).address, heap.geometry)
      return sites.add_owners(heap, index, pins.in_arena(record, base))
    end
  end
  return {}
end

--- The live arenas, ordered by their number of live blocks, the fewest first.
-- @treturn table[] for each: arena (slot), blocks (number of live blocks), bytes (of
-- these blocks), pinned (as heap:pinned_by returns it)
-- @usage heap:release_candidates()[1].bytes --> 16
function M.release_candidates(heap)
  local candidates = pins.candidates(state_of(heap), heap)
  for _, candidate in ipairs(candidates) do
    candidate.pinned = sites.add_owners(heap, candidate.arena, candidate.pinned)
  end
  return candidates
end

local methods = method.of "Heap"
for name, f in pairs(M) do
  methods[name] = f
end

return M
