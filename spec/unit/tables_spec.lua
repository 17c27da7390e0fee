local complaint = require "spec.support.complaint"
local pymalloc = require "pymalloc"

describe("a table that the binding makes", function()
  local heap = pymalloc.heap()
  local b = heap:buffer("i32", 10)
  local raw = heap:malloc(600)

  -- Each case is a table and the line that tostring returns for it.
  local cases = {
    { heap.geometry, "pymalloc.Geometry 3.6: requests up to 512 bytes, classes 8 bytes apart, "
      .. "pools of 4 KiB, arenas of 256 KiB, release at_once" },
    { pymalloc.profiles()[5], "pymalloc.Geometry 3.11: requests up to 512 bytes, classes 16 bytes "
      .. "apart, pools of 16 KiB, arenas of 1 MiB, release keep_last" },
    { heap:stats(), "pymalloc.Stats: 1 arena, 2 live blocks, 1 of them raw, 40 of 262144 bytes "
      .. "of arenas in live blocks" },
    { heap:stats().classes[5], "pymalloc.ClassStats 4: blocks of 40 bytes, 1 pool, 1 live block, "
      .. "100 available" },
    { b:location(), "pymalloc.Place 0:0:48" },
    { heap:locate(b:address() + 3), "pymalloc.Place 0:0:51" },
    { pymalloc.class_table("3.6")[3], "pymalloc.SizeClass 2: blocks of 24 bytes, 168 in a pool, "
      .. "16 bytes of the pool lost" },
    { heap:pinned_by(0)[1], "pymalloc.Place 0:0:48, 40 bytes" },
  }

  it("prints as one line with its type, its values and their units", function()
    for _, case in ipairs(cases) do
      assert.equal(case[2], tostring(case[1]))
    end
    assert.is_nil(raw:location())
  end)

  it("is named by its type in the errors of other functions", function()
    for _, case in ipairs(cases) do
      local name = case[2]:match("^[%w.]+")
      assert.equal("pymalloc: pymalloc.Heap expected, got " .. name, complaint(function()
        heap.malloc(case[1], 1)
      end))
    end
  end)

  it("is traversed, read and written as a plain table", function()
    local place, seen = b:location(), {}
    for name, value in pairs(place) do
      seen[name] = value
    end
    assert.same({ arena = 0, pool = 0, offset = 48 }, seen)
    assert.is_nil(place.unknown)
    place.note = "mine"
    assert.equal("mine", rawget(place, "note"))
    assert.is_nil(b:location().note)
  end)

  it("prints even if its fields were changed", function()
    for _, case in ipairs(cases) do
      local copy, metatable = {}, debug.getmetatable(case[1])
      setmetatable(copy, metatable)
      if not metatable.__newindex then
        assert.matches("^pymalloc%.%u%a+", tostring(copy))
        copy.arenas_current, copy.alignment, copy.arena, copy.szidx = {}, print, true, "x"
        assert.matches("^pymalloc%.%u%a+", tostring(copy))
      end
    end
  end)

  it("cannot be changed if it is the geometry of a heap", function()
    assert.matches("pymalloc: a heap's geometry cannot be changed", complaint(function()
      heap.geometry.alignment = 16
    end))
    assert.equal(8, heap.geometry.alignment)
  end)
end)
