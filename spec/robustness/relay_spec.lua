-- Tests bindings/lua/relay.h: an allocator that a Lua state had for a while. In Lua 5.5 it frees
-- the strings that were made meanwhile, also after its end.

local core = require "pymalloc.core"
local pymalloc = require "pymalloc"

local LIMITS = { steps = 1000000, bytes = 64 << 20, seconds = 10 }

-- Strings that C functions of Lua made piece by piece.
local function strings()
  local made = {}
  for i = 1, 50 do
    made[i] = table.concat { ("x"):rep(3000 + i), ("y"):rep(4000) }
  end
  return made
end

local calls = {
  ["a call with limits"] = function() return select(2, core.limited(LIMITS, strings)) end,
  ["a recording"] = function()
    local made
    pymalloc.trace.record(function() made = strings() end)
    return made
  end,
  ["a call with limits in a recording"] = function()
    local made
    pymalloc.trace.record(function() made = select(2, core.limited(LIMITS, strings)) end)
    return made
  end,
}

describe("strings that outlive", function()
  for name, call in pairs(calls) do
    it(name .. " keep their characters, and are freed later", function()
      local made = call()
      collectgarbage()
      for i = 1, 50 do
        assert.equal(7000 + i, #made[i])
        assert.matches("^x+y+$", made[i])
      end
      made = nil
      collectgarbage()
      assert.is_nil(made)
    end)
  end

  it("a call with limits are not counted in the next one", function()
    local made = calls["a call with limits"]()
    local limits = { steps = 1000000, bytes = 1 << 20, seconds = 10 }
    local ok, count = core.limited(limits, function()
      made = nil
      collectgarbage()
      return #("z"):rep(1000)
    end)
    assert.same({ true, 1000 }, { ok, count })
    assert.is_nil(made)
    assert.is_false(core.is_limited())
  end)
end)
