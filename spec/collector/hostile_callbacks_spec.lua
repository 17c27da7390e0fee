-- Tests the functions of a script that the library calls: listeners, conditions
-- of runs, and functions that are recorded. They raise errors, yield, and close
-- or free the objects that the library is using.

local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"

local TRACE = pymalloc.trace.parse(("a 1 8\na 2 64\nr 1 300\nf 2\na 2 8\nf 1\nf 2\n"):rep(300))

describe("a listener", function()
  local heap

  before_each(function()
    heap = pymalloc.heap { profile = "classroom", checked = true }
  end)

  after_each(function()
    pcall(heap.close, heap)
  end)

  -- Makes a request, and asserts that it was served whatever the listener did.
  local function request()
    local before = heap:stats().blocks
    local ok, problem = pcall(heap.malloc, heap, 16)
    assert.equal(before + 1, heap:stats().blocks)
    assert.is_true(heap:check())
    return ok, problem
  end

  it("that raises an error passes it to the caller, and the request is served", function()
    collectgarbage("stop")
    heap:on(function() error({ mine = true }) end, { kind = "block_pop" })
    local ok, problem = request()
    collectgarbage("restart")
    assert.is_false(ok)
    assert.is_true(problem.mine)
  end)

  it("cannot yield", function()
    collectgarbage("stop")
    heap:on(coroutine.yield)
    local thread = coroutine.create(function() return request() end)
    local _, ok, problem = coroutine.resume(thread)
    collectgarbage("restart")
    assert.is_false(ok)
    assert.matches("attempt to yield across a C%-call boundary", problem)
  end)

  it("may close the heap", function()
    heap:on(function() heap:close() end)
    local ok, buffer = pcall(heap.malloc, heap, 16)
    assert.equal("pymalloc: the heap is closed", complaint(heap.check, heap))
    assert.matches("the heap of this buffer is closed",
      ok and complaint(buffer.string, buffer) or "the heap of this buffer is closed")
  end)

  it("may free the block that the request is for", function()
    local b = heap:malloc(40)
    local calls = 0
    heap:on(function()
      calls = calls + 1
      pcall(b.free, b)
    end)
    pcall(b.resize, b, 60)
    pcall(b.free, b)
    assert.is_true(calls > 0)
    assert.equal("pymalloc.Buffer", tostring(b):match("^[%w.]+"))
    assert.is_true(heap:check())
  end)

  it("may make requests, and add listeners, which get the events of the next request", function()
    local inner = 0
    heap:on(function()
      heap:free(heap:malloc(8))
      if inner == 0 then
        heap:on(function() inner = inner + 1 end)
      end
      inner = math.max(inner, 1)
    end, { kind = "block_pop" })
    heap:free(heap:malloc(16))
    heap:free(heap:malloc(16))
    assert.is_true(inner > 1)
    assert.is_true(heap:check())
  end)

  it("may remove itself twice, and all other listeners", function()
    local subscriptions = {}
    local calls = 0
    for i = 1, 4 do
      subscriptions[i] = heap:on(function()
        calls = calls + 1
        for _, subscription in ipairs(subscriptions) do
          subscription:remove()
          subscription:remove()
        end
      end)
    end
    heap:free(heap:malloc(16))
    assert.equal(1, calls)
    heap:free(heap:malloc(16))
    assert.equal(1, calls)
  end)

  it("may run the collector", function()
    heap:on(function() collectgarbage() end)
    for i = 1, 50 do
      heap:malloc(i)
    end
    assert.is_true(heap:check())
  end)

  it("may trim, dump, report, snapshot and check", function()
    local texts = {}
    heap:on(function()
      heap:trim()
      table.insert(texts, heap:dump() .. heap:debugmallocstats())
      heap:snapshot()
      assert(heap:check())
    end)
    heap:free(heap:malloc(16))
    assert.is_true(#texts > 2)
  end)

  it("may belong to a heap that is collected", function()
    local calls = 0
    do
      local other = pymalloc.heap()
      other:on(function() calls = calls + 1 end)
      other:malloc(8)
    end
    collectgarbage()
    collectgarbage()
    assert.is_true(calls > 0)
  end)

  it("may be a table with __call, whose error is passed on", function()
    heap:on(setmetatable({}, { __call = function() error("of the table", 0) end }))
    local ok, problem = pcall(heap.malloc, heap, 8)
    assert.is_false(ok)
    assert.equal("of the table", problem)
    assert.is_true(heap:check())
  end)
end)

describe("a condition of a run", function()
  local run

  before_each(function()
    run = assert(pymalloc.replay(TRACE))
  end)

  after_each(function()
    run:close()
  end)

  for _, way in ipairs { "continue", "reverse" } do
    local function go(condition)
      run:seek(way == "reverse" and run.length or 0)
      return pcall(run[way], run, condition)
    end

    it("of run:" .. way .. " that raises an error leaves the run at that request", function()
      local ok, problem = go(function(r) return r.op == 700 and error("seven", 0) end)
      assert.is_false(ok)
      assert.equal("seven", problem)
      assert.equal(700, run.op)
      assert.is_true(run.heap:check())
    end)

    it("of run:" .. way .. " that yields continues when it is resumed", function()
      local found = coroutine.wrap(function()
        run:seek(way == "reverse" and run.length or 0)
        return run[way](run, function(r)
          coroutine.yield(r.op)
          return r.op == 3
        end)
      end)
      local value
      for _ = 1, 3000 do
        value = found()
        if value == 3 then
          break
        end
      end
      assert.equal(3, value)
    end)

    it("of run:" .. way .. " may close the run", function()
      local ok, problem = go(function(r) r:close() end)
      assert.is_false(ok)
      assert.matches("pymalloc: the run is closed$", problem)
    end)

    it("of run:" .. way .. " may move the run", function()
      local moves = 0
      go(function(r)
        moves = moves + 1
        if moves < 50 then -- The search would not end otherwise.
          r:seek(moves * 7 % r.length)
        end
        return moves == 50
      end)
      assert.is_true(moves >= 50)
      assert.is_true(run.heap:check())
    end)

    it("of run:" .. way .. " may search the run, replay a trace and run the collector", function()
      local calls = 0
      go(function(r)
        calls = calls + 1
        if calls < 4 then
          r:continue("pool_full")
          r:reverse("block_pop")
          assert(pymalloc.replay(TRACE)):step(10)
          collectgarbage()
        end
        return true
      end)
      assert.is_true(run.heap:check())
    end)
  end

  it("may read the heap of the run, but not change it", function()
    run:seek(5)
    local before = run.heap:dump()
    for _, name in ipairs { "malloc", "calloc", "buffer", "trim", "allow_arenas", "on" } do
      pcall(run.heap[name], run.heap, 8, 8)
    end
    run:seek(100)
    run:seek(5)
    assert.equal(before, run.heap:dump())
  end)

  it("may close the heap of the run", function()
    run:seek(5)
    pcall(run.heap.close, run.heap)
    pcall(debug.getmetatable(run.heap).__gc, run.heap)
    for _ = 1, 2 do
      for _, name in ipairs { "seek", "continue", "reverse", "events", "block", "request" } do
        pcall(run[name], run, name == "continue" and "pool_full" or 100)
      end
    end
    assert.equal("pymalloc.Run", tostring(run):match("^[%w.]+"))
  end)
end)

describe("a function that is recorded", function()
  local record = pymalloc.trace.record

  it("may raise an error, which is passed on after Lua's allocator is restored", function()
    local ok, problem = pcall(record, function() error("mine", 0) end)
    assert.is_false(ok)
    assert.equal("mine", problem)
    assert.is_table(record(function() return {} end))
  end)

  it("may record, replay and run the collector", function()
    record(function()
      pcall(record, function() return {} end)
      assert(pymalloc.replay(TRACE)):close()
      collectgarbage()
    end)
    assert.is_table(record(function() return {} end))
  end)

  it("cannot yield", function()
    local thread = coroutine.wrap(function()
      return pcall(record, coroutine.yield)
    end)
    assert.is_false(thread())
    assert.is_table(record(function() return {} end))
  end)

  it("may clear the stack of the recording, which is an error", function()
    assert.matches("trace.record: the result is gone", complaint(record, function()
      debug.setlocal(2, 1, nil)
      collectgarbage()
      return {}
    end))
    assert.is_table(record(function() return {} end))
  end)
end)

describe("a suspended coroutine that is collected", function()
  it("leaves a heap, a buffer, an iteration and a run to the collector", function()
    for _ = 1, 50 do
      coroutine.wrap(function()
        local heap <close> = pymalloc.heap { profile = "classroom" }
        local run <close> = assert(pymalloc.replay(TRACE))
        local b <close> = heap:buffer("u8", 16)
        run:step(10)
        for arena in heap:arenas() do
          for pool in arena:pools() do
            for i in b:iter() do
              coroutine.yield(pool, i)
            end
          end
        end
      end)()
    end
    collectgarbage()
    collectgarbage()
  end)

  it("may hold a buffer of a watched heap", function()
    for _ = 1, 20 do
      local heap = pymalloc.heap()
      heap:on(function() end)
      coroutine.wrap(function()
        local b <close> = heap:malloc(8)
        coroutine.yield(b)
      end)()
    end
    collectgarbage()
    collectgarbage()
  end)
end)
