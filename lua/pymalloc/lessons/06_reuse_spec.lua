-- Lesson 6. To go through it: pymalloc lesson 6

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

local function take(heap, count, size)
  local blocks = {}
  for i = 1, count do
    blocks[i] = heap:malloc(size)
  end
  return blocks
end

local function give(blocks, order)
  for _, number in ipairs(order) do
    blocks[number]:free()
  end
end

-- Makes #order blocks of `size` bytes in one pool, frees them in the order
-- `order`, and requests `count` blocks of this size; returns their numbers. Block
-- 1 is the first of the pool.
local function served_after(order, count, size)
  local heap <close> = pymalloc.heap()
  local pin = heap:malloc(512)
  give(take(heap, #order, size), order)
  local numbers = {}
  for i, block in ipairs(take(heap, count, size)) do
    numbers[i] = (block:location().offset - 48) // size + 1
  end
  pin:free()
  return numbers
end

return lesson(6, "Reusing an empty pool", function()
  lesson.source [[
    CPython 3.6, Objects/obmalloc.c: _PyObject_Alloc, where it takes a pool from an arena. The
    article on memory management in Python says only that a pool can be empty.]]

  aside [[
    When the last live block of a pool is freed, the pool is returned to its arena. What does its
    header contain then? We make a pool empty and look at it. A block in another pool stays live, so
    that the arena is not released.]]
  local heap <close> = pymalloc.heap { profile = "classroom" }
  local pin = heap:malloc(64)
  local blocks = take(heap, 3, 32)
  local pool = blocks[1]:pool()
  local address = pool.address
  give(blocks, { 2, 1, 3 })
  show(pool)

  say [[
    The heap clears nothing when a pool becomes empty. The header still has the class, nextoffset,
    and the free chain through all freed blocks. Clearing them would take time, and it is often not
    needed.]]
  claim("an empty pool has no live block", pool.ref_count, 0)
  claim("an empty pool keeps its class", pool.size, 32)
  claim("an empty pool keeps nextoffset: the same blocks count as carved", pool.nextoffset,
    48 + 4 * 32)
  claim("an empty pool keeps its free chain: the last block freed is first, and a block that was "
    .. "never used is last", pool:freelist(), { 112, 48, 80, 144 })

  predict {
    ask = [[
      We freed the blocks at the offsets 80, 48 and 112, in this order. Now we request a block of
      the same class. At which offset is it?]],
    choices = { "48", "80", "112", "144" },
    hint = "The header of the empty pool still has its free chain.",
    why = {
      ["48"] = "This is the first block of the pool. A new pool would hand it out first.",
      ["80"] = "This block was freed first, so it is the last of the freed blocks on the chain.",
      ["144"] = "This block was never used. It is on the chain after all freed blocks.",
    },
    answer = function()
      blocks = take(heap, 1, 32)
      return blocks[1]:location().offset
    end,
    because = [[
      The class has no used pool, so the heap takes the empty one. This pool had the same class
      before, so its header is used unchanged: the request gets the first block of the free
      chain.]],
  }
  claim("the same pool serves its class again", blocks[1]:pool().address, address)
  local again = take(heap, 4, 32)
  local offsets = {}
  for i, block in ipairs(again) do
    offsets[i] = block:location().offset
  end
  claim("the freed blocks are handed out in the reverse order of their frees, then blocks that "
    .. "were never used", offsets, { 48, 80, 144, 176 })

  say [[
    Another class cannot use this chain, because its blocks have another size. If another class
    takes the pool, the header is set up as for a new pool, and the old class, nextoffset and chain
    are lost.]]
  table.insert(again, blocks[1])
  give(again, { 1, 2, 3, 4, 5 })
  local wide = heap:malloc(48)
  show(pool)
  claim("an empty pool can serve another class", wide:pool().address, address)
  claim("then the first block that is handed out is at offset 48", wide:location().offset, 48)
  claim("then two blocks are carved, as in a new pool", pool.nextoffset, 48 + 2 * 48)
  claim("the old chain is lost", pool:freelist(), { 48 + 48 })
  wide:free()
  local narrow = heap:malloc(16)
  claim("the same is true if the new class has smaller blocks", { narrow:location().pool,
    narrow:location().offset, pool.size, pool.nextoffset }, { pool.offset, 48, 16, 48 + 2 * 16 })

  say [[
    When a class needs a pool, the heap prefers an empty pool to one that was never carved. If there
    are several empty pools, it takes the one that became empty last. So memory that was touched
    before is used again first.]]
  local real <close> = pymalloc.heap()
  local keep = real:malloc(8)
  local used = { real:malloc(16), real:malloc(24), real:malloc(32) }
  local places = {}
  for i, block in ipairs(used) do
    places[i] = block:location().pool
  end
  give(used, { 1, 3, 2 })
  local arena = real:arena(0)
  local carved = arena.pool_address
  local next_ones = { real:malloc(100), real:malloc(200), real:malloc(300) }
  claim("of three empty pools, the one that became empty last is used first",
    { next_ones[1]:location().pool, next_ones[2]:location().pool, next_ones[3]:location().pool },
    { places[2], places[3], places[1] })
  claim("while there were empty pools, no new pool was carved", arena.pool_address, carved)
  local fresh = real:malloc(400)
  claim("when no empty pool is left, a new one is carved", arena.pool_address, carved + 4096)
  claim("the block that stayed live did not move, and the new block is in the new pool",
    { keep:location().pool, fresh:location().pool }, { 0, carved - arena.address })

  break_it {
    what = "We try a wrong rule: an empty pool is set up anew, so its first block, at 48, is next.",
    run = function()
      local numbers = served_after({ 1, 2, 3 }, 1, 24)
      if numbers[1] ~= 1 then
        error(("by this rule block 1 of the pool would be next, but the heap handed out block %d")
          :format(numbers[1]))
      end
    end,
    fails = "the heap handed out block 3",
    so = [[
      An allocator with this rule would be correct too: any free block can serve the request. But
      lesson 14 compares the places of blocks in two allocators. They are equal only if both keep
      the header of an empty pool.]],
  }

  exercise {
    task = [[
      In a pool of 24-byte blocks of CPython 3.6, the first k blocks are live. They are numbered 1
      to k by their offsets. The blocks after them were never used. All k blocks are freed in a
      given order, so the pool becomes empty. Then the same class requests `count` blocks. Which
      blocks does it get? Your file returns a function. It gets `order`, a table of the numbers 1 to
      k in the order of the frees, and `count`. It returns a table of `count` block numbers.]],
    start = "return function(order, count)\n  return { 1, 2, 3 }\nend\n",
    hint = "First come the freed blocks, the one that was freed last first. After them come the "
      .. "blocks that were never used, from k + 1 on.",
    grade = function(answer)
      for _, case in ipairs { { { 1, 2, 3 }, 3 }, { { 2, 3, 1 }, 2 }, { { 4, 1, 3, 2 }, 7 },
                              { { 1 }, 4 } } do
        local order, count = table.unpack(case)
        local wanted = served_after(order, count, 24)
        local got = answer({ table.unpack(order) }, count)
        local got_text = type(got) == "table" and table.concat(got, " ") or tostring(got)
        if got_text ~= table.concat(wanted, " ") then
          return false, ("after the frees %s the blocks are %s; your function returns %s"):format(
            table.concat(order, " "), table.concat(wanted, " "), got_text)
        end
      end
      return true, "The freed blocks are handed out in reverse order, then new blocks are carved."
    end,
    good = function(order, count)
      local numbers = {}
      for i = 1, count do
        numbers[i] = i <= #order and order[#order + 1 - i] or i
      end
      return numbers
    end,
    bad = function(_, count)
      local numbers = {}
      for i = 1, count do
        numbers[i] = i
      end
      return numbers
    end,
  }
  pin:free()
end)
