local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"
local profiles = require "spec.support.profiles"

describe("the geometry of a heap", function()
  local heap <const> = pymalloc.heap { profile = "3.11", arena_offset = 4096, release = "never" }
  local geometry <const> = heap.geometry

  it("has every parameter", function()
    local seen = {}
    for name, value in pairs(geometry) do
      seen[name] = value
    end
    assert.same({
      profile = "3.11",
      name = "3.11, arena_offset 4096, release never",
      alignment = 16,
      threshold = 512,
      pool_bytes = 16384,
      arena_bytes = 1048576,
      arena_offset = 4096,
      address_bits = 64,
      release = "never",
      class_count = 32,
      pools_per_arena = 63,
      header_bytes = 48,
    }, seen)
  end)

  it("cannot be changed", function()
    local text = "pymalloc: a heap's geometry cannot be changed"
    for _, name in ipairs { "alignment", "new" } do
      assert.equal(text, complaint(function()
        geometry[name] = 1
      end))
    end
    assert.equal(16, heap.geometry.alignment)
  end)

  it("can be given as the options of another heap", function()
    local other <close> = pymalloc.heap(geometry)
    assert.equal(63, other.geometry.pools_per_arena)
    assert.equal("never", other.geometry.release)
  end)
end)

describe("the module", function()
  it("lists the profiles, the default one first", function()
    local names = {}
    for i, profile in ipairs(pymalloc.profiles()) do
      names[i] = profile.name
    end
    assert.same(profiles.names, names)
    assert.equal(1048576, pymalloc.profiles()[4].arena_bytes)
    assert.equal("3.11 to 3.15", pymalloc.profiles()[5].cpython)
  end)

  it("lists the size classes of a profile or of a geometry", function()
    local classes = pymalloc.class_table("3.6")
    assert.equal(64, #classes)
    assert.same({ szidx = 0, size = 8, capacity = 506, waste = 0 }, classes[1])
    assert.same({ szidx = 63, size = 512, capacity = 7, waste = 464 }, classes[64])
    assert.same(classes, pymalloc.class_table {})
    assert.same(pymalloc.class_table("3.10"), pymalloc.class_table(pymalloc.profiles()[4]))
    assert.equal(4, #pymalloc.class_table { profile = "3.8", threshold = 64 })
  end)

  it("has a version", function()
    assert.matches("^pymalloc %d+%.%d+%.%d+$", pymalloc._VERSION)
  end)
end)
