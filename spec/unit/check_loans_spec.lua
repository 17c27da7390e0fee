local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local take = heaps.take

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

  it("detects a class that is not the pool's [loan.header]", function()
    breaks("loan.header", "bin", 9)
    breaks("loan.header", "bin", 1 << 15)
  end)

  it("detects a current loan that is none, or of another bin [loan.current]", function()
    local b = heap:malloc(32) -- in the pool behind that of the bin of 64 bytes
    local other = faults.loan_current(heap, 4)
    local unlent = other + (other - faults.loan_current(heap, 8))
    for _, value in ipairs { other, other + 8, unlent, 8, 0 } do
      local old = faults.loan_current(heap, 8, value)
      local ok, message = pcall(heap.check, heap)
      faults.loan_current(heap, 8, old)
      assert.is_false(ok)
      assert.is_truthy(message:find("loan.current", 1, true), message)
    end
    b:free()
    assert(heap:check())
  end)

  it("detects a wrong number of free blocks [loan.count]", function()
    breaks("loan.count", "free_count", 15)
    breaks("loan.count", "own[0]", 1)
  end)

  it("detects that a virgin block is set free [loan.count]", function()
    local small = heap:malloc(32) -- of a pool with virgin blocks
    local at = small:address()
    take(heap, 3, 32)
    small:free()
    heap:trim()
    assert.are.equal(1, faults.loan_field(heap, at, "own[0]"))
    breaks("loan.count", "own[0]", 1 << 60, at)
  end)

  it("detects a virgin block of a loan that is not current [loan.virgin]", function()
    breaks("loan.virgin", "carved", 62)
  end)

  it("detects a ring that leads to no waiting loan [loan.waiting]", function()
    breaks("loan.waiting", "next", 8)
    breaks("loan.waiting", "next", 0)
  end)

  it("detects a wrong link in a ring of two loans [loan.waiting]", function()
    taken[63 * 2]:free()
    take(heap, 63, 64) -- another loan is current, and two wait
    for i = 20, 30 do taken[i]:free() end
    for i = 80, 90 do taken[i]:free() end
    heap:trim()
    local second = taken[91]:address()
    breaks("loan.waiting", "next", 8)
    breaks("loan.waiting", "next", 8, second)
    breaks("loan.waiting", "prev", faults.loan_field(heap, address, "next"))
    breaks("loan.waiting", "prev", faults.loan_field(heap, second, "next"), second)
  end)

  -- Tests that check fails, does the second part, and tests that check passes.
  local function fails(invariant, repair)
    local ok, message = pcall(heap.check, heap)
    repair()
    assert(heap:check())
    assert.is_false(ok)
    assert.is_truthy(message:find(invariant, 1, true), message)
  end

  it("detects a ring that ends at a wrong loan [loan.waiting]", function()
    local last = faults.loan_last(heap, 8, 8)
    fails("loan.waiting", function() faults.loan_last(heap, 8, last) end)
  end)

  it("detects a loan with a free block that is in no ring [loan.waiting]", function()
    take(heap, 63, 64) -- the two loans before are exhausted
    local other = taken[63 + 1]:address()
    local bits = faults.loan_field(heap, other, "own[0]", 1)
    faults.loan_field(heap, other, "free_count", 1)
    fails("loan.waiting", function()
      faults.loan_field(heap, other, "own[0]", bits)
      faults.loan_field(heap, other, "free_count", 0)
    end)
  end)

  it("does not read outside the bits of a damaged record", function()
    local old = faults.loan_field(heap, address, "carved", 0xffffffff)
    local pool = taken[17]:pool()
    assert.are.equal(16, #pool:freelist())
    assert.is_string(heap:dump())
    assert.is_string(pymalloc.view.text(pool))
    faults.loan_field(heap, address, "carved", old)
    assert(heap:check())
  end)
end)
