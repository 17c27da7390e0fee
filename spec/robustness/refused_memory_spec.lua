-- Tests single requests to heaps whose allocators refuse all further memory.

local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"
local short = require "spec.support.short"

local SMALL, assert_no_leak, assert_refused =
  short.SMALL, short.assert_no_leak, short.assert_refused

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

describe("realloc without memory", function()
  local ledger, heap, block

  local function open(size)
    ledger = faults.ledger()
    heap = ledger:heap { profile = "3.6" }
    block = heap:malloc(size)
    block:fill(5)
    ledger:fail("raw", 1, true)
  end

  after_each(function()
    ledger:fail("raw", 0)
    heap:close()
    assert_no_leak(ledger)
  end)

  it("does not change a block of a pool", function()
    open(100)
    local before = heap:dump()
    assert_refused(heap:realloc(block, 1000))
    assert.equal(("\5"):rep(100), block:string())
    assert.equal(before, heap:dump())
  end)

  it("does not change a block of the raw allocator", function()
    open(1000)
    assert_refused(heap:realloc(block, 2000))
    assert_refused(heap:realloc(block, 8))
    assert.equal(("\5"):rep(1000), block:string())
  end)

  it("to zero bytes keeps a block of the raw allocator that cannot shrink", function()
    open(1000)
    assert.equal(block, heap:realloc(block, 0))
    assert.equal(0, #block)
    assert.equal(1, heap:stats().raw_blocks)
  end)

  it("still moves a block if pools have room", function()
    open(100)
    assert.equal("0:4096:48", heaps.place(heap:realloc(block, 200)))
  end)
end)

describe("buffers without memory", function()
  local ledger, heap

  before_each(function()
    ledger = faults.ledger()
    heap = ledger:heap { profile = "3.6" }
  end)

  after_each(function()
    heap:close()
    assert_no_leak(ledger)
  end)

  it("are nil and a message, for each kind of contents", function()
    ledger:fail("raw", 1, true)
    assert_refused(heap:buffer("i32", 1000))
    assert_refused(heap:buffer("u8", ("x"):rep(1000)))
    assert_refused(heap:buffer("f64", table.pack(("x"):rep(1000):byte(1, -1))))
    assert.equal(0, heap:stats().blocks)
  end)

  it("keep their elements when they cannot be resized", function()
    local buffer = heap:buffer("i32", { 1, 2, 3 })
    ledger:fail("raw", 1, true)
    assert_refused(buffer:resize(1000))
    assert.same({ 1, 2, 3 }, buffer:totable())
    assert.equal(buffer, buffer:resize(2))
  end)

  it("can always be freed", function()
    local buffers = heaps.take(heap, 10, 1000)
    ledger:fail("raw", 1, true)
    heaps.give(heap, buffers)
    assert.equal(0, heap:stats().blocks)
  end)
end)

describe("reading and trimming a heap", function()
  it("needs no memory", function()
    local ledger = faults.ledger()
    local heap = ledger:heap(SMALL)
    local blocks = heaps.take(heap, 100, 40)
    heaps.give(heap, blocks, 20, 60)
    local before = ledger:accounts()
    ledger:fail("raw", 1, true)
    ledger:fail("commit", 1, true)
    assert(heap:check())
    assert.equal(59, heap:stats().blocks)
    assert.matches("^globals ", heap:dump())
    assert.matches("^Small block", heap:debugmallocstats())
    assert.matches("^arena 0 ", (faults.walk(heap)))
    assert.is_true(heap:trim() > 0)
    heaps.give(heap, blocks, 1, 19)
    local after = ledger:accounts()
    assert.equal(before.raw_calls, after.raw_calls)
    assert.equal(before.commit_calls, after.commit_calls)
    heap:close()
    assert_no_leak(ledger)
  end)
end)

describe("an ordinary heap", function()
  it("returns nil and a message if there is no memory for a block", function()
    local heap <close> = pymalloc.heap()
    assert_refused(heap:malloc(math.maxinteger))
    assert_refused(heap:buffer("u8", 1 << 60))
  end)
end)
