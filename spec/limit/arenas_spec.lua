-- Limits on the number of arenas, and the hops that many arenas cause. Times are measured in
-- bench/.

local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local arenas = require "spec.support.arenas"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local BLOCKS = 16 -- of arenas.TINY in an arena

describe("the arenas vector", function()
  local heap

  before_each(function()
    heap = pymalloc.heap(arenas.TINY)
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  it("has no slot before the first arena", function()
    heaps.take(heap, 1, 100)
    assert.equal(0, heap:stats().arena_slots)
  end)

  for _, slots in ipairs { 16, 32, 64, 128 } do
    it(("of %d slots doubles when one more arena is obtained"):format(slots), function()
      heaps.take(heap, slots * BLOCKS, 8)
      assert.equal(slots, heap:stats().arena_slots)
      assert.equal("", heaps.dump_line(heap, "unused"))
      assert.equal(slots .. ":0:48", heaps.place(heap:malloc(8)))
      assert.equal(2 * slots, heap:stats().arena_slots)
      local chain = {}
      for slot = slots + 1, 2 * slots - 1 do
        table.insert(chain, slot)
      end
      assert.equal(table.concat(chain, " "), heaps.dump_line(heap, "unused"))
    end)
  end

  it("keeps its arenas when it grows", function()
    local blocks = heaps.take(heap, 16 * BLOCKS, 8)
    local before = heaps.place(blocks[100])
    heaps.take(heap, 20 * BLOCKS, 8)
    assert.equal(before, heaps.place(blocks[100]))
    heaps.give(heap, blocks)
    assert.equal(20, heap:stats().arenas_current)
  end)

  it("does not grow while a slot is free", function()
    local blocks = heaps.take(heap, 16 * BLOCKS, 8)
    heaps.give(heap, blocks, 1, 3 * BLOCKS)
    heaps.take(heap, 3 * BLOCKS, 8)
    assert.equal(16, heap:stats().arena_slots)
  end)

  it("reuses the slot that was freed last", function()
    local blocks = heaps.take(heap, 40 * BLOCKS, 8)
    for _, slot in ipairs { 7, 31, 3 } do
      heaps.give(heap, blocks, slot * BLOCKS + 1, (slot + 1) * BLOCKS)
    end
    for _, slot in ipairs { 3, 31, 7, 40 } do
      assert.equal(slot .. ":0:48", heaps.place(heaps.take(heap, BLOCKS, 8)[1]))
    end
  end)
end)

describe("max_arenas", function()
  it("limits the number of arenas at one time", function()
    local heap <close> = pymalloc.heap(arenas.tiny { max_arenas = 3 })
    local blocks = heaps.take(heap, 3 * BLOCKS, 8)
    assert.equal("2:448:56", heaps.place(blocks[3 * BLOCKS]))
    assert.equal("L", heaps.place(heap:malloc(8)))
    assert(heap:check())
  end)

  it("lets another arena be obtained after one is released", function()
    local heap <close> = pymalloc.heap(arenas.tiny { max_arenas = 3 })
    local blocks = heaps.take(heap, 3 * BLOCKS, 8)
    heaps.give(heap, blocks, 1, BLOCKS)
    assert.equal("0:0:48", heaps.place(heap:malloc(8)))
  end)

  it("of 0 makes raw serve all requests", function()
    local heap <close> = pymalloc.heap(arenas.tiny { max_arenas = 0 })
    assert.equal("L", heaps.place(heap:malloc(8)))
  end)
end)

describe("allow_arenas", function()
  it("lets that many arenas be obtained, and then no more", function()
    local heap <close> = pymalloc.heap(arenas.TINY)
    heaps.take(heap, BLOCKS, 8)
    heap:allow_arenas(2)
    assert.equal("2:448:56", heaps.place(heaps.take(heap, 2 * BLOCKS, 8)[2 * BLOCKS]))
    assert.equal("L", heaps.place(heap:malloc(8)))
    heap:allow_arenas()
    assert.equal("3:0:48", heaps.place(heap:malloc(8)))
  end)

  it("counts an arena each time it is obtained", function()
    local heap <close> = pymalloc.heap(arenas.TINY)
    heap:allow_arenas(2)
    heap:free(heap:malloc(8))
    heap:free(heap:malloc(8))
    assert.equal("L", heaps.place(heap:malloc(8)))
  end)
end)

describe("a full reservation", function()
  -- Addresses for 64 arenas of 512 bytes.
  local function open_heap()
    local heap = faults.ledger():heap(arenas.tiny { reserve_bytes = 32768 })
    assert.equal(32768, heap:stats().reserved_bytes)
    return heap
  end

  it("makes raw serve the requests, as if the system had no memory", function()
    local heap <close> = open_heap()
    local blocks = heaps.take(heap, 64 * BLOCKS, 8)
    assert.equal("63:448:56", heaps.place(blocks[64 * BLOCKS]))
    assert.equal("L", heaps.place(heap:malloc(8)))
    assert(heap:check())
  end)

  it("serves small requests again after an arena is released", function()
    local heap <close> = open_heap()
    local blocks = heaps.take(heap, 64 * BLOCKS, 8)
    heaps.give(heap, blocks, 50 * BLOCKS + 1, 51 * BLOCKS)
    assert.equal("50:0:48", heaps.place(heap:malloc(8)))
  end)
end)

describe("freeing 4,000 arenas in the worst order", function()
  local ARENAS, POOLS = 4000, 16

  -- The addresses of all blocks, in the order in which the spec frees them.
  local function fill(heap)
    local blocks, order = {}, {}
    for i = 1, ARENAS * POOLS * 2 do
      blocks[i] = faults.malloc(heap, 8)
    end
    for pool = 0, POOLS - 1 do
      for turn = 0, ARENAS - 1 do
        local arena = pool % 2 == 0 and turn or ARENAS - 1 - turn
        local first = (arena * POOLS + pool) * 2
        table.insert(order, blocks[first + 1])
        table.insert(order, blocks[first + 2])
      end
    end
    return order
  end

  -- The number of hops that the frees caused.
  local function hops(count_hops)
    local options = arenas.tiny { arena_bytes = 64 * POOLS, count_hops = count_hops }
    local heap <close> = pymalloc.heap(options)
    local order = fill(heap)
    assert.equal(ARENAS, heap:stats().arenas_current)
    faults.free_all(heap, order)
    assert.equal(0, heap:stats().arenas_current)
    return heap:stats().hops
  end

  it("takes more than a hundred million hops with profile 3.6", function()
    assert.equal((POOLS - 2) * ARENAS * (ARENAS - 1) // 2, hops(true))
    assert.equal(0, hops(false)) -- not counted
  end)
end)

describe("an arena that gains a pool", function()
  local ARENAS = 100

  -- Each arena has one free pool; the arena that got its free pool last is the first.
  local function open_heap()
    local heap = pymalloc.heap(arenas.TINY)
    local blocks = heaps.take(heap, ARENAS * BLOCKS, 8)
    for slot = 0, ARENAS - 1 do
      heaps.give(heap, blocks, slot * BLOCKS + 1, slot * BLOCKS + 2)
    end
    return heap, blocks
  end

  it("is moved behind 99 arenas without following one of their links", function()
    local heap <close>, blocks = open_heap()
    local first, middle = ARENAS - 1, ARENAS // 2
    local link = faults.arena_field(heap, middle, "nextarena", 0) -- a walk would end here
    heaps.give(heap, blocks, first * BLOCKS + 3, first * BLOCKS + 4)
    assert.equal(faults.arena_object(heap, 0), faults.arena_field(heap, first, "prevarena"))
    faults.arena_field(heap, middle, "nextarena", link)
    assert(heap:check())
    assert.equal(first, heap:usable_arenas()[ARENAS].index)
  end)
end)

describe("the largest geometry", function()
  it("has arenas of 1 GiB and pools of 1 MiB, and serves requests", function()
    local heap <close> = pymalloc.heap {
      alignment = 512, threshold = 512 * 512, pool_bytes = 1 << 20, arena_bytes = 1 << 30,
    }
    assert.equal("0:0:512", heaps.place(heap:malloc(1)))
    assert.equal("0:1048576:512", heaps.place(heap:malloc(512 * 512)))
    assert.equal("L", heaps.place(heap:malloc(512 * 512 + 1)))
    assert.equal(2047, heap:arena(0):pool(0).capacity)
    assert(heap:check())
  end)
end)

describe("the smallest geometry", function()
  it("has arenas of two pools and pools of two blocks, and serves requests", function()
    local ledger = faults.ledger()
    local heap <close> = ledger:heap {
      alignment = 8, threshold = 8, pool_bytes = 64, arena_bytes = 128,
    }
    local blocks = heaps.take(heap, 4 * 100, 8)
    assert.equal("99:64:56", heaps.place(blocks[400]))
    assert(heap:check())
    heaps.give(heap, blocks)
    assert.equal(0, heap:stats().arenas_current)
  end)
end)
