local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

-- Returns 'count' new buffers of 'bytes' bytes each.
local function take(heap, count, bytes)
  local taken = {}
  for i = 1, count do
    taken[i] = heap:malloc(bytes)
  end
  return taken
end

local function give(taken, first, last)
  for i = first or 1, last or #taken do
    taken[i]:free()
  end
end

local function count(states, wanted)
  local found = 0
  for _, state in ipairs(states) do
    found = found + (state == wanted and 1 or 0)
  end
  return found
end

-- A pool of the profile 3.6 has 63 blocks of 64 bytes.
describe("a pool that is lent to the cache", function()
  local heap

  before_each(function()
    heap = pymalloc.heap { cache_blocks = 8 }
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  it("has live, cached, free and virgin blocks", function()
    local taken = take(heap, 40, 64)
    give(taken, 1, 20)
    local pool = taken[40]:pool()
    local states = pool:blocks()
    assert.are.equal(20, count(states, "live"))
    assert.are.equal(heap:stats().cached_blocks, count(states, "cached"))
    assert.are.equal(count(states, "cached") + 20, pool.ref_count)
    assert.are.equal(count(states, "free"), #pool:freelist())
    assert.are.equal(63, count(states, "live") + count(states, "cached") +
      count(states, "free") + count(states, "virgin"))
    assert.are.equal("used", pool.state)
  end)

  it("is full when the bins and the program have all its blocks", function()
    local taken = take(heap, 63, 64)
    assert.are.equal("full", taken[1]:pool().state)
    assert.are.equal(0, count(taken[1]:pool():blocks(), "virgin"))
    assert.are.equal(0, #taken[1]:pool():freelist())
  end)

  it("keeps every byte of a block that is freed into it", function()
    local taken = take(heap, 30, 64)
    for i = 1, 30 do taken[i]:fill(i) end
    local addresses = {}
    for i = 1, 30 do addresses[i] = taken[i]:address() end
    give(taken)
    local pool = heap:malloc(64):pool()
    assert.is_true(#pool:freelist() > 10)
    for i = 1, 30 do
      local first = faults.block_link(heap, addresses[i])
      assert.are.equal(i * 0x0101010101010101, first)
    end
  end)

  it("serves its free blocks again before a virgin one", function()
    local taken = take(heap, 40, 64)
    local pool = taken[40]:pool()
    local before = pool.nextoffset
    give(taken, 1, 20)
    take(heap, 20, 64)
    assert.are.equal(before, pool.nextoffset)
    assert.are.equal(0, #pool:freelist())
  end)

  it("goes back to the arena when its last block is freed into it", function()
    local taken = take(heap, 63 * 3, 64)
    local stats = heap:stats()
    give(taken)
    heap:check()
    local pools = stats.unused_pools + 3 - heap:stats().unused_pools
    -- One pool is current, and the eight blocks of the bin keep another.
    assert.is_true(pools <= 2, pools .. " pools are still lent")
  end)

  it("can serve another class after that", function()
    local full = pymalloc.heap { profile = "classroom", max_arenas = 1, cache_blocks = 2 }
    for bytes = 16, 64, 16 do
      local taken = take(full, 8, bytes)
      for _, buffer in ipairs(taken) do assert.is_table(buffer:location()) end
      give(taken)
      assert(full:check())
    end
    full:close()
  end)

  it("takes the loan that has waited longest first", function()
    local taken = take(heap, 63 * 3, 64)
    heap:trim() -- the bin is empty
    local second, first = taken[70]:pool(), taken[10]:pool()
    for _, i in ipairs { 70, 71, 72, 73, 74, 10, 11, 12, 13, 14 } do
      taken[i]:free()
    end
    heap:trim()
    assert.are.equal(5, #second:freelist())
    assert.are.equal(5, #first:freelist())
    take(heap, 1, 64)
    assert.are.equal(1, #second:freelist()) -- half a bin has four blocks
    assert.are.equal(5, #first:freelist())
  end)

  it("is the exact heap's again while the heap is watched", function()
    local taken = take(heap, 40, 64)
    give(taken, 1, 20)
    local states = {}
    local off = heap:on(function() end)
    for _, state in ipairs(taken[40]:pool():blocks()) do
      states[state] = (states[state] or 0) + 1
    end
    assert(heap:check())
    assert.are.equal(20, states.live)
    assert.is_nil(states.cached)
    assert.are.equal(20, taken[40]:pool().ref_count)
    off:remove()
    give(taken, 21, 40)
    assert(heap:check())
    heap:trim()
    assert.are.equal(0, heap:stats().blocks)
  end)

  it("survives a refusal of memory for its record", function()
    local small <close> = pymalloc.heap { cache_blocks = 8, max_bytes = 64 << 10,
                                          profile = "classroom" }
    local taken = {}
    for i = 1, 10000 do
      local ok, buffer = pcall(small.malloc, small, 32)
      if not ok or not buffer then break end
      taken[i] = buffer
    end
    assert(small:check())
    give(taken)
    assert(small:check())
  end)
end)

describe("check of the loans", function()
  local heap, taken, address

  before_each(function()
    heap = pymalloc.heap { cache_blocks = 8 }
    taken = take(heap, 63 * 2, 64)
    for i = 1, 16 do taken[i]:free() end
    heap:trim()
    address = taken[17]:address()
  end)

  after_each(function() heap:close() end)

  local function breaks(invariant, field, value, at)
    at = at or address
    local old = faults.loan_field(heap, at, field, value)
    local ok, message = pcall(heap.check, heap)
    faults.loan_field(heap, at, field, old)
    assert(heap:check())
    assert.is_false(ok)
    assert.is_truthy(message:find(invariant, 1, true), message)
  end

  it("detects another number of blocks than in the pool's header [loan.header]", function()
    breaks("loan.header", "capacity", 62)
  end)

  it("detects a wrong number of free blocks [loan.count]", function()
    breaks("loan.count", "free_count", 15)
    breaks("loan.count", "own[0]", 1)
  end)

  it("detects a virgin block of a loan that is not current [loan.virgin]", function()
    breaks("loan.virgin", "carved", 62)
  end)

  it("detects a ring that leads to no waiting loan [loan.waiting]", function()
    local last = taken[63 * 2]:address() -- of the current loan
    local _ = last
    breaks("loan.waiting", "next", 8)
  end)
end)
