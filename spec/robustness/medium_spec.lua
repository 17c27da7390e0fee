-- Tests the medium requests of a heap (csrc/memory/medium.h) of 513 bytes to 128 KiB.

local pymalloc = require "pymalloc" -- must be loaded before pymalloc_faults
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"
local requests = require "spec.support.requests"
local short = require "spec.support.short"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local HOSTED = { profile = "3.11", cache_blocks = 64, medium = true, reserve_bytes = 64 << 20 }

describe("medium requests", function()
  local ledger, heap

  before_each(function()
    ledger = faults.ledger()
    heap = assert(ledger:heap(HOSTED))
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
    short.assert_no_leak(ledger)
  end)

  it("are served without the raw allocator", function()
    heap:malloc(513) -- makes the records of spans
    local before = ledger:accounts().raw_calls
    for bytes = 513, 8192, 70 do assert(heap:malloc(bytes)) end
    assert.equal(before, ledger:accounts().raw_calls)
    heap:malloc(512) -- makes an arena
    heap:malloc(8193) -- makes the records of larger spans
    before = ledger:accounts().raw_calls
    for bytes = 8193, 131072, 4096 do assert(heap:malloc(bytes)) end
    assert(heap:malloc(131072))
    assert.equal(before, ledger:accounts().raw_calls)
    heap:malloc(131073)
    assert.equal(before + 1, ledger:accounts().raw_calls)
  end)

  it("are zero if calloc asked for them, whatever was there", function()
    for _, bytes in ipairs { 600, 5000, 20000, 131072 } do
      local b = heap:malloc(bytes)
      local address = b:address()
      b:fill(255)
      b:free()
      b = heap:calloc(bytes // 8, 8)
      assert.equal(address, b:address())
      assert.equal(("\0"):rep(bytes), b:string())
    end
  end)

  it("have the size of their class", function()
    for bytes, usable in pairs { [513] = 640, [640] = 640, [641] = 768, [1025] = 1280,
      [8192] = 8192, [8193] = 10240, [131072] = 131072 } do
      local b = heap:malloc(bytes)
      assert.equal(usable, faults.usable_size(heap, b:address()))
      assert.equal(0, faults.usable_size(heap, b:address() + 8))
      assert.equal(0, faults.usable_size(heap, b:address() + 128))
      local address = b:address()
      b:free()
      assert.equal(0, faults.usable_size(heap, address))
    end
  end)

  it("have their size while other blocks of the class are kept, and these have none", function()
    local taken = {}
    for i = 1, 4 do taken[i] = faults.malloc(heap, 640) end
    for i = 1, 3 do faults.free(heap, taken[i]) end
    for i = 1, 4 do
      assert.equal(i < 4 and 0 or 640, faults.usable_size(heap, taken[i]))
    end
    faults.free(heap, taken[4])
  end)

  it("have no size behind the last span that has a record", function()
    local b = heap:malloc(600) -- makes the records of 2 MiB of spans
    assert.equal(0, faults.usable_size(heap, b:address() + (4 << 20)))
  end)

  it("are none if calloc asks for no bytes, or for more than a span serves", function()
    local none, b = heap:calloc(5, 0), heap:calloc(1000, 200)
    assert.equal(0, #none)
    assert.equal(("\0"):rep(200000), b:string())
    assert.same({ 2, 0 }, { heap:stats().raw_blocks, heap:stats().medium_blocks })
  end)

  it("are no raw blocks, nor blocks of a pool", function()
    local taken = {}
    for i = 1, 30 do taken[i] = heap:malloc(600) end
    taken[31] = heap:malloc(9000)
    for i = 11, 30 do taken[i]:free() end -- some of them are kept
    local stats = heap:stats()
    assert.same({ 11, 0, 11, 10 * 640 + 10240, 0 }, { stats.blocks, stats.raw_blocks,
      stats.medium_blocks, stats.medium_bytes, stats.allocated_bytes })
    assert.equal((128 << 10) + (2 << 20), stats.span_bytes)
    assert.matches("0 arenas, 11 live blocks, 0 of them raw, 11 in spans\n",
      pymalloc.view.text(heap))
    assert.matches("blocks=11\nmedium blocks=11 bytes=16640 spans=2228224\n", heap:dump())
    local globals = heap:snapshot().globals
    assert.same({ 11, 0, 11, 16640, 2228224 }, { globals.blocks, globals.raw_blocks,
      globals.medium_blocks, globals.medium_bytes, globals.span_bytes })
    local svg = pymalloc.view.svg(heap)
    assert.is_truthy(svg:find("11 in spans", 1, true))
  end)

  it("shrink in place, or move to a pool", function()
    local b = heap:malloc(8000)
    local address = b:address()
    b:fill(9)
    b = heap:realloc(b, 600)
    assert.equal(address, b:address())
    assert.equal(640, faults.usable_size(heap, address))
    b = heap:realloc(b, 100)
    assert.equal(("\9"):rep(100), b:string())
    local stats = heap:stats()
    assert.same({ 1, 0 }, { stats.blocks - stats.cached_blocks, stats.medium_blocks })
  end)

  it("keep their size while more than three quarters of it stay in use", function()
    for _, bytes in ipairs { 1024, 65536 } do
      local b = heap:malloc(bytes)
      local address = b:address()
      b = heap:realloc(b, bytes * 3 // 4 + 1)
      assert.equal(bytes, faults.usable_size(heap, address))
      b = heap:realloc(b, bytes * 3 // 4)
      assert.equal(bytes * 3 // 4, faults.usable_size(heap, address))
      assert.equal(address, b:address())
    end
  end)

  it("shrink from one range of sizes to the other", function()
    local b = heap:malloc(100000)
    b:fill(5)
    b = heap:realloc(b, 3000)
    assert.equal(("\5"):rep(3000), b:string())
    assert.equal(3072, faults.usable_size(heap, b:address()))
    b = heap:realloc(b, 200000)
    assert.equal(("\5"):rep(3000), b:string():sub(1, 3000))
    assert.same({ 1, 0 }, { heap:stats().raw_blocks, heap:stats().medium_blocks })
    heap:realloc(b, 3000) -- a raw block stays one
    assert.same({ 1, 0 }, { heap:stats().raw_blocks, heap:stats().medium_blocks })
  end)

  it("use the units of a freed block again, the lowest first", function()
    local taken = {}
    for i = 1, 400 do taken[i] = heap:malloc(2000) end
    local address = taken[3]:address()
    for i = 3, 40 do taken[i]:free() end
    heap:trim()
    assert.equal(address, heap:malloc(8192):address())
  end)

  it("use the units that a block leaves when it shrinks", function()
    local taken = {}
    for i = 1, 16 do taken[i] = heap:malloc(8192) end -- the span is full
    heap:malloc(513) -- in another span: this one has no unit for it
    local address = taken[5]:address()
    heap:realloc(taken[5], 4096)
    assert.equal(address + 4096, heap:malloc(4096):address())
  end)

  it("are kept when they are freed, 64 to 8 of a class", function()
    for bytes, class in pairs { [640] = 0, [1024] = 3, [1280] = 4, [4096] = 11, [8192] = 15 } do
      local taken, most = {}, 64 >> class // 4
      for i = 1, 70 do taken[i] = heap:malloc(bytes) end
      for i = 1, 70 do
        taken[i]:free()
        assert.equal(math.min(i, most), faults.medium_kept_count(heap, class))
      end
    end
  end)

  it("take the place of pages that the heap retains for arenas", function()
    local other <close> = assert(ledger:heap { profile = "3.11", cache_blocks = 4,
      medium = true, reserve_bytes = 64 << 20, retain_bytes = 4 << 20 })
    local taken = {}
    for i = 1, 12000 do taken[i] = other:malloc(512) end
    for i = 1, 12000 do taken[i]:free() end
    local before = ledger:accounts().commit_bytes
    other:malloc(9000)
    assert.equal(2 << 20, other:stats().span_bytes)
    assert.equal(before, ledger:accounts().commit_bytes)
  end)

  it("stay what they are while the heap is watched", function()
    local small, moved, kept = heap:malloc(600), heap:malloc(1000), heap:malloc(700)
    local events = {}
    local subscription = heap:on(function(event)
      table.insert(events, event.kind)
    end, { kind = { "raw_alloc", "raw_realloc", "raw_free" } })
    local new = heap:malloc(800)
    assert.same({ 1, 3 }, { heap:stats().raw_blocks, heap:stats().medium_blocks })
    small:free()
    moved:fill(3)
    moved = heap:realloc(moved, 7000)
    assert.equal(("\3"):rep(1000), moved:string():sub(1, 1000))
    assert(heap:check())
    new:free()
    subscription:remove()
    assert.same({ "raw_alloc", "raw_free", "raw_realloc", "raw_alloc", "raw_free" }, events)
    assert.same({ 1, 1 }, { heap:stats().raw_blocks, heap:stats().medium_blocks })
    kept:free()
  end)

  it("keep their place if they can while the heap is watched, and move to raw else", function()
    local b = heap:malloc(1000)
    local address = b:address()
    b:fill(6)
    local subscription = heap:on(function() end)
    for _, pair in ipairs { { 900, 1024 }, { 3000, 3072 }, { 600, 640 } } do
      b = heap:realloc(b, pair[1])
      assert.same({ address, pair[2] }, { b:address(), faults.usable_size(heap, address) })
      assert.equal(("\6"):rep(600), b:string():sub(1, 600))
    end
    b = heap:realloc(b, 9000) -- not of this range
    assert.equal(("\6"):rep(600), b:string():sub(1, 600))
    subscription:remove()
    assert.same({ 1, 0 }, { heap:stats().raw_blocks, heap:stats().medium_blocks })
  end)

  it("grow in place while the units behind are free", function()
    local b = heap:malloc(600)
    local address = b:address()
    for bytes = 600, 8192, 8 do
      b = heap:realloc(b, bytes)
      assert.equal(address, b:address())
    end
    b:free()
  end)

  it("move if the next units have a block, and keep their bytes", function()
    local b = heap:malloc(640)
    b:fill(7)
    local behind = heap:malloc(640)
    local address = b:address()
    assert.equal(640, behind:address() - address)
    b = heap:realloc(b, 700)
    assert.not_equal(address, b:address())
    assert.equal(("\7"):rep(640), b:string():sub(1, 640))
  end)

  it("move if the span ends behind them", function()
    local last
    for _ = 1, 15 do heap:malloc(8192) end
    for _ = 1, 2 do last = heap:malloc(4096) end -- the span is full
    local address = last:address()
    last:fill(8)
    last = heap:realloc(last, 5000)
    assert.not_equal(address, last:address())
    assert.equal(("\8"):rep(4096), last:string():sub(1, 4096))
  end)

  it("reuse the block freed last", function()
    local b = heap:malloc(1000)
    local address = b:address()
    b:free()
    assert.equal(address, heap:malloc(900):address())
  end)

  it("give their pages back in trim", function()
    local before = ledger:accounts().commit_bytes
    local taken = {}
    for i = 1, 2000 do taken[i] = heap:malloc(4000) end
    assert.is_true(ledger:accounts().commit_bytes > before + 2000 * 4000)
    for i = 1, 2000 do taken[i]:free() end
    heap:trim()
    assert.equal(before, ledger:accounts().commit_bytes)
  end)

  it("give pages of spans back that are not retained", function()
    local close <close> = assert(ledger:heap { profile = "3.11", cache_blocks = 4,
      medium = true, reserve_bytes = 64 << 20, retain_bytes = 1 << 20 })
    local taken = {}
    for i = 1, 2000 do taken[i] = close:malloc(4000) end
    assert.is_true(close:stats().span_bytes > 7 << 20)
    for i = 1, 2000 do taken[i]:free() end
    assert.equal(5 * (128 << 10), close:stats().span_bytes) -- one has the kept blocks
    assert(close:check())
  end)

  it("keep the pages of a span without a block, if spans of so many bytes are retained", function()
    for bytes, commits in pairs { [4 << 20] = 0, [0] = 10 } do
      local other <close> = assert(ledger:heap { profile = "3.11", cache_blocks = 4,
        medium = true, reserve_bytes = 64 << 20, retain_bytes = bytes })
      other:malloc(10000):free()
      local before = ledger:accounts().commit_calls
      for _ = 1, 10 do other:malloc(10000):free() end
      assert.equal(before + commits, ledger:accounts().commit_calls)
    end
  end)

  it("ask the system for one span, and not for all, if it refuses", function()
    for _ = 1, 16 do assert(heap:malloc(8192)) end -- the first span is full
    ledger:fail("commit", 1, true)
    local before = ledger:accounts()
    assert(heap:malloc(8192))
    assert.equal(before.commit_calls + 1, ledger:accounts().commit_calls)
    assert.equal(before.raw_calls + 1, ledger:accounts().raw_calls) -- of the block
  end)

  it("come from a higher span that has pages, if the system refuses a lower one", function()
    local other <close> = assert(ledger:heap { profile = "3.11", cache_blocks = 4,
      medium = true, reserve_bytes = 64 << 20, retain_bytes = 0 })
    local taken = {}
    for i = 1, 3 * 16 - 1 do taken[i] = other:malloc(8192) end -- one more fits in span 2
    for i = 17, 32 do taken[i]:free() end
    other:trim() -- span 1 has no pages
    ledger:fail("commit", 1, true)
    local b = other:malloc(8192)
    assert.equal(taken[47]:address() + 8192, b:address())
    assert.equal(0, other:stats().raw_blocks)
    assert(other:check())
  end)

  it("are given back with a live block when the heap is closed", function()
    local other = assert(ledger:heap(HOSTED))
    local raw_count = ledger:accounts().raw_count
    for bytes = 513, 200000, 5000 do other:malloc(bytes) end
    assert.is_true(ledger:accounts().raw_count > raw_count)
    other:close()
  end)

  it("keep their bytes in random requests", function()
    local random = requests.random(11)
    local live = {}
    for step = 1, 8000 do
      local i, bytes = random(1, 300), random(1, 3)
      bytes = bytes == 1 and random(1, 9000) or bytes == 2 and random(1, 1500)
        or random(1, 40000)
      local b = live[i]
      if not b then
        b = heap:malloc(bytes)
      elseif random(1, 2) == 1 then
        assert.equal(string.char(i % 256):rep(#b), b:string())
        b:free()
        b = nil
      else
        local kept = math.min(#b, bytes)
        b = heap:realloc(b, bytes)
        assert.equal(string.char(i % 256):rep(kept), b:string():sub(1, kept))
      end
      if b then b:fill(i % 256) end
      live[i] = b
      if step % 500 == 0 then assert(heap:check()) end
    end
    for _, b in pairs(live) do b:free() end
  end)
end)

describe("check of the spans", function()
  local heap, b, kept

  before_each(function()
    heap = pymalloc.heap { cache_blocks = 8, medium = true }
    b, kept = heap:malloc(640), {}
    for i = 1, 2 do kept[i] = heap:malloc(700) end
    for i = 1, 2 do kept[i]:free() end
    assert(heap:check())
  end)

  after_each(function() heap:close() end)

  -- exchange(value) writes a field and returns its old value.
  local function breaks(invariant, value, exchange)
    local old = exchange(value)
    local ok, message = pcall(heap.check, heap)
    exchange(old)
    assert(heap:check())
    assert.is_false(ok)
    assert.is_truthy(message:find(invariant, 1, true), message)
  end

  local function of_span(name)
    return function(value) return faults.span_field(heap, b:address(), name, value) end
  end

  it("detects units that disagree [medium.spans]", function()
    local used = faults.span_field(heap, b:address(), "used[0]")
    breaks("medium.spans", 0, of_span "units[0]") -- used units of no block
    breaks("medium.spans", 6, of_span "units[0]") -- a unit of two blocks
    breaks("medium.spans", 2, of_span "units[1]") -- a block in a block
    breaks("medium.spans", used & ~1, of_span "used[0]")
    breaks("medium.spans", used & ~2, of_span "used[0]") -- a hole in a block
    breaks("medium.spans", used | 1 << 60, of_span "used[0]") -- in no block
  end)

  it("detects a block that does not end in its span [medium.spans]", function()
    heap:trim()
    for _ = 1, 15 do heap:malloc(8192) end
    heap:malloc(4096)
    heap:malloc(2560)
    assert.equal(b:address() + (128 << 10), heap:malloc(896):address() + 896)
    breaks("medium.spans", 8, of_span "units[1017]")
  end)

  it("detects a search that begins too high, or does not end [medium.spans]", function()
    breaks("medium.spans", 1, of_span "low_word") -- the first word has free units
    breaks("medium.spans", 17, of_span "low_word")
    breaks("medium.spans", 1, of_span "used[16]") -- behind the last unit
  end)

  it("detects wrong counts [medium.spans]", function()
    breaks("medium.spans", 5 + 6 + 6 + 1, of_span "used_units")
    breaks("medium.spans", 0, of_span "has_pages")
    breaks("medium.spans", 1, function(value)
      return faults.range_field(heap, 0, "empty_count", value)
    end)
  end)

  it("detects a kept block that is no block of its class [medium.kept]", function()
    local function first(value) return faults.medium_kept(heap, 1, 0, value) end
    local address = first()
    for _, value in ipairs { 0, 8, address + 8, address + 128, b:address(),
      address + (1 << 20) } do
      breaks("medium.kept", value, first)
    end
  end)

  it("detects a block that is kept twice, and too many [medium.kept]", function()
    breaks("medium.kept", faults.medium_kept(heap, 1, 1), function(value)
      return faults.medium_kept(heap, 1, 0, value)
    end)
    breaks("medium.kept", 65, function(value)
      return faults.medium_kept_count(heap, 1, value)
    end)
  end)

  it("detects a span that no request would look into [medium.lowest]", function()
    for _, value in ipairs { 1, 1 << 40 } do
      breaks("medium.lowest", value, function(new)
        return faults.range_field(heap, 0, "lowest[0]", new)
      end)
    end
  end)
end)
