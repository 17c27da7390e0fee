-- The lists of a heap: arenas with their free pools, usable_arenas, unused_arena_objects and
-- usedpools. core.run.lists reads them as a string of integers.

local core = require "pymalloc.core"
local json = require "pymalloc.json"

local M = {}

-- The elements of a list that are facts. The map has all pools; a list of more is not read by
-- anybody.
M.ARENAS_MOST, M.ITEMS_MOST = 256, 2000

local BYTES = #string.pack("j", 0)

local Reader = {}
Reader.__index = Reader

function Reader:number()
  self.at = self.at + BYTES
  return (string.unpack("j", self.packed, self.at - BYTES))
end

-- A list of which each element is read by a method. Elements that are not there are counted.
function Reader:list(read)
  local length, written = self:number(), self:number()
  local elements = {}
  for i = 1, written do
    elements[i] = read(self)
  end
  self.left_out = self.left_out + length - written
  return elements, length
end

function Reader:place()
  local slot = self:number()
  return { arena = slot, pool = self:number() }
end

local function slot_or_null(slot)
  return slot < 0 and json.null or slot
end

function Reader:arena()
  local arena = { slot = self:number(), nfreepools = self:number(), ntotalpools = self:number(),
    pool_address = self:number(), nextarena = slot_or_null(self:number()),
    prevarena = slot_or_null(self:number()), serial = self:number() }
  arena.freepools = self:list(self.number)
  arena.address = arena.slot * self.geometry.arena_bytes
  arena.carved = arena.pool_address // self.geometry.pool_bytes
  arena.pools = arena.ntotalpools - arena.nfreepools
  arena.state = arena.nfreepools == 0 and "full" or "usable"
  return arena
end

function Reader:used_pools()
  local classes = {}
  for i = 1, self:number() do
    local szidx = self:number()
    classes[i] = { szidx = szidx, pools = self:list(self.place) }
  end
  return classes
end

local function reader_of(run, arenas, first)
  return setmetatable({ packed = core.run.lists(run, arenas, M.ITEMS_MOST, first), at = 1,
    left_out = 0, geometry = run.heap.geometry }, Reader)
end

--- The facts on the live arena in a slot.
function M.arena(run, slot)
  local reader = reader_of(run, 1, slot)
  return reader:list(reader.arena)[1]
end

--- The lists of a run's heap: arenas, usable_arenas, unused_arena_objects, usedpools, and
-- shortened, the number of elements that they leave out.
function M.read(run)
  local reader = reader_of(run, M.ARENAS_MOST, 0)
  local lists = { arenas = reader:list(reader.arena) }
  lists.usable_arenas = reader:list(reader.number)
  lists.unused_arena_objects = reader:list(reader.number)
  lists.usedpools = reader:used_pools()
  lists.shortened = reader.left_out
  return lists
end

return M
