local pymalloc = require "pymalloc"
local collector = require "spec.support.collector"
local faults = require "pymalloc_faults"

describe("memory that Lua's collector does not count", function()
  it("is announced to the collector", function()
    local shared <close> = pymalloc.heap()
    collectgarbage()
    local peak = 0
    for i = 1, 5000 do
      shared:buffer("u8", 131072)
      if i % 100 == 0 then
        peak = math.max(peak, shared:stats().raw_blocks)
      end
    end
    assert.is_true(peak < 500, peak .. " buffers of 128 KiB at once")
  end)

  it("is announced for dropped heaps too", function()
    local ledger = faults.ledger()
    collectgarbage()
    local peak = 0
    for _ = 1, 3000 do
      ledger:heap {}
      peak = math.max(peak, ledger:accounts().reserve_count)
    end
    assert.is_true(peak < 300, peak .. " heaps at once")
  end)

  for _, case in ipairs {
    { "loaded traces", function(trace) return pymalloc.trace.loaded(trace) end },
    { "runs", function(trace) return pymalloc.replay(trace) end } } do
    it("is announced for dropped " .. case[1] .. " #long", function()
      local trace = pymalloc.trace.parse(("a 1 64\nf 1\n"):rep(50000)) -- 1.6 MB in memory
      local alive = setmetatable({}, { __mode = "v" })
      collectgarbage()
      local peak = 0
      for i = 1, 100 do
        alive[i] = case[2](trace)
        local count = 0
        for _ in pairs(alive) do
          count = count + 1
        end
        peak = math.max(peak, count)
      end
      assert.is_true(peak < 30, peak .. " at once")
    end)
  end

  it("is not announced if it was freed before the announcement", function()
    local shared <close> = pymalloc.heap()
    local restore = collector.incremental(1000) -- the collector starts no cycle by itself
    collectgarbage()
    local is_collected = false
    setmetatable({}, { __gc = function() is_collected = true end })
    for _ = 1, 40000 do -- 2 GB: a tenth of it would begin a cycle
      local one, other = shared:malloc(25000), shared:malloc(25000)
      one:free()
      other:free()
    end
    local was_collected = is_collected
    restore()
    assert.is_false(was_collected)
  end)

  it("is announced once, so that later small blocks start no cycle", function()
    local shared <close> = pymalloc.heap()
    local restore = collector.incremental(1000)
    -- The second block announces both.
    local kept = { shared:malloc(60000), shared:malloc(10000) }
    collectgarbage()
    local is_collected = false
    setmetatable({}, { __gc = function() is_collected = true end })
    for i = 3, 3000 do
      kept[i] = shared:malloc(16)
    end
    local was_collected = is_collected
    restore()
    assert.is_false(was_collected)
    assert.equal(3000, #kept)
  end)

  it("is announced in full: a block makes the collector do the work of a step of as many bytes",
    function()
      local shared <close> = pymalloc.heap()
      local restore = collector.incremental(200) -- no cycle begins before the steps
      local unit = _VERSION == "Lua 5.4" and 1024 or 1 -- of collectgarbage "step"
      local function ends_cycle(work)
        collectgarbage()
        local is_collected = false
        setmetatable({}, { __gc = function() is_collected = true end })
        work()
        return is_collected
      end
      local low, high = 0, 1 << 20 -- KiB of a step that does not end a cycle, and of one that does
      while high - low > high // 100 do
        local middle = (low + high) // 2
        if ends_cycle(function() collectgarbage("step", middle * 1024 // unit) end) then
          high = middle
        else
          low = middle
        end
      end
      local function ends_with_block(kib)
        return ends_cycle(function() shared:malloc(kib * 1024):free() end)
      end
      local is_ended = ends_with_block(high * 4 // 3)
      local is_ended_early = ends_with_block(high * 2 // 3)
      restore()
      assert.is_true(high > 100)
      assert.same({ true, false }, { is_ended, is_ended_early })
    end)

  it("does not start a stopped collector", function()
    local shared <close> = pymalloc.heap()
    collectgarbage("stop")
    for _ = 1, 100 do
      shared:buffer("u8", 131072)
    end
    local live = shared:stats().raw_blocks
    collectgarbage("restart")
    assert.equal(100, live)
  end)
end)
