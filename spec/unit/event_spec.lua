local pymalloc = require "pymalloc"
local events = require "pymalloc.event"

local STARTUP = "traces/cpython-startup.trace.xz"

-- Counts the events of each kind in a replay of a trace.
local function kinds_of(trace, options)
  local run, counts = assert(pymalloc.replay(trace, options)), {}
  while run:step() == 1 do
    for _, event in ipairs(run:events(true)) do
      counts[event.kind] = (counts[event.kind] or 0) + 1
    end
  end
  run:close()
  return counts
end

describe("events", function()
  it("of every kind are caused by some trace #long", function()
    local text = { "x 1", "a 1 9223372036854775808", "a 2 600", "r 2 700", "f 2", "x -1" }
    local counts = kinds_of({ text = table.concat(text, "\n") .. "\n" })
    for _, options in ipairs { { profile = "classroom" }, { profile = "3.9" } } do
      for kind, count in pairs(kinds_of(STARTUP, options)) do
        counts[kind] = (counts[kind] or 0) + count
      end
    end
    counts.arena_keep_last = kinds_of("spec/fidelity/data/thrash_15.trace.xz",
      { profile = "3.9" }).arena_keep_last
    for _, kind in ipairs(events.kinds) do
      assert.is_true((counts[kind.name] or 0) > 0, kind.name)
    end
  end)

  it("have the number of their request and their index in it", function()
    local run = assert(pymalloc.replay(STARTUP))
    for _, op in ipairs { 1, 17, 4711, run.length } do
      run:seek(op)
      for i, event in ipairs(run:events(true)) do
        assert.equal(op, event.request)
        assert.equal(i - 1, event.index)
      end
      assert.equal("request", run:events()[1].kind)
    end
  end)

  it("hold no address, so the same requests cause the same events", function()
    local one, other = assert(pymalloc.replay(STARTUP)), assert(pymalloc.replay(STARTUP))
    for _, op in ipairs { 1, 900, 40299 } do
      one:seek(op)
      other:seek(op)
      assert.same(one:events(true), other:events(true))
    end
  end)

  it("have the requested size", function()
    local run = assert(pymalloc.replay({ text = "a 1 24\nc 2 2 8\nr 1 60\nf 1\n" }))
    local asked = {}
    for op = 1, run.length do
      run:seek(op)
      local event = run:events()[1]
      table.insert(asked, event.operation .. " " .. event.bytes)
    end
    assert.same({ "malloc 24", "calloc 16", "realloc 60", "free 0" }, asked)
  end)

  it("print as one line", function()
    local run = assert(pymalloc.replay({ text = "a 1 24\na 2 24\nf 1\n" }, { profile = "3.6" }))
    run:seek(2)
    assert.equal("2.1 block_pop 0:0:72  ref_count 1 -> 2, freeblock 0:0:72 -> -, "
      .. "link - -> nothing", tostring(run:events()[2]))
    run:seek(3)
    assert.equal("3.0 request free(0:0:48)", tostring(run:events()[1]))
  end)
end)
