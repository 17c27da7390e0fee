local pymalloc = require "pymalloc"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

-- Profile 3.6: pools of 4096 bytes, 7 blocks of 512 in each, 64 in an arena.
local function take_pool(heap)
  return heaps.take(heap, 7, 512)
end

describe("a new arena", function()
  it("has one carved pool, that of its first block", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    heap:malloc(16)
    local arena = heap:arena(0)
    assert.equal(4, arena.ntotalpools)
    assert.equal(3, arena.nfreepools)
    assert.equal("pool_address=256 nfreepools=3 ntotalpools=4 next=- prev=- freepools",
      heaps.dump_line(heap, "arena 0"))
  end)

  it("is obtained only if no usable arena is left", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    for szidx = 0, 3 do
      assert.equal("0:" .. 256 * szidx .. ":48", heaps.place(heap:malloc(16 * (szidx + 1))))
    end
    assert.equal(1, heap:stats().arenas_current)
    heaps.take(heap, 3, 64)
    assert.equal(2, heap:stats().arenas_current)
  end)

  it("takes the lowest slot that was never used", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    local blocks = heaps.take(heap, 3 * 4 * 3, 64)
    assert.equal("0:0:48", heaps.place(blocks[1]))
    assert.equal("1:0:48", heaps.place(blocks[13]))
    assert.equal("2:0:48", heaps.place(blocks[25]))
  end)

  it("lies at its slot's place in the region", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    heaps.take(heap, 3 * 4 * 3, 64)
    local base = heap:arena(0).address
    assert.equal(base + 1024, heap:arena(1).address)
    assert.equal(base + 2048, heap:arena(2).address)
  end)
end)

describe("an arena", function()
  local heap

  before_each(function()
    heap = pymalloc.heap()
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  it("carves its pools by ascending address", function()
    for i = 0, 63 do
      assert.equal("0:" .. 4096 * i, heaps.pool_of(take_pool(heap)[1]))
    end
    assert.equal("1:0", heaps.pool_of(take_pool(heap)[1]))
  end)

  it("prefers an emptied pool to a new one", function()
    local pools = { take_pool(heap), take_pool(heap), take_pool(heap) }
    heaps.give(heap, pools[2])
    assert.equal("0:4096", heaps.pool_of(take_pool(heap)[1]))
    assert.equal("0:12288", heaps.pool_of(take_pool(heap)[1]))
  end)

  it("prefers the pool that was emptied last", function()
    local pools = { take_pool(heap), take_pool(heap), take_pool(heap) }
    heaps.give(heap, pools[1])
    heaps.give(heap, pools[3])
    assert.matches("freepools 0:8192 0:0$", heaps.dump_line(heap, "arena 0"))
    assert.equal("0:8192", heaps.pool_of(take_pool(heap)[1]))
  end)

  it("counts emptied and new pools alike as free", function()
    local pools = { take_pool(heap), take_pool(heap), take_pool(heap) }
    assert.equal(61, heap:arena(0).nfreepools)
    heaps.give(heap, pools[1])
    assert.equal(62, heap:arena(0).nfreepools)
    assert.equal(64, heap:arena(0).ntotalpools)
  end)

  it("is on no list when it has no free pool", function()
    local pools = {}
    for i = 1, 64 do
      pools[i] = take_pool(heap)
    end
    assert.equal("", heaps.usable(heap))
    assert.equal("pool_address=262144 nfreepools=0 ntotalpools=64 full freepools",
      heaps.dump_line(heap, "arena 0"))
    heaps.give(heap, pools[9])
    assert.equal("0", heaps.usable(heap))
  end)
end)

describe("an arena whose address is not a multiple of the pool size", function()
  it("has one pool less, and its first pool is at the next boundary", function()
    local heap <close> = pymalloc.heap { profile = "3.11", arena_offset = 4096 }
    local block = heap:malloc(512)
    local arena = heap:arena(0)
    assert.equal(63, arena.ntotalpools)
    assert.equal(4096, arena.address % 16384)
    assert.equal(arena.address + 16384 - 4096 + 48, block:address())
    assert.equal("0:0:48", heaps.place(block))
    assert(heap:check())
  end)
end)

describe("an arena whose pools are all free", function()
  -- Fills one arena and takes a block of a second one, then empties both in
  -- order. Returns the number of arenas after each.
  local function release_two(rule)
    local heap = pymalloc.heap { profile = "classroom", release = rule }
    local blocks = heaps.take(heap, 4 * 3 + 1, 64)
    heaps.give(heap, blocks, 1, 12)
    local after_first = heap:stats().arenas_current
    heap:free(blocks[13])
    assert(heap:check())
    local after_second = heap:stats().arenas_current
    heap:close()
    return after_first, after_second
  end

  it("is given back at once under the rule of 3.6", function()
    assert.same({ 1, 0 }, { release_two("at_once") })
  end)

  it("is kept under the rule of 3.9 if it is at the end of usable_arenas", function()
    assert.same({ 1, 1 }, { release_two("keep_last") })
  end)

  it("is kept under the rule never", function()
    assert.same({ 2, 2 }, { release_two("never") })
  end)

  it("leaves its slot to the next new arena", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    local blocks = heaps.take(heap, 3 * 12, 64)
    heaps.give(heap, blocks, 13, 24)
    assert.equal("1 3", heaps.dump_line(heap, "unused"):sub(1, 3))
    assert.equal("1:0:48", heaps.place(heap:malloc(64)))
  end)
end)
