local pymalloc = require "pymalloc"

local TRACE = "traces/cpython-json.trace.xz"
local STOPS, WALKS = 2000, 2000

describe("time travel over a long trace", function()
  it(("is exact at every one of %d random stops"):format(STOPS), function()
    local run, times = assert(pymalloc.replay(TRACE)), {}
    for i = 1, STOPS do
      times[i] = math.random(0, run.length)
    end
    table.sort(times)
    local hashes = {}
    for _, op in ipairs(times) do -- forwards only: nothing is taken back
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

  it("is exact by steps: n forward, n back, and forward again", function()
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

  it("finds at most a tenth of the way to do again", function()
    local run = assert(pymalloc.replay(TRACE))
    local began = os.clock()
    run:seek(run.length)
    local whole = os.clock() - began
    local worst = 0
    for _ = 1, 200 do
      local op = math.random(0, run.length)
      began = os.clock()
      run:seek(op)
      worst = math.max(worst, os.clock() - began)
    end
    assert.is_true(worst < math.max(whole / 10, 0.005), ("%.4f of %.4f s"):format(worst, whole))
  end)
end)
