-- Compares the heap with the model: the same requests must give the same locations.
-- A failure prints its seed, a trace, and the command that replays it.

local agreement = require "spec.support.agreement"
local profiles = require "spec.support.profiles"
local requests = require "spec.support.requests"

local COUNT = 3000 -- requests in a list
local GEOMETRIES = 40 -- random ones
local RHYTHM = { check = 10, dump = 500 }

-- The environment variable PYMALLOC_SEED selects other lists of requests, or the one that
-- failed.
local SEED = math.tointeger(os.getenv("PYMALLOC_SEED")) or 1

local function assert_agree(behaviour, seed, options)
  local title = ("behaviour %s, seed %d"):format(behaviour, seed)
  local list = requests.list(behaviour, seed, COUNT, options)
  return agreement.assert_agree(title, options, list, RHYTHM)
end

describe("the heap agrees with the model", function()
  for _, behaviour in ipairs(requests.names) do
    for number, name in ipairs(profiles.names) do
      it(("for %s requests in profile %s"):format(behaviour, name), function()
        assert_agree(behaviour, SEED + number, profiles[name])
      end)
    end

    it(("for %s requests in arenas that are not aligned to pools"):format(behaviour), function()
      local options = { arena_offset = 4096 }
      for field, value in pairs(profiles["3.11"]) do
        options[field] = options[field] or value
      end
      assert_agree(behaviour, SEED, options)
    end)

    it(("for %s requests in random geometries #long"):format(behaviour), function()
      for seed = SEED, SEED + GEOMETRIES - 1 do
        assert_agree(behaviour, seed, requests.geometry(seed))
      end
    end)
  end
end)

describe("the requests", function()
  -- The greatest value that `measure` returns after one of the lists of a behaviour.
  local function most(behaviour, measure)
    local found = 0
    for seed = SEED, SEED + 5 do
      found = math.max(found, measure(assert_agree(behaviour, seed, profiles.classroom)))
    end
    return found
  end

  it("obtain and release arenas", function()
    assert.is_true(most("storms", function(model)
      return model.total - model.current
    end) > 50)
  end)

  it("change the order of usable_arenas", function()
    assert.is_true(most("pools", function(model)
      return model.hops
    end) > 100)
  end)

  it("are sometimes served by raw because no arena can be obtained", function()
    assert.is_true(most("refusals", function(model)
      return model.raw_blocks
    end) > 10)
  end)
end)

describe("after each request", function()
  for _, behaviour in ipairs(requests.names) do
    it(("the whole state equals the model's, for %s requests"):format(behaviour), function()
      local list = requests.list(behaviour, SEED, 500, profiles.classroom)
      agreement.assert_agree(behaviour .. ", every request", profiles.classroom, list,
        { check = 1, dump = 1 })
    end)
  end
end)

describe("a limit of arenas", function()
  for _, max_arenas in ipairs { 0, 1, 2, 17 } do
    it(("of %d has the same effect on the heap and on the model"):format(max_arenas), function()
      for _, behaviour in ipairs { "random", "storms", "pools" } do
        local options = requests.geometry(SEED + max_arenas)
        options.max_arenas = max_arenas
        local model = assert_agree(behaviour, SEED, options)
        assert.is_true(model.highwater <= max_arenas)
      end
    end)
  end
end)
