-- Tests heaps that lack memory: in turn, each call for memory below a heap fails,
-- first alone, then with all calls after it.

require "pymalloc" -- must be loaded before pymalloc_faults
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"
local requests = require "spec.support.requests"
local short = require "spec.support.short"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local SMALL, assert_no_leak, assert_refused =
  short.SMALL, short.assert_no_leak, short.assert_refused

-- Its arenas are larger, and each of them needs a commit.
local LARGER = {
  alignment = 16, threshold = 256, pool_bytes = 1024, arena_bytes = 4096, retain_bytes = 0,
}

-- Runs scenario(ledger) with the 1st, 2nd, ... call of a kind failing, until a
-- run makes no call of that number. Returns the number of failures.
local function each_failure(kind, lasts, scenario)
  local n = 0
  repeat
    n = n + 1
    local ledger = faults.ledger()
    ledger:fail(kind, n, lasts)
    scenario(ledger, n)
    assert_no_leak(ledger)
  until ledger:accounts()[kind .. "_calls"] < n
  return n - 1
end

local run_request = {
  a = function(heap, _, _, size)
    return heap:malloc(size)
  end,
  c = function(heap, _, _, count, size)
    return heap:calloc(count, size)
  end,
  r = function(heap, live, id, size)
    if live[id] then
      return heap:realloc(live[id], size)
    end
    return heap:malloc(size)
  end,
  f = function(heap, live, id)
    if live[id] then
      heap:free(live[id])
      live[id] = nil
    end
  end,
}

