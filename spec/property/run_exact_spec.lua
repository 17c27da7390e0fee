local core = require "pymalloc.core"
local pymalloc = require "pymalloc"

local TRACE = "traces/cpython-json.trace.xz"
local STOPS, WALKS = 2000, 2000

describe("a run of a long trace #long", function()
  it(("has the state of one pass forwards at each of %d random stops"):format(STOPS), function()
    local run, times = assert(pymalloc.replay(TRACE)), {}
    for i = 1, STOPS do
      times[i] = math.random(0, run.length)
    end
    table.sort(times)
    local hashes = {}
    for _, op in ipairs(times) do -- ascending: the run only goes forwards
      run:seek(op)
      hashes[op] = run.heap:hash()
    end
    for _ = 1, WALKS do
      local op = times[math.random(STOPS)]
      run:seek(op)
      assert.equal(hashes[op], run.heap:hash(), "request " .. op)
      assert(run.heap:check())
    end
  end)

  it("has the same state after n requests forwards, n back, and n forwards", function()
    local run = assert(pymalloc.replay(TRACE))
    for _ = 1, 200 do
      run:seek(math.random(0, run.length - 1000))
      local n, before = math.random(1000), run.heap:dump()
      run:step(n)
      local after, events = run.heap:dump(), run:events()
      run:back(n)
      assert.equal(before, run.heap:dump())
      run:step(n)
      assert.equal(after, run.heap:dump())
      assert.same(events, run:events())
    end
  end)

  it("repeats at most a tenth of the trace to go back, after the first pass", function()
    local run = assert(pymalloc.replay(TRACE))
    run:seek(run.length)
    for _ = 1, 1000 do
      local op = math.random(1, run.length)
      local again = op - core.run.mark_before(run, op - 1)
      assert.is_true(again >= 1 and again <= run.length // 10, op)
    end
  end)
end)
