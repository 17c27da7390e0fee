local pymalloc = require "pymalloc"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

-- In profile 3.6, class 63 has blocks of 512 bytes, 7 in a pool.
local BIG = 512
local BIG_CLASS = 63
local BIG_CAPACITY = 7

describe("a pool", function()
  local heap

  before_each(function()
    heap = pymalloc.heap()
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  it("has its first block directly after the header", function()
    assert.equal("0:0:48", heaps.place(heap:malloc(24)))
  end)

  it("has carved one block more than it has served", function()
    local pool = heap:malloc(24):pool()
    assert.equal(1, pool.ref_count)
    assert.equal(48 + 2 * 24, pool.nextoffset)
    assert.same({ 48 + 24 }, pool:freelist())
    assert.same({ "live", "free", "virgin" }, { table.unpack(pool:blocks(), 1, 3) })
  end)

  it("carves the next block when the last one of the chain is taken", function()
    local pool = heaps.take(heap, 2, 24)[2]:pool()
    assert.equal(48 + 3 * 24, pool.nextoffset)
    assert.same({ 48 + 2 * 24 }, pool:freelist())
  end)

  it("does not carve while the chain has another block", function()
    local blocks = heaps.take(heap, 3, 24)
    local pool = blocks[1]:pool()
    heap:free(blocks[2])
    heap:malloc(24)
    assert.equal(48 + 4 * 24, pool.nextoffset)
  end)

  it("serves freed blocks last in, first out", function()
    local blocks = heaps.take(heap, 4, 24)
    local offsets = { heaps.offset(blocks[1]), heaps.offset(blocks[2]), heaps.offset(blocks[3]) }
    local pool = blocks[4]:pool()
    heaps.give(heap, blocks, 1, 3)
    assert.same({ offsets[3], offsets[2], offsets[1] }, { table.unpack(pool:freelist(), 1, 3) })
    assert.equal(offsets[3], heaps.offset(heap:malloc(24)))
    assert.equal(offsets[2], heaps.offset(heap:malloc(24)))
    assert.equal(offsets[1], heaps.offset(heap:malloc(24)))
  end)

  it("has the offset of the last block in maxnextoffset", function()
    local pool = heap:malloc(BIG):pool()
    assert.equal(4096 - BIG, pool.maxnextoffset)
    assert.equal(BIG_CAPACITY, pool.capacity)
  end)

  it("serves every block once", function()
    local seen = {}
    for _, block in ipairs(heaps.take(heap, 506, 8)) do
      assert.is_nil(seen[heaps.place(block)])
      seen[heaps.place(block)] = true
      assert.equal("0:0", heaps.pool_of(block))
    end
    assert.equal("0:4096", heaps.pool_of(heap:malloc(8)))
  end)
end)

describe("a full pool", function()
  local heap, first, second

  before_each(function()
    heap = pymalloc.heap()
    first = heaps.take(heap, BIG_CAPACITY, BIG)
    second = heaps.take(heap, BIG_CAPACITY, BIG)
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  it("is on no list", function()
    local pool = first[1]:pool()
    assert.equal("full", pool.state)
    assert.same({}, pool:freelist())
    assert.is_true(pool.nextoffset > pool.maxnextoffset)
    assert.equal("", heaps.used(heap, BIG_CLASS))
  end)

  it("becomes used when one block is freed", function()
    heap:free(first[3])
    assert.equal("used", first[1]:pool().state)
    assert.equal("0:0", heaps.used(heap, BIG_CLASS))
  end)

  it("is put at the front of the list when one block is freed", function()
    heap:free(first[3])
    heap:free(second[5])
    assert.equal("0:4096 0:0", heaps.used(heap, BIG_CLASS))
    assert.equal("0:4096", heaps.pool_of(heap:malloc(BIG)))
  end)

  it("leaves the list when it is filled again", function()
    heap:free(first[3])
    heap:free(second[5])
    heap:malloc(BIG)
    assert.equal("0:0", heaps.used(heap, BIG_CLASS))
  end)
end)

describe("a used pool", function()
  it("keeps its place in the list while it stays used", function()
    local heap <close> = pymalloc.heap()
    local first = heaps.take(heap, BIG_CAPACITY, BIG)
    local second = heaps.take(heap, BIG_CAPACITY, BIG)
    heap:free(first[1])
    heap:free(second[1])
    heap:free(first[2])
    heap:free(first[3])
    assert.equal("0:4096 0:0", heaps.used(heap, BIG_CLASS))
  end)

  it("leaves the list from any place when it becomes empty", function()
    local heap <close> = pymalloc.heap()
    local pools = {}
    for i = 1, 3 do
      pools[i] = heaps.take(heap, BIG_CAPACITY, BIG)
    end
    for i = 1, 3 do
      heap:free(pools[i][1])
    end
    assert.equal("0:8192 0:4096 0:0", heaps.used(heap, BIG_CLASS))
    heaps.give(heap, pools[2], 2)
    assert.equal("0:8192 0:0", heaps.used(heap, BIG_CLASS))
    assert(heap:check())
  end)
end)

describe("an empty pool", function()
  local heap, keeper, pool, offsets

  -- One pool of class 2 becomes empty; another class keeps the arena.
  before_each(function()
    heap = pymalloc.heap()
    keeper = heap:malloc(BIG)
    local blocks = heaps.take(heap, 4, 24)
    pool = blocks[1]:pool()
    offsets = {}
    for i, block in ipairs(blocks) do
      offsets[i] = heaps.offset(block)
    end
    heaps.give(heap, blocks)
  end)

  after_each(function()
    assert(heap:check())
    heap:free(keeper)
    heap:close()
  end)

  it("keeps its class, its chain and its nextoffset", function()
    assert.equal("empty", pool.state)
    assert.equal(2, pool.szidx)
    assert.equal(48 + 5 * 24, pool.nextoffset)
    assert.same({ offsets[4], offsets[3], offsets[2], offsets[1], 48 + 4 * 24 }, pool:freelist())
  end)

  it("keeps its carved blocks when its own class takes it", function()
    local block = heap:malloc(24)
    assert.equal("0:4096", heaps.pool_of(block))
    assert.equal(offsets[4], heaps.offset(block))
    assert.equal(48 + 5 * 24, pool.nextoffset)
    assert.equal(4, #pool:freelist())
  end)

  it("is carved anew when another class takes it", function()
    local block = heap:malloc(40)
    assert.equal("0:4096:48", heaps.place(block))
    assert.equal(4, pool.szidx)
    assert.equal(48 + 2 * 40, pool.nextoffset)
    assert.equal(4096 - 40, pool.maxnextoffset)
    assert.same({ 48 + 40 }, pool:freelist())
  end)

  it("keeps the slot number of its arena when another class takes it", function()
    heap:malloc(40)
    assert.equal(0, pool.arenaindex)
  end)
end)
