local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

describe("check of the cache", function()
  local heap, address

  before_each(function()
    heap = pymalloc.heap { cache_blocks = 8 }
    local b = heap:malloc(64)
    address = b:address()
    b:free()
  end)

  after_each(function() heap:close() end)

  -- exchange(heap, ..., value) breaks the invariant and returns the old value,
  -- which restores it.
  local function breaks(invariant, value, exchange, ...)
    local arguments = table.pack(...)
    arguments[arguments.n + 1] = value
    local old = exchange(heap, table.unpack(arguments))
    local ok, message = pcall(heap.check, heap)
    arguments[arguments.n + 1] = old
    exchange(heap, table.unpack(arguments))
    assert(heap:check())
    assert.is_false(ok)
    assert.is_truthy(message:find(invariant, 1, true), message)
  end

  it("detects a bin above its bound [cache.bound]", function()
    breaks("cache.bound", faults.cache_top(heap, 8) + 8 * 5, faults.cache_top, 8)
  end)

  it("detects an address that is not that of a block [cache.blocks]", function()
    for _, wrong in ipairs { 8, address + 8 } do
      breaks("cache.blocks", wrong, faults.cache_slot, 8, 0)
    end
  end)

  it("detects a block that is in a bin twice [cache.blocks]", function()
    breaks("cache.blocks", faults.cache_slot(heap, 8, 1), faults.cache_slot, 8, 0)
  end)

  it("detects a block freed last that is in a bin or is none [cache.blocks]", function()
    breaks("cache.blocks", address, faults.freed_last)
    breaks("cache.blocks", address + 8, faults.freed_last)
  end)

  it("detects a block that is free in its pool, which is not lent [cache.blocks]", function()
    local ledger = faults.ledger()
    ledger:fail("reserve", 3, true) -- the records of lent pools get no addresses
    local exact <close> = assert(ledger:heap { cache_blocks = 8 })
    local twice = faults.malloc(exact, 64)
    faults.malloc(exact, 64)
    faults.free(exact, twice)
    exact:trim()
    assert(exact:check())
    faults.free(exact, twice)
    local is_whole, message = pcall(exact.check, exact)
    assert.is_false(is_whole)
    assert.is_truthy(message:find("cache.blocks", 1, true), message)
    assert.are.equal(twice, faults.malloc(exact, 64))
    assert(exact:check())
  end)

  it("detects a block that is too small [cache.size]", function()
    local small = heap:malloc(8)
    breaks("cache.size", small:address(), faults.cache_slot, 8, 0)
  end)

  it("detects a wrong block size of a pool in its table of sizes [cache.sizes]", function()
    breaks("cache.sizes", 3, faults.cache_size, address)
    local last = faults.malloc(heap, 128)
    heap:trim() -- all bins are empty
    faults.free(heap, last)
    for units = 0, 31, 31 do -- 128 bytes are 32 units
      breaks("cache.sizes", units, faults.cache_size, last)
    end
  end)
end)
