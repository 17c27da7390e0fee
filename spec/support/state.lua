-- The state of a heap, computed only from its events. Each event is applied or
-- undone change by change, and an error is raised if the value in the state is
-- not the old value of the change. The state writes the same dump as the heap.

local M = {}
M.__index = M

-- Returns the key of the record that a change belongs to.
local function record_key(change)
  if change.of == "heap" then
    return "heap"
  elseif change.of == "arena" then
    return change.arena
  elseif change.of == "pool" then
    return ("%d:%d"):format(change.arena, change.pool)
  elseif change.of == "block" then
    return ("%d:%d:%d"):format(change.arena, change.pool, change.block)
  end
  return change[change.of]
end

function M.new(geometry)
  local self = setmetatable({
    geometry = geometry,
    heap = { heap = {
      maxarenas = 0, narenas_currently_allocated = 0, ntimes_arena_allocated = 0,
      narenas_highwater = 0, raw_blocks = 0, usable_arenas = "-", unused_arena_objects = "-",
    } },
    arena = {}, group = {}, class = {}, pool = {}, block = {},
  }, M)
  for group = 0, geometry.pools_per_arena do
    self.group[group] = { lasta = "-" }
  end
  for szidx = 0, geometry.class_count - 1 do
    local ring = "class " .. szidx
    self.class[szidx] = { nextpool = ring, prevpool = ring }
  end
  return self
end

local function set(self, change, was, becomes)
  local records, key = self[change.of], record_key(change)
  local record = records[key] or {}
  if record[change.field] ~= was then
    error(("%s %s %s is %s, the event says %s"):format(change.of, key, change.field,
      record[change.field], was), 0)
  end
  record[change.field] = becomes
  records[key] = next(record) and record or nil
end

-- Adds new slots, which are chained in ascending order.
local function grow(self, from, count)
  for slot = from, count - 1 do
    self.arena[slot] = {
      address = "-", pool_address = "-", nfreepools = 0, ntotalpools = 0, freepools = "-",
      nextarena = slot + 1 < count and slot + 1 or "-", prevarena = "-",
    }
  end
end

local function shrink(self, from, count)
  for slot = from, count - 1 do
    self.arena[slot] = nil
  end
end

local function slots(event)
  for _, change in ipairs(event.changes) do
    if change.field == "maxarenas" then
      return change.old, change.new
    end
  end
end

function M:apply(events)
  for _, event in ipairs(events) do
    if event.kind == "arenas_grow" then
      grow(self, slots(event))
    end
    for _, change in ipairs(event.changes) do
      set(self, change, change.old, change.new)
    end
  end
end

function M:undo(events)
  for i = #events, 1, -1 do
    local changes = events[i].changes
    for j = #changes, 1, -1 do
      set(self, changes[j], changes[j].new, changes[j].old)
    end
    if events[i].kind == "arenas_grow" then
      shrink(self, slots(events[i]))
    end
  end
end

-- Returns the slots of a list of arenas as text like " 1 2 3".
local function slot_list(self, slot)
  local text = ""
  while slot ~= "-" do
    text = text .. " " .. slot
    slot = self.arena[slot].nextarena
  end
  return text
end

-- Returns the places of a list of pools as text like " 0:0 0:256". The list ends at
-- "-" or at a class.
local function pool_list(self, place)
  local text = ""
  while self.pool[place] do
    text = text .. " " .. place
    place = self.pool[place].nextpool
  end
  return text
end

local function chain(self, pool)
  local text, place = "", pool.freeblock
  while place ~= "-" do
    text = text .. " " .. place:match("%d+$")
    place = self.block[place].link
  end
  return text
end

local function pool_state(pool)
  if pool.ref_count == 0 then
    return "empty"
  end
  return pool.freeblock == "-" and "full" or "used"
end

local function pool_line(self, place)
  local pool = self.pool[place]
  return ("pool %s count=%d szidx=%d nextoffset=%d maxnextoffset=%d arenaindex=%d %s free%s")
    :format(place, pool.ref_count, pool.szidx, pool.nextoffset, pool.maxnextoffset,
      pool.arenaindex, pool_state(pool), chain(self, pool))
end

local function arena_lines(self, slot, lines)
  local arena = self.arena[slot]
  if arena.address == "-" then
    table.insert(lines, ("arena %d free next=%s"):format(slot, arena.nextarena))
    return
  end
  local links = arena.nfreepools == 0 and " full"
    or (" next=%s prev=%s"):format(arena.nextarena, arena.prevarena)
  table.insert(lines, ("arena %d pool_address=%d nfreepools=%d ntotalpools=%d%s freepools%s")
    :format(slot, arena.pool_address, arena.nfreepools, arena.ntotalpools, links,
      pool_list(self, arena.freepools)))
  for offset = 0, arena.pool_address - 1, self.geometry.pool_bytes do
    table.insert(lines, pool_line(self, ("%d:%d"):format(slot, offset)))
  end
end

local function live_blocks(self)
  local count = self.heap.heap.raw_blocks
  for _, pool in pairs(self.pool) do
    count = count + pool.ref_count
  end
  return count
end

-- Returns the dump as the heap writes it.
function M:dump()
  local heap = self.heap.heap
  local lines = {
    ("globals maxarenas=%d current=%d total=%d highwater=%d blocks=%d"):format(heap.maxarenas,
      heap.narenas_currently_allocated, heap.ntimes_arena_allocated, heap.narenas_highwater,
      live_blocks(self)),
    "usable" .. slot_list(self, heap.usable_arenas),
    "unused" .. slot_list(self, heap.unused_arena_objects),
  }
  for slot = 0, heap.maxarenas - 1 do
    arena_lines(self, slot, lines)
  end
  for szidx = 0, self.geometry.class_count - 1 do
    local used = pool_list(self, self.class[szidx].nextpool)
    if used ~= "" then
      table.insert(lines, ("class %d size=%d used%s"):format(szidx,
        (szidx + 1) * self.geometry.alignment, used))
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

return M
