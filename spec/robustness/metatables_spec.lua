-- A metatable is shared by all objects of a type, so a script that changed one would change
-- the objects of other scripts too: without __gc no block is freed, and another __index
-- shows a heap's geometry wrongly. getmetatable therefore gives only the type's name, and no
-- field of an object is its metatable.

local catalogue = require "script.lib.reference.catalogue"
local pymalloc = require "pymalloc"

local heap = pymalloc.heap()
heap:keep_events(10)
local b = heap:malloc(24)
local trace = pymalloc.trace.parse("a 1 24\nf 1\n")
local run = assert(pymalloc.replay(trace))
local before = heap:snapshot()

-- The objects of each type that scripts receive.
local objects = {
  Analysis = { pymalloc.analyse(trace) },
  Arena = { heap:arena(0), heap:usable_arenas()[1] },
  Buffer = { b, b:slice(1), heap:buffer("f64", 2) },
  ClassStats = { heap:stats().classes[1] },
  Diff = { pymalloc.diff(before, heap:snapshot()) },
  Event = { heap:last_events()[1] },
  Experiment = { pymalloc.experiment { traces = { trace }, geometries = { "3.6" },
    measure = { "requests" } } },
  Geometry = { heap.geometry, pymalloc.profiles()[1] },
  Heap = { heap, run.heap },
  LoadedTrace = { pymalloc.trace.loaded(trace) },
  Place = { b:location(), heap:pinned_by(0)[1] },
  Plot = { pymalloc.plot.lines { series = { { name = "", x = { 1 }, y = { 1 } } } } },
  Pool = { b:pool(), heap:arena(0):pool(0) },
  Report = { pymalloc.report.parse(heap:debugmallocstats()) },
  Run = { run },
  SizeClass = { pymalloc.class_table("3.6")[1] },
  Snapshot = { before },
  Stats = { heap:stats() },
  Subscription = { heap:on(print) },
  Trace = { trace },
  Workload = { pymalloc.workload.queue() },
}

-- A field of an object, or nil where reading it raises an error.
local function field(object, name)
  local ok, value = pcall(function() return object[name] end)
  return ok and value or nil
end

-- Tables without a metatable.
local plain = {
  Design = true, Options = true, ExperimentRow = true, ReplayOptions = true, Summary = true,
}

describe("the metatable of", function()
  for name, list in pairs(objects) do
    it("pymalloc." .. name .. " is not returned by getmetatable", function()
      for _, object in ipairs(list) do
        assert.is_table(debug.getmetatable(object))
        assert.equal("pymalloc." .. name, getmetatable(object))
        assert.error_matches(function() setmetatable(object, {}) end,
          type(object) == "table" and "protected metatable" or "table expected")
        assert.are_not_equal(debug.getmetatable(object), field(object, "__index"))
      end
    end)
  end

  it("the state of pymalloc.trace.each is not returned by getmetatable", function()
    local _, state = pymalloc.trace.each(trace)
    assert.is_userdata(state)
    assert.is_string(getmetatable(state))
  end)

  it("each type that the reference names is tested in this file", function()
    local entries = catalogue.read(".", error)
    local count = 0
    for title, entry in pairs(entries) do
      local name = entry.kind == "type" and title:match("^pymalloc%.(%u%a+)$")
      if name then
        count = count + 1
        assert.is_true(plain[name] or objects[name] ~= nil, title .. " is not tested")
      end
    end
    assert.is_true(count > 15)
  end)

  it("a replay's summary is nil", function()
    assert.is_nil(debug.getmetatable(pymalloc.trace.replay_text(trace.text)))
  end)
end)
