-- Tests code of a script that runs inside functions of the binding: metamethods of
-- arguments, and finalizers, which can run whenever a Lua object is made.

local pymalloc = require "pymalloc"
local core = require "pymalloc.core"
local collector = require "spec.support.collector"
local complaint = require "spec.support.complaint"

describe("a table with hostile metamethods", function()
  local heap

  before_each(function()
    heap = pymalloc.heap()
  end)

  local function hostile(count, action)
    return setmetatable({}, {
      __len = function()
        return count
      end,
      __index = function(_, i)
        return action(i)
      end,
    })
  end

  it("may close the heap of the buffer that is made from it", function()
    local text = complaint(heap.buffer, heap, "u8", hostile(3, function(i)
      if i == 2 then
        heap:close()
      end
      return i
    end))
    assert.equal("pymalloc: the heap is closed", text)
  end)

  it("may raise an error for one of its elements", function()
    local before = heap:dump()
    assert.equal("enough", complaint(heap.buffer, heap, "u8", hostile(3, function(i)
      return i < 3 and i or error("enough", 0)
    end)))
    assert.equal(before, heap:dump())
  end)

  it("may return any value as its length", function()
    assert.equal("memory allocation error: block too big",
      complaint(heap.buffer, heap, "u8", hostile(math.maxinteger, error)))
    assert.equal("pymalloc: heap:buffer: the table has -5 elements",
      complaint(heap.buffer, heap, "u8", hostile(-5, error)))
    assert.matches("not an integer", complaint(heap.buffer, heap, "u8", hostile("x", error)))
  end)

  it("may replace values on the stack of the function that calls it", function()
    for slot = 1, 6 do
      for _, value in ipairs { 0, "s", {}, heap } do
        pcall(heap.buffer, heap, "u8", hostile(3, function(i)
          assert(debug.getinfo(2, "f").func == heap.buffer)
          debug.setlocal(2, slot, value)
          return i
        end))
      end
    end
    assert.is_true(heap:check())
  end)
end)

describe("a finalizer that runs inside a function of the binding", function()
  -- Makes the collector call `action` inside a later function that makes objects.
  local function in_finalizer(action)
    setmetatable({}, { __gc = action })
  end

  it("may free blocks and close heaps that the function reads", function()
    for round = 1, 300 do
      local heap = pymalloc.heap { profile = "classroom" }
      local blocks = {}
      for i = 1, 40 do
        blocks[i] = heap:malloc(64)
      end
      local other = blocks[1]:pool()
      in_finalizer(function()
        for i = 1, 40 do
          if (i + round) % 3 > 0 then
            pcall(blocks[i].free, blocks[i])
          end
        end
        if round % 4 == 0 then
          pcall(heap.close, heap)
        end
      end)
      collectgarbage("step", round % 50)
      for _ = 1, 20 do
        pcall(heap.usedpools, heap, 3)
        pcall(heap.usable_arenas, heap)
        pcall(heap.unused_arena_objects, heap)
        pcall(heap.dump, heap)
        pcall(heap.stats, heap)
        pcall(heap.pinned_by, heap, 0)
        pcall(other.blocks, other)
        pcall(other.freelist, other)
        pcall(heap.buffer, heap, "u8", { 1, 2, 3 })
      end
    end
  end)

  -- Calls action() at every cycle of the collector while body() runs, which is called again until
  -- there were `least` cycles, at most 100 times. A cycle starts when Lua's memory has doubled: the
  -- more objects there are, the fewer cycles.
  local function haunted(least, action, body)
    local restore = collector.incremental(200)
    local cycles, calls = 0, 0
    collector.each_cycle(function()
      cycles = cycles + 1
      action()
    end, function()
      repeat
        body()
        calls = calls + 1
      until cycles >= least or calls == 100
    end)
    restore()
  end

  it("may replace values on the stack of the function that it interrupts", function()
    local heap = pymalloc.heap()
    local b = heap:buffer("u8", 40)
    local run = assert(pymalloc.replay((pymalloc.trace.parse("a 1 8\na 2 900\nr 1 300\n"))))
    run:seek(3)
    local calls = {
      { heap.stats, heap }, { heap.usedpools, heap, 4 }, { heap.unused_arena_objects, heap },
      { heap.buffer, heap, "u8", { 1, 2 } }, { heap.dump, heap },
      { heap.locate, heap, b:address() },
      { b.totable, b }, { b.slice, b, 1 }, { b.pool, b }, { b:pool().blocks, b:pool() },
      { pymalloc.class_table, "3.6" }, { pymalloc.profiles },
      { core.run.events, run }, { core.run.what_if_free, run, 1 }, { core.run.find_id, run, 1 },
      { core.events.last, heap, 9 },
    }
    local tampered = 0
    for _, call in ipairs(calls) do
      local slot = 0
      assert.is_function(call[1])
      haunted(2, function()
        slot = slot % 7 + 1
        for level = 2, 6 do
          local running = debug.getinfo(level, "f")
          if running and running.func == call[1] and debug.setlocal(level, slot, 0) then
            tampered = tampered + 1
          end
        end
      end, function()
        for _ = 1, 1000 do
          pcall(table.unpack(call))
        end
      end)
    end
    assert.is_true(tampered > 0)
    assert.is_true(heap:check())
  end)

  it("may move a run, and call its methods, while its events become tables", function()
    local run <close> = assert(pymalloc.replay((pymalloc.trace.parse("a 1 8\na 2 64\nf 1\n"))))
    local mixed, asked = 0, 0
    haunted(11, function()
      asked = asked + 1
      run:seek(asked % 3 + 1)
      core.run.what_if_free(run, 2)
    end, function()
      for _ = 1, 2000 do
        run:seek(2)
        local events = core.run.events(run)
        for i, event in ipairs(events) do
          mixed = mixed + (event.request == events[1].request and event.index == i - 1 and 0 or 1)
        end
        run:seek(2)
        for i, event in ipairs(core.run.what_if_free(run, 1) or {}) do
          mixed = mixed + (event.index == i - 1 and event.class ~= 7 and 0 or 1)
        end
      end
    end)
    assert.is_true(asked > 10)
    assert.equal(0, mixed)
  end)

  it("may close a run that is being made", function()
    local interrupted, opened = 0, 0
    haunted(1, function()
      for level = 2, 6 do
        local running = debug.getinfo(level, "f")
        local is_opening = running and running.func == core.run.open
        interrupted = interrupted + (is_opening and 1 or 0)
        for slot = 1, is_opening and 8 or 0 do
          local _, value = debug.getlocal(level, slot)
          local metatable = type(value) == "userdata" and debug.getmetatable(value)
          if metatable and metatable.__close then
            metatable.__close(value)
          end
        end
      end
    end, function()
      -- The options are read inside run.open. From then on a whole cycle of the
      -- collector runs at the next object that it makes.
      local restore = collector.incremental(0, 1000, 1 << 30)
      local options = setmetatable({}, { __index = function() collectgarbage("restart") end })
      for _ = 1, 100 do
        local run <close> = assert(core.run.open("a 1 8\n", true, options, 0))
        opened = opened + (run:seek(1) == run and run.heap:check() and 1 or 0)
      end
      restore()
    end)
    assert.is_true(interrupted > 0)
    assert.equal(100, opened)
  end)
end)

describe("the metamethods of options", function()
  it("may remove the trace of a run from the stack, which is an error", function()
    local options = setmetatable({}, { __index = function()
      debug.setlocal(2, 1, nil)
      collectgarbage()
    end })
    assert.matches("string expected, got nil",
      complaint(core.run.open, "a 1 8\n", true, options, 0))
  end)
end)
