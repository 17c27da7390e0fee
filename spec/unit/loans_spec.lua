local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local take, give = heaps.take, heaps.give

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
    give(heap, taken, 1, 20)
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
    give(heap, taken)
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
    give(heap, taken, 1, 20)
    take(heap, 20, 64)
    assert.are.equal(before, pool.nextoffset)
    assert.are.equal(0, #pool:freelist())
  end)

  it("fills a bin with its free blocks of the highest addresses", function()
    local taken = take(heap, 40, 64)
    local addresses = {}
    for i = 1, 40 do addresses[i] = taken[i]:address() end
    give(heap, taken, 1, 20)
    heap:trim()
    for i, b in ipairs(take(heap, 4, 64)) do -- half a bin
      assert.are.equal(addresses[16 + i], b:address())
    end
  end)

  it("goes back to the arena when its last block is freed into it", function()
    local taken = take(heap, 63 * 3, 64)
    local stats = heap:stats()
    give(heap, taken)
    heap:check()
    local pools = stats.unused_pools + 3 - heap:stats().unused_pools
    -- One pool is current, and the eight blocks of the bin keep another.
    assert.is_true(pools <= 2, pools .. " pools are still lent")
  end)

  it("stays lent in trim while it has a used block", function()
    local taken = take(heap, 10, 64)
    heap:trim()
    local address = taken[1]:address()
    assert.are.equal(63, faults.loan_field(heap, address, "capacity"))
    give(heap, taken)
    heap:trim()
    assert.is_false(pcall(faults.loan_field, heap, address, "capacity"))
  end)

  it("can serve another class after that", function()
    local full = pymalloc.heap { profile = "classroom", max_arenas = 1, cache_blocks = 2 }
    for bytes = 16, 64, 16 do
      local taken = take(full, 8, bytes)
      for _, buffer in ipairs(taken) do assert.is_table(buffer:location()) end
      give(full, taken)
      assert(full:check())
    end
    full:close()
  end)

  it("gets the blocks that lie side by side back together, in either direction", function()
    -- A pool has 253 blocks of 16 bytes, whose bits are in four words.
    for _, order in ipairs { "up", "down", "mixed" } do
      local wide = pymalloc.heap { alignment = 16, cache_blocks = 256 }
      local taken = take(wide, 253, 16)
      table.sort(taken, function(a, b) return a:address() < b:address() end)
      local last = table.remove(taken, 130)
      local list = {}
      for i = 1, #taken do
        list[i] = taken[order == "down" and #taken + 1 - i or i]
      end
      for i = 1, #list - 7, 7 do
        if order == "mixed" then list[i], list[i + 3] = list[i + 3], list[i] end
      end
      give(wide, list)
      wide:trim()
      assert(wide:check())
      assert.are.equal(1, wide:stats().blocks)
      assert.are.equal(252, #last:pool():freelist())
      local again = take(wide, 252, 16)
      local seen = { [last:address()] = true }
      for _, buffer in ipairs(again) do
        assert.is_nil(seen[buffer:address()])
        assert.are.equal(last:pool().address, buffer:pool().address)
        seen[buffer:address()] = true
      end
      assert(wide:check())
      wide:close()
    end
  end)

  -- A heap whose bin has room for a pool's 253 blocks of 16 bytes; the blocks by their addresses.
  local function wide_bin()
    local wide = pymalloc.heap { alignment = 16, cache_blocks = 256 }
    local taken = take(wide, 253, 16)
    table.sort(taken, function(a, b) return a:address() < b:address() end)
    return wide, taken
  end

  it("gets runs of any length back, and no block between or behind them", function()
    for length = 2, 12 do
      for _, down in ipairs { false, true } do
        local wide, taken = wide_bin()
        local pool, expected = taken[1]:pool(), {}
        for i = 1, 253 do expected[i] = "live" end
        for first = 1, 253 - length, length + 1 do
          for i = 0, length - 1 do
            local at = first + (down and length - 1 - i or i)
            taken[at]:free()
            expected[at] = "free"
          end
        end
        wide:trim()
        assert(wide:check())
        assert.are.same(expected, pool:blocks())
        wide:close()
      end
    end
  end)

  it("gets a run back from which one block is missing, and another one in its place", function()
    for missing = 3, 14 do
      local wide, taken = wide_bin()
      local pool, expected = taken[1]:pool(), {}
      for i = 1, 253 do
        expected[i] = (i <= 40 and i ~= missing or i == 200) and "free" or "live"
      end
      for i = 1, 40 do taken[i == missing and 200 or i]:free() end
      wide:trim()
      assert(wide:check())
      assert.are.same(expected, pool:blocks())
      wide:close()
    end
  end)

  it("gets the blocks of the bin back, and none that was in it before", function()
    for given = 2, 12 do
      local wide = pymalloc.heap { alignment = 16, cache_blocks = 256 }
      local taken = take(wide, 128, 16) -- half a bin: what it was filled with
      local pool = taken[1]:pool()
      for i = 128, 129 - given, -1 do taken[i]:free() end -- to the places where they were
      wide:trim()
      assert(wide:check())
      assert.are.equal(given, #pool:freelist())
      wide:close()
    end
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
    give(heap, taken, 1, 20)
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
    give(heap, taken, 21, 40)
    assert(heap:check())
    heap:trim()
    assert.are.equal(0, heap:stats().blocks)
  end)

  it("then serves its free blocks in the order of their addresses", function()
    local taken = take(heap, 40, 64)
    local addresses = {}
    for i = 1, 20 do addresses[i] = taken[i]:address() end
    give(heap, taken, 1, 20)
    heap:on(function() end)
    for i, b in ipairs(take(heap, 20, 64)) do
      assert.are.equal(addresses[i], b:address())
    end
  end)

  it("then has a free block, even if the program has all that were carved", function()
    local taken = take(heap, 4, 64) -- what the bin was filled with
    assert.are.equal(0, heap:stats().cached_blocks)
    heap:on(function() end)
    assert(heap:check())
    assert.are.equal(taken[1]:pool().address, heap:malloc(64):pool().address)
  end)

  it("has the free blocks that it had before it was lent", function()
    local taken = take(heap, 40, 64)
    heap:keep_events(1) -- the heap is watched
    give(heap, taken, 1, 20) -- into the chain of the pool
    heap:keep_events(0)
    local pool = taken[40]:pool()
    local before = pool.nextoffset
    take(heap, 20, 64)
    assert.are.equal(before, pool.nextoffset)
    assert.are.equal(1, #pool:freelist()) -- carved when the heap was watched
  end)

  it("has no block at the address of a virgin one", function()
    local taken = take(heap, 4, 64)
    local virgin = taken[1]:address() + 62 * 64
    assert.are.equal("virgin", taken[1]:pool():blocks()[63])
    assert.are.equal(0, faults.usable_size(heap, virgin))
    take(heap, 59, 64)
    assert.are.equal(64, faults.usable_size(heap, virgin))
  end)

  it("has bits for each of its blocks if they are more than the record has bits", function()
    local taken = take(heap, 506 * 2, 8) -- two whole pools
    local pool = taken[1]:pool()
    for i = 1, #taken, 2 do taken[i]:free() end
    heap:trim()
    assert.are.equal(253, #pool:freelist())
    local states = pool:blocks()
    for i = 1, 506 do
      assert.are.equal(i % 2 == 1 and "free" or "live", states[i])
    end
    assert(heap:check())
    take(heap, 506, 8)
    assert.are.equal(0, #pool:freelist())
    assert.are.equal("full", pool.state)
  end)

  it("has too many blocks to be lent if they are more than 65535", function()
    local vast = pymalloc.heap { alignment = 8, pool_bytes = 1 << 20, arena_bytes = 1 << 22,
      cache_blocks = 8 }
    local taken = take(vast, 70000, 8)
    assert.are.equal(0, vast:stats().raw_blocks)
    assert.is_false(pcall(faults.loan_field, vast, taken[1]:address(), "capacity"))
    assert(vast:check())
    give(vast, taken)
    local other = vast:malloc(16)
    assert.are.equal(65533, faults.loan_field(vast, other:address(), "capacity"))
    other:free()
    assert(vast:check())
    vast:close()
  end)

  it("is lent once: a heap with all its blocks freed has no pool", function()
    for _ = 1, 3 do
      for bytes = 8, 512, 8 do give(heap, take(heap, 600, bytes)) end
      heap:trim()
      assert.are.equal(0, heap:stats().arenas_current)
    end
  end)
end)
