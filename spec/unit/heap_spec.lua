local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"

local LARGEST = ("T"):unpack(("\255"):rep(("T"):packsize())) -- SIZE_MAX, as an integer

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

describe("malloc", function()
  local heap

  before_each(function()
    heap = pymalloc.heap()
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  it("serves 1 to threshold bytes from pools", function()
    assert.equal("0:0:48", heaps.place(heap:malloc(1)))
    assert.equal("0:4096:48", heaps.place(heap:malloc(512)))
  end)

  it("sends larger requests to the raw allocator", function()
    assert.equal("L", heaps.place(heap:malloc(513)))
    assert.equal(0, heap:stats().arenas_current)
  end)

  it("sends requests of zero bytes to the raw allocator", function()
    local block = heap:malloc(0)
    assert.equal(0, #block)
    assert.equal("L", heaps.place(block))
    assert.equal(0, heap:stats().arenas_current)
  end)

  it("counts the live blocks of both kinds", function()
    local small, large = heap:malloc(1), heap:malloc(1000)
    assert.equal(2, heap:stats().blocks)
    assert.equal(1, heap:stats().raw_blocks)
    heap:free(small)
    assert.equal(1, heap:stats().blocks)
    heap:free(large)
    assert.equal(0, heap:stats().blocks)
    assert.equal(0, heap:stats().raw_blocks)
  end)

  it("refuses more than PTRDIFF_MAX bytes, and changes nothing", function()
    heap:malloc(24)
    local before = heap:dump()
    local block, message, code = heap:malloc(math.maxinteger)
    assert.is_nil(block)
    assert.is_string(message)
    assert.equal("ENOMEM", code)
    assert.equal(before, heap:dump())
  end)
end)

describe("a request while no arena can be obtained", function()
  it("is served by the raw allocator", function()
    local heap <close> = pymalloc.heap()
    heap:allow_arenas(0)
    assert.equal("L", heaps.place(heap:malloc(8)))
    assert.equal("L", heaps.place(heap:calloc(2, 8)))
    assert.equal(2, heap:stats().raw_blocks)
    assert(heap:check())
  end)

  it("leaves its block with the raw allocator when arenas can be obtained again", function()
    local heap <close> = pymalloc.heap()
    heap:allow_arenas(0)
    local block = heap:malloc(100)
    heap:allow_arenas(1)
    assert.equal("0:0:48", heaps.place(heap:malloc(100)))
    assert.equal("L", heaps.place(heap:realloc(block, 8)))
  end)

  it("is served by an arena that has a free block", function()
    local heap <close> = pymalloc.heap()
    heap:malloc(8)
    heap:allow_arenas(0)
    assert.equal("0:0:56", heaps.place(heap:malloc(8)))
    assert.equal("0:4096:48", heaps.place(heap:malloc(512)))
  end)
end)

describe("calloc", function()
  local heap

  before_each(function()
    heap = pymalloc.heap()
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  -- Returns the address of a freed block of 24 bytes, all 0xaa before the free.
  local function dirty_address()
    local block = heap:malloc(24)
    block:fill(0xaa)
    local address = block:address()
    heap:free(block)
    return address
  end

  it("clears exactly the requested bytes", function()
    heap:malloc(8) -- A live block keeps the arena.
    local address = dirty_address()
    local block = heap:calloc(4, 5)
    assert.equal(address, block:address())
    assert.equal(("\0"):rep(20) .. ("\xaa"):rep(4), heap:peek(address, 24))
  end)

  it("places a block as malloc does", function()
    assert.equal("0:0:48", heaps.place(heap:calloc(3, 8)))
    assert.equal("0:0:72", heaps.place(heap:calloc(8, 3)))
    assert.equal("L", heaps.place(heap:calloc(19, 27))) -- 513
    assert.equal("0:4096:48", heaps.place(heap:calloc(16, 32))) -- 512
  end)

  -- heap:calloc calls pym_calloc only for more bytes than pools serve.
  it("of C serves the threshold from a pool, and a byte more from the raw allocator", function()
    local blocks = { faults.calloc(heap, 1, 512), faults.calloc(heap, 512, 1) }
    assert.same({ 2, 0 }, { heap:stats().blocks, heap:stats().raw_blocks })
    blocks[3] = faults.calloc(heap, 1, 513)
    assert.same({ 3, 1 }, { heap:stats().blocks, heap:stats().raw_blocks })
    faults.free_all(heap, blocks)
  end)

  it("of zero bytes is served by the raw allocator", function()
    assert.equal("L", heaps.place(heap:calloc(0, 8)))
    assert.equal("L", heaps.place(heap:calloc(8, 0)))
    assert.equal(2, heap:stats().raw_blocks)
  end)

  it("clears a block of the raw allocator", function()
    local block = heap:calloc(100, 100)
    assert.equal(("\0"):rep(10000), block:string())
  end)

  local function assert_refused(of)
    of:malloc(24)
    local before = of:dump()
    local pairs_refused = { { 2, math.maxinteger }, { math.maxinteger, 2 }, { 1 << 32, 1 << 32 },
      { 1 << 62, 2 }, { -1, 1 }, { 1, -1 }, { -1, -1 } } -- -1 becomes SIZE_MAX
    for _, pair in ipairs(pairs_refused) do
      assert.is_nil(faults.calloc(of, pair[1], pair[2]))
    end
    assert.equal(before, of:dump())
  end

  it("refuses a product that overflows, and changes nothing", function()
    assert_refused(heap)
    for _, options in ipairs { { cache_blocks = 8 }, { cache_blocks = 8, medium = true },
                               { debug = true } } do
      local other <close> = pymalloc.heap(options)
      assert_refused(other)
    end
  end)

  it("tells of a product that overflows as the largest size", function()
    local asked
    heap:on(function(event) asked = asked or event end, { kind = "request" })
    assert.is_nil(faults.calloc(heap, -1, -1))
    heap:malloc(8) -- delivers the events
    assert.same({ "calloc", LARGEST }, { asked.operation, asked.bytes })
  end)
end)

describe("free", function()
  it("of NULL does nothing", function()
    local heap <close> = pymalloc.heap()
    local before = heap:dump()
    faults.free_sized(heap, nil, 8)
    faults.free_sized(heap, nil, 8000)
    assert.equal(before, heap:dump())
  end)

  it("has the same effect if the size is given", function()
    for _, size in ipairs { 0, 1, 24, 512, 513, 100000 } do
      local heap <close> = pymalloc.heap()
      local keeper = heap:malloc(24)
      local before = heap:dump()
      local block = faults.malloc(heap, size)
      assert.not_equal(before, heap:dump())
      faults.free_sized(heap, block, size)
      assert.equal(0, heap:stats().raw_blocks)
      assert.equal(1, heap:stats().blocks)
      assert(heap:check())
      heap:free(keeper)
    end
  end)
end)

describe("the Lua allocator", function()
  it("allocates, resizes and frees", function()
    local heap <close> = pymalloc.heap()
    local block = faults.lua_alloc(heap, nil, 4, 100) -- 4 is a type tag, not a size
    assert.same({ arena = 0, pool = 0, offset = 48 }, heap:locate(block))
    local larger = faults.lua_alloc(heap, block, 100, 200)
    assert.same({ arena = 0, pool = 4096, offset = 48 }, heap:locate(larger))
    assert.is_nil(faults.lua_alloc(heap, larger, 200, 0))
    assert.equal(0, heap:stats().blocks)
  end)

  it("makes no block of zero bytes", function()
    local heap <close> = pymalloc.heap()
    assert.is_nil(faults.lua_alloc(heap, nil, 0, 0))
    assert.equal(0, heap:stats().blocks)
  end)

  it("moves a block of a cached heap that keeps three quarters or less of its bytes", function()
    local heap <close> = pymalloc.heap { profile = "3.11", cache_blocks = 8 }
    local block = faults.lua_alloc(heap, nil, 4, 112)
    assert.equal(block, faults.lua_alloc(heap, block, 112, 85))
    local smaller = faults.lua_alloc(heap, block, 85, 84)
    assert.not_equal(heap:locate(block).pool, heap:locate(smaller).pool)
    assert.equal(block, faults.lua_alloc(heap, nil, 4, 100))
    local large = faults.lua_alloc(heap, smaller, 84, 513)
    assert.is_nil(heap:locate(large))
    local small = faults.lua_alloc(heap, large, 513, 24)
    assert.is_nil(faults.lua_alloc(heap, small, 24, 0))
    assert(heap:check())
  end)
end)
