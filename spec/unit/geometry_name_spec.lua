-- Tests pymalloc.geometry_name, and the texts that call a heap by its geometry.

local command = require "spec.support.command"
local core = require "pymalloc.core"
local geometry_name = require "pymalloc.geometry_name"
local json = require "dkjson"
local pymalloc = require "pymalloc"

-- One option for each field of a geometry, each with a value that no profile has.
local changed = {
  { "alignment", 32 }, { "threshold", 256 }, { "pool_bytes", 8192 }, { "arena_bytes", 524288 },
  { "arena_offset", 4096 }, { "address_bits", 48 }, { "release", "never" },
}

describe("the name of a geometry", function()
  it("is the profile's where no field differs", function()
    for _, profile in ipairs(pymalloc.profiles()) do
      assert.equal(profile.name, geometry_name(profile.name))
      local heap <close> = pymalloc.heap { profile = profile.name }
      assert.equal(profile.name, heap.geometry.name)
    end
    assert.equal("3.6", geometry_name {})
  end)

  it("has each field that differs from the profile", function()
    for _, case in ipairs(changed) do
      local field, value = case[1], case[2]
      local name = ("3.11, %s %s"):format(field, value)
      local options = { profile = "3.11", [field] = value }
      local heap <close> = pymalloc.heap(options)
      assert.equal(name, geometry_name(options))
      assert.equal(name, geometry_name(heap.geometry))
      assert.equal(name, heap.geometry.name)
      options[field] = heap.geometry[field] == value and pymalloc.profiles()[5][field]
      assert.equal("3.11", geometry_name(options))
    end
  end)

  it("has the other options that were given, but those that are false", function()
    assert.equal("3.6, max_arenas 10, retain_bytes 0, cache_blocks 5, checked, debug 3.8",
      geometry_name { max_arenas = 10, retain_bytes = 0, cache_blocks = 5, count_hops = false,
        checked = true, debug = "3.8" })
  end)

  it("keeps the version of CPython that was given", function()
    assert.equal("3.12.1, pool_bytes 8192", geometry_name { profile = "3.12.1",
      pool_bytes = 8192 })
    assert.equal("3.12", geometry_name "3.12")
  end)

  it("fits where every field differs", function()
    local options = { profile = "classroom" }
    for _, case in ipairs(changed) do
      options[case[1]] = case[2]
    end
    assert.equal("classroom, alignment 32, threshold 256, pool_bytes 8192, arena_bytes 524288, "
      .. "arena_offset 4096, address_bits 48, release never", geometry_name(options))
  end)

  it("is refused for options that no heap can have", function()
    assert.error_matches(function() geometry_name { pool_bytes = 5000 } end, "power of two")
    assert.error_matches(function() geometry_name "2.7" end, "profile must be one of")
    assert.error_matches(function() core.geometry_name(7) end, "must be a table or the name")
  end)
end)

describe("a heap that differs from its profile", function()
  local NAME = "3.6, pool_bytes 16384"
  local heap = pymalloc.heap { pool_bytes = 16384 }

  it("prints with its geometry's name", function()
    assert.equal("pymalloc.Heap " .. NAME .. " with 0 arenas", tostring(heap))
    assert.matches("^pymalloc.Geometry " .. NAME:gsub("%.", "%%.") .. ": ",
      tostring(heap.geometry))
    assert.equal("pymalloc.Snapshot " .. NAME .. " with 0 arenas, 0 live blocks",
      tostring(heap:snapshot()))
  end)

  it("is called so by the command replay, in its text and in its JSON", function()
    local line = command.pymalloc .. " replay @startup --pool-bytes 16K"
    assert.matches("^@startup on a heap of profile 3%.6, pool_bytes 16384\n", (command.run(line)))
    assert.equal(NAME, json.decode((command.run(line .. " --json"))).geometry.name)
  end)

  it("has its geometry's name in pictures, also in those of its snapshot", function()
    for _, object in ipairs { heap, heap:snapshot() } do
      assert.equal("heap " .. NAME .. ": 0 arenas, 0 live blocks",
        tostring(pymalloc.view.text(object, { colour = false })):match("^[^\n]*blocks"))
      assert.matches("<title>heap 3%.6, pool_bytes 16384: 0 arenas", pymalloc.view.svg(object))
    end
  end)
end)
