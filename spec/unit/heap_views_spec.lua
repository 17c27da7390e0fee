local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

describe("a heap", function()
  local heap

  before_each(function()
    heap = pymalloc.heap { profile = "classroom" }
  end)

  after_each(function()
    heap:close()
  end)

  local function indices(arenas)
    local found = {}
    for i, arena in ipairs(arenas) do
      found[i] = arena.index
    end
    return found
  end

  it("lists the used pools of a class in order", function()
    local blocks = heaps.take(heap, 9, 64)
    assert.same({}, heap:usedpools(3))
    heap:free(blocks[1])
    heap:free(blocks[7])
    heap:free(blocks[4])
    local offsets = {}
    for i, pool in ipairs(heap:usedpools(3)) do
      offsets[i] = pool.offset
    end
    assert.same({ 256, 512, 0 }, offsets)
  end)

  it("lists usable arenas and unused slots in order", function()
    local blocks = heaps.take(heap, 4 * 12, 64)
    assert.same({}, heap:usable_arenas())
    heaps.give(heap, blocks, 1, 3)
    heaps.give(heap, blocks, 25, 30)
    assert.same({ 0, 2 }, indices(heap:usable_arenas()))
    heaps.give(heap, blocks, 13, 24)
    assert.same({ 1, 4, 5 }, { table.unpack(indices(heap:unused_arena_objects()), 1, 3) })
    assert.equal(13, #heap:unused_arena_objects())
  end)

  it("iterates over its live arenas by slot", function()
    local blocks = heaps.take(heap, 3 * 12, 64)
    heaps.give(heap, blocks, 13, 24)
    local found = {}
    for arena in heap:arenas() do
      table.insert(found, arena.index)
    end
    assert.same({ 0, 2 }, found)
  end)

  it("continues an iteration in which arenas are released", function()
    local blocks = heaps.take(heap, 3 * 12, 64)
    local found = {}
    for arena in heap:arenas() do
      table.insert(found, arena.index)
      heaps.give(heap, blocks, arena.index * 12 + 1, arena.index * 12 + 12)
    end
    assert.same({ 0, 1, 2 }, found)
  end)

  it("refuses the index of a slot that its vector does not have", function()
    assert.equal("pymalloc: heap:arena: index 0 is out of range: the heap has 0 slots",
      complaint(heap.arena, heap, 0))
    heap:malloc(16)
    assert.equal(15, heap:arena(15).index)
    assert.equal("pymalloc: heap:arena: index 16 is out of range: the heap has 16 slots",
      complaint(heap.arena, heap, 16))
  end)

  it("locates every address of a carved pool and no other address", function()
    local b = heap:malloc(16)
    local base = b:pool().address
    assert.same({ arena = 0, pool = 0, offset = 255 }, heap:locate(base + 255))
    assert.is_nil(heap:locate(base + 256))
    assert.is_nil(heap:locate(base - 1))
    for _, address in ipairs { 0, -1, 1, math.mininteger, math.maxinteger } do
      assert.is_nil(heap:locate(address))
    end
  end)

  it("shows the bytes of its live arenas and no others", function()
    local b = heap:buffer("u8", "peekaboo")
    local base = heap:arena(0).address
    assert.equal("peekaboo", heap:peek(b:address(), 8))
    assert.equal("", heap:peek(base, 0))
    assert.equal(1024, #heap:peek(base, 1024))
    for _, range in ipairs {
      { base - 1, 1 }, { base, 1025 }, { base + 1024, 1 }, { base + 1023, 2 }, { 0, 1 },
      { base, math.maxinteger }, { -1, 1 }, { math.mininteger, 0 },
    } do
      assert.matches("^pymalloc: heap:peek: the %-?%d+ bytes at .* are not all in the pools",
        complaint(heap.peek, heap, range[1], range[2]))
    end
  end)

  it("names the class that serves a size", function()
    assert.same({ 0, 16 }, { heap:size_class(1) })
    assert.same({ 3, 64 }, { heap:size_class(64) })
    assert.is_nil(heap:size_class(65))
    assert.is_nil(heap:size_class(0))
  end)

  it("counts pools and blocks of each class, as its report does", function()
    heaps.take(heap, 4, 64)
    heap:malloc(100)
    local stats = heap:stats()
    assert.same({ 5, 1 }, { stats.blocks, stats.raw_blocks })
    assert.same({ szidx = 3, size = 64, pools = 2, live = 4, available = 2 }, stats.classes[4])
    assert.equal(4, #stats.classes)
    assert.equal(1024, stats.arena_bytes)
  end)

  it("has each kind of fragmentation as a share of its arenas' bytes", function()
    assert.equal(0, heap:stats().fragmentation.unused_pool)
    heaps.take(heap, 4, 64)
    local stats = heap:stats()
    assert.same({
      available = 128 / 1024,
      unused_pool = 512 / 1024,
      header = 96 / 1024,
      quantization = 32 / 1024,
      alignment = 0,
    }, stats.fragmentation)
    assert.equal(4 * 64, stats.allocated_bytes)
  end)

  it("prints its report with the arena map by default", function()
    local modern <close> = pymalloc.heap { profile = "3.11" }
    modern:malloc(1)
    assert.matches("arena map counts", modern:debugmallocstats())
    assert.is_nil(modern:debugmallocstats({ arena_map = false }):find("arena map", 1, true))
    assert.matches("^Small block threshold = 512, in 32 size classes.\n", modern:debugmallocstats())
  end)

  it("dumps its state", function()
    heap:malloc(16)
    assert.matches("^globals maxarenas=16 current=1 total=1 highwater=1 blocks=1\n", heap:dump())
  end)

  it("gives retained pages to the system when it is trimmed", function()
    heap:malloc(16):free()
    assert.equal(1024, heap:stats().retained_bytes)
    assert.equal(1024, heap:trim())
    assert.equal(0, heap:trim())
  end)

  it("obtains as many arenas as allowed, and then uses the raw allocator", function()
    heap:allow_arenas(1)
    local blocks = heaps.take(heap, 13, 64)
    assert.equal("0:768:176", heaps.place(blocks[12]))
    assert.equal("L", heaps.place(blocks[13]))
    heap:allow_arenas(nil)
    assert.equal("1:0:48", heaps.place(heap:malloc(64)))
  end)

  it("lists the live blocks that keep an arena", function()
    local blocks = heaps.take(heap, 12, 64)
    heaps.give(heap, blocks, 1, 7)
    heaps.give(heap, blocks, 9, 12)
    assert.same({ { arena = 0, pool = 512, offset = 112, size = 64,
      address = heap:arena(0):pool(512).address + 112 } }, heap:pinned_by(0))
    assert.same(heap:pinned_by(0), heap:pinned_by(heap:arena(0)))
    heap:free(blocks[8])
    assert.same({}, heap:pinned_by(0))
  end)

  it("prints its profile and the number of its arenas", function()
    assert.equal("pymalloc.Heap classroom with 0 arenas", tostring(heap))
    heap:malloc(16)
    assert.equal("pymalloc.Heap classroom with 1 arena", tostring(heap))
  end)
end)
