-- Bytes over the requests of a session.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local text = require "pymalloc.text"

local M = {}

local POINTS_MOST = 10000

local function times(list, factor)
  local products = {}
  for i, value in ipairs(list) do
    products[i] = value * factor
  end
  return products
end

-- A sentence if the heap has used all addresses that it got; nil otherwise.
local function notice_of(heap, arenas_most)
  local reserved = heap:stats().reserved_bytes // heap.geometry.arena_bytes
  local most = math.max(0, table.unpack(arenas_most))
  return most >= reserved and ("The page has addresses for no more than %s of this heap: the raw "
    .. "allocator serves requests that find no arena."):format(text.count(reserved, "arena")) or nil
end

-- Renames what core.run.curve returns.
local function facts_of(curve, arena_bytes)
  return { op = curve.at, live = curve.live, raw = curve.raw, rounding = curve.rounding,
    headers = curve.headers, free = curve.free, unused = curve.unused, arenas = curve.arenas,
    pools = curve.pools, held = times(curve.arenas, arena_bytes),
    high = { live = curve.live_most, raw = curve.raw_most, arenas = curve.arenas_most,
      held = times(curve.arenas_most, arena_bytes) } }
end

--- Arrays of `points` + 1 values, or fewer where there are fewer requests, from a moment to
-- another one; nil: from the beginning to the end of the clock.
function M.facts(session, points, from, to)
  check.integer("page", "points", points, 1, POINTS_MOST)
  to = to == nil and session.to or check.integer("page", "to", to, session.from, session.to)
  from = from == nil and session.from or check.integer("page", "from", from, session.from, to)
  local heap = session.run.heap
  local curve = core.run.curve(session.run, from, to, math.max(1, math.min(points, to - from)))
  local facts = facts_of(curve, heap.geometry.arena_bytes)
  facts.notice = notice_of(heap, curve.arenas_most)
  return facts
end

return M
