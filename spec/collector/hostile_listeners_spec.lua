-- Tests that each event is reported once to each listener, in order, while
-- finalizers make requests of the watched heap, and while Lua has no memory.

local collector = require "spec.support.collector"
local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"

-- Returns a table of counts and faults, and a listener for all kinds of events.
-- The listener adds a fault if the number of an event does not follow that of
-- the event before it.
local function follower()
  local seen = { events = 0, requests = 0, request = 0, index = -1, faults = {} }
  return seen, function(event)
    local is_next = event.request == seen.request and event.index == seen.index + 1
    local is_new = event.request == seen.request + 1 and event.index == 0
    if not is_next and not is_new then
      table.insert(seen.faults, ("%d.%d after %d.%d"):format(event.request, event.index,
        seen.request, seen.index))
    end
    seen.events = seen.events + 1
    seen.requests = seen.requests + (is_new and 1 or 0)
    seen.request, seen.index = event.request, event.index
  end
end

describe("an event", function()
  for _, mode in ipairs { "incremental", "generational" } do
    local heap

    before_each(function()
      heap = pymalloc.heap { profile = "classroom" }
      collectgarbage(mode)
    end)

    after_each(function()
      collectgarbage("incremental")
      heap:close()
    end)

    it("is reported once and in order while finalizers make requests, " .. mode, function()
      local seen, listen = follower()
      local requests, garbage = 0, nil
      heap:on(listen, { details = true })
      heap:on(function(event) garbage = { event.kind .. event.index, garbage and garbage[1] } end)
      local count = collector.each_cycle(function()
        heap:malloc(24):free()
        requests = requests + 2
      end, function()
        for i = 1, 5000 do
          heap:malloc(i % 64 + 1):free()
          requests = requests + 2
        end
      end)
      assert.is_true(count > 10)
      assert.same({}, seen.faults)
      assert.equal(requests, seen.requests)
      assert.equal(0, heap:lost_events())
    end)

    it("is in the last events once while finalizers make requests, " .. mode, function()
      local wrong, right = 0, 0
      heap:keep_events(100)
      collector.each_cycle(function()
        heap:malloc(24):free()
      end, function()
        for i = 1, 1000 do
          heap:malloc(i % 64 + 1):free()
          local last
          for _, event in ipairs(heap:last_events()) do
            local number = event.request * 100 + event.index
            wrong = wrong + (last and number <= last and 1 or 0)
            right, last = right + 1, number
          end
        end
      end)
      assert.equal(0, wrong)
      assert.is_true(right > 50000)
    end)
  end

  it("of a block that is collected while a listener runs is reported", function()
    local heap = pymalloc.heap { profile = "classroom" }
    local frees, garbage = 0, nil
    heap:on(function(event)
      frees = frees + (event.operation == "free" and 1 or 0)
      garbage = event.request > 100 and collectgarbage() or garbage
    end, { kind = "request" })
    for _ = 1, 100 do
      heap:malloc(8)
    end
    garbage = heap:malloc(8)
    assert.equal(100, frees)
    assert.is_not_nil(garbage)
  end)

  it("of a block that a listener has taken and dropped is not reported", function()
    local heap = pymalloc.heap { profile = "classroom" }
    local seen, subscription = 0, nil
    subscription = heap:on(function()
      heap:malloc(8)
      collectgarbage()
      seen = seen + 1
      if seen > 10 then -- ends a series of calls that would not end otherwise
        subscription:remove()
      end
    end, { kind = "request" })
    local kept = heap:malloc(8)
    kept:free()
    collectgarbage()
    heap:malloc(8)
    assert.equal(3, seen)
  end)

  it("is still reported after a listener has closed the heap", function()
    local heap = pymalloc.heap()
    local kinds = {}
    heap:on(function(event)
      table.insert(kinds, event.kind)
      pcall(heap.close, heap)
    end, { kind = { "request", "block_pop", "block_carve" } })
    heap:malloc(8)
    assert.same({ "request", "block_carve", "block_pop", "block_carve" }, kinds)
  end)

  it("of a refused resize is reported at once", function()
    local heap = pymalloc.heap()
    local b, kinds = heap:malloc(8), {}
    heap:on(function(event) table.insert(kinds, event.kind) end)
    assert.is_nil(b:resize(1 << 60))
    assert.same({ "request", "realloc_move", "refused" }, kinds)
  end)

  it("is not reported to a listener that was added after it", function()
    local heap = pymalloc.heap { profile = "classroom" }
    local early, late, frees = 0, 0, { kind = "block_push" }
    heap:on(function() early = early + 1 end, frees)
    do
      local _ = heap:malloc(8)
    end
    collectgarbage() -- The event of this free waits for the next request.
    heap:on(function() late = late + 1 end, frees)
    local _ = heap:malloc(8)
    assert.equal(1, early)
    assert.equal(0, late)
  end)

  it("is reported once to each listener, in order, wherever Lua's memory runs out", function()
    local state = faults.state()
    assert(state:run(([[
      package.path, package.cpath = %q, %q
      heap = require "pymalloc".heap { profile = "classroom" }
      faults, last = 0, {}
      for i = 1, 3 do
        local request, index = 0, -1
        heap:on(function(event)
          local is_next = event.request == request and event.index == index + 1
          local is_new = event.request == request + 1 and event.index == 0
          faults = faults + (is_next and 0 or is_new and 0 or 1)
          request, index = event.request, event.index
          last[i] = request
        end, { details = true })
      end]]):format(package.path, package.cpath)))
    local failures, spare = 0, 0
    repeat
      local is_done = state:run("b = heap:malloc(24)", spare)
      failures = failures + (is_done and 0 or 1)
      assert(state:run([[
        heap:malloc(64):free()
        assert(faults == 0, "an event was reported twice or not at all")
        local request = heap:last_events(1)[1].request
        assert(last[1] == request and last[2] == request and last[3] == request)]]))
      spare = spare + 8
    until is_done
    assert.is_true(failures > 100)
    assert(state:run("heap:close()"))
    assert.equal(0, state:close())
  end)
end)
