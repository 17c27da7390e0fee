-- The part of the model that supplies pools: arenas, their slots and their order.

local M = { methods = {} }

local methods = M.methods

local INITIAL_SLOTS = 16

-- The index of an element in a list; nil if it is not there.
function M.find(list, wanted)
  for i, element in ipairs(list) do
    if element == wanted then
      return i
    end
  end
end

function methods:grow_slots()
  local old = self.maxarenas
  self.maxarenas = old == 0 and INITIAL_SLOTS or 2 * old
  for slot = old, self.maxarenas - 1 do
    self.arenas[slot] = { slot = slot, open = false }
    table.insert(self.unused, slot)
  end
end

-- The number of pools in the next arena. It is one less if the arena's address is not a
-- multiple of the pool size.
local function arena_pools(geometry, offset)
  local pools = geometry.arena_bytes // geometry.pool_bytes
  if geometry.arena_offset > 0 then
    return pools - 1
  end
  return offset % geometry.pool_bytes > 0 and pools > 2 and pools - 1 or pools
end

-- Obtains an arena and puts it on the list of usable arenas, which is empty then.
-- Returns false if no arena can be obtained.
function methods:new_arena()
  if #self.unused == 0 then
    self:grow_slots()
  end
  if self.allowed == 0 or self.current >= self.max_arenas then
    return false
  end
  self.allowed = self.allowed - 1
  self.current = self.current + 1
  self.total = self.total + 1
  self.highwater = math.max(self.highwater, self.current)
  local slot = table.remove(self.unused, 1)
  local pools = arena_pools(self.geometry, self.offset)
  local arena = {
    slot = slot,
    open = true,
    pools = {}, -- carved, by address
    nfreepools = pools,
    ntotalpools = pools,
    freepools = {}, -- emptied
  }
  self.arenas[slot] = arena
  self.usable = { arena }
  return true
end

-- The slot of a released arena is the next to be used.
function methods:give_slot(slot)
  table.insert(self.unused, 1, slot)
end

function methods:release_arena(arena)
  local place = M.find(self.usable, arena)
  if place then
    table.remove(self.usable, place)
  end
  self:give_slot(arena.slot)
  self.arenas[arena.slot] = { slot = arena.slot, open = false }
  self.current = self.current - 1
end

-- Whether an empty arena is released, by the name of the release rule.
local releases = {
  at_once = function()
    return true
  end,
  keep_last = function(self, arena)
    return self.usable[#self.usable] ~= arena
  end,
  never = function()
    return false
  end,
}

-- Moves an arena that got a free pool to the right, past all arenas with fewer.
function methods:slide_right(arena)
  local from = M.find(self.usable, arena)
  local to = from
  while self.usable[to + 1] and self.usable[to + 1].nfreepools < arena.nfreepools do
    to = to + 1
    self.hops = self.hops + 1
  end
  table.remove(self.usable, from)
  table.insert(self.usable, to, arena)
end

-- The pool that became empty last is used first.
function methods.shelve(_, arena, pool)
  table.insert(arena.freepools, 1, pool)
end

function methods:give_pool(arena, pool)
  self:shelve(arena, pool)
  arena.nfreepools = arena.nfreepools + 1
  local is_free = arena.nfreepools == arena.ntotalpools
  if is_free and releases[self.geometry.release](self, arena) then
    self:release_arena(arena)
  elseif arena.nfreepools == 1 then
    table.insert(self.usable, 1, arena)
  else
    self:slide_right(arena)
  end
end

-- Empty pools are used before pools that were never carved. Returns nil if the
-- arena has no empty pool.
function methods.unshelve(_, arena)
  return table.remove(arena.freepools, 1)
end

-- A pool of the usable arena with the fewest free pools; nil if there is no such
-- arena and none can be obtained.
function methods:take_pool()
  if #self.usable == 0 and not self:new_arena() then
    return nil
  end
  local arena = self.usable[1]
  local pool = self:unshelve(arena)
  if not pool then
    pool = { arena = arena, offset = #arena.pools * self.geometry.pool_bytes }
    table.insert(arena.pools, pool)
  end
  arena.nfreepools = arena.nfreepools - 1
  if arena.nfreepools == 0 then
    table.remove(self.usable, 1)
  end
  return pool
end

return M
