local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local arenas = require "spec.support.arenas"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local ARENA = 65536
local RULES = { alignment = 8, threshold = 2008, pool_bytes = 4096, arena_bytes = ARENA }

-- Makes a heap on a ledger, with arenas of 64 KiB that hold 32 blocks of
-- `threshold` bytes each.
local function open_heap(changes)
  local ledger = faults.ledger()
  local options = { reserve_bytes = 16 * ARENA, retain_bytes = 2 * ARENA }
  for _, fields in ipairs { RULES, changes or {} } do
    for name, value in pairs(fields) do
      options[name] = value
    end
  end
  return assert(ledger:heap(options)), ledger
end

-- Fills arenas of slots 0, 1, ... and empties them in that order.
local function fill_and_empty(heap, count)
  for _, arena in ipairs(arenas.fill(heap, count)) do
    arenas.empty_pools(heap, arena, #arena)
  end
end

describe("a slot", function()
  it("always has the same place in the region", function()
    local heap <close> = open_heap()
    local function places()
      local full, list = arenas.fill(heap, 3), {}
      for i, arena in ipairs(full) do
        local block = arena[1][1]
        list[block:location().arena + 1] = block:address()
        assert.equal(heap:arena(0).address + ARENA * block:location().arena + 48, block:address())
        full[i] = arena
      end
      for _, arena in ipairs(full) do
        arenas.empty_pools(heap, arena, #arena)
      end
      return list
    end
    local before = places()
    assert.same(before, places())
  end)

  it("that was released last is used first", function()
    local heap <close> = open_heap()
    fill_and_empty(heap, 3)
    assert.equal("2 1 0 3", heaps.dump_line(heap, "unused"):sub(1, 7))
    assert.equal("2:0:48", heaps.place(heap:malloc(8)))
  end)
end)

describe("a released arena", function()
  it("keeps its pages if retain_bytes allows it", function()
    local heap <close>, ledger = open_heap()
    fill_and_empty(heap, 2)
    assert.equal(2 * ARENA, heap:stats().retained_bytes)
    assert.equal(2 * ARENA, ledger:accounts().commit_bytes)
    assert.equal(0, ledger:accounts().decommit_calls)
  end)

  it("replaces the arena that was retained first", function()
    local heap <close>, ledger = open_heap()
    fill_and_empty(heap, 3)
    assert.equal(2 * ARENA, heap:stats().retained_bytes)
    assert.equal(1, ledger:accounts().decommit_calls)
    -- Slots 2 and 1 are retained; slot 0 must be committed again.
    heaps.take(heap, 64, 2008)
    assert.equal(3, ledger:accounts().commit_calls)
    heaps.take(heap, 1, 2008)
    assert.equal(4, ledger:accounts().commit_calls)
  end)

  it("is given to the system by a trim that needs its bytes", function()
    local heap <close> = open_heap { retain_bytes = 8 * ARENA }
    fill_and_empty(heap, 6)
    assert.equal(ARENA, faults.trim(heap, 1))
    assert.equal(ARENA, faults.trim(heap, ARENA))
    assert.equal(2 * ARENA, faults.trim(heap, ARENA + 1))
    assert.equal(2 * ARENA, heap:stats().retained_bytes)
    assert.equal(2 * ARENA, faults.trim(heap, 100 * ARENA))
    assert.equal(0, faults.trim(heap, 1))
  end)

  it("does not lower arenas_highwater", function()
    local heap <close> = open_heap()
    fill_and_empty(heap, 3)
    heap:malloc(8)
    local stats = heap:stats()
    assert.same({ 1, 3 }, { stats.arenas_current, stats.arenas_highwater })
  end)

  it("gives its pages back at once if retain_bytes is 0", function()
    local heap <close>, ledger = open_heap { retain_bytes = 0 }
    fill_and_empty(heap, 3)
    assert.equal(0, heap:stats().retained_bytes)
    assert.equal(0, ledger:accounts().commit_bytes)
    assert.equal(3, ledger:accounts().decommit_calls)
  end)

  it("is obtained again without a commit", function()
    local heap <close>, ledger = open_heap()
    for _ = 1, 1000 do
      heap:free(heap:malloc(8))
    end
    assert.equal(1000, heap:stats().arenas_allocated_total)
    assert.equal(1, ledger:accounts().commit_calls)
    assert.equal(0, ledger:accounts().decommit_calls)
  end)
end)

describe("trim", function()
  it("gives all retained pages to the system, and returns their bytes", function()
    local heap <close>, ledger = open_heap()
    fill_and_empty(heap, 2)
    assert.equal(2 * ARENA, heap:trim())
    assert.equal(0, heap:stats().retained_bytes)
    assert.equal(0, ledger:accounts().commit_bytes)
    assert.equal(0, heap:trim())
  end)

  it("does not change an arena in use", function()
    local heap <close> = open_heap()
    local keeper = heap:malloc(8)
    keeper[1] = 42
    assert.equal(0, heap:trim())
    assert.equal(42, keeper[1])
  end)
end)

describe("a reservation", function()
  it("is halved until the system grants it", function()
    local ledger = faults.ledger()
    ledger:limit_reserve(4 * ARENA)
    local options = { reserve_bytes = 64 * ARENA }
    for name, value in pairs(RULES) do
      options[name] = value
    end
    local heap <close> = ledger:heap(options)
    assert.equal(4 * ARENA, heap:stats().reserved_bytes)
    assert.equal(5, ledger:accounts().reserve_calls) -- 64, 32, 16, 8, 4
  end)

  it("that is refused at every size leaves a heap that uses only the raw allocator", function()
    local ledger = faults.ledger()
    ledger:limit_reserve(0)
    local heap <close> = ledger:heap { profile = "3.6" }
    assert.equal(0, heap:stats().reserved_bytes)
    assert.equal("L", heaps.place(heap:malloc(8)))
    assert.equal("L", heaps.place(heap:calloc(2, 8)))
    assert(heap:check())
  end)

  it("is given back when the heap is closed", function()
    local heap, ledger = open_heap()
    heap:malloc(8)
    assert.equal(1, ledger:accounts().reserve_count)
    heap:close()
    assert.equal(0, ledger:accounts().reserve_count)
  end)
end)

describe("arenas smaller than a page", function()
  local heap, ledger, blocks

  -- Profile "classroom": four arenas of 1 KiB on a page, 12 blocks of 64 each.
  before_each(function()
    ledger = faults.ledger()
    heap = ledger:heap { profile = "classroom", page_bytes = 4096, retain_bytes = 0 }
    blocks = heaps.take(heap, 5 * 12, 64)
  end)

  after_each(function()
    heap:close()
  end)

  it("share one commit", function()
    assert.equal(2, ledger:accounts().commit_calls)
    assert.equal(2 * 4096, ledger:accounts().commit_bytes)
  end)

  it("give their page back when the last of them is released", function()
    heaps.give(heap, blocks, 1, 3 * 12)
    assert.equal(2, heap:stats().arenas_current)
    assert.equal(0, ledger:accounts().decommit_calls)
    heaps.give(heap, blocks, 3 * 12 + 1, 4 * 12)
    assert.equal(1, ledger:accounts().decommit_calls)
    assert.equal(4096, ledger:accounts().commit_bytes)
    assert(heap:check())
  end)

  it("can be many on a page", function()
    local big_pages = faults.ledger()
    local many <close> = big_pages:heap { profile = "classroom", page_bytes = 65536 }
    heaps.take(many, 64 * 12, 64)
    assert.equal(64, many:stats().arenas_current)
    assert.equal(1, big_pages:accounts().commit_calls)
  end)
end)

describe("a heap without options", function()
  it("reserves 64 GiB of addresses, halved until the system grants it", function()
    local heap <close> = pymalloc.heap()
    local reserved = heap:stats().reserved_bytes
    assert.is_true(reserved >= 1 << 30 and reserved <= 64 << 30)
    assert.equal(0, (64 << 30) % reserved)
  end)
end)

describe("large pages", function()
  local MIB, PAGE = 1 << 20, 2 << 20

  -- A heap that returns each released arena to the system at once, in a region of 64 MiB.
  local function open_large(changes)
    local options = { reserve_bytes = 64 * MIB, retain_bytes = 0 }
    for name, value in pairs(changes or {}) do
      options[name] = value
    end
    return open_heap(options)
  end

  it("are announced above the first 32 MiB of the region, once for each page", function()
    local heap <close>, ledger = open_large()
    local full = arenas.fill(heap, 32 * MIB // ARENA)
    assert.equal(0, ledger:accounts().large_begins)
    table.insert(full, arenas.fill(heap, 1)[1])
    assert.equal(1, ledger:accounts().large_begins)
    assert.equal(32 * MIB, ledger:accounts().large_offset)
    table.insert(full, arenas.fill(heap, PAGE // ARENA - 1))
    assert.equal(1, ledger:accounts().large_begins)
    table.insert(full, arenas.fill(heap, 1))
    assert.equal(2, ledger:accounts().large_begins)
    assert.equal(32 * MIB + PAGE, ledger:accounts().large_offset)
  end)

  it("end at the last slot ever used when that is released", function()
    local heap <close>, ledger = open_large()
    local full = arenas.fill(heap, 32 * MIB // ARENA + 3)
    assert.equal(0, ledger:accounts().large_ends)
    arenas.empty_pools(heap, full[#full], #full[#full])
    assert.equal(1, ledger:accounts().large_ends)
    assert.equal(PAGE - 3 * ARENA, ledger:accounts().large_end_bytes)
  end)

  it("are not announced again when their first slot is used again beside others", function()
    local heap <close>, ledger = open_large()
    local full = arenas.fill(heap, 32 * MIB // ARENA + 3)
    local first = full[32 * MIB // ARENA + 1]
    arenas.empty_pools(heap, first, #first)
    local commits = ledger:accounts().commit_calls
    arenas.fill(heap, 1)
    assert.equal(commits + 1, ledger:accounts().commit_calls)
    assert.equal(1, ledger:accounts().large_begins)
  end)

  it("do not end when a slot before the last one ever used is released", function()
    local heap <close>, ledger = open_large()
    local full = arenas.fill(heap, 32 * MIB // ARENA + 3)
    local below = full[#full - 1]
    arenas.empty_pools(heap, below, #below)
    assert.equal(1, ledger:accounts().decommit_calls)
    assert.equal(0, ledger:accounts().large_ends)
  end)

  it("are not announced in a region of 32 MiB, nor for a part of a page at its end", function()
    for spare, begins in pairs { [0] = 0, [PAGE - ARENA] = 0, [PAGE] = 1 } do
      local heap <close>, ledger = open_large { reserve_bytes = 32 * MIB + spare }
      arenas.fill(heap, (32 * MIB + math.min(spare, ARENA)) // ARENA)
      assert.equal(begins, ledger:accounts().large_begins)
    end
  end)

  it("are not used by a heap with max_bytes, which counts only committed bytes", function()
    local heap <close>, ledger = open_large { max_bytes = 48 * MIB }
    local full = arenas.fill(heap, 32 * MIB // ARENA + 1)
    assert.equal(513, #full)
    assert.equal(0, ledger:accounts().large_begins)
  end)
end)
