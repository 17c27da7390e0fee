-- Testing the memory of a C module. Build it, then run this with busted:
--
--     cc -shared -fPIC -I/usr/include/lua5.4 ring.c -o ring.so && busted ring_spec.lua

require "pymalloc.assertions"
local new_ring = require "ring"

describe("a ring", function()
  it("is one block, whatever its capacity", function()
    assert.allocates_at_most(1, function() return new_ring(1000) end)
    assert.allocates_at_most({ bytes = 8 * 10 + 64 }, function() return new_ring(10) end)
  end)

  it("asks for nothing when numbers are pushed", function()
    local ring = new_ring(10)
    assert.allocates_nothing(function()
      for i = 1, 1000 do
        ring:push(i)
      end
    end)
  end)

  it("leaves nothing behind", function()
    assert.frees_all(function()
      new_ring(10):push(1)
    end)
  end)

  -- What such a test says where it fails.
  it("would be told from a table, which grows", function()
    local ok, message = pcall(assert.allocates_nothing, function() return { 1, 2, 3 } end)
    assert.is_false(ok)
    assert.matches("Expected no request for memory, got 2 requests", tostring(message))
  end)
end)
