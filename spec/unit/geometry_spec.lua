local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"
local profiles = require "spec.support.profiles"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local RELEASE = { at_once = 0, keep_last = 1, never = 2 }

-- Returns the fields of profile 3.6 as numbers, with some of them changed.
local function fields(changes)
  local all = {}
  for name, value in pairs(profiles["3.6"]) do
    all[name] = value
  end
  all.release = RELEASE[all.release]
  for name, value in pairs(changes) do
    all[name] = value
  end
  return all
end

local function assert_valid(changes)
  assert.is_true(faults.geometry_check(fields(changes)))
end

-- Asserts that the geometry is refused with this message.
local function assert_refused(changes, message)
  local valid, why = faults.geometry_check(fields(changes))
  assert.is_false(valid)
  assert.equal(message, why)
end

describe("size classes", function()
  for _, name in ipairs(profiles.names) do
    it("of profile " .. name .. " round every size up to the next multiple", function()
      local heap <close> = pymalloc.heap { profile = name }
      local rules = profiles[name]
      for size = 1, rules.threshold do
        local szidx, block_bytes = heap:size_class(size)
        assert.equal((size - 1) // rules.alignment, szidx)
        assert.equal((szidx + 1) * rules.alignment, block_bytes)
      end
      for size = rules.threshold + 1, math.max(513, rules.threshold + 1) do
        assert.is_nil(heap:size_class(size))
      end
      assert.is_nil(heap:size_class(0))
    end)

    it("of profile " .. name .. " cut a pool into as many blocks as fit", function()
      local heap <close> = pymalloc.heap { profile = name }
      local rules = profiles[name]
      for size = rules.alignment, rules.threshold, rules.alignment do
        local pool = heap:malloc(size):pool()
        assert.equal((rules.pool_bytes - 48) // size, pool.capacity)
        assert.equal(rules.pool_bytes - size, pool.maxnextoffset)
        assert.equal(size, pool.size)
      end
    end)
  end

  it("have pool headers of one alignment if that is more than 48 bytes", function()
    local heap <close> = pymalloc.heap { alignment = 64, threshold = 512 }
    assert.equal(64, heap:malloc(64):location().offset)
    assert.equal((4096 - 64) // 64, heap:malloc(64):pool().capacity)
  end)
end)

describe("a profile", function()
  for _, name in ipairs(profiles.names) do
    it(name .. " has the numbers of its CPython", function()
      local heap <close> = pymalloc.heap { profile = name }
      for field, value in pairs(profiles[name]) do
        assert.equal(value, heap.geometry[field], field)
      end
    end)
  end

  it("can be named by each version of CPython that it describes", function()
    local eras = {
      { "3.6", "3.6.0", "3.6.15", "3.7.0", "3.7.3", "3.3", "3.3.7", "2.7.15", "2.7.16" },
      { "3.8", "3.7.4", "3.7.17", "3.8.0", "3.8.20", "2.7.17", "2.7.18" },
      { "3.9", "3.9.0", "3.9.25" },
      { "3.10", "3.10.0", "3.10.19" },
      { "3.11", "3.11.2", "3.12", "3.12.0", "3.13", "3.14", "3.14.99", "3.15.0" },
    }
    for _, era in ipairs(eras) do
      for i = 2, #era do
        local heap <close> = pymalloc.heap { profile = era[i] }
        assert.equal(era[1], heap.geometry.profile, era[i])
      end
    end
  end)

  it("is not named by a version that has two profiles, is unknown, or is malformed", function()
    local unknown = { "3.7", "3.5", "3.5.9", "3.4.10", "3.16", "3.16.0", "2.7.14", "2.7.19",
      "2.6.9", "3", "3.", "3.6.", "3.6.1.1", "3.6.100", "3.011", "3.06", "2.7", "4.6", "3.-6",
      "3.6rc1", " 3.6", "3.6 ", "", "3..6" }
    for _, version in ipairs(unknown) do
      assert.has_error(function()
        pymalloc.heap { profile = version }
      end, "pymalloc: profile " .. profiles.known .. "'" .. version .. "'")
    end
  end)

  it("is 3.6 by default", function()
    local heap <close> = pymalloc.heap()
    assert.equal(8, heap.geometry.alignment)
    assert.equal(262144, heap.geometry.arena_bytes)
  end)

  it("can have any of its fields overridden", function()
    local heap <close> = pymalloc.heap { profile = "3.11", arena_bytes = 65536, release = "never" }
    assert.equal(16384, heap.geometry.pool_bytes)
    assert.equal(65536, heap.geometry.arena_bytes)
    assert.equal("never", heap.geometry.release)
  end)
end)

describe("alignment", function()
  local RULE = "it must be a power of two from 8 to 512"

  it("must be a power of two", function()
    assert_valid { alignment = 32 }
    assert_refused({ alignment = 0 }, "alignment is 0: " .. RULE)
    assert_refused({ alignment = 24 }, "alignment is 24: " .. RULE)
  end)

  it("must be between 8 and 512", function()
    assert_valid { alignment = 8 }
    assert_refused({ alignment = 4 }, "alignment is 4: " .. RULE)
    assert_valid { alignment = 512 }
    assert_refused({ alignment = 1024 }, "alignment is 1024: " .. RULE)
  end)
end)

describe("threshold", function()
  it("must be a multiple of alignment, and not 0", function()
    local rule = "it must be a multiple of alignment, and not 0"
    assert_valid { threshold = 504 }
    assert_refused({ threshold = 508 }, "threshold is 508: " .. rule)
    assert_refused({ threshold = 0 }, "threshold is 0: " .. rule)
    assert_valid { threshold = 8 }
  end)

  it("must make at most 512 size classes", function()
    local rule = "it must make at most 512 size classes"
    assert_valid { threshold = 512 * 8, pool_bytes = 16384 }
    assert_refused({ threshold = 513 * 8, pool_bytes = 16384 }, "threshold is 4104: " .. rule)
  end)
end)

describe("pool_bytes", function()
  it("must be a power of two, at most 1 MiB", function()
    local rule = "it must be a power of two, at most 1048576"
    assert_valid { pool_bytes = 1 << 20, arena_bytes = 1 << 24 }
    assert_refused({ pool_bytes = 2 << 20, arena_bytes = 1 << 24 },
      "pool_bytes is 2097152: " .. rule)
    assert_refused({ pool_bytes = 4095 }, "pool_bytes is 4095: " .. rule)
    assert_refused({ pool_bytes = 0 }, "pool_bytes is 0: " .. rule)
  end)

  it("must hold the header and two blocks of the largest class", function()
    local rule = "it must hold its header and two blocks of threshold"
    assert_valid { threshold = 8, pool_bytes = 64 }
    assert_refused({ threshold = 16, pool_bytes = 64 }, "pool_bytes is 64: " .. rule)
    assert_valid { pool_bytes = 2048 }
    assert_refused({ pool_bytes = 1024 }, "pool_bytes is 1024: " .. rule)
  end)
end)

describe("arena_bytes", function()
  it("must be a power of two, at most 1 GiB", function()
    local rule = "it must be a power of two, at most 1073741824"
    assert_valid { pool_bytes = 1 << 20, arena_bytes = 1 << 30 }
    assert_refused({ pool_bytes = 1 << 20, arena_bytes = 2 << 30 },
      "arena_bytes is 2147483648: " .. rule)
    assert_refused({ arena_bytes = 262143 }, "arena_bytes is 262143: " .. rule)
  end)

  it("must hold at least two pools", function()
    local rule = "it must hold at least two pools"
    assert_valid { arena_bytes = 8192 }
    assert_refused({ arena_bytes = 4096 }, "arena_bytes is 4096: " .. rule)
    assert_refused({ arena_bytes = 2048 }, "arena_bytes is 2048: " .. rule)
  end)

  it("must hold at least two pools besides the one that arena_offset takes", function()
    local rule = "it must hold at least two pools"
    assert_valid { arena_bytes = 16384, arena_offset = 8 }
    assert_refused({ arena_bytes = 8192, arena_offset = 8 }, "arena_bytes is 8192: " .. rule)
  end)

  it("must hold at most 65536 pools", function()
    local rule = "it must hold at most 65536 pools"
    local tiny = { threshold = 8, pool_bytes = 64, arena_bytes = 64 * 65536 }
    assert_valid(tiny)
    tiny.arena_bytes = 2 * tiny.arena_bytes
    assert_refused(tiny, "arena_bytes is 8388608: " .. rule)
  end)
end)

describe("arena_offset", function()
  local RULE = "it must be a multiple of alignment, below pool_bytes"

  it("must be a multiple of alignment", function()
    assert_valid { arena_offset = 8 }
    assert_refused({ arena_offset = 4 }, "arena_offset is 4: " .. RULE)
  end)

  it("must be less than pool_bytes", function()
    assert_valid { arena_offset = 4088 }
    assert_refused({ arena_offset = 4096 }, "arena_offset is 4096: " .. RULE)
  end)
end)

describe("release", function()
  it("must be one of three rules", function()
    assert_valid { release = RELEASE.never }
    assert_refused({ release = RELEASE.never + 1 },
      "release is 3: it must be one of the three release rules")
  end)
end)

describe("address_bits", function()
  it("must be 48 or 64, as in CPython's arena maps, or 0", function()
    assert_valid { address_bits = 0 }
    assert_valid { address_bits = 32 }
    assert_valid { address_bits = 48 }
    assert_valid { address_bits = 64 }
    assert_refused({ address_bits = 47 }, "address_bits is 47: it must be 0, 32, 48 or 64")
  end)
end)

describe("a heap of an invalid geometry", function()
  it("is refused with the name of the field, its value and the rule", function()
    assert.has_error(function()
      pymalloc.heap { alignment = 12 }
    end, "pymalloc: alignment is 12: it must be a power of two from 8 to 512")
  end)
end)
