local pymalloc = require "pymalloc"
local bytes = require "spec.support.bytes"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

-- Returns the bytes of a link to an address.
local function link(address)
  return ("<I8"):pack(address)
end

describe("a checked heap", function()
  local heap

  before_each(function()
    heap = pymalloc.heap { checked = true }
  end)

  after_each(function()
    heap:close()
  end)

  it("places every block where a plain heap does", function()
    local plain <close> = pymalloc.heap()
    for size = 0, 700, 3 do
      assert.equal(heaps.place(plain:malloc(size)), heaps.place(heap:malloc(size)))
    end
    assert.equal(plain:dump(), heap:dump())
  end)

  it("has no bytes around its blocks", function()
    local block = heap:malloc(8)
    assert.equal("0:0:48", heaps.place(block))
    assert.equal("0:0:56", heaps.place(heap:malloc(8)))
  end)

  describe("with a free block's link replaced", function()
    local free, live, pool

    before_each(function()
      local blocks = heaps.take(heap, 5, 8)
      free, live = blocks[3]:address(), blocks[2]:address()
      pool = free - blocks[3]:location().offset
      heap:free(blocks[3])
    end)

    local function assert_refused(pattern)
      local before = heap:stats().blocks
      local report = bytes.error_of(heap.malloc, heap, 8)
      assert.matches("Found by request #7: %[pool.chain%]", report)
      assert.matches(pattern, report)
      assert.equal(before, heap:stats().blocks)
      bytes.raises("pool.chain", heap.check, heap)
    end

    it("by other bytes, names pool, block and request, and returns no block", function()
      heap:poke(free, link(0x4141414141414141))
      -- on 32 bits it is not an address, and becomes the last one
      assert_refused("pool 0 of arena 0: the free block at 64 leads to "
        .. (#string.pack("T", 0) == 8 and "0x4141414141414141" or "0xffffffff"))
    end)

    it("by an address inside a block, returns no block", function()
      heap:poke(free, link(live + 4))
      assert_refused("leads to 0x%x+, which is not another carved block")
    end)

    it("by its own address, returns no block", function()
      heap:poke(free, link(free))
      assert_refused("leads to 0x%x+, which is not another carved block")
    end)

    it("by the address of a block that is not carved, returns no block", function()
      heap:poke(free, link(pool + 48 + 8 * 20))
      assert_refused("leads to 0x%x+, which is not another carved block")
    end)

    it("by the address of a live block, returns the free block, but not the live one", function()
      heap:poke(free, link(live))
      assert.equal(free, heap:malloc(8):address())
      local report = bytes.error_of(heap.malloc, heap, 8)
      assert.matches("the free chain leads to 0x%x+, which is not a free block", report)
      assert.matches("was made by request #2 and is live", report)
    end)
  end)

  describe("with a pool header overwritten", function()
    local blocks, pool

    before_each(function()
      blocks = heaps.take(heap, 5, 8)
      pool = blocks[1]:address() - 48
    end)

    -- The field, its offset in the header, the bytes to write, and the
    -- invariants that a malloc and a free then name.
    local fields = {
      { "count", 0, "\0\0\0\0", "used.members", "pool.count" },
      { "count", 0, "\9", false, "pool.count" },
      { "freeblock", 8, link(0x4141414141414141), "pool.chain", "pool.chain" },
      { "freeblock", 8, link(0), "used.members", "pool.ready" },
      { "nextpool", 16, link(0x4141414141414141), "used.links", "used.links" },
      { "prevpool", 24, link(0x4141414141414141), "used.links", "used.links" },
      { "nextpool", 16, link(0), "used.links", "used.links" },
      { "prevpool", 24, link(0), "used.links", "used.links" },
      { "arenaindex", 32, "\1", "pool.arena", "pool.arena" },
      { "szidx", 36, "\1", "used.members", "pool.class" },
      { "szidx", 36, "\255\255\255\255", "used.members", "pool.class" },
      { "nextoffset", 40, "\1\0", "pool.class", "pool.class" },
      { "nextoffset", 40, "\255\255\255\255", "pool.class", "pool.class" },
      { "maxnextoffset", 44, "\255\255", "pool.class", "pool.class" },
    }

    for i, field in ipairs(fields) do
      local name, offset, junk, by_malloc, by_free = table.unpack(field)
      it(("refuses requests that would use the field %s (%d)"):format(name, i), function()
        heap:poke(pool + offset, junk)
        local ok, report = pcall(heap.malloc, heap, 8)
        assert.equal(not by_malloc, ok)
        if by_malloc then
          assert.matches("[" .. by_malloc .. "]", report, 1, true)
        end
        assert.matches("[" .. by_free .. "]", bytes.error_of(heap.free, heap, blocks[2]), 1, true)
      end)
    end
  end)

  it("refuses a damaged freepools", function()
    local block = heap:malloc(8)
    local keep = heap:malloc(16)
    local pool = block:address() - 48
    heap:free(block)
    heap:poke(pool + 16, link(keep:address() - 48)) -- nextpool: a used pool
    assert.matches("[arena.empty]", bytes.error_of(heap.malloc, heap, 24), 1, true)
  end)

  it("refuses an empty pool whose chain is damaged", function()
    local block = heap:malloc(8)
    assert(heap:malloc(16))
    local address = block:address()
    heap:free(block)
    heap:poke(address, link(0x4141414141414141))
    assert.matches("[pool.chain]", bytes.error_of(heap.malloc, heap, 8), 1, true)
    assert(heap:malloc(24))
  end)

  it("reports a nextpool that leads to no pool", function()
    heaps.take(heap, 600, 8)
    local last = heap:arena(0).address + 4096
    heap:poke(last + 16, link(0))
    assert.matches("used.links", bytes.error_of(heap.check, heap))
    bytes.raises("the list is broken", heap.usedpools, heap, 0)
    assert.is_string(heap:dump())
  end)

  it("serves other classes, and all classes again when the damage is undone", function()
    local block, keep = heap:malloc(8), heap:malloc(8)
    local address = block:address()
    heap:free(block)
    local old = heap:peek(address, 8)
    heap:poke(address, "AAAAAAAA")
    assert.matches("[pool.chain]", bytes.error_of(heap.malloc, heap, 8), 1, true)
    assert(heap:malloc(24))
    heap:poke(address, old)
    assert.is_true(heap:check())
    assert.equal(address, heap:malloc(8):address())
    keep:free()
  end)

  it("can be read after any byte was written over a pool header", function()
    local blocks = heaps.take(heap, 300, 40)
    local base = heap:arena(0).address
    for byte = 0, 255, 5 do
      heap:poke(base, string.char(byte):rep(48))
      pcall(heap.check, heap)
      pcall(heap.dump, heap)
      pcall(heap.stats, heap)
      pcall(heap.debugmallocstats, heap)
      pcall(blocks[1].pool, blocks[1])
      pcall(heap.malloc, heap, 40)
    end
  end)
end)

describe("heap:poke", function()
  it("works only on checked heaps and debug heaps", function()
    for _, options in ipairs { { checked = true }, { debug = true } } do
      local heap <close> = pymalloc.heap(options)
      local block = heap:malloc(8)
      heap:poke(block:address(), "abc")
      assert.equal("abc", block:string():sub(1, 3))
    end
    local plain <close> = pymalloc.heap()
    local block = plain:malloc(8)
    bytes.raises("only a heap made with checked or debug can be poked", plain.poke,
                 plain, block:address(), "abc")
  end)

  it("writes only inside one live arena", function()
    local heap <close> = pymalloc.heap { checked = true, retain_bytes = 0 }
    local block = heap:malloc(8)
    local base = heap:arena(0).address
    heap:poke(base + 262144 - 8, "12345678")
    for _, address in ipairs { base + 262144 - 7, base - 1, base + 262144, 0, -1, 1 << 47 } do
      bytes.raises("are not all in one live arena", heap.poke, heap, address, "12345678")
    end
    heap:free(block) -- which also frees the arena
    bytes.raises("are not all in one live arena", heap.poke, heap, base, "1")
  end)

  it("requires an address and a string", function()
    local heap <close> = pymalloc.heap { checked = true }
    bytes.raises("heap:poke: bytes must be a string, got 12", heap.poke, heap, 0, 12)
    bytes.raises("heap:poke: address", heap.poke, heap, 1.5, "a")
  end)
end)

describe("max_bytes", function()
  it("is refunded by a resize that shrinks a raw block", function()
    local heap <close> = pymalloc.heap { max_bytes = 4 << 20 }
    local b = assert(heap:malloc(1 << 20))
    for _ = 1, 100 do
      assert.is_truthy(b:resize(1 << 10))
      assert.is_truthy(b:resize(1 << 20))
    end
    assert.is_truthy(heap:malloc(2 << 20))
  end)

  it("is refunded for pages that the system does not commit", function()
    local faults = require "pymalloc_faults"
    local ledger = faults.ledger()
    local heap <close> = ledger:heap { max_bytes = 4 << 20 }
    for _ = 1, 100 do
      ledger:fail("commit", 1)
      heap:malloc(24):free() -- The raw allocator serves it.
    end
    assert.is_truthy(heap:malloc(3 << 20))
  end)

  it("is refunded for an arena that goes back to the system", function()
    local heap <close> = pymalloc.heap { max_bytes = 1 << 20, retain_bytes = 0 }
    for turn = 1, 20 do -- each with an arena of 256 KiB
      assert(heap:malloc(512)):free()
      assert.equal(turn, heap:stats().arenas_reclaimed)
    end
  end)

  it("is refunded by a resize that the raw allocator refuses", function()
    local faults = require "pymalloc_faults"
    local ledger = faults.ledger()
    local heap <close> = ledger:heap { max_bytes = 4 << 20 }
    local b = assert(heap:malloc(1 << 20))
    for _ = 1, 10 do
      ledger:fail("raw", 1)
      assert.is_nil((b:resize(2 << 20)))
    end
    assert.is_truthy(b:resize(3 << 20))
  end)

  it("bounds arenas and raw blocks together", function()
    local heap <close> = pymalloc.heap { max_bytes = 1 << 20 }
    local small, large = 0, 0
    while heap:malloc(500) do
      small = small + 1
    end
    assert.is_true(small > 500 and small < 2100)
    while heap:malloc(1000) do
      large = large + 1
    end
    assert.is_true(large < 300)
    local none, message, code = heap:malloc(1000)
    assert.is_nil(none)
    assert.matches("no memory", message)
    assert.equal("ENOMEM", code)
    assert(heap:check())
  end)

  it("is available again when blocks are freed", function()
    local heap <close> = pymalloc.heap { max_bytes = 1 << 20 }
    local block = assert(heap:malloc(800000))
    assert.is_nil((heap:malloc(800000)))
    assert.is_nil((heap:realloc(block, 1200000)))
    assert(heap:realloc(block, 900000))
    heap:free(block)
    assert(heap:malloc(800000))
  end)

  it("bounds the addresses too, so that a cache finds room beside the arenas", function()
    for _, profile in ipairs { "3.6", "3.11" } do
      local heap <close> = assert(pymalloc.heap {
        profile = profile, max_bytes = 5 << 19, cache_blocks = 10 })
      assert.equal((5 << 19) // heap.geometry.arena_bytes * heap.geometry.arena_bytes,
        heap:stats().reserved_bytes)
      assert.is_not_nil(assert(heap:malloc(500)):location())
    end
  end)

  it("refuses a heap that needs more memory than that", function()
    local none, message = pymalloc.heap { max_bytes = 100 }
    assert.is_nil(none)
    assert.matches("no memory for a heap", message)
  end)
end)
