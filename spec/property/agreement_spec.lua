-- The heap against the model: the same requests, and after each the same
-- location. A failure prints its seed, a trace and how to replay it.

local agreement = require "spec.support.agreement"
local profiles = require "spec.support.profiles"
local requests = require "spec.support.requests"

local COUNT = 3000 -- requests in a list
local GEOMETRIES = 40 -- random ones
local RHYTHM = { check = 10, dump = 500 }

-- Set PYMALLOC_SEED to look further, or at the case that failed.
local SEED = math.tointeger(os.getenv("PYMALLOC_SEED")) or 1

local function assert_agree(behaviour, seed, options)
  local title = ("behaviour %s, seed %d"):format(behaviour, seed)
  local list = requests.list(behaviour, seed, COUNT, options)
  return agreement.assert_agree(title, options, list, RHYTHM)
end

describe("the heap does as the model does", function()
  for _, behaviour in ipairs(requests.names) do
    for number, name in ipairs(profiles.names) do
      it(("with %s requests in profile %s"):format(behaviour, name), function()
        assert_agree(behaviour, SEED + number, profiles[name])
      end)
    end

    it(("with %s requests in arenas that miss the alignment of pools"):format(behaviour), function()
      local options = { arena_offset = 4096 }
      for field, value in pairs(profiles["3.11"]) do
        options[field] = options[field] or value
      end
      assert_agree(behaviour, SEED, options)
    end)

    it(("with %s requests in geometries nobody has"):format(behaviour), function()
      for seed = SEED, SEED + GEOMETRIES - 1 do
        assert_agree(behaviour, seed, requests.geometry(seed))
      end
    end)
  end
end)

describe("the requests", function()
  -- The greatest value of what `measure` finds after each list of a behaviour.
  local function most(behaviour, measure)
    local found = 0
    for seed = SEED, SEED + 5 do
      found = math.max(found, measure(assert_agree(behaviour, seed, profiles.classroom)))
    end
    return found
  end

  it("make arenas come and go", function()
    assert.is_true(most("storms", function(model)
      return model.total - model.current
    end) > 50)
  end)

  it("give usable_arenas an order", function()
    assert.is_true(most("pools", function(model)
      return model.hops
    end) > 100)
  end)

  it("are sometimes sent to raw for want of an arena", function()
    assert.is_true(most("refusals", function(model)
      return model.raw_blocks
    end) > 10)
  end)
end)

describe("after every single request", function()
  for _, behaviour in ipairs(requests.names) do
    it(("the whole state is the model's, with %s requests"):format(behaviour), function()
      local list = requests.list(behaviour, SEED, 500, profiles.classroom)
      agreement.assert_agree(behaviour .. ", every request", profiles.classroom, list,
        { check = 1, dump = 1 })
    end)
  end
end)

describe("a limit of arenas", function()
  for _, max_arenas in ipairs { 0, 1, 2, 17 } do
    it(("of %d is kept by the heap as by the model"):format(max_arenas), function()
      for _, behaviour in ipairs { "random", "storms", "pools" } do
        local options = requests.geometry(SEED + max_arenas)
        options.max_arenas = max_arenas
        local model = assert_agree(behaviour, SEED, options)
        assert.is_true(model.highwater <= max_arenas)
      end
    end)
  end
end)
