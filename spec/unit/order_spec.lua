local pymalloc = require "pymalloc"
local arenas = require "spec.support.arenas"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

describe("usable_arenas", function()
  local heap, full

  -- Three arenas without a free pool: slots 0, 1 and 2 are full[1] to full[3].
  before_each(function()
    heap = pymalloc.heap(arenas.TINY)
    full = arenas.fill(heap, 3)
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  local function empty(slot, count)
    arenas.empty_pools(heap, full[slot + 1], count)
  end

  it("has no full arena", function()
    assert.equal("", heaps.usable(heap))
  end)

  it("gets an arena at the front when its first pool becomes free", function()
    empty(0, 1)
    assert.equal("0", heaps.usable(heap))
    empty(2, 1)
    assert.equal("2 0", heaps.usable(heap))
    empty(1, 1)
    assert.equal("1 2 0", heaps.usable(heap))
  end)

  it("has the fullest arena first", function()
    empty(0, 1)
    empty(1, 3)
    empty(2, 2)
    assert.equal("0 2 1", heaps.usable(heap))
  end)

  it("moves an arena behind all arenas with fewer free pools", function()
    empty(0, 1)
    empty(1, 1)
    empty(2, 1)
    assert.equal("2 1 0", heaps.usable(heap))
    empty(2, 1)
    assert.equal("1 0 2", heaps.usable(heap))
    empty(1, 1)
    assert.equal("0 1 2", heaps.usable(heap))
  end)

  it("puts an arena before other arenas with as many free pools", function()
    empty(0, 3)
    empty(1, 2)
    empty(2, 1)
    assert.equal("2 1 0", heaps.usable(heap))
    empty(2, 2)
    assert.equal("1 2 0", heaps.usable(heap))
  end)

  it("does not move an arena while the next one has at least as many free pools", function()
    empty(0, 3)
    empty(1, 1)
    for _ = 1, 2 do
      empty(1, 1)
      assert.equal("1 0", heaps.usable(heap))
    end
    empty(1, 1)
    assert.equal("0 1", heaps.usable(heap))
  end)

  it("serves a new pool from the arena at its head", function()
    empty(0, 3)
    empty(2, 1)
    empty(1, 2)
    assert.equal(2, heap:malloc(8):location().arena)
  end)

  it("loses its head when the last free pool of that arena is taken", function()
    empty(0, 3)
    empty(2, 1)
    heaps.take(heap, 1, 8)
    assert.equal("0", heaps.usable(heap))
  end)

  it("keeps its head while that arena has free pools", function()
    empty(0, 3)
    empty(2, 3)
    for _ = 1, 2 do
      heaps.take(heap, 2, 8)
      assert.equal("2 0", heaps.usable(heap))
    end
  end)

  it("loses an arena that is given back, from any place in the list", function()
    empty(0, 7)
    empty(1, 7)
    empty(2, 1)
    assert.equal("2 1 0", heaps.usable(heap))
    empty(1, 1)
    assert.equal("2 0", heaps.usable(heap))
    empty(0, 1)
    assert.equal("2", heaps.usable(heap))
    empty(2, 7)
    assert.equal("", heaps.usable(heap))
  end)
end)

describe("a kept arena whose pools are all free", function()
  it("stays last when other arenas join the list", function()
    local heap <close> = pymalloc.heap(arenas.tiny { release = "never" })
    local full = arenas.fill(heap, 3)
    arenas.empty_pools(heap, full[1], 8)
    arenas.empty_pools(heap, full[2], 7)
    assert.equal("1 0", heaps.usable(heap))
    arenas.empty_pools(heap, full[2], 1)
    assert.equal("1 0", heaps.usable(heap))
    assert(heap:check())
  end)
end)

describe("the hops of 3.6 along usable_arenas", function()
  local function worst_hops(options, count)
    local heap <close> = pymalloc.heap(options)
    arenas.empty_in_worst_order(heap, arenas.fill(heap, count))
    assert(heap:check())
    return heap:stats().hops
  end

  it("grow as the square of the number of arenas, if these are freed in the worst order", function()
    assert.equal(7440, worst_hops({ count_hops = true }, 16))
    assert.equal(306900, worst_hops({ count_hops = true }, 100))
  end)

  it("are not counted by default", function()
    assert.equal(0, worst_hops({}, 16))
  end)

  it("do not change the state of the heap", function()
    local states = {}
    for i, count_hops in ipairs { true, false } do
      local heap <close> = pymalloc.heap(arenas.tiny { count_hops = count_hops })
      local full = arenas.fill(heap, 20)
      for step = 1, 100 do
        local arena = full[step * 7 % 20 + 1]
        arenas.empty_pools(heap, arena, math.min(#arena, step % 3))
      end
      states[i] = heap:dump()
    end
    assert.equal(states[1], states[2])
  end)
end)
