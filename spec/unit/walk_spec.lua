local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local function lines_of(text)
  local lines = {}
  for line in text:gmatch("[^\n]+") do
    table.insert(lines, line)
  end
  return lines
end

describe("a walk", function()
  it("visits nothing in a new heap", function()
    local heap <close> = pymalloc.heap()
    local text, is_whole = faults.walk(heap)
    assert.equal("", text)
    assert.is_true(is_whole)
  end)

  it("visits arenas by slot, then pools, then blocks by address", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    local blocks = heaps.take(heap, 2, 64)
    heap:malloc(48)
    heap:free(blocks[1])
    assert.same({
      "arena 0 2/4",
      "pool 0:0 used szidx=3 size=64 1/3",
      "block 0:0:48 free",
      "block 0:0:112 live",
      "block 0:0:176 free",
      "pool 0:256 used szidx=2 size=48 1/4",
      "block 0:256:48 live",
      "block 0:256:96 free",
      "block 0:256:144 virgin",
      "block 0:256:192 virgin",
    }, lines_of((faults.walk(heap))))
  end)

  it("distinguishes empty, used and full pools", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    local blocks = heaps.take(heap, 3 + 3 + 1, 64)
    heaps.give(heap, blocks, 4, 6)
    local states = {}
    for state in faults.walk(heap):gmatch("pool %S+ (%a+)") do
      table.insert(states, state)
    end
    assert.same({ "full", "empty", "used" }, states)
  end)

  it("skips slots without an arena", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    local blocks = heaps.take(heap, 3 * 12, 64)
    heaps.give(heap, blocks, 13, 24)
    local slots = {}
    for slot in faults.walk(heap):gmatch("arena (%d+)") do
      table.insert(slots, slot)
    end
    assert.same({ "0", "2" }, slots)
  end)

  it("ends when the visitor returns false", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    heaps.take(heap, 3 * 12, 64)
    local whole = lines_of((faults.walk(heap)))
    for most = 1, #whole do
      local text, is_whole = faults.walk(heap, most)
      assert.same({ table.unpack(whole, 1, most) }, lines_of(text))
      assert.is_false(is_whole)
    end
  end)

  it("visits the same blocks as the views", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    local blocks = {}
    for i = 1, 60 do
      blocks[i] = heap:malloc(i % 64 + 1)
    end
    for i = 1, 60, 3 do
      heap:free(blocks[i])
    end
    local expected = {}
    for arena in heap:arenas() do
      for pool in arena:pools() do
        for _, state in ipairs(pool:blocks()) do
          table.insert(expected, state)
        end
      end
    end
    local found = {}
    for state in faults.walk(heap):gmatch("block %S+ (%a+)") do
      table.insert(found, state)
    end
    assert.same(expected, found)
  end)
end)

describe("a walk of the C API", function()
  -- Heaps with pools in all states, on lists of several pools.
  local function filled(options)
    local heap = pymalloc.heap(options)
    local blocks = heaps.take(heap, 12 * 12, 64)
    heaps.give(heap, blocks, 4, 6)
    heaps.give(heap, blocks, 10, 12)
    heaps.give(heap, blocks, 13, 13)
    heaps.give(heap, blocks, 40, 50)
    heaps.give(heap, blocks, 100, 100)
    heap:malloc(10)
    return heap
  end

  -- The fields of a view that the walk has under the same names.
  local function fields_of(view, names)
    local fields = {}
    for name in names:gmatch "%S+" do
      fields[name] = view[name]
    end
    return fields
  end

  local ARENA = "index address pool_address nfreepools ntotalpools freepools nextarena prevarena "
    .. "serial"
  local POOL = "arena offset address szidx size capacity ref_count freeblock nextpool prevpool "
    .. "arenaindex nextoffset maxnextoffset"

  it("tells of arenas and pools what the views tell", function()
    for _, profile in ipairs { "classroom", "3.6", "3.11" } do
      local heap <close> = filled { profile = profile }
      local arenas, pools = faults.walked(heap)
      local states, links = {}, 0
      for _, arena in ipairs(arenas) do
        assert.same(fields_of(heap:arena(arena.index), ARENA), arena)
      end
      for _, pool in ipairs(pools) do
        local view = heap:arena(pool.arena):pool(pool.offset)
        local wanted = fields_of(view, POOL)
        wanted.next = view:next() and view:next().address
        wanted.prev = view:prev() and view:prev().address
        assert.same(wanted, pool)
        states[view.state] = true
        links = links + (pool.next and 1 or 0) + (pool.prev and 1 or 0)
      end
      if profile == "classroom" then
        assert.same({ used = true, full = true, empty = true }, states)
        assert.is_true(links >= 3 and #arenas > 1)
      end
    end
  end)
end)

describe("pym_usable_size", function()
  it("is the size of the class for blocks of pools, on heaps without checks", function()
    local heap <close> = pymalloc.heap()
    for _, case in ipairs { { 1, 8 }, { 8, 8 }, { 9, 16 }, { 512, 512 }, { 0, 0 }, { 513, 0 } } do
      assert.equal(case[2], faults.usable_size(heap, faults.malloc(heap, case[1])))
    end
  end)

  it("is the size asked for on checked heaps, also of blocks that raw serves", function()
    for _, options in ipairs { { checked = true }, { debug = true } } do
      local heap <close> = pymalloc.heap(options)
      for _, bytes in ipairs { 0, 1, 9, 512, 513, 5000 } do
        local address = faults.malloc(heap, bytes)
        assert.equal(bytes, faults.usable_size(heap, address))
        faults.free(heap, address)
        assert.equal(0, faults.usable_size(heap, address))
      end
    end
  end)

  it("is 0 where no block of the heap begins", function()
    local heap <close> = pymalloc.heap()
    local block = faults.malloc(heap, 24)
    for _, address in ipairs { 0, 1, -1, block + 8, block + 24 * 200, block - 8 } do
      assert.equal(0, faults.usable_size(heap, address))
    end
  end)
end)
