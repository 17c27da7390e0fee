-- Reads all arenas and pools of a process while it runs. They are read one after the other,
-- so that the process may change some of them meanwhile. Therefore all headers are read a
-- second time; the arenas with a pool that changed are read anew, a few times at most. If
-- nothing changed between two readings, the result is the state at one moment.

local layout = require "pymalloc.attach.layout"
local locate = require "pymalloc.attach.locate"
local pools = require "pymalloc.attach.pool"
local scan = require "pymalloc.attach.scan"

local M = {}

local PASSES = 5
local SLOTS_MOST = 1 << 22
local ARENA_BYTES = layout.ARENA.bytes

-- {=== The vector of arena objects

local function counter(memory, address, bytes)
  local read = address and memory:read(address, bytes)
  return read and string.unpack(bytes == 4 and "<I4" or "<i8", read)
end

-- The slot to which a pointer into the vector leads; nil for one that leads elsewhere.
local function slot_of(vector, pointer)
  local offset = pointer - vector.address
  if pointer ~= 0 and offset >= 0 and offset % ARENA_BYTES == 0
    and offset < vector.slots * ARENA_BYTES then
    return offset // ARENA_BYTES
  end
end

local function is_plausible(object, geometry)
  local first, last = object.address, object.address + geometry.arena_bytes
  return first % 4096 == 0 and object.pool_address >= first and object.pool_address <= last
    and object.nfreepools <= object.ntotalpools
    and object.ntotalpools <= geometry.pools_per_arena
    and object.ntotalpools >= geometry.pools_per_arena - 1
end

-- Do the arena objects in the first slots, of the given number, link only to each other?
local function is_closed(vector, bytes, geometry)
  for slot = 0, vector.slots - 1 do
    local object = layout.arena(bytes, slot * ARENA_BYTES)
    local is_linked = object.address == 0 or object.nfreepools > 0
    if object.address ~= 0 and not is_plausible(object, geometry) or is_linked
      and object.nextarena ~= 0 and not slot_of(vector, object.nextarena) then
      return false
    end
  end
  return true
end

-- The length of the vector where maxarenas has no symbol: 16, 32, 64, and so on. It is the
-- first of these numbers that is also in the memory near `arenas`, or else the first that is
-- possible.
local function guess_slots(memory, vector, arenas_at, geometry)
  local possible
  vector.slots = layout.INITIAL_SLOTS
  while vector.slots <= SLOTS_MOST do
    local bytes = memory:read(vector.address, vector.slots * ARENA_BYTES)
    if not bytes then
      break
    elseif is_closed(vector, bytes, geometry) then
      possible = possible or vector.slots
      if locate.has_near(memory, arenas_at, vector.slots) then
        return vector.slots
      end
    end
    vector.slots = vector.slots * 2
  end
  return possible
end

-- Reads the vector; nil if it was moved at this moment.
local function read_vector(memory, addresses, geometry)
  local vector = { address = scan.word(memory, addresses.arenas) or 0 }
  if vector.address == 0 then
    return { address = 0, slots = 0, bytes = "" }
  end
  vector.slots = counter(memory, addresses.maxarenas, 4)
    or guess_slots(memory, vector, addresses.arenas, geometry)
  if not vector.slots or vector.slots > SLOTS_MOST then
    return nil
  end
  vector.bytes = memory:read(vector.address, vector.slots * ARENA_BYTES)
  return vector.bytes and vector
end

local function object_of(vector, slot)
  local at = slot * ARENA_BYTES
  local object = layout.arena(vector.bytes, at)
  object.signature = vector.bytes:sub(at + 1, at + ARENA_BYTES)
  return object
end

-- {=== Arenas

local function first_pool(object, geometry)
  return (object.address + geometry.pool_bytes - 1) & -geometry.pool_bytes
end

-- Reads an arena; nil if it is gone.
local function read_arena(memory, geometry, slot, object)
  if not is_plausible(object, geometry) then
    return nil
  end
  local first, list = first_pool(object, geometry), {}
  local bytes = memory:read(first, math.max(0, object.pool_address - first))
  if not bytes then
    return nil
  end
  for at = 0, #bytes - geometry.pool_bytes, geometry.pool_bytes do
    local pool = pools.read(memory, bytes, at, first + at, geometry, slot)
    pool.offset = at
    table.insert(list, pool)
  end
  return { index = slot, object = object, pools = list }
end

-- The number of pools of an arena whose headers are not as they were read.
local function count_changed(memory, arena)
  local changed = 0
  for _, pool in ipairs(arena.pools) do
    if memory:read(pool.address, layout.HEADER.bytes) ~= pool.signature then
      changed = changed + 1
    end
  end
  return changed
end

-- {=== Passes

local function used_bytes(memory, used)
  return memory:read(used.address, used.class_count * layout.USED_BYTES) or ""
end

-- Reads the arena of a slot unless it is as it was. Returns the number of its pools that
-- changed; an arena that is new, or that is gone, counts as one pool.
local function refresh_arena(self, vector, slot)
  local object, old = object_of(vector, slot), self.arenas[slot]
  if object.address == 0 then
    self.arenas[slot] = nil
    return old and 1 or 0
  end
  local is_same = old and old.object.signature == object.signature
  local changed = old and count_changed(self.memory, old) or 1
  if changed > 0 or not is_same then
    self.arenas[slot] = read_arena(self.memory, self.geometry, slot, object)
    changed = math.max(changed, 1)
  end
  return changed
end

-- Reads what changed since the last pass. Returns the number of pools that did.
local function pass(self)
  local vector = read_vector(self.memory, self.addresses, self.geometry)
  local changed = vector and 0 or 1
  vector = vector or self.vector
  for slot = 0, vector.slots - 1 do
    changed = changed + refresh_arena(self, vector, slot)
    self.progress(slot + 1)
  end
  for slot = vector.slots, self.vector.slots - 1 do
    self.arenas[slot] = nil
  end
  local used = used_bytes(self.memory, self.used)
  local is_same = self.used_bytes == used and self.vector.bytes == vector.bytes
  self.used_bytes, self.vector = used, vector
  return is_same and changed or math.max(changed, 1)
end

local function read_counters(self)
  local memory, addresses = self.memory, self.addresses
  local function read(name, bytes)
    return counter(memory, addresses[name], bytes)
  end
  self.counters = {
    current = read("narenas_currently_allocated", 8),
    total = read("ntimes_arena_allocated", 8),
    highwater = read("narenas_highwater", 8),
    raw_blocks = read("raw_allocated_blocks", 8),
    all_blocks = read("_Py_AllocatedBlocks", 8),
    mid_nodes = read("arena_map_mid_count", 4),
    bot_nodes = read("arena_map_bot_count", 4),
  }
end

-- The counters of arenas where they have no symbols.
local function find_counters(self)
  local current = 0
  for slot = 0, self.vector.slots - 1 do
    current = current + (self.arenas[slot] and 1 or 0)
  end
  local found = not self.addresses.narenas_highwater and self.vector.slots > 0
    and locate.find_counters(self.memory, self.addresses.arenas, current, self.vector.slots)
  if found then
    self.counters.current, self.counters.highwater, self.counters.total = table.unpack(found)
  end
end

--- Reads the allocator's state.
-- @param source memory, used and addresses (see locate), geometry, and a function
-- progress(count), which is called for each slot
-- @return a table: vector, arenas by slot, used_bytes, counters, passes, and changed, the
-- number of pools that changed between the last two passes
function M.take(source)
  local self = { memory = source.memory, used = source.used, addresses = source.addresses,
    geometry = source.geometry, progress = source.progress, arenas = {}, passes = 0,
    vector = { slots = 0, address = 0, bytes = "" } }
  pass(self)
  repeat
    read_counters(self)
    self.changed = pass(self)
    self.passes = self.passes + 1
  until self.changed == 0 or self.passes == PASSES
  find_counters(self)
  return self
end

M.slot_of, M.first_pool = slot_of, first_pool

return M
