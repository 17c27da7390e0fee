-- Finds the id, the size, the address, the request or the mark that a typed text names.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local json = require "pymalloc.json"
local numbers = require "pymalloc.page.numbers"
local requests = require "pymalloc.page.requests"
local sites = require "pymalloc.sites"
local text = require "pymalloc.text"

local M = {}

local REQUESTS_MOST, BLOCKS_MOST, MARKS_MOST = 1000, 200, 100

local HELP = "A search takes an id (7 or id 7), a size (size 48), an address (0:4096:48 or "
  .. "0:4096), a request (request 1234) or the text of a mark."

-- {=== Blocks

local function place_of(block)
  return block.arena and { arena = block.arena, pool = block.pool, block = block.block }
end

-- The first requests of an id in the clock, and the number of those that are not listed.
local function requests_of(session, id)
  local run, list, left_out, at = session.run, {}, 0, session.from + 1
  while at <= session.to do
    local found = core.run.find(run, "id", id, at, session.to)
    if not found then
      break
    elseif #list < REQUESTS_MOST then
      table.insert(list, requests.facts(run:request(found)))
    else
      left_out = left_out + 1
    end
    at = found + 1
  end
  return list, left_out
end

--- The life of an id.
function M.life(session, id)
  local run = session.run
  local live = run:block(id)
  local life = { id = numbers.big(id), live = live ~= nil }
  if live then
    life.bytes, life.request = numbers.big(live.size), live.request
    life.place, life.address = place_of(live), requests.address(live)
    life.where = requests.frames(live.where)
  end
  life.requests, life.left_out = requests_of(session, id)
  return life
end

-- {=== Searches, each of which gets the session and what the pattern captured

local function by_id(session, digits)
  local id = numbers.integer(digits)
  local life = id and M.life(session, id)
  return life and (life.live or #life.requests > 0) and { kind = "id", id = life.id, life = life }
    or nil
end

local function hit(session, bytes, first, last)
  local run = session.run
  local found = core.run.find(run, "size", bytes, first, last)
  return found and { op = found, text = requests.line(run:request(found)) } or json.null
end

local function add_blocks(session, bytes, result)
  result.left_out = 0
  for id, size, request, slot, pool, block in sites.each_live(session.run) do
    if size == bytes and #result.blocks < BLOCKS_MOST then
      table.insert(result.blocks, { id = numbers.big(id), request = request,
        address = ("%d:%d:%d"):format(slot, pool, block),
        place = { arena = slot, pool = pool, block = block } })
    elseif size == bytes then
      result.left_out = result.left_out + 1
    end
  end
end

local function by_size(session, digits)
  local bytes, op = numbers.integer(digits), session.run.op
  if not bytes then
    return nil
  end
  local result = { kind = "size", bytes = numbers.big(bytes), blocks = {}, next = json.null,
    previous = json.null }
  if op < session.to then
    result.next = hit(session, bytes, op + 1, session.to)
  end
  if op > session.from + 1 then
    result.previous = hit(session, bytes, op - 1, session.from + 1)
  end
  add_blocks(session, bytes, result)
  return result
end

-- The part of a pool in which an offset lies, and the beginning of the block there.
local function part_of(geometry, pool, offset)
  local first = geometry.header_bytes
  if offset < first then
    return "header"
  elseif not pool.size then
    return "virgin"
  end
  local block = offset - (offset - first) % pool.size
  if block > pool.maxnextoffset then
    return "waste"
  end
  return block < pool.nextoffset and "block" or "virgin", block
end

-- The live arena in a slot, or nil.
local function arena_in(run, slot)
  local known, arena = pcall(run.heap.arena, run.heap, slot)
  return known and arena.state ~= "closed" and arena or nil
end

local function add_pool(session, result, arena, offset)
  local run = session.run
  local is_carved, pool = pcall(arena.pool, arena, result.place.pool)
  result.part = "virgin"
  if not is_carved then
    return result
  end
  result.part, result.block = part_of(run.heap.geometry, pool, offset)
  local live = result.part == "block" and run:where(pool.address + result.block)
  result.owner = live and M.life(session, live.id) or nil
  return result
end

local function by_place(session, slot, pool, offset)
  slot, pool, offset = math.tointeger(slot), math.tointeger(pool), math.tointeger(offset or 0)
  local geometry, arena = session.run.heap.geometry, slot and arena_in(session.run, slot)
  if not arena or not pool or not offset or pool % geometry.pool_bytes ~= 0
    or pool // geometry.pool_bytes >= arena.ntotalpools or offset >= geometry.pool_bytes then
    return nil
  end
  local result = { kind = "address", place = { arena = slot, pool = pool, block = offset },
    address = ("%d:%d:%d"):format(slot, pool, offset) }
  return add_pool(session, result, arena, offset)
end

local function by_whole_place(session, slot, pool, offset)
  return by_place(session, tonumber(slot), tonumber(pool), tonumber(offset))
end

local function by_request(session, digits)
  local op = numbers.integer(digits)
  return op and op >= session.from and op <= session.to and { kind = "request", op = op } or nil
end

local function by_mark(session, wanted)
  local found = {}
  for _, mark in ipairs(session.run:marks()) do
    local is_in_clock = mark.op >= session.from and mark.op <= session.to
    if #found < MARKS_MOST and is_in_clock and mark.text:find(wanted, 1, true) then
      table.insert(found, { op = mark.op, text = text.printable(mark.text) })
    end
  end
  return #found > 0 and { kind = "mark", marks = found } or nil
end

local searches = {
  { "^(%d+)$", by_id }, { "^id (%d+)$", by_id }, { "^#(%d+)$", by_id },
  { "^size (%d+)$", by_size }, { "^(%d+) bytes?$", by_size },
  { "^(%d+):(%d+)$", by_whole_place }, { "^(%d+):(%d+):(%d+)$", by_whole_place },
  { "^request (%d+)$", by_request }, { "^op (%d+)$", by_request },
  { "^(.+)$", by_mark },
}

--- The result of the first of these searches that finds something by the text.
function M.search(session, wanted)
  if type(wanted) ~= "string" then
    check.refuse("page", "a search must be a text, got %s", check.quote(wanted))
  end
  wanted = wanted:match("^%s*(.-)%s*$")
  for _, one in ipairs(searches) do
    local first, second, third = wanted:match(one[1])
    local result = first and one[2](session, first, second, third)
    if result then
      return result
    end
  end
  return { kind = "none", text = HELP }
end

return M
