-- The hash FNV-1a, beside the test vectors of its authors.

local fnv = require "pymalloc.fnv"

describe("fnv", function()
  -- http://www.isthe.com/chongo/src/fnv/test_fnv.c
  local vectors = { [""] = 0xcbf29ce484222325, a = 0xaf63dc4c8601ec8c,
    foobar = 0x85944171f73967e8 }

  it("has the values of the published vectors", function()
    for text, hash in pairs(vectors) do
      assert.equal(hash, fnv(text))
    end
  end)

  it("goes on behind another text", function()
    assert.equal(vectors.foobar, fnv("bar", fnv "foo"))
  end)
end)
