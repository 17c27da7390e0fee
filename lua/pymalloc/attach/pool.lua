-- Reads a pool: its header and its free chain. Each number is checked before it is used.

local layout = require "pymalloc.attach.layout"

local M = {}

local TRIES = 8

-- Why a header cannot be that of a pool in use: the name of the invariant and a message.
local function header_problem(header, geometry, index)
  local size = (header.szidx + 1) * geometry.alignment
  local first = geometry.header_bytes
  if header.arenaindex ~= index then
    return "pool.arena", ("arenaindex is %d"):format(header.arenaindex)
  elseif header.szidx >= geometry.class_count then
    return "pool.class", ("szidx is %d"):format(header.szidx)
  elseif header.maxnextoffset ~= geometry.pool_bytes - size then
    return "pool.class", ("maxnextoffset is %d"):format(header.maxnextoffset)
  elseif header.nextoffset > geometry.pool_bytes or header.nextoffset < first
    or (header.nextoffset - first) % size ~= 0 then
    return "pool.class", ("nextoffset is %d"):format(header.nextoffset)
  end
end

-- The free chain as offsets, up to the first link that leads to no free block, and a message
-- on that link. `bytes` holds the pool from `at` on.
local function read_chain(bytes, at, record, address)
  local free, seen, first = {}, {}, 48
  local link = record.freeblock
  while link ~= 0 do
    local offset = link - address
    if offset < first or offset >= record.nextoffset or (offset - first) % record.size ~= 0 then
      return free, ("the free chain leads to address 0x%x"):format(link)
    elseif seen[offset] then
      return free, ("the free chain leads to offset %d twice"):format(offset)
    end
    seen[offset] = true
    free[#free + 1] = offset
    link = string.unpack("<I8", bytes, at + offset + 1)
  end
  return free
end

local function state_of(record)
  if record.ref_count == 0 then
    return "empty"
  end
  return record.ref_count == record.capacity and "full" or "used"
end

-- Finds numbers of a pool that contradict each other. A pool with such a fault keeps as many
-- free blocks as there is room for beside the live ones.
local function check_counts(record, geometry)
  local carved = (record.nextoffset - geometry.header_bytes) // record.size
  if record.ref_count + #record.free == carved then
    return nil
  end
  local message = ("%d live and %d free blocks, but %d were carved"):format(record.ref_count,
    #record.free, carved)
  record.ref_count = math.min(record.ref_count, carved)
  for i = carved - record.ref_count + 1, #record.free do
    record.free[i] = nil
  end
  return message
end

-- A pool from bytes. Returns its record, and the invariant that is broken with a message.
local function parse(bytes, at, address, geometry, index)
  local record = layout.header(bytes, at)
  record.signature = bytes:sub(at + 1, at + layout.HEADER.bytes)
  record.address, record.free = address, {}
  local invariant, message = header_problem(record, geometry, index)
  if invariant then
    record.ref_count, record.state = 0, "empty"
    return record, invariant, message
  end
  record.size = (record.szidx + 1) * geometry.alignment
  record.capacity = (geometry.pool_bytes - geometry.header_bytes) // record.size
  record.free, message = read_chain(bytes, at, record, address)
  local count_message = check_counts(record, geometry)
  record.state = state_of(record)
  if message then
    return record, "pool.chain", message
  end
  return record, count_message and "pool.count", count_message
end

-- Reads one pool again, whose numbers contradicted each other. Reading it alone takes less time.
-- If its header never changes and the pool stays wrong, the pool is damaged.
local function read_again(memory, address, geometry, index, record, invariant, message)
  local is_still = true
  for _ = 1, TRIES do
    local bytes = memory:read(address, geometry.pool_bytes)
    if not bytes then
      break
    end
    local signature = record.signature
    record, invariant, message = parse(bytes, 0, address, geometry, index)
    if not invariant then
      return record
    end
    is_still = is_still and record.signature == signature
  end
  record.fault = { invariant = invariant, message = message }
  record.is_torn = not is_still or nil
  return record
end

--- The pool at `at`, counted from 0, of bytes that were read at once.
-- @param address that of the pool
-- @param index the slot of its arena
function M.read(memory, bytes, at, address, geometry, index)
  local record, invariant, message = parse(bytes, at, address, geometry, index)
  if invariant then
    record = read_again(memory, address, geometry, index, record, invariant, message)
  end
  return record
end

return M
