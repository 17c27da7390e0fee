local pymalloc = require "pymalloc"
local states = require "spec.support.state"

local STARTUP = "traces/cpython-startup.trace.xz"

-- Does the next requests of a run; returns the events of each.
local function forward(run, state, count)
  local done = {}
  while #done < count and run.op < run.length do
    run:step()
    local list = run:events(true)
    state:apply(list)
    table.insert(done, list)
  end
  return done
end

local function undo(state, done)
  for i = #done, 1, -1 do
    state:undo(done[i])
  end
end

-- Goes through a trace in windows of some requests. The events of each window are applied to
-- the state, undone, and applied again; the state must equal the dump each time.
local function prove(trace, options, window)
  local run = assert(pymalloc.replay(trace, options))
  local state = states.new(run.heap.geometry)
  repeat
    local before = run.heap:dump()
    local done = forward(run, state, window)
    local after = run.heap:dump()
    assert.equal(after, state:dump())
    undo(state, done)
    assert.equal(before, state:dump())
    for _, list in ipairs(done) do
      state:apply(list)
    end
    assert.equal(after, state:dump())
  until run.op == run.length
  assert.equal(run.length, run.op)
  run:close()
end

describe("events #long", function()
  local profiles = {
    { profile = "3.6" }, { profile = "3.9" }, { profile = "3.11", arena_offset = 4096 },
    { profile = "classroom" }, { profile = "classroom", release = "never" },
  }
  for _, options in ipairs(profiles) do
    it("give the state after when applied, and before when undone: start-up of CPython, "
      .. options.profile .. " " .. (options.release or ""), function()
      prove(STARTUP, options, 2500)
    end)
  end

  it("do the same in a trace that releases thousands of arenas", function()
    prove("spec/fidelity/data/storms_7.trace.xz", { profile = "classroom" }, 1000)
  end)

  it("do the same in a trace in which no memory is left for arenas", function()
    prove("spec/fidelity/data/oom_16.trace.xz", { profile = "3.6" }, 2500)
  end)
end)
