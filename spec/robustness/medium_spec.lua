-- Tests the medium requests of a heap (csrc/memory/medium.h): 513 bytes to 8 KiB.

require "pymalloc" -- must be loaded before pymalloc_faults
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
    heap:malloc(8193)
    assert.equal(before + 1, ledger:accounts().raw_calls)
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

  it("keep their bytes in random requests", function()
    local random = requests.random(11)
    local live = {}
    for step = 1, 20000 do
      local i, bytes = random(1, 300), random(1, 9000)
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
      if step % 1000 == 0 then assert(heap:check()) end
    end
    for _, b in pairs(live) do b:free() end
  end)
end)

describe("medium requests without memory", function()
  local function use(ledger, heap)
    local taken = {}
    for i = 1, 600 do
      taken[i] = heap:malloc(1000 + i)
      if taken[i] then taken[i]:fill(i % 256) end
    end
    assert(heap:check())
    for i = 1, 600 do
      if taken[i] then
        assert.equal(string.char(i % 256):rep(1000 + i), taken[i]:string())
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
        for n = 1, 12 do
          local ledger = faults.ledger()
          ledger:fail(kind, n, lasts)
          local heap = ledger:heap(HOSTED)
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
