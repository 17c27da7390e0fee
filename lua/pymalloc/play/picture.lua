-- The facts of which the picture of a heap is drawn: its arenas with their pools, one pool with
-- its header and blocks, the lists, and the last events. They are plain tables, and bounded.

local core = require "pymalloc.core"
local heap_view = require "pymalloc.view.heap"
local view = require "pymalloc.view"

local M = {}

local MOST_POOLS = 2048 -- pools of arenas that are drawn
local MOST_LISTED = 100 -- places of a list
local MOST_EVENTS = 12
local TEXT_COLUMNS = 80

-- CPython's fields of a pool header, in their order.
local HEADER = { "ref_count", "freeblock", "nextpool", "prevpool", "arenaindex", "szidx",
  "nextoffset", "maxnextoffset" }

local codes = { empty = "e", used = "u", full = "f" }

-- {=== Arenas

-- The pools of an arena: a letter for each (v: never carved), and how many blocks of it are live.
local function pools_of(arena)
  local letters, live, capacity, classes = {}, {}, {}, {}
  for pool in arena:pools() do
    local i = #letters + 1
    letters[i] = codes[pool.state]
    live[i], capacity[i], classes[i] = pool.ref_count, pool.capacity or 0, pool.szidx
  end
  local carved = table.concat(letters)
  return { states = carved .. ("v"):rep(arena.ntotalpools - #carved), live = live,
    capacity = capacity, classes = classes }
end

-- The arenas in the order of their slots, and how many are left out.
local function arenas_of(heap)
  local list, pools, left_out = {}, 0, 0
  for arena in heap:arenas() do
    pools = pools + arena.ntotalpools
    if pools > MOST_POOLS and #list > 0 then
      left_out = left_out + 1
    else
      local one = pools_of(arena)
      one.slot, one.state, one.free = arena.index, arena.state, arena.nfreepools
      table.insert(list, one)
    end
  end
  return list, left_out
end

-- {=== One pool

local function place_text(place)
  return ("%d:%d"):format(place.arena, place.pool)
end

local function link_text(heap, pool, address)
  local place = heap:locate(address)
  if address == 0 then
    return "NULL"
  elseif not place then
    return ("class %d"):format(pool.szidx)
  end
  return place.offset == 0 and place_text(place) or ("%s:%d"):format(place_text(place),
    place.offset)
end

-- The fields of the header as texts; one that has no meaning in the pool's state is "-".
local function header_of(heap, pool)
  local header, values = {}, {}
  for i, name in ipairs(HEADER) do
    local value = pool[name]
    local is_address = name == "freeblock" or name == "nextpool" or name == "prevpool"
    local told = value == nil and "-" or is_address and link_text(heap, pool, value)
      or tostring(value)
    header[i], values[name] = { name = name, value = told }, told
  end
  return header, values
end

local letters_of_blocks = { live = "l", free = "f", virgin = "v", cached = "c" }

local function blocks_of(pool)
  local states = {}
  for i, state in ipairs(pool:blocks()) do
    states[i] = letters_of_blocks[state] or "l"
  end
  return table.concat(states)
end

local function pool_facts(heap, pool)
  local geometry = heap.geometry
  local header, values = header_of(heap, pool)
  local facts = { arena = pool.arena, offset = pool.offset, state = pool.state, header = header,
    header_bytes = geometry.header_bytes, pool_bytes = geometry.pool_bytes, class = pool.szidx,
    live = pool.ref_count, title = tostring(pool):gsub("^pymalloc%.", "", 1) }
  if pool.size then
    facts.size, facts.capacity, facts.blocks = pool.size, pool.capacity, blocks_of(pool)
    facts.chain = pool:freelist()
    facts.waste = geometry.pool_bytes - geometry.header_bytes - pool.size * pool.capacity
  end
  return facts, values
end

-- {=== Lists

local function first_ones(list, text_of)
  local texts = {}
  for i = 1, math.min(#list, MOST_LISTED) do
    texts[i] = text_of(list[i])
  end
  return { places = texts, left_out = #list - #texts }
end

local function arena_text(arena)
  return tostring(arena.index)
end

local function pool_text(pool)
  return ("%d:%d"):format(pool.arena, pool.offset)
end

local function lists_of(heap)
  local used, geometry = {}, heap.geometry
  for szidx = 0, geometry.class_count - 1 do
    local pools = heap:usedpools(szidx)
    if #pools > 0 then
      local row = first_ones(pools, pool_text)
      row.class, row.bytes = szidx, (szidx + 1) * geometry.alignment
      table.insert(used, row)
    end
  end
  return { usable = first_ones(heap:usable_arenas(), arena_text), used = used }
end

-- {=== Events

-- The last events, and the number of the last request.
local function events_of(heap)
  local ok, events = pcall(heap.last_events, heap)
  local last = ok and events or {}
  local request = #last > 0 and last[#last].request or 0
  local list = {}
  for i = math.max(1, #last - MOST_EVENTS + 1), #last do
    local event = last[i]
    table.insert(list, { request = event.request, kind = event.kind, text = tostring(event),
      arena = event.arena, pool = event.pool, block = event.block })
  end
  return list, request
end

-- The arena and the pool of the last event about a pool that still exists.
local function last_pool(heap, events)
  for i = #events, 1, -1 do
    local event = events[i]
    local ok, pool = pcall(function() return heap:arena(event.arena):pool(event.pool) end)
    if ok and event.pool then
      return pool
    end
  end
end

local function first_of(iterator, state, control)
  return (iterator(state, control))
end

-- The first pool of the first arena; nil if there is none.
local function first_pool(heap)
  local arena = first_of(heap:arenas())
  return arena and first_of(arena:pools())
end

local function wished_pool(heap, options)
  if not options.pool then
    return nil
  end
  local ok, pool = pcall(function() return heap:arena(options.arena):pool(options.pool) end)
  return ok and pool or nil
end

-- {=== The picture

-- Marks the fields of the header that have other values than in the last picture of this pool.
local function mark_changes(facts, place, last)
  local before = last and last.header and last.header.place == place and last.header.values
  for _, field in ipairs(facts.header) do
    field.is_changed = before and before[field.name] ~= field.value or nil
  end
end

local STATS = { "blocks", "raw_blocks", "arenas_current", "arena_bytes", "allocated_bytes",
  "available_bytes", "unused_pool_bytes", "header_bytes", "quantization_bytes" }

local function stats_of(heap)
  local all, stats = heap:stats(), {}
  for _, name in ipairs(STATS) do
    stats[name] = all[name]
  end
  return stats
end

--- The facts of a heap.
-- @param options name: of the heap; arena, pool: the place of the pool that is drawn, by default
-- that of the last event; last: the requests and, as header, the header_values of the last picture
-- @return a table; its field header_values is for the next picture
function M.of_heap(heap, options)
  local last = options.last
  local events, request = events_of(heap)
  local arenas, left_out = arenas_of(heap)
  local picture = { name = options.name, title = heap_view.title(heap), geometry =
    { name = heap.geometry.name or heap.geometry.profile, pool_bytes = heap.geometry.pool_bytes,
      arena_bytes = heap.geometry.arena_bytes }, stats = stats_of(heap), arenas = arenas,
    arenas_left_out = left_out, lists = lists_of(heap), events = events, requests = request,
    new_requests = request - (last and last.requests or 0),
    text = view.text(heap, { width = TEXT_COLUMNS, ascii = false, colour = false }) }
  local pool = wished_pool(heap, options) or last_pool(heap, events) or first_pool(heap)
  if pool then
    local facts, values = pool_facts(heap, pool)
    local place = pool_text(pool)
    mark_changes(facts, place, last)
    picture.pool, picture.header_values = facts, { place = place, values = values }
    picture.pool_text = view.text(pool, { width = TEXT_COLUMNS, ascii = false, colour = false })
  end
  return picture
end

--- The facts of an arena, a pool, a buffer or a run, which is drawn as its heap; nil for other
-- values and for a heap that is closed.
function M.of(x, name)
  local kind = core.kind(x)
  local ok, picture = pcall(function()
    if kind == "Heap" then
      return M.of_heap(x, { name = name })
    elseif kind == "Run" then
      return M.of_heap(x.heap, { name = name })
    elseif kind == "Pool" then
      return M.of_heap(core.owner(x), { name = name, arena = x.arena, pool = x.offset })
    elseif kind == "Arena" then
      return M.of_heap(core.owner(x), { name = name })
    elseif kind == "Buffer" then
      local place = x:location()
      return place and M.of_heap(core.owner(x), { name = name, arena = place.arena,
        pool = place.pool })
    end
  end)
  if ok and picture then
    picture.header_values = nil
    return picture
  end
end

return M
