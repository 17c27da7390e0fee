-- Arenas and pools that options name, such as --arena 3 and --pool 3:16384.

local M = {}

local SLOTS_NAMED = 8 -- in the message for an arena that is not there

-- The converter of an option for a pool: "3:16384" -> { arena = 3, offset = 16384 }.
function M.reader(option)
  return function(given)
    local arena, offset = given:match("^(%d+):(%d+)$")
    arena, offset = math.tointeger(tonumber(arena)), math.tointeger(tonumber(offset))
    if arena and offset then
      return { arena = arena, offset = offset }
    end
    return nil, ("option '%s' takes an arena and the offset of a pool in it, like 0:16384, got "
      .. "'%s'"):format(option, given)
  end
end

-- The converter of an option for a block: "3:16384:48" -> { arena = 3, offset = 16384, block = 48
-- }.
function M.block_reader(option)
  return function(given)
    local arena, offset, block = given:match("^(%d+):(%d+):(%d+)$")
    arena, offset = math.tointeger(tonumber(arena)), math.tointeger(tonumber(offset))
    block = math.tointeger(tonumber(block))
    if arena and offset and block then
      return { arena = arena, offset = offset, block = block }
    end
    return nil, ("option '%s' takes the place of a block, like 0:16384:48, got '%s'"):format(option,
      given)
  end
end

-- The arenas of a heap in words.
local function arenas_text(heap)
  local slots = {}
  for arena in heap:arenas() do
    table.insert(slots, #slots < SLOTS_NAMED and arena.index or "...")
    if #slots > SLOTS_NAMED then
      break
    end
  end
  return #slots == 0 and "the heap has none" or "the heap has " .. table.concat(slots, ", ")
end

-- The live arena in a slot after request `op`; nil and a message if there is none.
function M.arena(heap, slot, option, op)
  local is_slot, arena = pcall(heap.arena, heap, slot)
  if is_slot and arena.state ~= "closed" then
    return arena
  end
  return nil, ("option '%s': there is no arena %d after request %d: %s"):format(option, slot, op,
    arenas_text(heap))
end

-- The pool at a place; nil and a message if there is none.
function M.pool(heap, place, option, op)
  local arena, problem = M.arena(heap, place.arena, option, op)
  if not arena then
    return nil, problem
  end
  local last
  for pool in arena:pools() do
    if pool.offset == place.offset then
      return pool
    end
    last = pool.offset
  end
  return nil, ("option '%s': no pool of arena %d begins at offset %d after request %d: pools "
    .. "begin every %d bytes, the last one at %d"):format(option, place.arena, place.offset, op,
    heap.geometry.pool_bytes, last)
end

-- The pool of a block; nil and a message if no block of it is at that offset.
function M.block(heap, place, option, op)
  local pool, problem = M.pool(heap, place, option, op)
  if not pool then
    return nil, problem
  end
  local first = heap.geometry.header_bytes
  local last = first + (pool.capacity or 0) * (pool.size or 0) - 1
  if place.block < first or place.block > last then
    return nil, ("option '%s': the blocks of pool %d:%d are at offsets from %d to %d, got %d")
      :format(option, place.arena, place.offset, first, last, place.block)
  end
  return pool
end

return M
