-- Lesson 3. To go through it: pymalloc lesson 3

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

-- The number of blocks of a new pool that are live or free after `count`
-- requests of `size` bytes.
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
  lesson.source [[
    the article "Memory management in Python" by Artem Golubin, section "Pool"; CPython 3.6,
    Objects/obmalloc.c: struct pool_header, and the comment on pools.]]

  aside [[
    A pool is a run of bytes that is divided into blocks of one size class. Its address is a
    multiple of its size: one says that the pool is aligned. In CPython 3.6 a pool has 4096 bytes,
    as many as a page of memory. The sizes and rules of a heap are its geometry. A profile is a
    geometry with a name. The profiles 3.6, 3.8 and so on are those of CPython's versions. The
    lessons often use the profile classroom: its pools have 256 bytes, so that a picture of a whole
    pool fits on the screen.]]
  local room <close> = pymalloc.heap { profile = "classroom" }
  local first = room:malloc(24)
  local pool = first:pool()
  show(pool)

  say [[
    Every pool begins with a header of 48 bytes. The first block comes right after the header. We
    requested 24 bytes and got a block of 32, because the classes of the classroom are 16 bytes
    apart. In the header, ref_count is the number of live blocks, szidx is the class, and arenaindex
    is the number of the arena. The fields nextpool and prevpool link pools in lists (lesson 5).]]
  claim("the first block of a pool is at offset 48", first:location().offset, 48)
  claim("a request of 24 bytes is served by a block of 32", pool.size, 32)
  aside [[
    CPython declares the header in C, as a struct: the names and types of its fields, in the order
    in which they are in memory. Here is this struct, with the values that the fields have now. In
    C, uint stands for an integer of 32 bits without a sign, block * for the address of a byte, and
    struct pool_header * for the address of a header. NULL is an address that stands for "none".
    The union makes ref as large as an address. CPython's field ref.count is called ref_count
    here.]]
  show(pool, { struct = true })

  say [[
    To carve a block means to set it up for use. When a pool is set up, only two of its blocks are
    carved: the block for the request, and the one after it. The second block is free, and it is put
    on the free chain, which is the list of the pool's free blocks (CPython calls it the free list).
    The field nextoffset is the offset of the next block to be carved. All blocks from there on are
    virgin: their memory was never used.]]
  claim("after the first request one block is live", pool.ref_count, 1)
  claim("the block after it is on the free chain", pool:freelist(), { 80 })
  claim("nextoffset is the offset after these two blocks", pool.nextoffset, 48 + 2 * 32)
  claim("the other four blocks are virgin", pool:blocks(),
    { "live", "free", "virgin", "virgin", "virgin", "virgin" })

  say [[
    The field maxnextoffset is the largest offset at which a whole block still fits into the pool.
    When nextoffset is greater than maxnextoffset, all blocks of the pool have been carved.]]
  claim("maxnextoffset is the size of the pool minus the size of a block", pool.maxnextoffset,
    256 - 32)

  predict {
    ask = [[
      We request 24 bytes once more. How many blocks of this pool will have been carved then, in
      total?]],
    choices = { "1", "2", "3", "6" },
    hint = "Which block does the request get? And is there still a free block after it?",
    why = {
      ["1"] = "Two blocks are carved already, and a carved block stays carved.",
      ["2"] = "The request gets the second block. Then no free block would be left on the chain.",
      ["6"] = "Blocks are carved when they are needed, not all at once.",
    },
    answer = function()
      first = { first, room:malloc(24) }
      return math.tointeger((pool.nextoffset - 48) / 32)
    end,
    because = [[
      The request gets the free block. The free chain would be empty now, so the heap carves one
      more block and puts it on the chain. Thus a pool that is not full always has a block on its
      chain. The field freeblock has the address of the first block of the chain. To find out
      whether a pool is full, the heap only has to test whether freeblock is NULL.]],
  }
  show(pool)
  claim("the request got the block that was on the chain", first[2]:location().offset, 80)
  claim("the next block is on the chain now", pool:freelist(), { 112 })

  say [[
    Why does the heap not carve all blocks at once? Because memory that the program never touches
    costs nothing: the system provides a page of memory only when the program first reads or writes
    it. The first request to a pool writes only the header of the pool and one word of the second
    block; the program then writes its own block.]]
  local heap <close> = pymalloc.heap()
  local block = heap:malloc(512)
  local page = block:pool()
  local untouched = heap:peek(page.address + page.nextoffset, 4096 - page.nextoffset)
  claim("from nextoffset on, all bytes of the pool are zero, as they came from the system",
    not untouched:find("[^\0]"))
  claim("two of the seven blocks of 512 bytes are carved", page.nextoffset, 48 + 2 * 512)

  say [[
    An arena hands out its pools in the same way. The field pool_address of an arena is the address
    of the next pool to be carved. The field nfreepools counts the free pools of the arena.]]
  local arena = heap:arena(0)
  claim("one pool of the arena is carved, so pool_address is 4096 bytes after the arena's start",
    arena.pool_address - arena.address, 4096)
  claim("the 63 pools that were never carved count as free", arena.nfreepools, 63)

  break_it {
    what = "We try to read the header of a pool that was never carved.",
    run = function()
      return arena:pool(8192).szidx
    end,
    fails = "8192",
    so = [[
      This pool has no header yet: its memory has the bytes that came from the system, and they mean
      nothing. Therefore arena:pool compares the address with pool_address and raises an error.]],
  }

  exercise {
    task = [[
      A block is touched if it is live or on the free chain. Write a function that computes how many
      blocks of a pool are touched after `count` requests of `size` bytes on a new heap of CPython
      3.6, where all these blocks fit into one pool. Your file returns the function; it gets size
      and count, and returns a number. The last block of the pool is a special case.]],
    start = "return function(size, count)\n  return count\nend\n",
    hint = "How many blocks have room in the pool? No more than these are touched. Each block has "
      .. "the size of its class, not the size of the request.",
    grade = function(answer)
      local cases = { { 8, 1 }, { 24, 5 }, { 512, 6 }, { 512, 7 }, { 500, 7 }, { 100, 38 } }
      for _, case in ipairs(cases) do
        local size, count = case[1], case[2]
        local got, wanted = answer(size, count), touched_after(size, count)
        if got ~= wanted then
          return false,
            ("for size %d and count %d, %d blocks are touched; your function returns %s")
              :format(size, count, wanted, tostring(got))
        end
      end
      return true, "One block is carved in advance, unless there is none left."
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
