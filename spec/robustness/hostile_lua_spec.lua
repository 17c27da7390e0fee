-- The functions that are written in Lua refuse a wrong self and forged or damaged data, with a
-- message that begins with the caller's line and not with a line of the library.

local core = require "pymalloc.core"
local pymalloc = require "pymalloc"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

-- A run of three requests, at its end.
local function small_run()
  local run = pymalloc.replay((pymalloc.trace.parse("a 1 24\na 2 24\nf 1\n")))
  run:step(3)
  return run
end

-- Is the function of a file of this library?
local function is_in_lua(f)
  return debug.getinfo(f, "S").source:find("lua/pymalloc/", 1, true) ~= nil
end

-- The position in front of a message, "" without one.
local function position_of(problem)
  return problem:match("^(%S+%.lua:%d+): ") or ""
end

describe("a method that is written in Lua", function()
  local wrong = { [1] = 5, [2] = "x", [3] = {}, [4] = io.stdout, [5] = print, n = 6 }

  for _, name in ipairs { "Heap", "Run" } do
    it("refuses a self that is no " .. name .. ", at the line of the caller", function()
      local count = 0
      for method, f in pairs(core.methods[name]) do
        for i = 1, wrong.n do
          local ok, problem = pcall(function()
            local result = f(wrong[i])
            return result
          end)
          count = count + (is_in_lua(f) and 1 or 0)
          assert.is_false(ok, method)
          assert.match("hostile_lua_spec%.lua", position_of(problem), method)
          assert.match("pymalloc%." .. name .. " expected, got ", problem, method)
        end
      end
      assert.is_true(count >= 6 * 6)
    end)
  end

  it("refuses a closed run, at the line of the caller", function()
    local run = small_run()
    run:close()
    for method, f in pairs(core.methods.Run) do
      local ok, problem = pcall(function()
        local result = f(run)
        return result
      end)
      if method ~= "close" then
        assert.is_false(ok, method)
        assert.match("hostile_lua_spec%.lua:%d+: pymalloc: the run is closed", problem, method)
      end
    end
  end)

  it("refuses an argument at the line of the caller", function()
    local run <close> = small_run()
    local heap <close> = pymalloc.heap()
    local other <close> = pymalloc.heap()
    other:malloc(1)
    for call, expected in pairs {
      [function() local x = run:block() return x end] = "run:block: id must be an integer, got nil",
      [function() local x = run:what_if_free() return x end] =
        "run:what_if_free: id must be an integer, got nil",
      [function() local x = heap:pinned_by() return x end] =
        "heap:arena: index must be an integer, got nil",
      [function() local x = heap:pinned_by(other:arena(0)) return x end] =
        "heap:pinned_by: arena must be one of this heap, got pymalloc.Arena 0",
    } do
      local ok, problem = pcall(call)
      assert.is_false(ok)
      assert.match("hostile_lua_spec%.lua", position_of(problem))
      assert.is_truthy(problem:find(expected, 1, true), problem)
    end
  end)
end)

describe("run:last_write", function()
  it("refuses views of other heaps, forged views and names with a zero byte", function()
    local run <close> = small_run()
    local other <close> = pymalloc.heap()
    local buffer = other:malloc(24)
    local forged = setmetatable({ index = 0 }, {
      __name = "pymalloc.Arena",
      __tostring = function() return "pymalloc.Arena 0" end,
    })
    for _, view in ipairs { other, other:arena(0), buffer:pool(), buffer, forged, 5, "heap" } do
      assert.error_matches(function()
        local event = run:last_write(view, "nfreepools")
        return event
      end, "run:last_write: view must be run.heap, or an arena or a pool of it, got ")
    end
    assert.error_matches(function()
      local event = run:last_write(run.heap:arena(0), "nfreepools\0x")
      return event
    end, "run:last_write: arena has no field 'nfreepools\\0x'", 1, true)
    assert.equal(1, run:last_write(run.heap:arena(0), "nfreepools").request)
  end)
end)

describe("pymalloc.view", function()
  it("refuses a table that has the name of a type of this library", function()
    for _, name in ipairs { "Heap", "Arena", "Pool", "Buffer", "Run", "Diff" } do
      local forged = setmetatable({}, { __name = "pymalloc." .. name })
      for _, draw in ipairs { pymalloc.view.text, pymalloc.view.svg } do
        local ok, problem = pcall(function()
          local drawn = draw(forged)
          return drawn
        end)
        assert.is_false(ok)
        assert.match("hostile_lua_spec%.lua:%d+: pymalloc: view%.%a+: x must be a heap", problem)
      end
    end
  end)

  it("refuses a diff whose fields were changed", function()
    local heap <close> = pymalloc.heap()
    local before = heap:snapshot()
    heap:malloc(24)
    local snapshot = heap:snapshot()
    for change, expected in pairs {
      [function(diff) diff.globals = nil end] = "globals must be an array, got nil",
      [function(diff) diff.arenas.new[1] = 5 end] = "arenas.new[1] must be a table, got 5",
      [function(diff) diff.pools.new[1].pool = "x" end] = "pools.new[1].pool must be an integer",
      [function(diff) diff.blocks.allocated = 1 end] = "blocks.allocated must be an array, got 1",
      [function(diff) diff.globals[1] = {} end] = "globals[1].field must be present, got nil",
    } do
      local diff = pymalloc.diff(before, snapshot)
      change(diff)
      for _, draw in ipairs { pymalloc.view.text, tostring } do
        local ok, problem = pcall(draw, diff)
        assert.is_false(ok)
        assert.is_truthy(problem:find("view.text: the diff is not whole: " .. expected, 1, true),
          problem)
      end
    end
  end)
end)

