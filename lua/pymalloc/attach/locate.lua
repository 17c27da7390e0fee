-- Finds the allocator's state in the memory of CPython: usedpools, arenas and the counters.
-- Symbols give their addresses, if the program has them. Otherwise they are recognised:
-- an empty list of usedpools links to itself, a pool links back to its list, and the vector
-- `arenas` has the address of the pool's arena at the index in its header.

local layout = require "pymalloc.attach.layout"
local maps = require "pymalloc.attach.maps"
local scan = require "pymalloc.attach.scan"

local M = {}

local PAGE = 4096
local ARENA_BYTES_MOST = 1 << 20
local TRIES = 100
local NEAR = 640 -- bytes around `arenas` where its counters are
local CLASS_COUNTS = { 32, 64 }
local USED_BYTES, TO_USED = layout.USED_BYTES, layout.HEADER_TO_USED

-- {=== Lists of used pools

-- The header at an address if it can be that of a used pool; otherwise nil.
local function pool_at(memory, address)
  local is_aligned = address ~= 0 and address % PAGE == 0
  local bytes = is_aligned and maps.may_be_anonymous(memory.maps, address)
    and memory:read(address, layout.HEADER.bytes)
  return bytes and layout.header(bytes, 0) or nil
end

-- Is the list at these words empty, or does its first pool link back to it?
local function is_list(memory, first, at, szidx)
  local link = at - TO_USED
  if first == link then
    return true
  end
  local pool = pool_at(memory, first)
  return pool ~= nil and pool.prevpool == link and pool.szidx == szidx
end

-- Removes from the set `open` the lists that are right if usedpools is at this address.
-- Returns how many remain.
local function keep_wrong(memory, address, class_count, open)
  local bytes = memory:read(address, class_count * USED_BYTES)
  local words, count = bytes and scan.words(bytes) or {}, 0
  for szidx in pairs(open) do
    local first = words[2 * szidx + 1]
    if first and is_list(memory, first, address + szidx * USED_BYTES, szidx) then
      open[szidx] = nil
    else
      count = count + 1
    end
  end
  return count
end

-- Is usedpools, with this many classes, at this address? While the process changes a list, its
-- first pool may not link back, so that the wrong lists are read again.
-- @param is_named has the address a symbol? Then most lists may be wrong at first
local function is_used(memory, address, class_count, is_named)
  local open = {}
  for szidx = 0, class_count - 1 do
    open[szidx] = true
  end
  for _ = 1, TRIES do
    local count = keep_wrong(memory, address, class_count, open)
    if count == 0 then
      return true
    elseif not is_named and count > class_count // 2 then
      return false
    end
  end
  return false
end

-- The number of size classes of usedpools at this address; nil if it is not there.
local function class_count_at(memory, address, is_named)
  local found
  for _, count in ipairs(CLASS_COUNTS) do
    found = is_used(memory, address, count, is_named) and count or found
  end
  return found
end

--- Searches ranges of memory for usedpools. Returns its address and the number of classes.
function M.find_used(memory, ranges)
  local tried = {}
  local function try(address)
    if tried[address] then
      return nil
    end
    tried[address] = true
    local count = class_count_at(memory, address)
    return count and { address = address, class_count = count }
  end
  local found = scan.each(memory, ranges, function(word, at)
    if word == at - TO_USED then
      return try(at)
    end
    local pool = word % PAGE == 0 and word ~= 0 and pool_at(memory, word)
    if pool and pool.prevpool == at - TO_USED then
      return try(at - pool.szidx * USED_BYTES)
    end
  end)
  return found
end

-- {=== The arenas vector

-- The first pool that is on a list of usedpools, with its address.
local function any_pool(memory, used)
  for szidx = 0, used.class_count - 1 do
    local at = used.address + szidx * USED_BYTES
    local first = scan.word(memory, at)
    local pool = first and first ~= at - TO_USED and pool_at(memory, first)
    if pool and pool.szidx == szidx then
      pool.address = first
      return pool
    end
  end
end

-- Does the vector at this address have the arena of the pool at the pool's arenaindex?
local function has_arena_of(memory, vector, pool)
  local address = scan.word(memory, vector + pool.arenaindex * layout.ARENA.bytes)
  return address ~= nil and address ~= 0 and address % PAGE == 0
    and address <= pool.address and pool.address - address < ARENA_BYTES_MOST
end

-- The address of the variable `arenas`, found by a pool.
local function find_arenas(memory, ranges, pool)
  return scan.each(memory, ranges, function(word, at)
    local is_pointer = word ~= 0 and word % 8 == 0 and word // PAGE ~= pool.address // PAGE
    if is_pointer and maps.may_be_anonymous(memory.maps, word) and has_arena_of(memory, word, pool)
      and has_arena_of(memory, scan.word(memory, at) or 0, pool) then
      return at
    end
  end)
end

-- {=== The counters

-- The three counters are next to each other. The smallest is the number of arenas now, the
-- largest is the number of all arenas obtained so far. If several places are possible, the one
-- with the smallest numbers is right: at the others one of the three words is not a counter.
local function better(one, other)
  return not other or one[3] < other[3] or one[3] == other[3] and one[2] < other[2]
end

--- The addresses of the three counters near `arenas`, by name, if there is a place where one
-- of them is `current` and none is above `most`; otherwise an empty table.
function M.find_counters(memory, arenas_at, current, slots)
  local first = arenas_at - NEAR
  local bytes = memory:read(first, 2 * NEAR)
  local words, best = bytes and scan.words(bytes) or {}, nil
  for i = 1, #words - 2 do
    local counters = { words[i], words[i + 1], words[i + 2] }
    table.sort(counters, math.ult)
    if counters[1] == current and not math.ult(slots, counters[2])
      and counters[3] < 1 << 48 and better(counters, best) then
      best = counters
    end
  end
  return best
end

--- Is a word equal to this near `arenas`?
function M.has_near(memory, arenas_at, number)
  local bytes = memory:read(arenas_at - NEAR, 2 * NEAR) or ""
  for at = 1, #bytes - 3, 4 do
    if string.unpack("<I4", bytes, at) == number then
      return true
    end
  end
  return false
end

-- {=== All of it

-- The addresses of the state that follows usedpools, from 3.12 on.
local function in_state(used)
  local addresses, after = {}, used.address + used.class_count * USED_BYTES
  for name, offset in pairs(layout.STATE) do
    addresses[name] = after + offset
  end
  return addresses
end

-- usedpools by its symbol, or by a search.
local function used_of(memory, python)
  local symbols = python.symbols
  local address = symbols.usedpools or symbols.obmalloc_state_main
  local count = address and class_count_at(memory, address, true)
  if count then
    return { address = address, class_count = count }
  end
  return M.find_used(memory, python.ranges)
end

--- The state of an interpreter whose usedpools is known, in a CPython from 3.12 on.
function M.state(used)
  return { used = used, addresses = in_state(used) }
end

--- The address and the number of classes of usedpools at an address; nil if it is not there.
function M.used_at(memory, address)
  local count = class_count_at(memory, address)
  return count and { address = address, class_count = count }
end

--- The state of the main interpreter: used (address, class_count), and the addresses of the
-- variables by their names. Without `arenas` in it no arena was found. nil: this CPython
-- has no usedpools.
function M.main(memory, python, minor)
  local used = used_of(memory, python)
  if not used then
    return nil
  elseif minor >= 12 then
    return M.state(used)
  elseif python.symbols.arenas then
    return { used = used, addresses = python.symbols }
  end
  local pool = any_pool(memory, used)
  local arenas_at = pool and find_arenas(memory, python.ranges, pool)
  return { used = used, addresses = { arenas = arenas_at }, has_pools = pool ~= nil }
end

return M
