local pymalloc = require "pymalloc"
local heaps = require "spec.support.heaps"
local profiles = require "spec.support.profiles"
local requests = require "spec.support.requests"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

describe("realloc", function()
  local heap

  before_each(function()
    heap = pymalloc.heap()
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  for _, name in ipairs(profiles.names) do
    it("keeps the block if more than 3/4 of it stay in use, in " .. name, function()
      local same <close> = pymalloc.heap { profile = name }
      local rules = profiles[name]
      for old_bytes = rules.alignment, rules.threshold, rules.alignment do
        for bytes = 1, old_bytes do
          local block = same:malloc(old_bytes)
          local before = block:address()
          block = same:realloc(block, bytes)
          assert.equal(4 * bytes > 3 * old_bytes, before == block:address())
          same:free(block)
        end
      end
    end)
  end

  it("moves the content if the block is too small", function()
    local block = heap:malloc(24)
    assert.equal("0:4096:48", heaps.place(heap:realloc(block, 25)))
    assert.equal(1, heap:stats().blocks)
  end)

  it("takes the new block before it frees the old one", function()
    local block = heap:malloc(8)
    assert.equal("0:0:56", heaps.place(heap:realloc(block, 6))) -- the same class
  end)

  it("keeps the bytes that fit in the new size", function()
    local block = heap:malloc(24)
    for i = 1, 24 do
      block[i] = i
    end
    local text = block:string()
    block = heap:realloc(block, 600)
    assert.equal(text, block:string():sub(1, 24))
    block = heap:realloc(block, 10)
    assert.equal(text:sub(1, 10), block:string())
  end)

  it("to more than threshold bytes is served by the raw allocator", function()
    assert.equal("L", heaps.place(heap:realloc(heap:malloc(512), 513)))
    assert.equal(0, heap:stats().arenas_current)
  end)

  it("keeps a block of the raw allocator there at every smaller size", function()
    local block = heap:malloc(513)
    for _, bytes in ipairs { 512, 8, 1, 0 } do
      block = heap:realloc(block, bytes)
      assert.equal("L", heaps.place(block))
    end
    assert.equal(1, heap:stats().blocks)
  end)

  it("to zero bytes returns a block of the raw allocator, and is not a free", function()
    local block = heap:realloc(heap:malloc(24), 0)
    assert.equal("L", heaps.place(block))
    assert.equal(0, #block)
    assert.equal(1, heap:stats().blocks)
    assert.equal(0, heap:stats().arenas_current)
  end)

  it("that is refused does not change the block", function()
    for _, size in ipairs { 24, 1000 } do
      local block = heap:malloc(size)
      block:fill(7)
      local address, before = block:address(), heap:dump()
      local moved, _, code = heap:realloc(block, math.maxinteger)
      assert.is_nil(moved)
      assert.equal("ENOMEM", code)
      assert.equal(address, block:address())
      assert.equal(("\7"):rep(size), block:string())
      assert.equal(before, heap:dump())
    end
  end)

  it("can release the arena that the block leaves", function()
    local tiny <close> = pymalloc.heap { profile = "classroom" }
    local blocks = heaps.take(tiny, 4 * 3, 64)
    tiny:malloc(16) -- This block is in another arena.
    heaps.give(tiny, blocks, 2)
    assert.equal(2, tiny:stats().arenas_current)
    assert.equal("1:0:64", heaps.place(tiny:realloc(blocks[1], 16)))
    assert.equal(1, tiny:stats().arenas_current)
    assert(tiny:check())
  end)

  -- A watched heap takes and gives back each pool; a heap without a watch may exchange the pool of
  -- a block that is alone in it.
  for _, options in ipairs {
    { profile = "classroom" }, { profile = "classroom", count_hops = true }, { profile = "3.11" },
  } do
    it(("has the same effect without a watch: %s%s"):format(options.profile,
      options.count_hops and ", with hops" or ""), function()
      local plain <close> = pymalloc.heap(options)
      local watched <close> = pymalloc.heap(options)
      watched:on(function() end)
      local random, most = requests.random(7), plain.geometry.threshold
      local ours, theirs = heaps.take(plain, 9, 1), heaps.take(watched, 9, 1)
      for _ = 1, 500 do
        local i, bytes = random(1, #ours), random(1, most)
        ours[i]:fill(i)
        ours[i], theirs[i] = plain:realloc(ours[i], bytes), watched:realloc(theirs[i], bytes)
        assert.equal(i, ours[i][1])
        assert.equal(watched:dump(), plain:dump())
      end
      assert(plain:check())
    end)
  end
end)
