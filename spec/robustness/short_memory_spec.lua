-- Runs Lua out of memory inside every function of the binding, at every request of
-- that function, and tests that the error is Lua's or a lack of memory, that the
-- heap is valid, and that no memory is left when the state is closed.

require "pymalloc" -- must be loaded before pymalloc_faults
local faults = require "pymalloc_faults"

local STAGE = [[
  package.path, package.cpath = %q, %q
  pymalloc = require "pymalloc"
  function stage()
    heap = pymalloc.heap { checked = true }
    b = heap:buffer("i32", 10)
    u = heap:buffer("u8", ("x"):rep(3000))
    arena, pool = heap:arena(0), b:pool()
    weak = setmetatable({}, { __mode = "v" })
    run = assert(pymalloc.replay(trace, { profile = "classroom" }))
    run:seek(7)
    before = heap:snapshot()
  end
  text = ("a 1 8\na 2 64\nr 1 300\nf 2\nf 1\n"):rep(3) .. "a 1 8\n"
  trace = pymalloc.trace.parse(text)
  core = require "pymalloc.core"
  loaded = assert(pymalloc.trace.loaded(trace))
  design = { profile = "classroom", next_pool = function(p) return p.live end,
    next_arena = function(a) return a.slot end, next_block = function(p) return p.free[1] end,
    release = function(a) return a.arenas > 1 end }
  plan = { traces = { trace }, designs = { "3.6", "classroom" }, series = 3 }
  stage()
]]

