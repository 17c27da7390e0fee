local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local FUNCTIONS = { malloc = faults.malloc, free = faults.free, free_sized = faults.free_sized }
local INLINE = { malloc = faults.malloc_inline, free = faults.free_inline,
  free_sized = faults.free_sized_inline }

-- Returns a block's place relative to its heap, so that two heaps can be compared.
local function place(heap, address)
  local found = heap:locate(address)
  return found and ("%d:%d:%d"):format(found.arena, found.pool, found.offset) or "raw"
end

-- Returns a heap, the functions that serve its requests, and its live blocks.
local function user(options, way)
  return { heap = pymalloc.heap(options), way = way, live = {} }
end

local function take(of, bytes)
  local address = of.way.malloc(of.heap, bytes)
  table.insert(of.live, { address = address, bytes = bytes })
  return place(of.heap, address)
end

local function give(of, index, is_sized)
  local block = of.live[index]
  of.live[index] = of.live[#of.live]
  table.remove(of.live)
  if is_sized then
    of.way.free_sized(of.heap, block.address, block.bytes)
  else
    of.way.free(of.heap, block.address)
  end
end

-- Asserts that the heaps and their caches have equal states.
local function assert_same_state(one, other)
  assert(one.heap:check())
  assert(other.heap:check())
  assert.are.equal(one.heap:dump(), other.heap:dump())
  assert.are.same(one.heap:stats(), other.heap:stats())
  for arena in one.heap:arenas() do
    for pool in arena:pools() do
      assert.are.same(pool:blocks(), other.heap:arena(arena.index):pool(pool.offset):blocks())
    end
  end
end

local function close(one, other)
  for _, of in ipairs { one, other } do
    for _, block in ipairs(of.live) do
      faults.free(of.heap, block.address)
    end
    of.heap:close()
  end
end

local HEAPS = {
  ["without a cache"] = {},
  ["with a cache of blocks"] = { cache_blocks = 6 },
  ["with a cache of bytes"] = { profile = "3.11", cache_bytes = 2048 },
  ["of profile classroom, with a cache"] = { profile = "classroom", cache_blocks = 2 },
  ["with debug hooks and a cache"] = { debug = true, cache_blocks = 6 },
}

describe("the inline fast path", function()
  for name, options in pairs(HEAPS) do
    it("places blocks of all sizes as the functions do, on a heap " .. name, function()
      local one, other = user(options, FUNCTIONS), user(options, INLINE)
      for bytes = 0, 600 do
        for _ = 1, 3 do
          assert.are.equal(take(one, bytes), take(other, bytes))
        end
        give(one, #one.live, bytes % 2 == 0)
        give(other, #other.live, bytes % 2 == 0)
      end
      assert_same_state(one, other)
      close(one, other)
    end)

    it("leaves the same state after random requests, on a heap " .. name, function()
      local one, other = user(options, FUNCTIONS), user(options, INLINE)
      math.randomseed(7)
      for request = 1, 6000 do
        if #one.live == 0 or math.random(100) <= 52 then
          local bytes = math.random(0, 560)
          assert.are.equal(take(one, bytes), take(other, bytes))
        else
          local index, is_sized = math.random(#one.live), math.random(2) == 1
          give(one, index, is_sized)
          give(other, index, is_sized)
        end
        if request % 1500 == 0 then
          assert_same_state(one, other)
        end
      end
      close(one, other)
    end)
  end

  it("does nothing for a free of NULL", function()
    local heap <close> = pymalloc.heap { cache_blocks = 6 }
    faults.free_inline(heap, nil)
    faults.free_sized_inline(heap, nil, 0)
    assert.are.equal(0, heap:stats().blocks)
  end)
end)
