local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local take, give = heaps.take, heaps.give

describe("a cache", function()
  local heap

  before_each(function()
    heap = pymalloc.heap { cache_blocks = 8 }
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  it("keeps a freed block, which stays live for the heap below", function()
    give(heap, take(heap, 1, 64))
    local stats = heap:stats()
    -- malloc filled half the bin and took one block; free put it back.
    assert.are.equal(4, stats.cached_blocks)
    assert.are.equal(4 * 64, stats.cached_bytes)
    assert.are.equal(4, stats.blocks)
  end)

  it("serves the next request with the block that was freed last", function()
    local b = heap:malloc(64)
    local address = b:address()
    b:free()
    assert.are.equal(address, heap:malloc(64):address())
  end)

  it("gives its oldest blocks back to the heap when a bin is full", function()
    local taken = take(heap, 20, 64)
    heap:trim() -- the bin is empty now
    local pool = taken[1]:pool()
    local offsets = {}
    for i = 1, 9 do -- the bin has room for eight
      offsets[i] = taken[i]:location().offset
      taken[i]:free()
    end
    local states = pool:blocks()
    local shown = {}
    for i, offset in ipairs(offsets) do
      shown[i] = states[(offset - 48) // 64 + 1]
    end
    assert.equal("free free free free cached cached cached cached cached",
      table.concat(shown, " "))
  end)

  it("keeps at most cache_blocks blocks of a class", function()
    give(heap, take(heap, 100, 64))
    local stats = heap:stats()
    assert.is_true(stats.cached_blocks > 0 and stats.cached_blocks <= 8)
    assert.are.equal(stats.cached_blocks, stats.blocks)
  end)

  it("keeps at most cache_bytes bytes of a class", function()
    local small <close> = pymalloc.heap { cache_bytes = 1024 }
    give(small, take(small, 100, 256))
    assert.is_true(small:stats().cached_bytes <= 1024)
    assert.is_true(small:stats().cached_bytes > 0)
    assert(small:check())
  end)

  it("keeps the smaller number of blocks if both bounds are given", function()
    for _, options in ipairs { { cache_bytes = 1024, cache_blocks = 2 },
                               { cache_bytes = 128, cache_blocks = 100 } } do
      local small <close> = pymalloc.heap(options)
      give(small, take(small, 20, 64))
      assert.are.equal(2, small:stats().cached_blocks)
    end
  end)

  it("is emptied by trim, after which the heap has no arena", function()
    for bytes = 8, 512, 8 do
      give(heap, take(heap, 20, bytes))
    end
    heap:trim()
    local stats = heap:stats()
    assert.are.equal(0, stats.cached_blocks)
    assert.are.equal(0, stats.blocks)
    assert.are.equal(0, stats.arenas_current)
  end)

  it("gives all its blocks back before the heap below obtains an arena", function()
    local full = pymalloc.heap { profile = "classroom", max_arenas = 1, cache_blocks = 8 }
    for bytes = 16, 48, 16 do -- three of the arena's four pools hold only kept blocks
      give(full, take(full, 1, bytes))
    end
    local taken = take(full, 12, 64) -- four pools
    for _, buffer in ipairs(taken) do
      assert.is_table(buffer:location())
    end
    assert(full:check())
    full:close()
  end)

  it("serves a request with a kept block of a smaller size's bin before it obtains an arena",
    function()
      local full = pymalloc.heap { max_arenas = 1, cache_blocks = 8 }
      local taken = {}
      repeat table.insert(taken, full:malloc(512)) until not taken[#taken]:location()
      local shrunk = full:realloc(taken[1], 390) -- stays in its block of 512 bytes
      local address = shrunk:address()
      assert.are.equal(taken[1]:address(), address)
      faults.free_sized(full, address, 390) -- the bin of 400 bytes keeps it
      assert.are.equal(address, faults.malloc(full, 512))
      full:close()
    end)

  it("resizes a block in place if the heap below would, and moves it otherwise", function()
    local b = heap:malloc(64)
    local address = b:address()
    assert.are.equal(address, heap:realloc(b, 56):address())
    assert.are_not.equal(address, heap:realloc(b, 40):address())
  end)

  it("keeps a block in place that could only move to another one of its size", function()
    for bytes = 1, 8 do
      local b = heap:malloc(8)
      local address = b:address()
      assert.are.equal(address, heap:realloc(b, bytes):address())
    end
  end)

  it("gives a block that grows the next of four sizes in each doubling", function()
    local hosted <close> = pymalloc.heap { profile = "3.11", cache_blocks = 8 }
    local sizes = { 16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512 }
    local b, moves = hosted:malloc(1), 0
    for bytes = 1, 512 do
      local address = b:address()
      b:fill(bytes % 251)
      b = hosted:realloc(b, bytes)
      while sizes[1] < bytes do table.remove(sizes, 1) end
      assert.are.equal(sizes[1], faults.usable_size(hosted, b:address()))
      assert.are.equal(string.char(bytes % 251), b:string():sub(1, 1))
      moves = moves + (b:address() ~= address and 1 or 0)
    end
    assert.are.equal(15, moves)
    b = hosted:malloc(200) -- a block that does not grow has the size of its class
    assert.are.equal(208, faults.usable_size(hosted, b:address()))
    b = hosted:realloc(hosted:realloc(b, 300), 161)
    assert.are.equal(176, faults.usable_size(hosted, b:address()))
    assert(hosted:check())
  end)

  it("grows a block to its threshold at most by such a size", function()
    local odd <close> = pymalloc.heap { threshold = 200, cache_blocks = 8 }
    local b = odd:realloc(odd:malloc(8), 196) -- 224 bytes are above the threshold
    assert.are.equal(200, faults.usable_size(odd, b:address()))
    assert(odd:check())
  end)

  it("keeps a block from which another one has grown, or gives its oldest blocks back", function()
    local grown = {}
    for i, b in ipairs(take(heap, 40, 64)) do
      b:fill(i)
      grown[i] = heap:realloc(b, 128)
    end
    assert(heap:check())
    local stats = heap:stats()
    assert.are.equal(40, stats.blocks - stats.cached_blocks)
    for i, b in ipairs(grown) do
      assert.are.equal(string.char(i):rep(64), b:string():sub(1, 64))
    end
    give(heap, grown)
    heap:trim()
    assert.are.equal(0, heap:stats().blocks)
  end)

  it("resizes a block that is too large for a bin as the heap below would", function()
    local wide <close> = pymalloc.heap { cache_blocks = 8, threshold = 1024, alignment = 16,
      pool_bytes = 16384, arena_bytes = 1 << 20 }
    local b = wide:malloc(1000)
    local address = b:address()
    b:fill(9)
    b = wide:realloc(b, 800)
    assert.are.equal(address, b:address())
    for _, bytes in ipairs { 700, 1024, 300, 600 } do
      b = wide:realloc(b, bytes)
      assert.are.equal((bytes + 15) // 16 * 16, faults.usable_size(wide, b:address()))
      assert.are.equal(("\9"):rep(300), b:string():sub(1, 300))
      assert(wide:check())
    end
    b:free()
    assert.are.equal(wide:stats().cached_blocks, wide:stats().blocks)
  end)

  it("leaves a block too large for a bin as it is if there is no memory to move it", function()
    local wide <close> = pymalloc.heap { cache_blocks = 8, threshold = 1024, alignment = 16,
      pool_bytes = 16384, arena_bytes = 1 << 20, max_bytes = 4 << 20 }
    local b = wide:malloc(1000)
    local address = b:address()
    b:fill(9)
    local moved, message = wide:realloc(b, 8 << 20)
    assert.is_nil(moved)
    assert.matches("no memory for 8388608 bytes", message)
    assert.are.equal(address, b:address())
    assert.are.equal(("\9"):rep(1000), b:string())
    assert(wide:check())
    b:free()
  end)

  it("zeroes a block that it gives to calloc", function()
    local b = heap:malloc(64)
    b:fill(255)
    b:free()
    assert.are.equal(("\0"):rep(64), heap:calloc(8, 8):string())
  end)

  it("is listed in the report", function()
    assert.is_nil(heap:debugmallocstats():find("cached", 1, true))
    give(heap, take(heap, 1, 64))
    assert.is_truthy(heap:debugmallocstats():find("4 free cached blocks +=  +256\n"))
  end)

  it("is off by default", function()
    local exact <close> = pymalloc.heap()
    give(exact, take(exact, 10, 64))
    assert.are.equal(0, exact:stats().cached_blocks)
    assert.are.equal(0, exact:stats().blocks)
  end)

  it("stays valid during random requests", function()
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

describe("the block freed last without its size", function()
  local heap, first, second

  before_each(function()
    heap = pymalloc.heap { cache_blocks = 8 }
    first, second = faults.malloc(heap, 64), faults.malloc(heap, 64)
    faults.free(heap, first)
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  it("goes into its bin when the next block is freed", function()
    local other = faults.malloc(heap, 64)
    assert.are_not.equal(first, other)
    faults.free(heap, second)
    assert.are.equal(first, faults.malloc(heap, 64))
    faults.free(heap, first)
    assert.are.equal(second, faults.malloc(heap, 64))
  end)

  it("goes into its bin when the inline function frees the next block", function()
    faults.free_inline(heap, second)
    assert.are.equal(first, faults.malloc(heap, 64))
    faults.free(heap, first)
    assert.are.equal(second, faults.malloc_inline(heap, 64))
  end)

  it("is cached", function()
    local stats = heap:stats() -- malloc filled half the bin; one block is live
    assert.are.equal(3, stats.cached_blocks)
    assert.are.equal(3 * 64, stats.cached_bytes)
    local states = {}
    for state in faults.walk(heap):gmatch("block 0:0:%d+ (%a+)\n") do
      states[#states + 1] = state
    end
    assert.are.equal("cached live cached cached virgin", table.concat(states, " ", 1, 5))
  end)

  it("can be too large for a bin, and then goes to its pool", function()
    local wide <close> = pymalloc.heap { cache_blocks = 8, threshold = 1024, alignment = 16,
      pool_bytes = 16384, arena_bytes = 1 << 20 }
    local large = faults.malloc(wide, 1000)
    faults.free(wide, large)
    assert(wide:check())
    assert.are.equal(1, wide:stats().cached_blocks)
    faults.free(wide, faults.malloc(wide, 1024))
    assert(wide:check())
    assert.are.equal(1, wide:stats().cached_blocks)
    assert.are.equal(large, faults.malloc(wide, 1000))
  end)

  it("is given back by trim", function()
    faults.free(heap, second)
    heap:trim()
    assert.are.equal(0, heap:stats().blocks)
    assert.are.equal(0, heap:stats().arenas_current)
  end)

  it("is given back before the heap below obtains an arena", function()
    local full <close> = pymalloc.heap { max_arenas = 1, cache_blocks = 8 }
    local taken = {}
    repeat table.insert(taken, faults.malloc(full, 512)) until not full:locate(taken[#taken])
    faults.free(full, taken[1])
    assert.are.equal(taken[1], faults.malloc(full, 512))
  end)

  it("goes to its pool if its bin is full", function()
    local taken = {}
    for i = 1, 20 do taken[i] = faults.malloc(heap, 128) end
    heap:trim() -- the bin is empty now
    for i = 1, 10 do
      faults.free(heap, taken[i])
      assert.is_true(heap:stats().cached_blocks <= 9) -- eight, and the last
    end
    assert.are.equal(6, heap:stats().cached_blocks) -- four were given back
  end)
end)

describe("a block that the cache keeps", function()
  local heap, taken

  before_each(function()
    heap = pymalloc.heap { cache_blocks = 8 }
    taken = take(heap, 20, 64)
    for i = 1, 6 do
      taken[i]:free()
    end
  end)

  after_each(function()
    heap:close()
  end)

  local function count(states, wanted)
    local found = 0
    for _, state in ipairs(states) do
      found = found + (state == wanted and 1 or 0)
    end
    return found
  end

  it("has the state cached among the blocks of its pool", function()
    local blocks = taken[20]:pool():blocks()
    assert.are.equal("cached cached cached live", table.concat(blocks, " ", 4, 7))
    assert.are.equal(heap:stats().cached_blocks, count(blocks, "cached"))
    assert.are.equal(14, count(blocks, "live"))
  end)

  it("has the state cached in a walk", function()
    local lines = faults.walk(heap)
    local cached = select(2, lines:gsub("block 0:0:%d+ cached\n", ""))
    assert.are.equal(heap:stats().cached_blocks, cached)
    assert.are.equal(14, select(2, lines:gsub(" live\n", "")))
  end)

  it("has its own sign in pictures; the legend has it only if such a block is shown", function()
    local picture = pymalloc.view.text(taken[20]:pool(), { ascii = true })
    assert.is_truthy(picture:find("|cccccc##############.", 1, true))
    assert.is_truthy(picture:find("c cached", 1, true))
    heap:trim()
    picture = pymalloc.view.text(taken[20]:pool(), { ascii = true })
    assert.is_nil(picture:find("cached", 1, true))
  end)

  it("is free when trim has given it back", function()
    heap:trim()
    assert.are.equal("free", taken[20]:pool():blocks()[1])
    assert.are.equal(0, heap:stats().cached_blocks)
  end)
end)

describe("trim of a heap with a cache", function()
  it("also gives back the last arena, which the release rule keeps", function()
    local cached <close> = pymalloc.heap { profile = "3.11", cache_blocks = 8 }
    give(cached, take(cached, 3, 64))
    assert.are.equal(1, cached:stats().arenas_current)
    assert.are.equal(cached.geometry.arena_bytes, cached:trim())
    assert.are.equal(0, cached:stats().arenas_current)
    assert(cached:check())
    local b = cached:malloc(64)
    assert(cached:check())
    b:free()
  end)

  it("keeps the last arena if there is no cache, as CPython does", function()
    local exact <close> = pymalloc.heap { profile = "3.11" }
    give(exact, take(exact, 3, 64))
    exact:trim()
    assert.are.equal(1, exact:stats().arenas_current)
  end)
end)
