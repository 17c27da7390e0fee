-- Tests heaps with a cache whose records of lent pools get no addresses, or no pages.

require "pymalloc" -- must be loaded before pymalloc_faults
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"
local short = require "spec.support.short"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

-- The reservations of a heap with a cache: the arenas, the sizes of pools, the records, and the
-- bits of pools with more than 192 blocks.
local SIZES, RECORDS, WIDE = 2, 3, 4

local CACHED = { profile = "classroom", reserve_bytes = 1 << 20, cache_blocks = 8 }

-- A pool has 506 blocks of 8 bytes, and 253 of 16.
local MANY_BLOCKS = { profile = "3.6", reserve_bytes = 4 << 20, cache_blocks = 8 }

describe("a heap with a cache", function()
  local ledger, heap

  before_each(function()
    ledger = faults.ledger()
  end)

  after_each(function()
    heap:close()
    short.assert_no_leak(ledger)
  end)

  -- Fills `count` blocks of 32 bytes, tests what they contain, and frees them.
  local function use(count)
    local taken = {}
    for i = 1, count do
      taken[i] = assert(heap:malloc(32))
      taken[i]:fill(i % 256)
    end
    assert(heap:check())
    for i = 1, count do
      assert.equal(string.char(i % 256):rep(32), taken[i]:string())
      taken[i]:free()
    end
    assert(heap:check())
    return heap:stats()
  end

  it("has none if no addresses are left for the sizes of its pools", function()
    ledger:fail("reserve", SIZES, true)
    heap = assert(ledger:heap(CACHED))
    local stats = use(1000)
    assert.equal(0, stats.cached_blocks)
    assert.equal(0, stats.blocks)
  end)

  it("has none if no pages are left for the sizes of its pools", function()
    ledger:fail("commit", 1)
    heap = assert(ledger:heap(CACHED))
    assert.equal(0, use(1000).cached_blocks)
  end)

  it("has one without loans if no addresses are left for the records", function()
    ledger:fail("reserve", RECORDS, true)
    heap = assert(ledger:heap(CACHED))
    local stats = use(1000)
    assert.equal(8, stats.cached_blocks)
    assert.equal(0, stats.raw_blocks)
    heap:trim()
    assert.equal(0, heap:stats().arenas_current)
  end)

  it("lends the pools of the lower half if addresses are left for half of the records", function()
    ledger:fail("reserve", RECORDS)
    heap = assert(ledger:heap(CACHED))
    local buffers = {}
    repeat -- until no arena has a block left
      table.insert(buffers, heap:malloc(64))
    until not buffers[#buffers]:location()
    assert(heap:check())
    local last = buffers[#buffers - 1]
    assert.is_true(pcall(faults.loan_field, heap, buffers[1]:address(), "carved"))
    assert.is_table(last:location())
    assert.is_false(pcall(faults.loan_field, heap, last:address(), "carved"))
    heaps.give(heap, buffers)
    assert(heap:check())
    heap:trim()
    assert.equal(0, heap:stats().arenas_current)
  end)

  it("gives blocks of pools with and without records back from the same bin", function()
    ledger:fail("reserve", RECORDS)
    heap = assert(ledger:heap(CACHED))
    local buffers = {}
    repeat
      table.insert(buffers, heap:malloc(64))
    until not buffers[#buffers]:location()
    table.remove(buffers):free() -- raw's
    local count = #buffers
    for i = 1, count // 2 do -- a block of a lent pool, one of another pool, and so on
      buffers[i]:free()
      buffers[count + 1 - i]:free()
    end
    assert(heap:check())
    assert.equal(8, heap:stats().cached_blocks)
    heap:trim()
    assert(heap:check())
    assert.equal(count % 2, heap:stats().blocks)
  end)

  it("serves blocks of pools that it cannot lend for lack of pages", function()
    for n = 2, 11 do -- commit 1 is that of the sizes
      local own = faults.ledger()
      own:fail("commit", n // 2 + 1, n % 2 == 0)
      local small = assert(own:heap(n < 7 and CACHED or MANY_BLOCKS))
      local taken = heaps.take(small, 200, 16)
      assert.equal(200, #taken)
      assert(small:check())
      heaps.give(small, taken)
      assert(small:check())
      small:close()
      short.assert_no_leak(own)
    end
    heap = assert(ledger:heap(CACHED))
  end)

  it("gives the pages of the records back in trim", function()
    heap = assert(ledger:heap(CACHED))
    local before = ledger:accounts().commit_bytes
    use(10000)
    assert.is_true(ledger:accounts().commit_bytes > before)
    heap:trim()
    assert.equal(before, ledger:accounts().commit_bytes)
    use(10000)
    heap:trim()
    assert.equal(before, ledger:accounts().commit_bytes)
  end)

  it("keeps the pages of the records of pools that are lent in trim", function()
    heap = assert(ledger:heap(CACHED))
    local taken = heaps.take(heap, 10000, 32)
    local full = ledger:accounts().commit_bytes
    heaps.give(heap, taken, 1, 9999) -- the last block is in the last pool
    heap:trim()
    assert(heap:check())
    assert.equal(1, heap:stats().blocks)
    assert.is_true(ledger:accounts().commit_bytes < full)
    taken[10000]:free()
    assert(heap:check())
  end)

  -- Is the pool of a buffer lent?
  local function is_lent(buffer)
    return (pcall(faults.loan_field, heap, buffer:address(), "carved"))
  end

  -- Tests that the pools with 506 blocks are not lent, those with 63 are, and both serve.
  local function assert_narrow(many, few)
    for i, buffer in ipairs(many) do
      assert.is_false(is_lent(buffer))
      buffer:fill(i % 256)
    end
    for i = 1, #few do assert.is_true(is_lent(few[i])) end
    assert(heap:check())
    for i, buffer in ipairs(many) do
      assert.are.equal(string.char(i % 256):rep(8), buffer:string())
    end
    heaps.give(heap, many)
    heaps.give(heap, few)
    assert(heap:check())
    heap:trim()
    assert.are.equal(0, heap:stats().arenas_current)
  end

  it("commits a page of records once, which has those of many pools", function()
    heap = assert(ledger:heap { profile = "classroom", reserve_bytes = 1 << 20, cache_blocks = 8,
      page_bytes = 65536 }) -- a page has 1,365 records
    local first = heap:malloc(64)
    local before, pool_bytes = ledger:accounts(), heap.geometry.pool_bytes
    local taken = heaps.take(heap, 1000 * (pool_bytes - 48) // 64, 64)
    assert.is_true(pcall(faults.loan_field, heap, taken[#taken]:address(), "carved"))
    local arena_pages = (heap:stats().arenas_current * heap.geometry.arena_bytes + 65535) // 65536
    assert.equal(arena_pages - 1, ledger:accounts().commit_calls - before.commit_calls)
    heaps.give(heap, taken)
    heap:trim()
    assert(heap:check())
    assert.equal(before.commit_bytes, ledger:accounts().commit_bytes)
    first:free()
    heap:trim()
    assert.equal(0, heap:stats().arenas_current)
  end)

  it("lends the pools with few blocks if no addresses are left for wide bits", function()
    ledger:fail("reserve", WIDE, true)
    heap = assert(ledger:heap(MANY_BLOCKS))
    assert_narrow(heaps.take(heap, 2000, 8), heaps.take(heap, 200, 64))
  end)

  it("lends the pools with few blocks if no pages are left for wide bits", function()
    heap = assert(ledger:heap(MANY_BLOCKS))
    heap:malloc(64):free() -- commits an arena and the first records
    ledger:fail("commit", 1, true)
    local many, few = heaps.take(heap, 2000, 8), heaps.take(heap, 200, 64)
    assert_narrow(many, few)
    ledger:fail("commit", 0)
    many = heaps.take(heap, 2000, 8)
    assert.is_true(is_lent(many[2000]))
    heaps.give(heap, many)
    heap:trim()
    assert.are.equal(0, heap:stats().arenas_current)
  end)

  it("gives the pages of wide bits above the last used ones back in trim", function()
    heap = assert(ledger:heap(MANY_BLOCKS))
    local before = ledger:accounts().commit_bytes
    local pools = 210 -- whose wide bits, 80 bytes each, are more than 16 KiB
    local taken = heaps.take(heap, 506 * pools, 8)
    local first = faults.loan_field(heap, taken[1]:address(), "wide")
    local last = first + 80 * (pools - 1)
    assert.are.equal(last, faults.loan_field(heap, taken[#taken]:address(), "wide"))
    heaps.give(heap, taken, 507, 506 * (pools - 1))
    heap:trim()
    assert(heap:check())
    assert.is_true(pcall(faults.wide_field, heap, last, "owner"))
    local again = heaps.take(heap, 506, 8)
    assert.are.equal(first + 80, faults.loan_field(heap, again[1]:address(), "wide"))
    heaps.give(heap, taken, 506 * (pools - 1) + 1, #taken)
    heap:trim()
    assert(heap:check())
    assert.is_false(pcall(faults.wide_field, heap, last, "owner"))
    heaps.give(heap, taken, 1, 506)
    heaps.give(heap, again)
    heap:trim()
    assert.are.equal(before, ledger:accounts().commit_bytes)
  end)
end)
