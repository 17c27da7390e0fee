-- Tests that a seek leads to the state of a pass forward, and its checkpoints.

local pymalloc = require "pymalloc"

local STARTUP = "traces/cpython-startup.trace.xz"

local function hashes_at(trace, options, times)
  local run, hashes = assert(pymalloc.replay(trace, options)), {}
  table.sort(times)
  for _, op in ipairs(times) do
    run:seek(op)
    hashes[op] = run.heap:hash()
  end
  run:close()
  return hashes
end

describe("a seek", function()
  local cases = {
    { STARTUP, { profile = "3.6" } },
    { STARTUP, { profile = "classroom" } },
    { "spec/fidelity/data/storms_7.trace.xz", { profile = "3.11", arena_offset = 4096 } },
    { "spec/fidelity/data/oom_16.trace.xz", { profile = "3.9" } },
  }
  for _, case in ipairs(cases) do
    it(("leads to the state of a pass forward, %s in %s"):format(case[1]:match("[^/]+$"),
      case[2].profile), function()
      local run = assert(pymalloc.replay(table.unpack(case)))
      local times, seen = {}, {}
      for i = 1, 150 do
        times[i] = math.random(0, run.length)
      end
      local hashes = hashes_at(case[1], case[2], times)
      for _ = 1, 300 do
        local op = times[math.random(#times)]
        run:seek(op)
        assert.equal(hashes[op], run.heap:hash(), "at " .. op)
        seen[op] = true
      end
      assert.is_truthy(next(seen))
      run:close()
    end)
  end
end)

describe("the checkpoints of a run", function()
  local replay = require "pymalloc_faults.replay"

  -- A trace of 20,000 requests has a checkpoint every 417 requests.
  local lines = {}
  for i = 1, 10000 do
    table.insert(lines, ("a %d %d"):format(i, i % 512 + 1))
  end
  for i = 1, 10000 do
    table.insert(lines, ("f %d"):format(i))
  end
  local text = table.concat(lines, "\n") .. "\n"

  it("are all kept if they do not exceed their limit of bytes", function()
    local count, interval, is_same = replay.thinned(text, 1 << 30)
    assert.same({ 48, 417, true }, { count, interval, is_same })
  end)

  it("shorten a seek, which starts from the nearest earlier one", function()
    local _, interval, _, distance = replay.thinned(text, 1 << 30)
    assert.equal(10000 % interval, distance)
    _, interval, _, distance = replay.thinned(text, 1)
    assert.equal(10000 % interval, distance)
  end)

  it("are halved in number if they exceed their limit", function()
    local count, interval, is_same = replay.thinned(text, 1)
    assert.is_true(count >= 16 and count < 32, count)
    assert.equal(834, interval)
    assert.is_true(is_same)
  end)
end)
