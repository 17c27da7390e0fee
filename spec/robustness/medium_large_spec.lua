-- Tests the large range of the medium requests (csrc/memory/medium.h): 131,073 bytes to 1 MiB.

local pymalloc = require "pymalloc" -- must be loaded before pymalloc_faults
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"
local requests = require "spec.support.requests"
local short = require "spec.support.short"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local MIB <const> = 1 << 20
local SPAN <const> = 16 * MIB

-- Options of a heap with a large range; 'changed' replaces some of them.
local function options(changed)
  local made = { profile = "3.11", cache_blocks = 64, medium = true,
    reserve_bytes = 256 * MIB, retain_bytes = 32 * MIB }
  for name, value in pairs(changed or {}) do made[name] = value end
  return made
end

describe("large requests", function()
  local ledger, heap

  before_each(function()
    ledger = faults.ledger()
    heap = assert(ledger:heap(options()))
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
    short.assert_no_leak(ledger)
  end)

  it("are served without the raw allocator, up to 1 MiB", function()
    heap:malloc(131073) -- makes the records of spans
    local before = ledger:accounts().raw_calls
    for bytes = 131073, MIB, 70000 do assert(heap:malloc(bytes)) end
    assert(heap:malloc(MIB))
    assert.equal(before, ledger:accounts().raw_calls)
    heap:malloc(MIB + 1)
    assert.equal(before + 1, ledger:accounts().raw_calls)
  end)

  it("are raw's if the heap retains, or reserves, too little for a span", function()
    for name, most in pairs { retain_bytes = 32 * MIB, reserve_bytes = 256 * MIB } do
      local without <close> = assert(ledger:heap(options { [name] = most - 1 }))
      without:malloc(131073)
      without:malloc(131072)
      assert.same({ 1, 1 }, { without:stats().raw_blocks, without:stats().medium_blocks })
      assert(without:check())
    end
  end)

  it("have the size of their class, which nothing but their start has", function()
    for bytes, usable in pairs { [131073] = 163840, [163840] = 163840, [163841] = 196608,
      [262145] = 327680, [524289] = 655360, [MIB] = MIB } do
      local address = faults.malloc(heap, bytes)
      assert.equal(usable, faults.usable_size(heap, address))
      for _, inside in ipairs { 8, 128, 16384, usable - 16384 } do
        assert.equal(0, faults.usable_size(heap, address + inside))
      end
      faults.free(heap, address)
      assert.equal(0, faults.usable_size(heap, address))
    end
  end)

  it("are zero if calloc asked for them, whatever was there", function()
    local b = heap:malloc(300000)
    local address = b:address()
    b:fill(255)
    b:free()
    b = heap:calloc(300, 1000)
    assert.equal(address, b:address())
    assert.equal(("\0"):rep(300000), b:string())
  end)

  it("keep their bytes when realloc leads them through all ranges", function()
    local b, bytes = heap:malloc(100), 100
    b:fill(7)
    for _, new in ipairs { 8192, 8193, 131072, 131073, MIB, MIB + 1, MIB, 131073, 131072,
      600, 131073, 8192, MIB, 513, 200000, 100 } do
      b = assert(heap:realloc(b, new))
      bytes = math.min(bytes, new)
      assert.equal(("\7"):rep(bytes), b:string():sub(1, bytes))
      b:fill(7)
      bytes = new
      assert(heap:check())
    end
    assert.equal(0, heap:stats().medium_blocks)
  end)

  it("move between the coarse range and the large one", function()
    local b = heap:malloc(131072)
    local behind = b:address() + 131072
    b = heap:realloc(b, 131073)
    assert.equal(163840, faults.usable_size(heap, b:address()))
    b = heap:realloc(b, 120000)
    assert.equal(131072, faults.usable_size(heap, b:address()))
    assert.equal(behind, heap:malloc(131072):address())
    assert.same({ 0, 2 }, { heap:stats().raw_blocks, heap:stats().medium_blocks })
  end)

  it("grow and shrink in place while the units behind are free", function()
    local b = heap:malloc(140000)
    local address = b:address()
    for bytes = 140000, MIB, 50000 do
      b = heap:realloc(b, bytes)
      assert.equal(address, b:address())
    end
    b = heap:realloc(b, 150000)
    assert.same({ address, 163840 }, { b:address(), faults.usable_size(heap, address) })
    assert.equal(address + 163840, heap:malloc(MIB):address())
  end)

  it("move if the next units have a block", function()
    local b = heap:malloc(140000)
    b:fill(3)
    local behind = heap:malloc(140000)
    assert.equal(b:address() + 163840, behind:address())
    b = heap:realloc(b, 200000)
    assert.equal(behind:address() + 163840, b:address())
    assert.equal(("\3"):rep(140000), b:string():sub(1, 140000))
  end)

  it("move to raw if the span ends behind them, and there is no other", function()
    local taken = {}
    for i = 1, 17 do taken[i] = heap:malloc(i < 16 and MIB or MIB // 2) end
    taken[17]:fill(4)
    taken[17] = heap:realloc(taken[17], 600000)
    assert.same({ 1, 16 }, { heap:stats().raw_blocks, heap:stats().medium_blocks })
    assert.equal(("\4"):rep(MIB // 2), taken[17]:string():sub(1, MIB // 2))
  end)

  it("keep the pages of one span without a block, and trim gives them back", function()
    local three <close> = assert(ledger:heap(options { reserve_bytes = 768 * MIB }))
    local before = ledger:accounts().commit_bytes
    local taken = {}
    for i = 1, 33 do taken[i] = three:malloc(MIB) end
    assert.equal(before + 3 * SPAN, ledger:accounts().commit_bytes)
    for i = 1, 33 do taken[i]:free() end
    assert.equal(SPAN, three:stats().span_bytes)
    assert.equal(SPAN, three:trim())
    assert.equal(before, ledger:accounts().commit_bytes)
  end)

  it("commit nothing when a lone block is made and freed again and again", function()
    heap:malloc(200000):free()
    local before = ledger:accounts().commit_calls
    for bytes = 200000, MIB, 100000 do heap:malloc(bytes):free() end
    assert.equal(before, ledger:accounts().commit_calls)
  end)

  it("leave the smaller ranges half each of what else is retained", function()
    local other <close> = assert(ledger:heap(options { retain_bytes = 36 * MIB }))
    local taken = { other:malloc(MIB) }
    for i = 2, 1 + 7 * 16 do taken[i] = other:malloc(131072) end
    assert.equal(SPAN + 7 * (2 * MIB), other:stats().span_bytes)
    for i = 1, #taken do taken[i]:free() end
    assert.equal(SPAN + 5 * (2 * MIB), other:stats().span_bytes)
  end)

  it("come from raw if the system refuses a span, and stay raw's", function()
    heap:malloc(100000) -- of the coarse range
    ledger:fail("commit", 1, true)
    local before = ledger:accounts().commit_calls
    local b = heap:malloc(200000)
    b:fill(2)
    assert.equal(before + 1, ledger:accounts().commit_calls)
    assert.same({ 1, 1 }, { heap:stats().raw_blocks, heap:stats().medium_blocks })
    b = heap:realloc(b, 300000)
    assert.equal(("\2"):rep(200000), b:string():sub(1, 200000))
    assert.same({ 1, 1 }, { heap:stats().raw_blocks, heap:stats().medium_blocks })
  end)

  it("stay what they are while the heap is watched, and move to raw to grow more", function()
    local b = heap:malloc(200000)
    local address = b:address()
    b:fill(6)
    local subscription = heap:on(function() end)
    assert(heap:malloc(300000))
    b = heap:realloc(b, 900000)
    assert.equal(address, b:address())
    b = heap:realloc(b, 2 * MIB)
    assert.equal(("\6"):rep(200000), b:string():sub(1, 200000))
    subscription:remove()
    assert.same({ 2, 0 }, { heap:stats().raw_blocks, heap:stats().medium_blocks })
  end)

  it("keep their bytes in random requests", function()
    local random = requests.random(23)
    local live = {}
    for step = 1, 400 do
      local i, most = random(1, 30), random(1, 3)
      local bytes = random(1, most == 1 and 1300000 or most == 2 and 400000 or 140000)
      local b, byte = live[i], string.char(i)
      if not b then
        b = heap:malloc(bytes)
      elseif random(1, 2) == 1 then
        assert.equal(byte, b:string():sub(-1))
        b:free()
        b = nil
      else
        local kept = math.min(#b, bytes)
        b = heap:realloc(b, bytes)
        assert.equal(byte:rep(kept), b:string():sub(1, kept))
      end
      if b then b:fill(i) end
      live[i] = b
      if step % 100 == 0 then assert(heap:check()) end
    end
    for _, b in pairs(live) do b:free() end
  end)
end)

describe("the large range of a heap with a limit", function()
  -- A heap that retains a span without a block; it can have 256 MiB.
  local function limited()
    local heap = pymalloc.heap(options { max_bytes = 256 * MIB })
    heap:malloc(200000):free()
    assert.equal(SPAN, heap:stats().span_bytes)
    return heap
  end

  it("is given back before a raw block is refused", function()
    local heap <close> = limited()
    assert.is_nil((heap:malloc(257 * MIB)))
    assert.equal(0, heap:stats().span_bytes)
    heap:malloc(200000):free()
    assert(heap:malloc(250 * MIB))
    assert.equal(0, heap:stats().span_bytes)
    assert.is_nil((heap:malloc(8 * MIB)))
    local b = assert(heap:malloc(MIB)) -- no room for a span: raw serves it
    assert.same({ 2, 0 }, { heap:stats().raw_blocks, heap:stats().medium_blocks })
    b:free()
    assert(heap:check())
  end)

  it("keeps a block that cannot become a raw one", function()
    local heap <close> = limited()
    local b = heap:malloc(900000)
    local address = b:address()
    b:fill(9)
    assert.is_nil((heap:realloc(b, 250 * MIB)))
    assert.same({ address, MIB - 131072 }, { b:address(), faults.usable_size(heap, address) })
    assert.equal(("\9"):rep(900000), b:string())
  end)

  it("does not exist under a limit of which a span is more than a sixteenth", function()
    local heap <close> = pymalloc.heap(options { max_bytes = 255 * MIB })
    heap:malloc(200000)
    assert.same({ 1, 0 }, { heap:stats().raw_blocks, heap:stats().span_bytes })
  end)
end)

describe("large requests without memory", function()
  local SIZES <const> = { 131073, 300000, 100, 20000, 140000, 131072, 600000 }

  local function use(ledger, heap)
    local taken = {}
    for i = 1, 14 do
      taken[i] = heap:malloc(SIZES[i % #SIZES + 1])
      if taken[i] then
        taken[i]:fill(i)
        taken[i] = heap:realloc(taken[i], SIZES[i % 5 + 1]) or taken[i]
      end
    end
    assert(heap:check())
    for i = 1, 14 do
      if taken[i] then
        assert.equal(string.char(i), taken[i]:string():sub(1, 1))
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
        for n = 1, 10 do
          local ledger = faults.ledger()
          ledger:fail(kind, n, lasts)
          local heap = ledger:heap(options())
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

describe("check of the large range", function()
  it("detects spans that are not whole, and those that no request looks into", function()
    local heap <close> = pymalloc.heap(options())
    local b = heap:malloc(131073)
    for invariant, exchange in pairs {
      ["medium.spans"] = function(value)
        return faults.span_field(heap, b:address(), "units[0]", value)
      end,
      ["medium.lowest"] = function(value)
        return faults.range_field(heap, 2, "lowest[15]", value)
      end } do
      local old = exchange(9)
      local ok, message = pcall(heap.check, heap)
      exchange(old)
      assert(heap:check())
      assert.is_false(ok)
      assert.is_truthy(message:find(invariant, 1, true), message)
    end
  end)
end)
