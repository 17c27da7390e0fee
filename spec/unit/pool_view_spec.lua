local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local function field(view, name)
  return view[name]
end

describe("the view of a pool", function()
  local heap, blocks, pool

  -- Three blocks of 24 bytes in a pool that has room for 168.
  before_each(function()
    heap = pymalloc.heap()
    blocks = heaps.take(heap, 3, 24)
    pool = blocks[1]:pool()
  end)

  after_each(function()
    heap:close()
  end)

  it("is not equal to a view of the pool of a later arena in the same place", function()
    heap:free(table.remove(blocks))
    heap:free(table.remove(blocks))
    heap:free(table.remove(blocks)) -- releases the arena
    blocks[1] = heap:malloc(24)
    local later = blocks[1]:pool()
    assert.equal(later, blocks[1]:pool())
    assert.is_false(pool == later)
  end)

  it("reads the header at each access", function()
    local address = blocks[2]:address()
    assert.equal(3, pool.ref_count)
    heap:free(blocks[2])
    assert.equal(2, pool.ref_count)
    assert.equal(address, pool.freeblock)
  end)

  it("has the values of the header's fields", function()
    local count, freeblock, nextpool, prevpool, arenaindex, szidx, nextoffset, maxnextoffset =
      string.unpack("=I4xxxxI8I8I8I4I4I4I4", heap:peek(pool.address, 48))
    assert.same({ count, freeblock, nextpool, prevpool }, {
      pool.ref_count, pool.freeblock, pool.nextpool, pool.prevpool,
    })
    assert.same({ arenaindex, szidx, nextoffset, maxnextoffset }, {
      pool.arenaindex, pool.szidx, pool.nextoffset, pool.maxnextoffset,
    })
    assert.same({ 0, 2, 48 + 4 * 24, 4096 - 24 }, {
      pool.arenaindex, pool.szidx, pool.nextoffset, pool.maxnextoffset,
    })
  end)

  it("has the block size and the capacity of its class", function()
    assert.equal(24, pool.size)
    assert.equal(168, pool.capacity)
    assert.same({ 0, 0 }, { pool.arena, pool.offset })
  end)

  it("has the state used, full or empty", function()
    assert.equal("used", pool.state)
    heaps.take(heap, 165, 24)
    assert.equal("full", pool.state)
    assert.is_nil(pool.freeblock)
    local other = heap:malloc(512)
    local emptied = other:pool()
    other:free()
    assert.equal("empty", emptied.state)
  end)

  it("returns the free chain in its order", function()
    heap:free(blocks[1])
    heap:free(blocks[3])
    assert.same({ 48 + 2 * 24, 48, 48 + 3 * 24 }, pool:freelist())
  end)

  it("returns the state of each block: live, free or virgin", function()
    heap:free(blocks[2])
    local states = pool:blocks()
    assert.equal(168, #states)
    assert.same({ "live", "free", "live", "free", "virgin" }, { table.unpack(states, 1, 5) })
    assert.equal("virgin", states[168])
  end)

  it("prints its place, its state and the number of its live blocks", function()
    assert.equal("pymalloc.Pool 0:0 used, 3 of 168 blocks of 24 bytes live", tostring(pool))
  end)

  it("passes every field to pairs, those of the header first and in its order", function()
    local names = {}
    for name, value in pairs(pool) do
      table.insert(names, name)
      assert.equal(pool[name], value)
    end
    assert.equal("ref_count freeblock nextpool prevpool arenaindex szidx nextoffset maxnextoffset "
      .. "state size capacity arena offset address", table.concat(names, " "))
  end)

  it("is equal only to a view of the same pool", function()
    assert.equal(pool, blocks[2]:pool())
    assert.not_equal(pool, heap:malloc(512):pool())
    local other <close> = pymalloc.heap()
    assert.not_equal(pool, other:malloc(24):pool())
  end)

  it("has the neighbours of its pool in the ring of its class", function()
    heaps.take(heap, 165, 24)
    local second = heap:malloc(24):pool()
    heap:free(blocks[1])
    assert.equal(second, pool:next())
    assert.equal(pool, second:prev())
    assert.is_nil(second:next())
    assert.is_nil(pool:prev())
  end)

  it("has no neighbours while its pool is full, even if stale links are left", function()
    heaps.take(heap, 165, 24)
    local second = heap:malloc(24):pool()
    heap:free(blocks[1])
    heap:malloc(24)
    assert.equal("full", pool.state)
    assert.equal(second.address, pool.nextpool)
    assert.is_nil(pool:next())
    assert.is_nil(pool:prev())
  end)

  it("has no previous pool while its pool is empty, even if a stale link is left", function()
    heaps.take(heap, 165, 24)
    local b = heap:malloc(24)
    local second = b:pool()
    heap:free(blocks[1])
    heap:free(b)
    assert.equal("empty", second.state)
    assert.equal(pool.address, second.prevpool)
    assert.is_nil(second:prev())
  end)

  it("has the next pool of freepools while its pool is empty", function()
    local first, second = heap:malloc(32), heap:malloc(40)
    local first_pool, second_pool = first:pool(), second:pool()
    first:free()
    second:free()
    assert.equal(first_pool, second_pool:next())
    assert.is_nil(first_pool:next())
    assert.is_nil(second_pool:prev())
  end)

  it("raises an error after its arena was released, even if the slot has a new arena", function()
    local text = "pymalloc: pool 0 of arena 0 is gone: its arena was released"
    heaps.give(heap, blocks)
    assert.equal(text, complaint(field, pool, "ref_count"))
    heap:malloc(24)
    assert.equal(text, complaint(field, pool, "ref_count"))
    assert.equal(text, complaint(pool.freelist, pool))
    assert.equal("pymalloc.Pool 0:0 gone", tostring(pool))
  end)

  it("keeps its heap alive", function()
    local kept = pymalloc.heap({ release = "never" }):malloc(24):pool()
    collectgarbage()
    collectgarbage()
    assert.equal("empty", kept.state)
  end)

  it("raises an error after its heap was closed", function()
    heap:close()
    assert.equal("pymalloc: the heap of this view is closed", complaint(field, pool, "szidx"))
    assert.equal("pymalloc.Pool 0:0 gone", tostring(pool))
    heap = pymalloc.heap()
  end)
end)
