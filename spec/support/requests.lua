-- Makes lists of random requests with a seed, for the comparison of an allocator
-- and its model. A request is { op, id, ... } in the order of a line of a trace,
-- so that table.concat(request, " ") is that line.

local M = {}

-- Returns a generator random(low, high) of integers, which are the same for a seed
-- on every machine.
function M.random(seed)
  local state = seed
  return function(low, high)
    state = state * 6364136223846793005 + 1442695040888963407
    return low + (state >> 33) % (high - low + 1)
  end
end

-- {=== A plan: the requests so far, and the ids that are live

local Plan = {}
Plan.__index = Plan

local function new_plan(seed, geometry)
  local plan = { random = M.random(seed), threshold = geometry.threshold, live = {}, last_id = 0 }
  plan.pool_bytes = geometry.pool_bytes
  return setmetatable(plan, Plan)
end

function Plan:add(...)
  self[#self + 1] = { ... }
end

function Plan:fresh_id()
  self.last_id = self.last_id + 1
  self.live[#self.live + 1] = self.last_id
  return self.last_id
end

function Plan:malloc(size)
  self:add("a", self:fresh_id(), size)
end

function Plan:calloc(count, size)
  self:add("c", self:fresh_id(), count, size)
end

-- Frees the live id at a place, and moves the last id there.
function Plan:free_at(place)
  self:add("f", self.live[place])
  self.live[place] = self.live[#self.live]
  self.live[#self.live] = nil
end

function Plan:free_oldest()
  self:add("f", table.remove(self.live, 1))
end

function Plan:realloc_at(place, size)
  self:add("r", self.live[place], size)
end

function Plan:chance(percent)
  return self.random(1, 100) <= percent
end

function Plan:any_place()
  return self.random(1, #self.live)
end

function Plan:small_size()
  return self.random(1, self.threshold)
end

-- Returns one of the sizes at which the way of a request changes.
function Plan:edge_size()
  local edges = { 0, 1, self.threshold - 1, self.threshold, self.threshold + 1 }
  return edges[self.random(1, #edges)]
end

-- {=== Behaviours: each adds about `count` requests

local behaviours = {}

function behaviours.random(plan, count)
  for _ = 1, count do
    if #plan.live == 0 or plan:chance(52) then
      plan:malloc(plan:chance(5) and plan:edge_size() or plan:small_size())
    else
      plan:free_at(plan:any_place())
    end
  end
end

function behaviours.stack(plan, count)
  local growing = true
  for _ = 1, count do
    if plan:chance(3) then
      growing = not growing
    end
    if growing or #plan.live == 0 then
      plan:malloc(plan:small_size())
    else
      plan:free_at(#plan.live)
    end
  end
end

function behaviours.queue(plan, count)
  local length = count // 8
  for _ = 1, count do
    if #plan.live < length or plan:chance(45) then
      plan:malloc(plan:small_size())
    else
      plan:free_oldest()
    end
  end
end

-- Waves of blocks of one size, all but a few of which are freed in random order.
function behaviours.storms(plan, count)
  while #plan < count do
    local size = plan.random(plan.threshold // 2, plan.threshold)
    for _ = 1, count // 6 do
      plan:malloc(size)
    end
    local survivors = plan.random(0, 3)
    while #plan.live > survivors do
      plan:free_at(plan:chance(50) and #plan.live or plan:any_place())
    end
  end
end

-- Many arenas whose pools become free one by one, so that usable_arenas is sorted.
function behaviours.pools(plan, count)
  for _ = 1, count // 2 do
    plan:malloc(plan.threshold)
  end
  local run = math.max(1, plan.pool_bytes // plan.threshold - 1)
  while #plan.live > run and #plan < count do
    local first = plan.random(1, #plan.live - run)
    for _ = 1, run do
      plan:add("f", table.remove(plan.live, first))
    end
    if plan:chance(20) then
      plan:malloc(plan:small_size())
    end
  end
end

function behaviours.reallocs(plan, count)
  for _ = 1, count do
    if #plan.live < 20 or (#plan.live < 200 and plan:chance(15)) then
      plan:malloc(plan:small_size())
    elseif plan:chance(10) then
      plan:free_at(plan:any_place())
    else
      plan:realloc_at(plan:any_place(), plan:chance(15) and plan:edge_size() or plan:small_size())
    end
  end
end

-- Returns a size on either side of the threshold, or one that is always refused.
local function mixed_size(plan)
  if plan:chance(2) then
    return math.maxinteger - plan.random(0, 100)
  end
  return plan:chance(50) and plan.random(0, 100000) or plan:small_size()
end

function behaviours.large(plan, count)
  for _ = 1, count do
    local what = plan.random(1, 10)
    if #plan.live < 10 or what <= 3 then
      plan:malloc(mixed_size(plan))
    elseif what <= 5 then
      plan:calloc(plan.random(0, 40), plan:chance(2) and math.maxinteger or plan.random(0, 40))
    elseif what <= 8 and #plan.live > 0 then
      plan:realloc_at(plan:any_place(), mixed_size(plan))
    else
      plan:free_at(plan:any_place())
    end
  end
end

-- At intervals the number of arenas that can be obtained is limited.
function behaviours.refusals(plan, count)
  for i = 1, count do
    if i % (count // 12) == 1 then
      plan:add("x", plan:chance(60) and plan.random(0, 2) or -1)
    end
    if #plan.live == 0 or plan:chance(i % (count // 3) < count // 5 and 75 or 25) then
      plan:malloc(plan:small_size())
    else
      plan:free_at(plan:any_place())
    end
  end
end

-- {=== The functions for specs

-- The names of all behaviours, in a fixed order.
M.names = { "random", "stack", "queue", "storms", "pools", "reallocs", "large", "refusals" }

-- Returns a list of about `count` requests that fit a geometry.
function M.list(behaviour, seed, count, geometry)
  local plan = new_plan(seed, geometry)
  behaviours[behaviour](plan, count)
  return plan
end

-- Returns the first `count` requests as the text of a trace.
function M.text(requests, count)
  local lines = {}
  for i = 1, count or #requests do
    lines[i] = table.concat(requests[i], " ")
  end
  return table.concat(lines, "\n") .. "\n"
end

-- Returns a valid random geometry as the options of a heap.
function M.geometry(seed)
  local random = M.random(seed)
  local alignment = 8 << random(0, 4)
  local threshold = alignment * random(1, 40)
  local header = math.max(48, alignment)
  local pool_bytes = 64
  while pool_bytes < (header + alignment - 1) // alignment * alignment + 2 * threshold do
    pool_bytes = pool_bytes * 2
  end
  pool_bytes = pool_bytes << random(0, 2)
  local misses = random(0, 1) == 1 and random(1, pool_bytes // alignment - 1) or 0
  return {
    alignment = alignment,
    threshold = threshold,
    pool_bytes = pool_bytes,
    arena_bytes = pool_bytes << random(misses > 0 and 2 or 1, 5),
    arena_offset = misses * alignment,
    release = ({ "at_once", "keep_last", "never" })[random(1, 3)],
  }
end

return M
