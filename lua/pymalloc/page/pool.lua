-- An arena and a pool at a moment: their structs, the blocks of the pool, its free chain.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local json = require "pymalloc.json"
local lists = require "pymalloc.page.lists"
local numbers = require "pymalloc.page.numbers"
local requests = require "pymalloc.page.requests"
local sites = require "pymalloc.sites"
local structs = require "pymalloc.page.structs"

local M = {}

-- {=== Structs

-- The names of the fields of a record that the request just done has changed, as a set.
local function changed_fields(run, record, slot, offset)
  local changed = {}
  for _, event in ipairs(run:events(true)) do
    for _, change in ipairs(event.changes) do
      if change.of == record and change.arena == slot and change.pool == offset then
        changed[change.field] = true
      end
    end
  end
  return changed
end

local function names_of(fields, property)
  local names = {}
  for _, field in ipairs(fields) do
    table.insert(names, field[property] and field.name or nil)
  end
  return names
end

-- Adds the fields of a record to its facts: header, changed and stale.
local function add_header(facts, run, stale, record, slot, offset)
  local changed = changed_fields(run, record, slot, offset)
  facts.header = core.run.fields(run, record, slot, offset)
  for _, field in ipairs(facts.header) do
    field.changed, field.stale = changed[field.name] or false, stale[field.name] or false
  end
  facts.changed, facts.stale = names_of(facts.header, "changed"), names_of(facts.header, "stale")
  return facts
end

-- {=== Arenas

-- The live arena in a slot, a view; nil if there is none.
local function find_arena(run, slot)
  local known, arena = pcall(run.heap.arena, run.heap, slot)
  return known and arena.state ~= "closed" and arena or nil
end

-- The same, where anything else is an error.
local function arena_in(run, slot)
  return find_arena(run, slot)
    or check.refuse("page", "there is no arena %s after request %d", check.quote(slot), run.op)
end

--- The facts on an arena.
function M.arena(session, slot)
  local run = session.run
  local view = arena_in(run, slot)
  local is_full = view.state == "full"
  local facts = lists.arena(run, slot)
  facts.struct = structs.text("arena_object", session.geometry.profile)
  return add_header(facts, run, { nextarena = is_full, prevarena = is_full }, "arena", slot)
end

-- {=== Pools

-- Does a pool of the arena begin at that offset?
local function is_pool(arena, offset, pool_bytes)
  return math.type(offset) == "integer" and offset % pool_bytes == 0 and offset >= 0
    and offset // pool_bytes < arena.ntotalpools
end

local function check_offset(arena, offset, pool_bytes)
  if not is_pool(arena, offset, pool_bytes) then
    check.refuse("page", "a pool begins every %d bytes, the last one at %d, got %s", pool_bytes,
      (arena.ntotalpools - 1) * pool_bytes, check.quote(offset))
  end
end

-- The live blocks of the pool by their offsets.
local function owners_of(run, slot, offset)
  local owners = {}
  for id, size, request, _, _, block, site in sites.each_live(run, slot, offset) do
    owners[block] = { id = numbers.big(id), bytes = numbers.big(size), request = request,
      where = requests.frames(sites.frames(run, site)) }
  end
  return owners
end

local function blocks_of(run, pool)
  local blocks, owners = {}, owners_of(run, pool.arena, pool.offset)
  for i, state in ipairs(pool:blocks()) do
    local offset = run.heap.geometry.header_bytes + (i - 1) * pool.size
    local block = owners[offset] or {}
    block.offset, block.state = offset, state
    blocks[i] = block
  end
  return blocks
end

local function waste_of(geometry, pool)
  return geometry.pool_bytes - geometry.header_bytes - pool.capacity * pool.size
end

local function add_class(facts, run, pool)
  facts.szidx, facts.block_bytes = pool.szidx, pool.size
  facts.waste = waste_of(run.heap.geometry, pool)
  facts.blocks, facts.freelist = blocks_of(run, pool), pool:freelist()
end

-- The facts on a pool that was never carved.
local function virgin(session, slot, offset)
  local geometry = session.run.heap.geometry
  return { place = { arena = slot, pool = offset }, address = ("%d:%d"):format(slot, offset),
    state = "virgin", header = {}, changed = {}, stale = {},
    struct = structs.text("pool_header", session.geometry.profile), szidx = -1, block_bytes = 0,
    overhead = geometry.header_bytes, waste = 0, blocks = {}, freelist = {} }
end

-- The links that have no meaning in the state of a pool. Its arena's list links empty pools by
-- nextpool alone.
local function stale_fields(state)
  return { nextpool = state == "full", prevpool = state ~= "used" }
end

--- The facts on a pool.
function M.pool(session, slot, offset)
  local run = session.run
  local heap, arena = run.heap, arena_in(run, slot)
  check_offset(arena, offset, heap.geometry.pool_bytes)
  local facts = virgin(session, slot, offset)
  if offset >= lists.arena(run, slot).pool_address then
    return facts
  end
  local pool = arena:pool(offset)
  facts.state = pool.state
  if pool.size then
    add_class(facts, run, pool)
  end
  return add_header(facts, run, stale_fields(pool.state), "pool", slot, offset)
end

--- The map of all pools, and the facts on an arena, on a pool of it, and on the moment if they are
-- given: the length of the latter in four bytes, they themselves as JSON, in which null is an arena
-- or a pool that does not exist, and the map.
function M.look(session, slot, offset, moment)
  local run = session.run
  local arena = slot ~= nil and find_arena(run, slot)
  local has_pool = arena and is_pool(arena, offset, run.heap.geometry.pool_bytes)
  local facts = { moment = moment, arena = arena and M.arena(session, slot) or json.null,
    pool = has_pool and M.pool(session, slot, offset) or json.null }
  return string.pack("<s4", json.line(facts)) .. core.run.map(run)
end

--- The view of a record that plain data names: the heap, an arena or a pool.
function M.view(run, record)
  if type(record) ~= "table" then
    check.refuse("page", "a record is {}, { arena } or { arena, pool }, got %s",
      check.quote(record))
  elseif record.arena == nil then
    return run.heap
  end
  local arena = arena_in(run, record.arena)
  if record.pool == nil then
    return arena
  end
  check_offset(arena, record.pool, run.heap.geometry.pool_bytes)
  return arena:pool(record.pool)
end

return M
