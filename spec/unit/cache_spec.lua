local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

-- 'count' buffers of 'bytes' each.
local function take(heap, count, bytes)
  local taken = {}
  for i = 1, count do
    taken[i] = heap:malloc(bytes)
  end
  return taken
end

local function give(taken)
  for _, buffer in ipairs(taken) do
    buffer:free()
  end
end

describe("a cache", function()
  local heap

  before_each(function()
    heap = pymalloc.heap { cache_blocks = 8 }
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  it("keeps a freed block, which is live to the heap below", function()
    give(take(heap, 1, 64))
    local stats = heap:stats()
    assert.are.equal(4, stats.cached_blocks) -- half a bin came in, one went and came back
    assert.are.equal(4 * 64, stats.cached_bytes)
    assert.are.equal(4, stats.blocks)
  end)

  it("gives the block freed last to the next request", function()
    local b = heap:malloc(64)
    local address = b:address()
    b:free()
    assert.are.equal(address, heap:malloc(64):address())
  end)

  it("keeps no more blocks of a class than its bound", function()
    give(take(heap, 100, 64))
    local stats = heap:stats()
    assert.is_true(stats.cached_blocks > 0 and stats.cached_blocks <= 8)
    assert.are.equal(stats.cached_blocks, stats.blocks)
  end)

  it("keeps no more bytes of a class than its bound", function()
    local small <close> = pymalloc.heap { cache_bytes = 1024 }
    give(take(small, 100, 256))
    assert.is_true(small:stats().cached_bytes <= 1024)
    assert.is_true(small:stats().cached_bytes > 0)
    assert(small:check())
  end)

  it("gives all back to trim, after which nothing is left", function()
    for bytes = 8, 512, 8 do
      give(take(heap, 20, bytes))
    end
    heap:trim()
    local stats = heap:stats()
    assert.are.equal(0, stats.cached_blocks)
    assert.are.equal(0, stats.blocks)
    assert.are.equal(0, stats.arenas_current)
  end)

  it("gives all back before the heap below obtains an arena", function()
    local full = pymalloc.heap { profile = "classroom", max_arenas = 1, cache_blocks = 8 }
    for bytes = 16, 48, 16 do -- three of the arena's four pools hold only kept blocks
      give(take(full, 1, bytes))
    end
    local taken = take(full, 12, 64) -- four pools
    for _, buffer in ipairs(taken) do
      assert.is_table(buffer:location())
    end
    assert(full:check())
    full:close()
  end)

  it("resizes in place as the heap below does, and moves otherwise", function()
    local b = heap:malloc(64)
    local address = b:address()
    assert.are.equal(address, heap:realloc(b, 56):address())
    assert.are_not.equal(address, heap:realloc(b, 40):address())
  end)

  it("zeroes what calloc asks for", function()
    local b = heap:malloc(64)
    b:fill(255)
    b:free()
    assert.are.equal(("\0"):rep(64), heap:calloc(8, 8):string())
  end)

  it("is told by the report", function()
    assert.is_nil(heap:debugmallocstats():find("cached", 1, true))
    give(take(heap, 1, 64))
    assert.is_truthy(heap:debugmallocstats():find("4 free cached blocks +=  +256\n"))
  end)

  it("is off unless it is asked for", function()
    local exact <close> = pymalloc.heap()
    give(take(exact, 10, 64))
    assert.are.equal(0, exact:stats().cached_blocks)
    assert.are.equal(0, exact:stats().blocks)
  end)

  it("survives any order of requests", function()
    for _, profile in ipairs { "3.6", "3.11", "classroom" } do
      local mixed = pymalloc.heap { profile = profile, cache_blocks = 5 }
      local live = {}
      math.randomseed(7)
      for i = 1, 5000 do
        local slot = math.random(200)
        if live[slot] and math.random(2) == 1 then
          mixed:realloc(live[slot], math.random(0, 600))
        else
          if live[slot] then live[slot]:free() end
          live[slot] = mixed:malloc(math.random(0, 600))
        end
        if i % 500 == 0 then assert(mixed:check()) end
      end
      for _, buffer in pairs(live) do buffer:free() end
      mixed:trim()
      assert.are.equal(0, mixed:stats().blocks)
      mixed:close()
    end
  end)
end)

describe("check of the cache", function()
  local heap, address

  before_each(function()
    heap = pymalloc.heap { cache_blocks = 8 }
    local b = heap:malloc(64)
    address = b:address()
    b:free()
  end)

  after_each(function() heap:close() end)

  -- exchange(heap, ..., value) breaks the invariant; the old value mends it.
  local function breaks(invariant, value, exchange, ...)
    local arguments = table.pack(...)
    arguments[arguments.n + 1] = value
    local old = exchange(heap, table.unpack(arguments))
    local ok, message = pcall(heap.check, heap)
    arguments[arguments.n + 1] = old
    exchange(heap, table.unpack(arguments))
    assert(heap:check())
    assert.is_false(ok)
    assert.is_truthy(message:find(invariant, 1, true), message)
  end

  it("sees a bin above its bound [cache.bound]", function()
    breaks("cache.bound", faults.cache_top(heap, 8) + 8 * 5, faults.cache_top, 8)
  end)

  it("sees what is no block [cache.blocks]", function()
    for _, wrong in ipairs { 8, address + 8 } do
      breaks("cache.blocks", wrong, faults.cache_slot, 8, 0)
    end
  end)

  it("sees a block that is there twice [cache.blocks]", function()
    breaks("cache.blocks", faults.cache_slot(heap, 8, 1), faults.cache_slot, 8, 0)
  end)

  it("sees a block that is too small [cache.size]", function()
    local small = heap:malloc(8)
    breaks("cache.size", small:address(), faults.cache_slot, 8, 0)
  end)

  it("sees a wrong note of a pool's block size [cache.sizes]", function()
    breaks("cache.sizes", 3, faults.cache_size, address)
  end)
end)
