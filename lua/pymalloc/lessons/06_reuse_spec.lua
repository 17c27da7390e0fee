-- Lesson 6. Run it as a conversation: pymalloc lesson 6

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

-- The numbers of the blocks, from 1 in the order of their places in the pool,
-- that `count` requests of `size` bytes get from a pool of which the blocks of
-- `order` were the live ones, and were freed in this order.
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
  aside [[
    A pool whose last block was freed goes back to its arena. What does it remember of its life? We
    let one become empty and look. A block in another pool stays live, so that the arena
    stays too.]]
  local heap <close> = pymalloc.heap { profile = "classroom" }
  local pin = heap:malloc(64)
  local blocks = take(heap, 3, 32)
  local pool = blocks[1]:pool()
  local address = pool.address
  give(blocks, { 2, 1, 3 })
  show(pool)

  say [[
    It remembers everything. Nothing of the header is cleared when a pool becomes empty: its class,
    how far it was carved, and the chain through all of its freed blocks are still there. To
    clear them would be work, and perhaps for nothing.]]
  claim("an empty pool has no live block", pool.ref_count, 0)
  claim("an empty pool keeps its class", pool.size, 32)
  claim("an empty pool keeps how far it was carved", pool.nextoffset, 48 + 4 * 32)
  claim("an empty pool keeps its chain: the last freed in front, the never used at the end",
    pool:freelist(), { 112, 48, 80, 144 })

  predict {
    ask = [[We freed the blocks at 80, 48 and 112, in this order. The class asks for one again:
      where does it lie?]],
    choices = { "48", "80", "112", "144" },
    answer = function()
      blocks = take(heap, 1, 32)
      return blocks[1]:location().offset
    end,
    because = [[
      If the class that needs a pool is the one that the pool had before, the header is used as it
      is, and the chain goes on where it ended.]],
  }
  claim("the same pool serves its class again", blocks[1]:pool().address, address)
  local again = take(heap, 4, 32)
  local offsets = {}
  for i, block in ipairs(again) do
    offsets[i] = block:location().offset
  end
  claim("blocks come back in reverse order of their frees, then the rest is carved", offsets,
    { 48, 80, 144, 176 })

  say [[
    Another class can do nothing with such a chain: its blocks have other sizes. For it the pool is
    set up as if it were new, and all that it knew is forgotten.]]
  table.insert(again, blocks[1])
  give(again, { 1, 2, 3, 4, 5 })
  local wide = heap:malloc(48)
  show(pool)
  claim("an empty pool serves any class", wide:pool().address, address)
  claim("for another class it begins at its first block", wide:location().offset, 48)
  claim("two blocks are carved, as in a new pool", pool.nextoffset, 48 + 2 * 48)
  claim("the old chain is gone", pool:freelist(), { 48 + 48 })
  wide:free()
  local narrow = heap:malloc(16)
  claim("the same goes for a class of smaller blocks", { narrow:location().pool,
    narrow:location().offset, pool.size, pool.nextoffset }, { pool.offset, 48, 16, 48 + 2 * 16 })

  say [[
    When a class needs a pool, emptied ones are taken before any that was never carved, and
    among those the one that was emptied last. Memory that is in use already is used again first.]]
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
  claim("the pool that was emptied last is the first to be used again",
    { next_ones[1]:location().pool, next_ones[2]:location().pool, next_ones[3]:location().pool },
    { places[2], places[3], places[1] })
  claim("meanwhile no new pool was carved", arena.pool_address, carved)
  local fresh = real:malloc(400)
  claim("only when no emptied pool is left is one carved", arena.pool_address, carved + 4096)
  claim("the blocks that stayed live were not touched by any of this",
    { keep:location().pool, fresh:location().pool }, { 0, carved - arena.address })

  break_it {
    what = "A wrong rule: an empty pool is as good as new, so its first block lies at 48.",
    run = function()
      local numbers = served_after({ 1, 2, 3 }, 1, 24)
      if numbers[1] ~= 1 then
        error(("the rule says block 1 of the pool, the heap gave block %d"):format(numbers[1]))
      end
    end,
    fails = "the heap gave block 3",
    so = [[
      Both would be correct: any free block serves. But who wants to prove that two allocators do
      the same, address for address, has to know that an emptied pool remembers.]],
  }

  exercise {
    task = [[
      In a pool of 24-byte blocks of CPython 3.6 the first k blocks are live, numbered 1 to k by
      their places; the others were never handed out. All are freed, in a given order, and the pool
      is empty. Then its class asks again, count times. Which blocks come? Your file returns a
      function: it gets the order (a table with the numbers 1 to k, in the order of the frees)
      and count, and returns a table of count block numbers.]],
    start = "return function(order, count)\n  return { 1, 2, 3 }\nend\n",
    grade = function(answer)
      for _, case in ipairs { { { 1, 2, 3 }, 3 }, { { 2, 3, 1 }, 2 }, { { 4, 1, 3, 2 }, 7 },
                              { { 1 }, 4 } } do
        local order, count = table.unpack(case)
        local wanted = served_after(order, count, 24)
        local got = answer({ table.unpack(order) }, count)
        local got_text = type(got) == "table" and table.concat(got, " ") or tostring(got)
        if got_text ~= table.concat(wanted, " ") then
          return false, ("after the frees %s the blocks are %s; your function says %s"):format(
            table.concat(order, " "), table.concat(wanted, " "), got_text)
        end
      end
      return true, "First the freed ones in reverse, then carving goes on."
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
