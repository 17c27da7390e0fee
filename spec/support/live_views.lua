-- A script that moves its Lua state to a heap and reads all views of that heap,
-- while the reading itself allocates and the collector runs. The values that one
-- call returns must fit together.
--
--     lua5.4 spec/support/live_views.lua OPTIONS     the fields of a table of options

local pymalloc = require "pymalloc"

local heap = pymalloc.host(load("return {" .. arg[1] .. "}")())
local geometry = heap.geometry
local seen = { pools = 0, gone = 0, changed = 0 }
math.randomseed(7)

local kept = {}
local function disturb(n)
  for _ = 1, n do
    kept[math.random(200)] = { ("y"):rep(math.random(0, geometry.threshold * 2)), {} }
  end
end

-- Returns the result of a view, or nothing if its pool or arena is gone.
local function ask(f, ...)
  local ok, answer = pcall(f, ...)
  if ok then
    return answer
  end
  assert(answer:find(" is gone", 1, true) or answer:find("has no arena", 1, true)
    or answer:find("not carved", 1, true), answer)
  seen.gone = seen.gone + 1
end

local function check_chain(chain)
  local is_there = {}
  for _, offset in ipairs(chain) do
    assert(offset >= geometry.header_bytes and offset < geometry.pool_bytes)
    assert(not is_there[offset])
    is_there[offset] = true
  end
end

local function check_blocks(states)
  local is_virgin = false
  for _, state in ipairs(states) do
    assert(not is_virgin or state == "virgin")
    is_virgin = state == "virgin"
    assert(is_virgin or state == "live" or state == "free" or state == "cached")
  end
end

-- Asserts that a string of 8 bytes is interned, as Lua's short strings must be.
local function check_bytes(address)
  local bytes = ask(heap.peek, heap, address, 8)
  if bytes then
    assert(rawequal(bytes, string.char(bytes:byte(1, -1))))
  end
end

local function check_pool(pool)
  seen.pools = seen.pools + 1
  check_chain(ask(pool.freelist, pool) or {})
  check_blocks(ask(pool.blocks, pool) or {})
  ask(function()
    local count = 0
    for name in pairs(pool) do
      assert(type(name) == "string")
      count = count + 1
    end
    assert(count == 14)
    check_bytes(pool.freeblock or pool.address)
    check_bytes(pool.address + math.random(0, geometry.pool_bytes - 8))
    return pool:next(), pool:prev(), tostring(pool), pymalloc.view.text(pool)
  end)
  disturb(3)
end

-- Asserts that a snapshot accounts for every block of every pool.
local function check_snapshot(snapshot)
  local blocks = snapshot.globals.raw_blocks + (snapshot.globals.medium_blocks or 0)
  for _, arena in ipairs(snapshot.arenas) do
    for _, pool in ipairs(arena.pools) do
      blocks = blocks + pool.ref_count
      if pool.state ~= "empty" then
        local carved = (pool.nextoffset - geometry.header_bytes) // pool.size
        assert(pool.ref_count + #pool.free == carved)
        assert(pool.ref_count > 0 and (pool.state == "full") == (pool.ref_count == pool.capacity))
      end
    end
  end
  assert(blocks == snapshot.globals.blocks)
end

local function check_lists()
  for szidx = 0, geometry.class_count - 1 do
    for _, pool in ipairs(heap:usedpools(szidx)) do
      ask(function() return pool.szidx end)
    end
  end
  for _, arena in ipairs(heap:usable_arenas()) do
    assert(arena.index < heap:stats().arena_slots)
  end
  assert(#heap:unused_arena_objects() < heap:stats().arena_slots)
end

local function check_whole(before)
  local snapshot = heap:snapshot()
  check_snapshot(snapshot)
  seen.changed = seen.changed + #pymalloc.diff(before, snapshot).pools.changed
  assert(heap:dump():find("^globals "))
  assert(heap:debugmallocstats():find("Small block threshold", 1, true))
  assert(#pymalloc.view.text(heap) > 0)
  for _, candidate in ipairs(heap:release_candidates()) do
    assert(candidate.blocks == #candidate.pinned)
  end
  check_lists()
  return snapshot
end

disturb(400)
local snapshot = heap:snapshot()
for round = 1, 3 do
  collectgarbage(round % 2 == 0 and "generational" or "incremental")
  for arena in heap:arenas() do
    for pool in arena:pools() do
      if seen.pools < round * 150 then
        check_pool(pool)
      end
    end
    if arena.index % 7 == round then
      collectgarbage()
      heap:trim()
    end
  end
  snapshot = check_whole(snapshot)
  kept = {}
end
assert(next(kept) == nil and heap:check() and seen.pools > 0 and seen.changed > 0)
print("fine")
