-- The heap at a moment of a session: the request just done, its events, statistics and lists.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local json = require "pymalloc.json"
local lists = require "pymalloc.page.lists"
local marks = require "pymalloc.marks"
local page_events = require "pymalloc.page.events"
local requests = require "pymalloc.page.requests"
local text = require "pymalloc.text"

local M = {}

local function stats_of(run)
  local stats, bytes = run.heap:stats(), core.run.bytes(run)
  return { live = bytes.live, raw = bytes.raw, held = stats.arena_bytes,
    rounding = bytes.rounding, headers = bytes.headers, free = bytes.free,
    unused = bytes.unused, arenas = stats.arenas_current, pools = bytes.pools,
    blocks = stats.blocks, raw_blocks = stats.raw_blocks, highwater = stats.arenas_highwater,
    obtained = stats.arenas_allocated_total, released = stats.arenas_reclaimed }
end

local function marks_here(run)
  local here = {}
  for i, mark in ipairs(marks.here(run)) do
    here[i] = text.printable(mark)
  end
  return here
end

--- The facts on the present moment of a session.
function M.facts(session)
  local run = session.run
  local all = run:events(true)
  local facts = lists.read(run)
  facts.op, facts.requests, facts.typed = run.op, session.to, session.typed
  facts.request = requests.now(run, all) or json.null
  facts.events, facts.left_out = page_events.list(all)
  facts.stats, facts.marks = stats_of(run), marks_here(run)
  return facts
end

--- The slot and the offset of the pool in which the request of a moment has made or freed its
-- block; those that are given, if there is none.
function M.place(facts, slot, offset)
  local arena, pool = (facts.request.address or ""):match("^(%d+):(%d+):")
  if not arena then
    return slot, offset
  end
  return math.tointeger(arena), math.tointeger(pool)
end

--- Moves the session. A request that cannot be run is an error.
function M.seek(session, op)
  local ok, problem = session.run:seek(op)
  if not ok then
    check.refuse("page", "%s", problem)
  end
end

-- Moves on by a condition; nil if there is no such request in the clock.
local function move(session, method, condition)
  local run, here = session.run, session.run.op
  local ok, found, problem = pcall(run[method], run, condition)
  if ok and found and found >= session.from then
    return found
  end
  run:seek(here)
  if not ok or problem then
    error(ok and "pymalloc: page: " .. problem or found, 0)
  end
end

--- Moves to the next request, or with -1 the last one before, that satisfies a condition of
-- run:continue. Returns nil, and does not move, if there is none.
function M.continue(session, condition, direction)
  if direction ~= 1 and direction ~= -1 then
    check.refuse("page", "the direction must be 1 or -1, got %s", check.quote(direction))
  elseif type(condition) == "function" then
    check.refuse("page", "a condition must be plain data")
  end
  return move(session, direction == 1 and "continue" or "reverse", condition)
end

return M
