local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

describe("the view of an arena", function()
  local heap, blocks

  -- Two full arenas of four pools of three blocks each, and a third in use.
  before_each(function()
    heap = pymalloc.heap { profile = "classroom" }
    blocks = heaps.take(heap, 2 * 12 + 1, 64)
  end)

  after_each(function()
    heap:close()
  end)

  it("has the index, the pool counts and the pool_address of the arena", function()
    local arena = heap:arena(2)
    assert.same({ 2, 3, 4 }, { arena.index, arena.nfreepools, arena.ntotalpools })
    assert.equal(arena.address + 256, arena.pool_address)
    assert.is_nil(arena.freepools)
  end)

  it("has the state full, usable or closed", function()
    assert.same({ "full", "usable", "closed" },
      { heap:arena(0).state, heap:arena(2).state, heap:arena(3).state })
  end)

  it("names its neighbours by slot number, and only while it is in a list", function()
    heaps.give(heap, blocks, 1, 3)
    local head = heap:arena(0)
    assert.same({ nil, 2 }, { head.prevarena, head.nextarena })
    assert.equal(0, heap:arena(2).prevarena)
    assert.same({}, { heap:arena(1).prevarena, heap:arena(1).nextarena })
    assert.equal(4, heap:arena(3).nextarena)
    assert.equal(heap:arena(0):pool(0).address, head.freepools)
  end)

  it("has no links after the arena has left a list", function()
    heaps.give(heap, blocks, 1, 3)
    heap:malloc(16)
    assert.equal("full", heap:arena(0).state)
    assert.is_nil(heap:arena(0).nextarena)
    heaps.give(heap, blocks, 4, 6)
    assert.equal(0, heap:arena(2).prevarena)
    heap:free(blocks[25])
    assert.equal("closed", heap:arena(2).state)
    assert.is_nil(heap:arena(2).prevarena)
  end)

  it("has only its number and its link if the slot has no arena", function()
    local seen = {}
    for name, value in pairs(heap:arena(3)) do
      seen[name] = value
    end
    assert.same({ index = 3, state = "closed", address = 0, nextarena = 4 }, seen)
  end)

  it("iterates over its carved pools", function()
    local offsets = {}
    for pool in heap:arena(1):pools() do
      table.insert(offsets, pool.offset)
    end
    assert.same({ 0, 256, 512, 768 }, offsets)
    for pool in heap:arena(3):pools() do
      assert.is_nil(pool)
    end
  end)

  it("returns the pool at an offset, if one is carved there", function()
    local arena = heap:arena(2)
    assert.equal(arena.address, arena:pool(0).address)
    assert.equal("pymalloc: arena:pool: pool 256 of arena 2 is not carved",
      complaint(arena.pool, arena, 256))
    assert.equal("pymalloc: arena:pool: pool 1048576 of arena 2 is not carved",
      complaint(arena.pool, arena, 1 << 20))
    assert.equal("pymalloc: arena:pool: offset must be a multiple of 256, got 100",
      complaint(arena.pool, arena, 100))
    assert.equal("pymalloc: arena:pool: slot 3 has no arena",
      complaint(arena.pool, heap:arena(3), 0))
  end)

  it("counts offsets from the first pool if the arena is not aligned to pools", function()
    local shifted <close> = pymalloc.heap { profile = "3.11", arena_offset = 4096 }
    local b = shifted:malloc(16)
    local arena = shifted:arena(0)
    assert.equal(63, arena.ntotalpools)
    assert.equal(arena.address + 12288, arena:pool(0).address)
    assert.equal(b:pool(), arena:pool(0))
    assert.matches("not all in the pools", complaint(shifted.peek, shifted, arena.address, 1))
  end)

  it("prints its slot, its state and the number of its free pools", function()
    assert.equal("pymalloc.Arena 2 usable, 3 of 4 pools free", tostring(heap:arena(2)))
    assert.equal("pymalloc.Arena 0 full, 0 of 4 pools free", tostring(heap:arena(0)))
    assert.equal("pymalloc.Arena 3 closed", tostring(heap:arena(3)))
  end)

  it("has the state closed after its arena was released", function()
    local arena = heap:arena(1)
    heaps.give(heap, blocks, 13, 24)
    assert.equal("closed", arena.state)
    assert.equal(0, arena.address)
  end)
end)
