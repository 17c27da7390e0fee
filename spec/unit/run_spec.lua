local pymalloc = require "pymalloc"

local STARTUP = "traces/cpython-startup.trace.xz"

local function text_run(lines, options)
  return assert(pymalloc.replay({ text = table.concat(lines, "\n") .. "\n" }, options))
end

describe("a run", function()
  local run

  before_each(function()
    run = assert(pymalloc.replay(STARTUP))
  end)

  after_each(function()
    run:close()
  end)

  it("refuses the options of a layer above its heap", function()
    for _, above in ipairs { { debug = true }, { checked = true }, { cache_blocks = 8 },
                             { cache_bytes = 4096 } } do
      assert.error_matches(function()
        pymalloc.replay({ text = "a 1 8\n" }, above)
      end, "the heap of a run is exact")
    end
  end)

  it("steps to the end and back to the beginning", function()
    assert.equal(0, run.op)
    assert.equal(3, run:step(3))
    assert.equal(3, run.op)
    assert.equal(run.length - 3, run:step(run.length))
    assert.equal(0, run:step())
    assert.equal(1, run:back())
    assert.equal(run.length - 1, run:back(math.maxinteger))
    assert.equal(0, run.op)
    assert.equal(0, run:back())
    assert.equal(0, run.heap:stats().arenas_allocated_total)
  end)

  it("ends where a replay of the trace ends", function()
    run:seek(run.length)
    local dump
    assert(pymalloc.trace.replay_file(STARTUP, {
      dump = true,
      output = function(piece) dump = (dump or "") .. piece end,
    }))
    assert.equal(dump, ("STATE %d\n%sEND\n"):format(run.length, run.heap:dump()))
  end)

  it("keeps every invariant at every stop", function()
    for _ = 1, 100 do
      run:seek(math.random(0, run.length))
      assert(run.heap:check())
    end
  end)

  it("finds the next and the previous request that has an event", function()
    local seen = {}
    while run:continue("arena_new") do
      table.insert(seen, run.op)
    end
    assert.equal(run.length, run.op)
    assert.equal(run.heap:stats().arenas_allocated_total, #seen)
    for i = #seen, 1, -1 do
      assert.equal(seen[i], run:reverse("arena_new"))
    end
    assert.is_nil(run:reverse("arena_new"))
    assert.equal(0, run.op)
  end)

  it("continues to an event of a class", function()
    local op = run:continue({ kind = "pool_full", class = 7 })
    local full = {}
    for _, event in ipairs(run:events()) do
      full[event.kind] = event.class
    end
    assert.equal(op, run.op)
    assert.equal(7, full.pool_full)
  end)

  it("accepts a function as a condition in both directions", function()
    local function is_large(at)
      return (at:request().size or 0) > 512
    end
    local first = run:continue(is_large)
    local second = run:continue(is_large)
    assert.is_true(first < second)
    assert.equal(first, run:reverse(is_large))
    assert.is_nil(run:reverse(is_large))
  end)

  it("finds the event that last wrote a field", function()
    run:seek(30000)
    local arena = run.heap:arena(0)
    local pool = arena:pool(0)
    for _, case in ipairs { { pool, "ref_count" }, { pool, "nextoffset" }, { arena, "nfreepools" },
      { run.heap, "narenas_highwater" } } do
      local event = run:last_write(table.unpack(case))
      assert.equal(30000, run.op)
      local written
      for _, change in ipairs(event.changes) do
        written = change.field == case[2] and change.new or written
      end
      local now = case[1] == run.heap and run.heap:stats().arenas_highwater or case[1][case[2]]
      assert.equal(now, written, case[2])
    end
  end)

  it("returns nil for a field that no event has written", function()
    run:seek(1)
    local pool = run.heap:arena(0):pool(0)
    assert.equal(1, run:last_write(pool, "szidx").request)
    assert.error_matches(function() run:last_write(pool, "size") end, "pool has no field 'size'")
    assert.error_matches(function() run:last_write(5, "size") end,
      "view must be run.heap, or an arena")
  end)

  it("finds the block of an id, and the id of an address", function()
    run:seek(5000)
    local request = run:request()
    while request.op == "free" do
      run:step()
      request = run:request()
    end
    local found = run:block(request.id)
    assert.equal(run.op, found.request)
    assert.equal(request.size, found.size)
    for offset = 0, 7 do
      assert.same(found, run:where(found.address + offset))
    end
    assert.is_nil(run:where(run.heap:arena(0).address))
    assert.is_nil(run:where(0))
    assert.is_nil(run:block(4711111))
  end)

  it("returns the events that a free would cause, and changes nothing", function()
    run:seek(40298)
    local before = run.heap:dump()
    local caused = run:what_if_free(run:request(40299).id)
    assert.equal(before, run.heap:dump())
    run:step()
    assert.same(run:events(), caused)
    assert.equal("arena_release", caused[#caused].kind)
    local list, problem = run:what_if_free(4711111)
    assert.is_nil(list)
    assert.matches("not live", problem)
  end)

  it("has a heap with views at every stop, which serves no request", function()
    run:seek(100)
    local pool = run.heap:arena(0):pool(0)
    local count = pool.ref_count
    run:seek(2000)
    assert.not_equal(count, pool.ref_count)
    run:seek(100)
    assert.equal(count, pool.ref_count)
    for _, misuse in ipairs {
      function() run.heap:malloc(1) end, function() run.heap:buffer("u8", 1) end,
      function() run.heap:close() end, function() run.heap:trim() end,
      function() run.heap:allow_arenas(1) end,
    } do
      assert.error_matches(misuse, "heap of a run can only be looked at")
    end
    assert.error_matches(function() run.heap:on(print) end, "run has no listeners")
  end)

  it("is not collected while its heap is referenced", function()
    local dropped = assert(pymalloc.replay({ text = "a 1 24\n" }))
    local weak = setmetatable({ dropped }, { __mode = "v" })
    dropped:step()
    local arena = dropped.heap:arena(0)
    dropped = nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    assert.equal(63, arena.nfreepools)
    assert.is_not_nil(weak[1])
    arena = nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    assert.is_nil(weak[1])
  end)

  it("makes its views unusable when it is closed", function()
    run:seek(100)
    local heap, pool = run.heap, run.heap:arena(0):pool(0)
    run:close()
    assert.error_matches(function() return heap:stats() end, "closed")
    assert.error_matches(function() return pool.ref_count end, "closed")
    assert.error_matches(function() run:step() end, "run is closed")
    assert.equal("pymalloc.Run closed", tostring(run))
  end)

  it("refuses invalid times, counts and conditions", function()
    for _, case in ipairs {
      { function() run:seek(-1) end, "run:seek: op must be from 0 to 43354, got %-1" },
      { function() run:seek(43355) end, "from 0 to 43354, got 43355" },
      { function() run:seek(1.5) end, "must be an integer, got 1.5" },
      { function() run:step(-1) end, "run:step: count must be an integer, 0 or more, got %-1" },
      { function() run:continue("x") end, "run:continue: unknown event 'x'" },
      { function() run:reverse(5) end, "condition must be .*got 5" },
      { function() run:continue() end, "condition must be .*got nil" },
      { function() run:continue {} end, "condition must be .*got an empty table" },
      { function() run:continue { kind = {} } end, "run:continue: no event is named" },
      { function() run:reverse { kinds = "pool_full" } end, "unknown condition kinds %(allowed" },
      { function() run:continue { class = 64 } end, "class must be an integer from 0 to 63" },
      { function() run:where("x") end, "run:where: address must be an integer, got a string" },
    } do
      assert.error_matches(case[1], case[2])
    end
  end)
end)

describe("a run of a small trace", function()
  it("reports the largest request that needs no arena", function()
    local lines = {}
    for id = 1, 12 do
      lines[id] = "a " .. id .. " 64"
    end
    table.insert(lines, "f 12")
    local run = text_run(lines, { profile = "classroom" })
    assert.equal(0, run:largest_without_arena())
    run:seek(9)
    assert.equal(64, run:largest_without_arena())
    run:seek(11)
    assert.equal(64, run:largest_without_arena())
    run:seek(12)
    assert.equal(0, run:largest_without_arena())
    run:seek(13)
    assert.equal(64, run:largest_without_arena())
  end)

  it("applies the limit of an x line in both directions", function()
    local run = text_run({ "x 0", "a 1 8", "x 1", "a 2 8", "x 0", "f 2", "a 3 8" })
    local function current(op)
      run:seek(op)
      return run.heap:stats().arenas_current
    end
    for _ = 1, 2 do
      assert.same({ 0, 1, 0, 0 }, { current(1), current(2), current(3), current(4) })
      assert.same({ 0, 1, 0 }, { current(3), current(2), current(0) })
    end
  end)

  it("stops before a request that cannot be run, and returns the reason", function()
    local run = text_run { "a 1 8", "a 2 8", "a 1 8", "a 3 8" }
    local ok, problem = run:seek(4)
    assert.is_nil(ok)
    assert.equal("request 3: id 1 is live already", problem)
    assert.equal(2, run.op)
    assert.equal(2, run:events()[1].request)
    assert.same({ nil, problem }, { run:continue("arena_release") })
    assert.same({ nil, problem }, { run:continue(function() return false end) })
    assert.equal(2, run.op)
    assert.equal(2, run:back(2))
    assert.equal(1, run:continue("request"))
  end)

  it("is not made from an invalid trace", function()
    local run, problem, kind = pymalloc.replay { text = "a 1 8\nb\n" }
    assert.is_nil(run)
    assert.matches("text:2: expected a line", problem)
    assert.equal("trace", kind)
    assert.is_nil(pymalloc.replay("no/such/file"))
    assert.error_matches(function() pymalloc.replay(5) end, "must be a path or a trace, got 5")
  end)

  it("accepts an id again after a refused request and after a free", function()
    local run = text_run { "a 1 9223372036854775808", "f 1", "a 1 8", "f 1", "r 1 20", "c 2 3 7" }
    run:seek(1)
    assert.is_nil(run:block(1))
    run:seek(5)
    assert.equal(20, run:block(1).size)
    run:seek(6)
    assert.equal(21, run:block(2).size)
    run:seek(4)
    assert.is_nil(run:block(1))
  end)
end)
