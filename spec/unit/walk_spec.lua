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
