require "pymalloc" -- must be loaded before pymalloc_faults
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

describe("a block of the raw allocator", function()
  local ledger, heap

  before_each(function()
    ledger = faults.ledger()
    heap = ledger:heap { profile = "3.6" }
  end)

  it("is freed when its heap is closed, whichever function made it", function()
    local grown = heap:malloc(16)
    local shrunk = heap:malloc(1000)
    local moved = heap:malloc(1000)
    local freed = heap:malloc(1000)
    heap:realloc(grown, 2000)
    heap:realloc(shrunk, 10)
    heap:realloc(moved, 1000000)
    heap:free(freed)
    heap:calloc(100, 100)
    heap:malloc(0)
    assert.equal(5, heap:stats().raw_blocks)
    heap:close()
    assert.same({ 0, 0 }, { ledger:accounts().raw_count, ledger:accounts().raw_bytes })
  end)

  it("is not changed by a resize that fails, and is freed when its heap is closed", function()
    local b = heap:malloc(1000):fill(7)
    ledger:fail("raw", 1)
    assert.is_nil(heap:realloc(b, 2000))
    assert.equal(("\7"):rep(1000), b:string())
    heap:close()
    assert.equal(0, ledger:accounts().raw_count)
  end)
end)
