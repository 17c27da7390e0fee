local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local take, give = heaps.take, heaps.give

-- A pool of the profile 3.6 has 506 blocks of 8 bytes: the bits of its loan are wide.
describe("the wide bits of loans", function()
  local heap, taken

  before_each(function()
    heap = pymalloc.heap { cache_blocks = 8 }
    taken = take(heap, 506 * 3, 8)
  end)

  after_each(function() heap:close() end)

  -- The address of the wide bits of the nth pool.
  local function wide(n)
    return faults.loan_field(heap, taken[506 * n]:address(), "wide")
  end

  it("lie side by side, whatever pools have them", function()
    local step = wide(2) - wide(1)
    assert.are.equal(step, wide(3) - wide(2))
    assert.is_true(step <= 16 + 64)
  end)

  it("that were given back last are taken first", function()
    local second, third = wide(2), wide(3)
    give(heap, taken, 506 + 1, 506 * 3)
    heap:trim() -- all pools but the first went back
    local again = take(heap, 506 * 2, 8)
    local now = {}
    for i = 1, #again do
      now[faults.loan_field(heap, again[i]:address(), "wide")] = true
    end
    assert.is_true(now[second])
    assert.is_true(now[third])
    assert(heap:check())
  end)

  -- Tests that check fails, does `repair`, and tests that check passes.
  local function fails(repair)
    local ok, message = pcall(heap.check, heap)
    repair()
    assert(heap:check())
    assert.is_false(ok)
    assert.is_truthy(message:find("loan.bits", 1, true), message)
  end

  local function breaks(field, at, name, value)
    local old = field(heap, at, name, value)
    fails(function() field(heap, at, name, old) end)
  end

  it("are checked: a loan has other bits than its own [loan.bits]", function()
    local first, address = wide(1), taken[506]:address()
    for _, value in ipairs { wide(2), first + 8, first - 8, 8, 0, 1 << 62 } do
      breaks(faults.loan_field, address, "wide", value)
    end
    breaks(faults.wide_field, first, "owner", 0)
    breaks(faults.wide_field, first, "owner", faults.wide_field(heap, wide(2), "owner"))
  end)

  it("are checked: the list of the free ones [loan.bits]", function()
    give(heap, taken, 506 + 1, 506 * 2 + 8) -- the second pool
    local free = faults.wide_free(heap)
    assert.are.equal(0, faults.wide_field(heap, free, "next"))
    breaks(faults.wide_field, free, "next", free)
    breaks(faults.wide_field, free, "next", 8)
    breaks(faults.wide_field, free, "owner", faults.wide_field(heap, wide(1), "owner"))
    for _, value in ipairs { 0, wide(1), free + 8, 8 } do
      faults.wide_free(heap, value)
      fails(function() faults.wide_free(heap, free) end)
    end
  end)

  it("are not read at a damaged address", function()
    local address = taken[506]:address()
    for i = 1, 100 do taken[i]:free() end
    heap:trim()
    local pool = taken[506]:pool()
    assert.are.equal(100, #pool:freelist())
    local old = faults.loan_field(heap, address, "wide", 8)
    assert.are.equal(0, #pool:freelist())
    assert.is_string(heap:dump())
    assert.is_string(pymalloc.view.text(pool))
    faults.loan_field(heap, address, "wide", old)
    assert.are.equal(100, #pool:freelist())
    assert(heap:check())
  end)
end)
