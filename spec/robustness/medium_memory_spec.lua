-- Where spans get their memory, and what happens when there is none.

local pymalloc = require "pymalloc" -- must be loaded before pymalloc_faults
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"
local short = require "spec.support.short"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local HOSTED = { profile = "3.11", cache_blocks = 64, medium = true, reserve_bytes = 64 << 20 }

describe("spans", function()
  -- Asserts that requests of 600 and 9000 bytes of such a heap call raw, or that they do not.
  local function served_by_raw(options)
    local ledger = faults.ledger()
    local heap <close> = assert(ledger:heap(options))
    local before = ledger:accounts().raw_calls
    heap:malloc(600)
    heap:malloc(9000)
    assert(heap:check())
    local stats = heap:stats()
    if stats.raw_blocks == 2 then
      assert.same({ 0, 0, 0 }, { stats.medium_blocks, stats.medium_bytes, stats.span_bytes })
      return ledger:accounts().raw_calls >= before + 2
    end
    assert.same({ 0, 2 }, { stats.raw_blocks, stats.medium_blocks })
    return false
  end

  it("are made for heaps with a cache that ask for them", function()
    assert.is_false(served_by_raw { cache_blocks = 8, medium = true })
    assert.is_false(served_by_raw { cache_bytes = 1024, medium = true })
    assert.is_true(served_by_raw { cache_blocks = 8 })
  end)

  it("are not made for an exact heap, nor for a checked one", function()
    assert.is_true(served_by_raw { medium = true })
    assert.is_true(served_by_raw { cache_blocks = 8, medium = true, checked = true })
    assert.is_true(served_by_raw { cache_blocks = 8, medium = true, debug = "3.8" })
  end)

  it("do not serve what pools serve", function()
    local heap <close> = pymalloc.heap { cache_blocks = 8, medium = true, alignment = 16,
      threshold = 1024, pool_bytes = 16384, arena_bytes = 1 << 20 }
    heap:malloc(1024)
    heap:malloc(1025)
    assert.same({ 2, 1 }, { heap:stats().blocks, heap:stats().medium_blocks })
  end)

  it("do not serve what pools serve with a block that they keep", function()
    local heap <close> = pymalloc.heap { cache_blocks = 8, medium = true, alignment = 16,
      threshold = 1024, pool_bytes = 16384, arena_bytes = 1 << 20 }
    local b = heap:realloc(heap:malloc(1100), 900) -- keeps its place, with 1,024 bytes
    assert.equal(1, heap:stats().medium_blocks)
    b:free()
    assert.equal(1, faults.medium_kept_count(heap, 3))
    assert.is_table(heap:malloc(900):location())
    assert.equal(1, faults.medium_kept_count(heap, 3))
  end)

  it("are given back before a heap with a limit is short of memory", function()
    local heap <close> = pymalloc.heap { cache_blocks = 8, medium = true, max_bytes = 2 << 20,
      arena_bytes = 256 << 10 }
    local taken = {}
    for i = 1, 200 do taken[i] = assert(heap:malloc(3000)) end
    assert.is_true(heap:stats().span_bytes >= 512 << 10)
    for i = 1, 200 do taken[i]:free() end
    local held = 0
    while heap:malloc(512) do held = held + 512 end
    assert.equal(0, heap:stats().span_bytes)
    assert.is_true(held > 1700 << 10)
    assert(heap:check())
  end)

  -- A heap with a limit, which retains a span without a block.
  local function limited()
    local heap = pymalloc.heap { cache_blocks = 8, medium = true, max_bytes = 16 << 20,
      reserve_bytes = 64 << 20, retain_bytes = 8 << 20 }
    heap:malloc(100000):free()
    assert.equal(2 << 20, heap:stats().span_bytes)
    return heap
  end

  it("are given back before a raw block is refused", function()
    for request, arguments in pairs { malloc = { 1000000 }, calloc = { 2, 500000 } } do
      local heap <close> = limited()
      local taken = {}
      repeat
        taken[#taken + 1] = assert(heap[request](heap, table.unpack(arguments)))
      until heap:stats().span_bytes == 0
      assert.equal(#taken, heap:stats().raw_blocks)
    end
  end)

  it("are given back before a raw block cannot grow", function()
    local heap <close> = limited()
    local b = heap:malloc(1000000)
    b:fill(4)
    for bytes = 1000000, 16 << 20, 100000 do
      if heap:stats().span_bytes == 0 then break end
      b = assert(heap:realloc(b, bytes))
    end
    assert.equal(0, heap:stats().span_bytes)
    assert.equal(("\4"):rep(1000000), b:string():sub(1, 1000000))
  end)

  -- A heap without memory for another block, a block of 600 bytes in it, and its address.
  local function exhausted()
    local heap = pymalloc.heap { cache_blocks = 8, medium = true, max_bytes = 2 << 20 }
    local b = heap:malloc(600)
    b:fill(6)
    while heap:malloc(4096) or heap:malloc(16) do assert(b) end
    return heap, b, b:address()
  end

  it("keep a block that cannot grow for lack of memory", function()
    local heap <close>, b, address = exhausted()
    assert.is_nil((heap:realloc(b, 1500000)))
    assert.equal(address, b:address())
    assert.equal(("\6"):rep(600), b:string())
  end)

  it("leave a block as it is that cannot shrink to a pool for lack of memory", function()
    local heap <close>, b, address = exhausted()
    b = assert(heap:realloc(b, 16))
    assert.equal(address, b:address())
    assert.equal(("\6"):rep(16), b:string())
  end)
end)

describe("medium requests without memory", function()
  local function use(ledger, heap)
    local taken = {}
    for i = 1, 600 do
      taken[i] = heap:malloc(i % 50 == 0 and 20000 or 1000 + i)
      if taken[i] then taken[i]:fill(i % 256) end
    end
    assert(heap:check())
    for i = 1, 600 do
      if taken[i] then
        assert.equal(string.char(i % 256):rep(#taken[i]), taken[i]:string())
        taken[i]:free()
      end
    end
    assert(heap:check())
    heap:close()
    short.assert_no_leak(ledger)
  end

  for _, kind in ipairs { "raw", "commit", "reserve" } do
    for _, lasts in ipairs { false, true } do
      it(("are served or refused if a call of %s fails%s"):format(kind,
        lasts and " for good" or ""), function()
        for n = 1, 12 do
          local ledger = faults.ledger()
          ledger:fail(kind, n, lasts)
          local heap = ledger:heap(HOSTED)
          if heap then
            use(ledger, heap)
          else
            short.assert_no_leak(ledger)
          end
        end
      end)
    end
  end
end)
