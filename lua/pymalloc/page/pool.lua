-- A pool at a moment: its header, its blocks, its free chain.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local numbers = require "pymalloc.page.numbers"
local requests = require "pymalloc.page.requests"
local sites = require "pymalloc.sites"
local structs = require "pymalloc.page.structs"

local M = {}

local FIELDS = { "ref_count", "freeblock", "nextpool", "prevpool", "arenaindex", "szidx",
  "nextoffset", "maxnextoffset" }

-- The names of the fields of a record that the request just done has changed, as a set.
function M.changed(run, record)
  local changed = {}
  for _, event in ipairs(run:events(true)) do
    for _, change in ipairs(event.changes) do
      if change.of == record.of and change.arena == record.arena and change.pool == record.pool then
        changed[change.field] = true
      end
    end
  end
  return changed
end

local function stale_fields(pool)
  local state = pool.state
  return { nextpool = state == "full", prevpool = state ~= "used" }
end

local function link_value(heap, pool, name)
  local address = pool[name]
  if not address then
    return "-"
  end
  local place = heap:locate(address)
  if place and name == "freeblock" then
    return ("%d:%d:%d"):format(place.arena, place.pool, place.offset)
  elseif place then
    return ("%d:%d"):format(place.arena, place.pool)
  end
  return pool.state == "used" and "class " .. pool.szidx or "?"
end

local function value_of(heap, pool, name)
  if name == "freeblock" or name == "nextpool" or name == "prevpool" then
    return link_value(heap, pool, name)
  end
  return pool[name]
end

--- Fields in the order of their struct, and the names of those that changed and are stale.
function M.fields(names, read, changed, stale)
  local fields, changed_names, stale_names = {}, {}, {}
  for i, name in ipairs(names) do
    fields[i] = { name = name, value = read(name), changed = changed[name] or false,
      stale = stale[name] or false }
    table.insert(changed_names, changed[name] and name or nil)
    table.insert(stale_names, stale[name] and name or nil)
  end
  return fields, changed_names, stale_names
end

-- The live blocks of the pool by their offsets.
local function owners_of(run, slot, offset)
  local owners = {}
  for id, size, request, _, pool, block, site in sites.each_live(run, slot) do
    if pool == offset then
      owners[block] = { id = numbers.big(id), bytes = numbers.big(size), request = request,
        where = requests.frames(sites.frames(run, site)) }
    end
  end
  return owners
end

local function blocks_of(run, pool)
  local blocks, owners = {}, owners_of(run, pool.arena, pool.offset)
  for i, state in ipairs(pool.size and pool:blocks() or {}) do
    local offset = run.heap.geometry.header_bytes + (i - 1) * pool.size
    local block = owners[offset] or {}
    block.offset, block.state = offset, state
    blocks[i] = block
  end
  return blocks
end

local function virgin(session, slot, offset)
  return { place = { arena = slot, pool = offset }, address = ("%d:%d"):format(slot, offset),
    state = "virgin", header = {}, changed = {}, stale = {},
    struct = structs.pool_header(session.run.heap.geometry), szidx = -1, block_bytes = 0,
    overhead = session.run.heap.geometry.header_bytes, waste = 0, blocks = {}, freelist = {} }
end

--- The live arena in a slot; anything else is an error.
function M.arena(run, slot)
  local known, arena = pcall(run.heap.arena, run.heap, slot)
  if not known or arena.state == "closed" then
    check.refuse("page", "there is no arena %s after request %d", core.describe(slot), run.op)
  end
  return arena
end

local function check_offset(arena, offset, pool_bytes)
  if math.type(offset) ~= "integer" or offset % pool_bytes ~= 0 or offset < 0
    or offset // pool_bytes >= arena.ntotalpools then
    check.refuse("page", "a pool begins every %d bytes, at 0 to %d, got %s", pool_bytes,
      (arena.ntotalpools - 1) * pool_bytes, core.describe(offset))
  end
end

--- The facts on a pool.
function M.facts(session, slot, offset)
  local run = session.run
  local heap, arena = run.heap, M.arena(run, slot)
  check_offset(arena, offset, heap.geometry.pool_bytes)
  local is_carved, pool = pcall(arena.pool, arena, offset)
  if not is_carved then
    return virgin(session, slot, offset)
  end
  local header, changed, stale = M.fields(FIELDS, function(name)
    return value_of(heap, pool, name)
  end, M.changed(run, { of = "pool", arena = slot, pool = offset }), stale_fields(pool))
  local size = pool.size or 0
  local class = pool.size and core.class_table(heap.geometry)[pool.szidx + 1]
  return { place = { arena = slot, pool = offset }, address = ("%d:%d"):format(slot, offset),
    state = pool.state, header = header, changed = changed, stale = stale,
    struct = structs.pool_header(heap.geometry), szidx = class and pool.szidx or -1,
    block_bytes = size, overhead = heap.geometry.header_bytes, waste = class and class.waste or 0,
    blocks = blocks_of(run, pool), freelist = class and pool:freelist() or {} }
end

local ARENA_FIELDS = { "address", "pool_address", "nfreepools", "ntotalpools", "freepools",
  "nextarena", "prevarena" }

local function arena_value(arena, facts, name)
  if name == "freepools" then
    return facts.freepools[1] and ("%d:%d"):format(facts.slot, facts.freepools[1]) or "-"
  elseif name == "nextarena" or name == "prevarena" then
    return arena[name] or "-"
  end
  return facts[name]
end

--- Adds to the facts on an arena what is shown of one arena alone.
function M.add_arena(session, facts)
  local run = session.run
  local arena = M.arena(run, facts.slot)
  local is_full = arena.state == "full"
  facts.header, facts.changed, facts.stale = M.fields(ARENA_FIELDS, function(name)
    return arena_value(arena, facts, name)
  end, M.changed(run, { of = "arena", arena = facts.slot }),
    { nextarena = is_full, prevarena = is_full })
  facts.struct = structs.arena_object(run.heap.geometry)
  facts.blocks, facts.bytes = 0, 0
  for _, size in sites.each_live(run, facts.slot) do
    facts.blocks, facts.bytes = facts.blocks + 1, facts.bytes + size
  end
  return facts
end

return M
