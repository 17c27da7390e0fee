-- Policies that are functions of a script, and functions that take placements: they raise
-- errors, yield, simulate again, change what they are given, and close what is being used.

local pymalloc = require "pymalloc"
local simulate = pymalloc.lab.simulate

local TEXT = ("a 1 16\na 2 40\nr 1 64\nf 2\na 2 64\nf 1\nf 2\n"):rep(50)

local function loaded_of()
  return assert(pymalloc.trace.loaded { text = TEXT })
end

-- For each kind of policy, a function that returns an allowed value and has no other effect.
local sound = {
  next_block = function(pool) return pool.free[1] end,
  next_pool = function(pool) return pool.live end,
  next_arena = function(arena) return arena.slot end,
  release = function() return true end,
}

local kinds = { "next_block", "next_pool", "next_arena", "release", "placements" }

-- Simulates with these functions. For one kind, `extra` is called first, and its results replace
-- those of the function.
local function run(loaded, kind, extra)
  local design, options = { profile = "classroom" }, { series = 10 }
  for name, policy in pairs(sound) do
    design[name] = policy
  end
  local function first(...)
    local results = table.pack(extra(...))
    if results.n > 0 then
      return table.unpack(results, 1, results.n)
    end
    return design[kind] and sound[kind](...)
  end
  if kind == "placements" then
    options.placements = first
  else
    design[kind] = first
  end
  return simulate(loaded, design, options)
end

-- Returns a function whose first call calls `action`.
local function first_time(action)
  local is_done
  return function()
    if not is_done then
      is_done = true
      action()
    end
  end
end

describe("the function release", function()
  it("is not called in a request in which another function has failed", function()
    local one <close> = assert(pymalloc.trace.loaded { text = "a 1 64\na 2 64\nr 2 16\n" })
    local ranked, released = 0, 0
    local ok, problem = pcall(simulate, one, { profile = "classroom", pool_bytes = 128,
      arena_bytes = 128, release = function()
        released = released + 1
        return true
      end, next_pool = function()
        ranked = ranked + 1
        error("mine", 0)
      end })
    assert.same({ false, "mine", 1, 0 }, { ok, problem, ranked, released })
  end)
end)

for _, kind in ipairs(kinds) do
  describe("the function " .. kind, function()
    local loaded
    before_each(function() loaded = loaded_of() end)
    after_each(function() loaded:close() end)

    local function refused(extra)
      local ok, problem = pcall(run, loaded, kind, extra)
      assert.is_false(ok)
      assert.equal(350, run(loaded, kind, function() end).requests) -- all is as before
      return problem
    end

    it("passes its error on as it is", function()
      local mine = {}
      assert.equal(mine, refused(function() error(mine) end))
      local _, none = pcall(error, nil) -- nil, and in Lua 5.5 a text
      assert.equal(none, refused(function() error(nil) end))
    end)

    it("passes an error of a later call on, and is not called again", function()
      local calls = 0
      local problem = refused(function()
        calls = calls + 1
        if calls == 2 or kind == "placements" then
          error("mine", 0)
        end
      end)
      assert.equal("mine", problem)
      assert.is_true(calls <= 2)
    end)

    it("cannot yield", function()
      assert.matches("attempt to yield across a C%-call boundary",
        coroutine.wrap(function() return refused(coroutine.yield) end)())
    end)

    it("may simulate the same trace", function()
      local inner
      local result = run(loaded, kind, function()
        inner = inner or simulate(loaded, "classroom")
      end)
      assert.same({ 350, 350 }, { result.requests, inner.requests })
    end)

    it("may close the loaded trace", function()
      local result = run(loaded, kind, first_time(function()
        loaded:close()
        collectgarbage()
      end))
      assert.equal(350, result.requests)
    end)

    it("may change what it is given", function()
      local expected = run(loaded, kind, function() end)
      assert.same(expected, run(loaded, kind, function(facts)
        local result = sound[kind] and sound[kind](facts)
        if type(facts) == "table" then
          for name in pairs(facts) do
            facts[name] = -1
          end
        end
        return result
      end))
    end)

    -- Levels 2 and 3 are the functions that call it, 4 and 5 are functions of the core.
    it("may change every value on the stack of the core", function()
      for slot = 1, 24 do
        local own = loaded_of()
        pcall(run, own, kind, first_time(function()
          for level = 4, 5 do
            assert(debug.getinfo(level, "S").what == "C")
            debug.setlocal(level, slot, "changed")
          end
          collectgarbage()
        end))
        own:close()
      end
      assert.equal(350, run(loaded, kind, function() end).requests)
    end)

    if kind ~= "release" and kind ~= "placements" then
      it("must return what is allowed", function()
        for _, value in ipairs { "1", {}, 0 / 0, false, print } do
          local problem = refused(function() return value end)
          assert.matches("^pymalloc: lab: the policy " .. kind .. " must return an? ", problem)
          assert.matches("got %S", problem)
        end
      end)
    end
  end)
end

describe("a function that chooses a block", function()
  local loaded = loaded_of()
  for title, choose in pairs {
    ["a live block"] = function(pool) return pool.free[1] == 0 and 1 or 0 end,
    ["a block beyond the pool"] = function(pool) return pool.capacity end,
    ["the end of the chain"] = function() return 0xffffffff end,
    ["a negative number"] = function() return -1 end,
    ["a number of 2^32 more"] = function(pool) return pool.free[1] + (1 << 32) end,
    ["half a block"] = function(pool) return pool.free[1] + 0.5 end,
  } do
    it("must not choose " .. title, function()
      assert.error_matches(function()
        simulate(loaded, { profile = "classroom", next_block = choose })
      end, "^pymalloc: lab: the policy next_block must return an element of 'free', got %-?%d")
    end)
  end

  it("may return a float that is whole", function()
    assert.equal(350, simulate(loaded, { profile = "classroom", next_block = function(pool)
      return pool.free[1] + 0.0
    end }).requests)
  end)
end)

describe("a function that ranks", function()
  it("may return the greatest and the least numbers", function()
    local loaded <close> = loaded_of()
    for _, rank in ipairs { math.huge, -math.huge, math.maxinteger, math.mininteger, -0.0 } do
      local result = simulate(loaded, { profile = "classroom",
        next_pool = function() return rank end, next_arena = function() return rank end })
      assert.equal(350, result.requests)
    end
  end)
end)
