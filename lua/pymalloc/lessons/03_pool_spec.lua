-- Lesson 3. Run it as a conversation: pymalloc lesson 3

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

-- Used by the exercise: how many blocks of a fresh pool of `size` have been
-- touched once `count` of them were handed out.
local function touched_after(size, count)
  local heap <close> = pymalloc.heap()
  local kept = {}
  for i = 1, count do
    kept[i] = heap:malloc(size)
  end
  local pool = kept[1]:pool()
  local touched = 0
  for _, state in ipairs(pool:blocks()) do
    touched = touched + (state ~= "virgin" and 1 or 0)
  end
  return touched
end

return lesson(3, "A pool is carved lazily", function()
  aside [[
    A pool is one aligned run of bytes, cut into equal blocks of one size class. In CPython 3.6 it
    has 4096 bytes: one page of the processor. We take a small one first, of the classroom
    geometry, where a pool has 256 bytes and the whole of it fits on this screen.]]
  local room <close> = pymalloc.heap { profile = "classroom" }
  local first = room:malloc(24)
  local pool = first:pool()
  show(pool)

  say [[
    Every pool begins with a header of 48 bytes, and the first block lies right behind it. A request
    of 24 bytes got a block of 32, because the classroom's classes are 16 bytes apart.]]
  claim("the first block of a pool lies at offset 48", first:location().offset, 48)
  claim("a request of 24 bytes is served by a block of 32", pool.size, 32)

  say [[
    The blocks are not chained together when the pool is set up. Only two are carved: the one that
    was asked for, and the next one, which waits on the free chain. The field nextoffset says where
    the memory begins that nobody ever used.]]
  claim("after the first request one block is live", pool.ref_count, 1)
  claim("one block waits on the free chain, right behind the live one", pool:freelist(), { 80 })
  claim("nextoffset points behind these two blocks", pool.nextoffset, 48 + 2 * 32)
  claim("the blocks behind them are virgin", pool:blocks(),
    { "live", "free", "virgin", "virgin", "virgin", "virgin" })

  say [[
    The field maxnextoffset is the last place at which a whole block still fits. Once nextoffset is
    beyond it, every block of the pool has been handed out at least once.]]
  claim("maxnextoffset is the size of the pool less that of a block", pool.maxnextoffset, 256 - 32)

  predict {
    ask = "We ask for 24 bytes once more. How many blocks will be carved then, in all?",
    choices = { "1", "2", "3", "6" },
    answer = function()
      first = { first, room:malloc(24) }
      return math.tointeger((pool.nextoffset - 48) / 32)
    end,
    because = [[
      The block that waited is handed out, and because the chain would now be empty, one more is
      carved. A pool that is not full always has a block on its chain: so "is it full?" is simply
      "is freeblock NULL?".]],
  }
  show(pool)
  claim("the block that waited was handed out", first[2]:location().offset, 80)
  claim("and the one behind it waits now", pool:freelist(), { 112 })

  say [[
    Why so lazy? Memory that is never touched costs nothing: the system gives a page of memory only
    when somebody writes to it. In a pool of CPython's size the first request touches the header,
    the block itself, and one word of the next.]]
  local heap <close> = pymalloc.heap()
  local block = heap:malloc(512)
  local page = block:pool()
  local untouched = heap:peek(page.address + page.nextoffset, 4096 - page.nextoffset)
  claim("behind nextoffset everything is as the system gave it: zeros", not untouched:find("[^\0]"))
  claim("two of the seven blocks of 512 bytes were carved", page.nextoffset, 48 + 2 * 512)

  say [[
    The same holds one level up: an arena hands out pools the same way, and its field pool_address
    says where the pools begin that were never carved.]]
  local arena = heap:arena(0)
  claim("one pool of an arena was carved, behind which pool_address points",
    arena.pool_address - arena.address, 4096)
  claim("the 63 pools that were never carved count as free", arena.nfreepools, 63)

  break_it {
    what = "We ask for the header of a pool that was never carved.",
    run = function()
      return arena:pool(8192).szidx
    end,
    fails = "8192",
    so = [[
      There is no header yet: the bytes are whatever the system gave. A reader that did not look at
      pool_address first would read rubbish, so the views refuse.]],
  }

  exercise {
    task = [[
      Write a function that tells how many blocks of a pool have been touched (are live or on the
      free chain) after `count` requests of `size` bytes, on a fresh heap of CPython 3.6, as long as
      they fit into one pool. Your file returns the function: it gets size and count, and returns a
      number. Mind the last block.]],
    start = "return function(size, count)\n  return count\nend\n",
    grade = function(answer)
      local cases = { { 8, 1 }, { 24, 5 }, { 512, 6 }, { 512, 7 }, { 500, 7 }, { 100, 38 } }
      for _, case in ipairs(cases) do
        local size, count = case[1], case[2]
        local got, wanted = answer(size, count), touched_after(size, count)
        if got ~= wanted then
          return false,
            ("with size %d and count %d, %d blocks are touched; your function says %s")
              :format(size, count, wanted, tostring(got))
        end
      end
      return true, "One block is carved ahead, unless there is none left."
    end,
    good = function(size, count)
      local block_bytes = (size + 7) // 8 * 8
      return math.min(count + 1, (4096 - 48) // block_bytes)
    end,
    bad = function(_, count)
      return count + 1
    end,
  }
end)