describe("pymalloc.diff", function()
  local heap, snapshot

  before_each(function()
    heap = pymalloc.heap()
    heap:malloc(24)
    snapshot = heap:snapshot()
  end)

  after_each(function()
    heap:close()
  end)

  local function refusal(damage)
    local damaged = heap:snapshot()
    damage(damaged, damaged.arenas[1], damaged.arenas[1].pools[1])
    for position = 1, 2 do
      local arguments = { snapshot, snapshot }
      arguments[position] = damaged
      local ok, problem = pcall(function()
        local diff = pymalloc.diff(table.unpack(arguments))
        return diff
      end)
      assert.is_false(ok)
      local start = ("pymalloc: diff: argument %d is not a whole snapshot: "):format(position)
      assert.match("hostile_lua_spec%.lua:%d+: " .. start, problem)
      if position == 2 then
        return problem:match(": argument 2 is not a whole snapshot: (.*)$")
      end
    end
  end

  it("names the part of a snapshot that is missing or wrong", function()
    for damage, expected in pairs {
      [function(s) s.globals = nil end] = "globals must be a table, got nil",
      [function(s) s.usable_arenas = 5 end] = "usable_arenas must be an array, got 5",
      [function(s) s.arenas[1] = "x" end] = "arenas[1] must be a table, got a string",
      [function(_, arena) arena.index = nil end] =
        "arenas[1].index must be an integer from 0 to 9007199254740992, got nil",
      [function(_, arena) arena.freepools[1] = -1 end] =
        "arenas[1].freepools[1] must be an integer from 0 to 1073741824, got -1",
      [function(_, _, pool) pool.free = nil end] =
        "arenas[1].pools[1].free must be an array, got nil",
      [function(_, _, pool) pool.offset = 1.5 end] =
        "arenas[1].pools[1].offset must be an integer from 0 to 1073741824, got 1.5",
      [function(_, _, pool) pool.size = 0 end] =
        "2 blocks of 0 bytes do not fit before nextoffset 96 of pool 0:0",
      [function(_, _, pool) pool.ref_count = 1 << 20 end] =
        "1048577 blocks of 24 bytes do not fit before nextoffset 96 of pool 0:0",
    } do
      assert.equal(expected, refusal(damage))
    end
  end)

  it("takes whole numbers that a JSON library read as floats", function()
    local floats = heap:snapshot()
    local pool = floats.arenas[1].pools[1]
    for i, offset in ipairs(pool.free) do
      pool.free[i] = offset + 0.0
    end
    assert.is_true(#pool.free > 0)
    assert.equal("nothing changed", tostring(pymalloc.diff(snapshot, floats)))
  end)

  it("tells of a field that is in one of the snapshots only", function()
    local more = heap:snapshot()
    more.globals.new_field = 7
    for i, pair in ipairs { { snapshot, more }, { more, snapshot } } do
      local change = pymalloc.diff(pair[1], pair[2]).globals[1]
      assert.equal("new_field", change.field)
      assert.equal(7, i == 1 and change.new or change.old)
    end
  end)

  it("lets a damaged snapshot print", function()
    snapshot.globals = nil
    assert.equal("pymalloc.Snapshot that is not whole", tostring(snapshot))
  end)
end)

describe("heap:buffer from a table with metamethods", function()
  it("costs no more memory than its length says", function()
    local heap <close> = pymalloc.heap()
    local proxy = setmetatable({}, { __len = function() return 1 << 20 end,
      __index = function() return 1 end })
    collectgarbage()
    local before, most = collectgarbage("count"), 0
    getmetatable(proxy).__index = function()
      most = math.max(most, collectgarbage("count"))
      return 1
    end
    assert.equal(1 << 20, #heap:buffer("i8", proxy))
    assert.is_true(most - before < 1200, ("%.0f KiB"):format(most - before))
  end)

  it("refuses a length that is negative or that no memory can hold", function()
    local heap <close> = pymalloc.heap()
    local expected_of = { [-5] = "the table has %-5 elements", [1 << 50] = "not enough memory" }
    for length, expected in pairs(expected_of) do
      local ok, problem = pcall(function()
        local buffer = heap:buffer("i8", setmetatable({}, { __len = function() return length end }))
        return buffer
      end)
      assert.is_false(ok)
      assert.match(expected, problem)
    end
  end)
end)