local CALLS = {
  "pymalloc.heap()", "pymalloc.heap { profile = 'classroom' }", "pymalloc.heap { debug = true }",
  "pymalloc.heap { nonsense = 1 }", "pymalloc.heap { profile = 1 }", "pymalloc.heap():close()",
  "heap:malloc(24)", "heap:malloc(24):free()", "heap:malloc(5000)", "heap:malloc(1.5)",
  "heap:calloc(3, 8)", "heap:realloc(heap:malloc(3), 300)", "heap:free(heap:malloc(1))",
  "heap:buffer('i32', 4)", "heap:buffer('i32', { 1, 2, 3 })", "heap:buffer('u8', 'some bytes')",
  "heap:buffer('i8', { 1000 })", "heap:buffer('none', 1)",
  "heap:buffer('i8', setmetatable({}, { __len = function() return 3 end,"
    .. " __index = function(_, i) return #('x'):rep(i) end }))",
  "heap:size_class(24)", "heap:check()", "heap:trim()", "heap:allow_arenas()",
  "heap:locate(b:address())", "heap:peek(b:address(), 40)", "heap:poke(b:address(), 'x')",
  "heap:poke(0, 'x')", "heap:describe(b:address())", "heap:describe(17)",
  "heap:stats()", "heap:dump()", "heap:debugmallocstats()",
  "heap:debugmallocstats { arena_map = false }",
  "heap:arena(0)", "for a in heap:arenas() do assert(a) end", "heap:pinned_by(0)",
  "heap:usedpools(4)", "heap:usable_arenas()", "heap:unused_arena_objects()",
  "tostring(heap)", "return heap.geometry.pool_bytes", "return pymalloc.heap().geometry",
  "tostring(b)", "return b[1]", "return b[0]", "b[1] = 7", "b[1] = 1.5", "return #b",
  "for i, v in b:iter() do assert(i and v) end", "for i, v in pairs(b) do assert(i and v) end",
  "b:fill(3)", "b:fill('x')", "b:copy(b)", "b:copy('x')", "b:slice(2, 3)", "b:slice(0, 1)",
  "b:totable()", "b:string()", "b:address()", "b:location()", "b:pool()",
  "local c = heap:buffer('u8', 10) c:resize(1000) c:resize(10) c:free()",
  "local s = b:slice(1, 3) s[1] = s[2] tostring(s)",
  "tostring(arena)", "return arena.nfreepools", "return arena.nonsense",
  "for k, v in pairs(arena) do assert(k, v) end", "arena:pool(0)",
  "for p in arena:pools() do assert(p) end",
  "tostring(pool)", "return pool.ref_count", "for k, v in pairs(pool) do assert(k, v) end",
  "pool:blocks()", "pool:freelist()", "assert(pool == b:pool())",
  "pymalloc.profiles()", "pymalloc.class_table('3.6')",
  "local c <close> = heap:malloc(10)", "local h <close> = pymalloc.heap()",
  "pymalloc.heap { cache_blocks = 3 }:close()", "pymalloc.heap { max_bytes = 1 << 20 }:close()",
  "heap:buffers('u8', 10, 4)", "heap:hash()", "heap:release_candidates()",
  "heap:snapshot()", "pymalloc.diff(before, heap:snapshot())",
  "tostring(pymalloc.diff(before, heap:snapshot()))", "tostring(before)",
  "heap:on(print, { kind = 'pool_full' }):remove()", "tostring(heap:on(print))",
  "heap:on(function(event) tostring(event) end) heap:malloc(8)",
  "heap:keep_events(10) heap:malloc(24) heap:last_events()", "heap:lost_events()",
  "assert(pymalloc.replay(trace)):close()", "run:step(2) run:back(1)", "run:seek(3)",
  "run:continue('block_pop')", "run:reverse('block_pop')", "run:events(true)",
  "run:continue(function(r) return r.op == 9 end)", "run:block(1)", "run:request()",
  "run:where(run:block(1).address)", "run:last_write(run.heap, 'raw_blocks')",
  "run:what_if_free(1)", "run:largest_without_arena()", "tostring(run)", "return run.op",
  "run:close()", "run.heap:dump()",
  "assert(pymalloc.trace.parse(text))",
  "assert(pymalloc.trace.parse('--5-- malloc(10) = 0x4A43040\\n'))",
  "assert(pymalloc.trace.parse('2\\n2\\na 0 10\\nf 0\\n'))",
  "assert(pymalloc.trace.record(function() return { {}, {} } end))",
  "assert(core.trace.replay_text(text, { placements = true, output = function() end }))",
  "assert(core.trace.replay_text(text, { stats = true, output = { write = rawlen } }))",
  "pymalloc.view.text(heap)", "pymalloc.view.text(run)",
  "assert(core.oracle(loaded, 'lifetimes', { profile = 'classroom' }, 5, true))",
  "assert(core.oracle(loaded, 'pools', {}, 5, false))", "assert(core.size_counts(loaded, 512))",
  "assert(core.limited({ steps = 1000, bytes = 1 << 20, seconds = 1 }, function()"
    .. " return ('x'):rep(99) end))",
  "assert(core.trace.measure(loaded, { profile = 'classroom' }, 5))",
  "assert(core.trace.measure_cost(loaded, {}))", "assert(core.trace.space(loaded, {}, 9, 9, 9))",
  "pymalloc.plot.space(loaded):svg()", "pymalloc.plot.run(run):text()",
  "assert(pymalloc.lab.simulate(loaded, design, { series = 4, placements = rawlen }))",
  "pymalloc.lab.policies()",
  "core.geometry_name { pool_bytes = 8192 }",
  "tostring(pymalloc.experiment(plan))", "pymalloc.experiment(plan):json()",
}

-- Returns true, or the error that the code raises if there is enough memory.
local function outcome(state, code)
  local ok, message = state:run(code)
  return ok or message
end

local function is_short(message)
  return message:find("not enough memory", 1, true) or message:find("no memory", 1, true)
end

describe("Lua's memory runs out in", function()
  local state
  local failures = 0

  setup(function()
    state = faults.state()
    assert(state:run(STAGE:format(package.path, package.cpath)))
  end)

  teardown(function()
    assert.equal(0, state:close())
  end)

  for _, code in ipairs(CALLS) do
    it(code, function()
      local wanted = outcome(state, code)
      local spare, is_over = 0
      repeat
        local ok, message = state:run(code, spare)
        is_over = (ok or message) == wanted
        assert(is_over or is_short(message), message)
        assert(state:run("assert(heap:check())"))
        failures = failures + (is_over and 0 or 1)
        spare = spare + (spare < 1024 and 16 or spare // 8)
      until is_over
      assert(state:run("heap:close() stage()"))
    end)
  end

  it("more than 500 places", function()
    assert.is_true(failures > 500)
  end)
end)
