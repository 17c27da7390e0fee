-- Tests a C module's use of memory. Build the module and run this file with busted:
--
--     cc -shared -fPIC -I/usr/include/lua5.4 ring.c -o ring.so && busted ring_spec.lua

require "pymalloc.assertions"
local new_ring = require "ring"

describe("a ring", function()
  it("is one block, whatever its capacity", function()
    assert.allocates_at_most(1, function() return new_ring(1000) end)
    assert.allocates_at_most({ bytes = 8 * 10 + 64 }, function() return new_ring(10) end)
  end)

  it("allocates nothing when numbers are pushed", function()
    local ring = new_ring(10)
    assert.allocates_nothing(function()
      for i = 1, 1000 do
        ring:push(i)
      end
    end)
  end)

  it("frees all of its memory", function()
    assert.frees_all(function()
      new_ring(10):push(1)
    end)
  end)

  -- The message of such an assertion when it fails.
  it("is not a table constructor, which allocates", function()
    local ok, message = pcall(assert.allocates_nothing, function() return { 1, 2, 3 } end)
    assert.is_false(ok)
    assert.matches("Expected no request for memory, got 2 requests", tostring(message))
  end)
end)
