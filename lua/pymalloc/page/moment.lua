-- The heap at a moment of a session: the request just done, its events, statistics and lists.

local events = require "pymalloc.event"
local json = require "pymalloc.json"
local marks = require "pymalloc.marks"
local page_events = require "pymalloc.page.events"
local requests = require "pymalloc.page.requests"
local text = require "pymalloc.text"

local M = {}

local function slots_of(arenas)
  local slots = {}
  for i, arena in ipairs(arenas) do
    slots[i] = arena.index
  end
  return slots
end

local function used_pools(heap)
  local used = {}
  for szidx = 0, heap.geometry.class_count - 1 do
    local places = {}
    for i, pool in ipairs(heap:usedpools(szidx)) do
      places[i] = { arena = pool.arena, pool = pool.offset }
    end
    if #places > 0 then
      table.insert(used, { szidx = szidx, pools = places })
    end
  end
  return used
end

local function free_offsets(arena)
  local first = nil
  for pool in arena:pools() do
    if pool.address == arena.freepools then
      first = pool
    end
  end
  local offsets = {}
  while first do
    table.insert(offsets, first.offset)
    first = first:next()
  end
  return offsets
end

--- The facts on an arena.
function M.arena(heap, arena)
  local geometry, pools, carved = heap.geometry, 0, 0
  for pool in arena:pools() do
    carved = carved + 1
    pools = pools + (pool.ref_count > 0 and 1 or 0)
  end
  return { slot = arena.index, address = arena.index * geometry.arena_bytes,
    nfreepools = arena.nfreepools, ntotalpools = arena.ntotalpools, pools = pools,
    carved = carved, nextarena = arena.nextarena or json.null,
    prevarena = arena.prevarena or json.null, freepools = free_offsets(arena),
    pool_address = carved * geometry.pool_bytes, state = arena.state, serial = arena.serial }
end

--- The statistics of a run's heap.
function M.stats(run)
  local stats = run.heap:stats()
  local small, all = 0, 0
  for _, size in require("pymalloc.sites").each_live(run) do
    small = small + size
  end
  local pools = 0
  for _, class in ipairs(stats.classes) do
    pools = pools + class.pools
  end
  return { live = small, held = stats.arena_bytes, arenas = stats.arenas_current, pools = pools,
    blocks = stats.blocks, raw_blocks = stats.raw_blocks, rounding = stats.allocated_bytes - small,
    headers = stats.header_bytes + stats.quantization_bytes + stats.alignment_bytes,
    free = stats.available_bytes, unused = stats.unused_pool_bytes, raw = all,
    highwater = stats.arenas_highwater, obtained = stats.arenas_allocated_total,
    released = stats.arenas_reclaimed }
end

--- The facts on the present moment of a session.
function M.facts(session)
  local run = session.run
  local heap, arenas = run.heap, {}
  for arena in heap:arenas() do
    table.insert(arenas, M.arena(heap, arena))
  end
  local here = {}
  for i, mark in ipairs(marks.here(run)) do
    here[i] = text.printable(mark)
  end
  local list, left_out = page_events.list(run:events(true))
  return { op = run.op, requests = session.to, request = requests.now(run) or json.null,
    events = list, left_out = left_out, stats = M.stats(run),
    usable_arenas = slots_of(heap:usable_arenas()),
    unused_arena_objects = slots_of(heap:unused_arena_objects()), usedpools = used_pools(heap),
    arenas = arenas, shortened = 0, marks = here }
end

--- Moves the session. A request that cannot be run is an error.
function M.seek(session, op)
  local ok, problem = events.checked(session.run.seek, session.run, op)
  if not ok then
    error("pymalloc: page: " .. problem, 0)
  end
end

return M