local function assert_intact(buffer, id)
  assert.equal(string.char(id % 256):rep(#buffer), buffer:string())
end

local function assert_old_content(buffer, id, old_count)
  local kept = math.min(old_count, #buffer)
  assert.equal(string.char(id % 256):rep(kept), buffer:string():sub(1, kept))
end

-- Makes one request, and asserts that the heap is valid and that no content has
-- changed, whether the request was refused or not.
local function bear(heap, live, op, id, ...)
  local old_count = live[id] and #live[id] or 0
  local buffer, message, code = run_request[op](heap, live, id, ...)
  assert(heap:check())
  if op == "f" then
    return
  elseif not buffer then
    assert_refused(buffer, message, code)
    if live[id] then
      assert_intact(live[id], id)
    end
  else
    assert_old_content(buffer, id, op == "r" and old_count or 0)
    buffer:fill(id % 256)
    live[id] = buffer
  end
end

local function live_through(heap, list)
  local live = {}
  for _, request in ipairs(list) do
    bear(heap, live, table.unpack(request))
  end
  for id, buffer in pairs(live) do
    assert_intact(buffer, id)
    heap:free(buffer)
  end
  assert(heap:check())
  local stats = heap:stats()
  assert.equal(stats.held_blocks + stats.cached_blocks, stats.blocks)
end

-- Returns a list of requests. Pools serve its mallocs as long as there is memory.
local function mixed_requests(threshold, count)
  local random, list = requests.random(7), {}
  for id = 1, count do
    table.insert(list, { "a", id, random(1, threshold) })
    if id % 5 == 0 then
      table.insert(list, { "c", 1000 + id, random(0, 9), random(0, 30) })
      table.insert(list, { "r", random(1, id), random(0, 200) })
      table.insert(list, { "r", 1000 + id, random(0, 100) })
      table.insert(list, { "f", random(1, id) })
    end
  end
  for id = 1, count, 2 do
    table.insert(list, { "f", id })
  end
  return list
end

describe("a new heap", function()
  for _, lasts in ipairs { false, true } do
    it("is nil and a message, and leaks nothing, if "
      .. (lasts and "all calls for memory fail from one on" or "one fails"), function()
      local failures = each_failure("raw", lasts, function(ledger, n)
        local heap, message, code = ledger:heap(SMALL)
        if heap then
          assert.is_true(n > 1)
          heap:close()
        else
          assert_refused(heap, message, code)
        end
      end)
      assert.equal(4, failures) -- heap, nfp2lasta, users of pages, retained slots
    end)
  end

  it("is made with a smaller region if the first reservation is refused", function()
    for n = 1, 5 do
      local ledger = faults.ledger()
      ledger:fail("reserve", n)
      local heap = assert(ledger:heap { profile = "classroom", reserve_bytes = 1 << 20 })
      assert.equal(n == 1 and 1 << 19 or 1 << 20, heap:stats().reserved_bytes)
      assert.equal("0:0:48", heaps.place(heap:malloc(8)))
      heap:close()
      assert_no_leak(ledger)
    end
  end)
end)

-- Returns a table with the options of both tables.
local function with(options, more)
  local both = {}
  for _, part in ipairs { options, more } do
    for name, value in pairs(part) do
      both[name] = value
    end
  end
  return both
end

-- Returns a scenario for each_failure: `count` groups of a few requests of up to
-- `largest` bytes each.
local function lives(options, largest, count)
  local list = mixed_requests(largest, count or 260)
  return function(ledger)
    local heap = ledger:heap(options)
    if heap then
      live_through(heap, list)
      heap:close()
    end
  end
end

describe("each request is served or refused", function()
  it("if any one call of the raw allocator fails", function()
    assert.is_true(each_failure("raw", false, lives(SMALL, 64)) > 50)
  end)

  it("if all calls of the raw allocator fail from any one on", function()
    assert.is_true(each_failure("raw", true, lives(SMALL, 64)) > 50)
  end)

  it("if any one arena cannot be committed", function()
    assert.is_true(each_failure("commit", false, lives(LARGER, 256)) > 10)
  end)

  it("if no arena can be committed from any one on", function()
    assert.is_true(each_failure("commit", true, lives(LARGER, 256)) > 10)
  end)

  it("if no addresses can be reserved", function()
    assert.equal(1, each_failure("reserve", true, lives(SMALL, 64)))
  end)
end)

describe("each request to a heap with layers above or below it is served or refused", function()
  local kinds = {
    ["checks"] = { checked = true },
    ["debug hooks of 3.6"] = { debug = "3.6", quarantine = 0 },
    ["debug hooks of 3.8"] = { debug = "3.8", quarantine = 0 },
    ["a quarantine"] = { debug = "3.6", quarantine = 10 },
    ["a budget"] = { max_bytes = 1 << 30 },
    ["a cache"] = { cache_blocks = 7 },
    ["debug hooks, a budget and a cache"] =
      { debug = "3.6", quarantine = 10, max_bytes = 1 << 30, cache_blocks = 7 },
  }
  for name, more in pairs(kinds) do
    local small = with(SMALL, more)
    local larger = with(LARGER, more)

    for _, lasts in ipairs { false, true } do
      it(("if raw memory or an arena is refused%s, with %s"):format(
        lasts and " for good" or "", name), function()
        assert.is_true(each_failure("raw", lasts, lives(small, 64, 100)) > 20)
        assert.is_true(each_failure("commit", lasts, lives(larger, 220, 100)) > 5)
      end)
    end
  end
end)

describe("an arena that cannot be committed", function()
  it("leaves its request to the raw allocator, and is tried again at the next", function()
    local ledger = faults.ledger()
    local heap = ledger:heap { profile = "3.6" }
    ledger:fail("commit", 1)
    local first, second = heap:malloc(8), heap:malloc(8)
    assert.equal("L", heaps.place(first))
    assert.equal("0:0:48", heaps.place(second))
    heap:close()
    assert_no_leak(ledger)
  end)

  it("makes its request fail if there is no raw memory either", function()
    local ledger = faults.ledger()
    local heap = ledger:heap { profile = "3.6" }
    heap:malloc(600)
    ledger:fail("commit", 1, true)
    ledger:fail("raw", 2, true) -- The first call is for the arenas vector.
    local before = heap:stats()
    assert_refused(heap:malloc(8))
    assert_refused(heap:calloc(1, 8))
    assert.equal(before.blocks, heap:stats().blocks)
    assert(heap:check())
    heap:close()
    assert_no_leak(ledger)
  end)
end)

describe("an arenas vector that cannot grow", function()
  it("does not change the state of the heap", function()
    local ledger = faults.ledger()
    local heap = ledger:heap(SMALL)
    heaps.take(heap, 16 * 12, 64)
    local before = heap:dump()
    ledger:fail("raw", 1, true)
    assert_refused(heap:malloc(64))
    assert.equal(before, heap:dump())
    ledger:fail("raw", 0)
    assert.equal("16:0:48", heaps.place(heap:malloc(64)))
    assert.equal(32, heap:stats().arena_slots)
    heap:close()
    assert_no_leak(ledger)
  end)
end)
