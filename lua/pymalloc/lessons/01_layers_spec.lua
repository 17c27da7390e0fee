-- Lesson 1. To go through it: pymalloc lesson 1

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

-- "pool" or "raw": which allocator serves a buffer?
local function server_of(buffer)
  return buffer:location() and "pool" or "raw"
end

-- The free lists by heap: Lua frees the block of a buffer to which there is no reference.
local kept_of = setmetatable({}, { __mode = "k" })

local types = { "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64" }

-- The first buffer for which a function gives a wrong answer: its type, its
-- count, and the right answer. Nil if there is none.
local function first_error(answer)
  local heap <close> = pymalloc.heap()
  for _, count in ipairs { 1, 63, 64, 65, 127, 128, 129, 256, 257, 512, 513, 0 } do
    for _, type in ipairs(types) do
      local buffer <close> = heap:buffer(type, count)
      if answer(type, count) ~= server_of(buffer) then
        return type, count, server_of(buffer)
      end
    end
  end
end

-- Makes and deletes 1000 objects of 24 bytes. A free list keeps up to `most` blocks of deleted
-- objects. Returns the number of requests that the heap gets.
local function requests_of(heap, most)
  local kept, requests = {}, 0
  heap:on(function() requests = requests + 1 end, { kind = "request" })
  for _ = 1, 1000 do
    local object = table.remove(kept) or heap:malloc(24)
    if #kept < most then
      table.insert(kept, object)
    else
      object:free()
    end
  end
  kept_of[heap] = kept
  return requests
end

return lesson(1, "The layers", function()
  lesson.source [[
    the article "Memory management in Python" by Artem Golubin (rushter.com), from its beginning
    to its section "Small object allocation"; CPython 3.6, Objects/obmalloc.c: the picture of
    layers at its start. Free lists: Objects/floatobject.c and Objects/listobject.c.]]

  aside [[
    A program requests memory very often, and most requests are small: 24 bytes, 56 bytes, then 24
    bytes again. The operating system gives memory only in whole pages of 4096 bytes, and a call to
    it is slow. Therefore memory is managed in layers. Each layer gets a large piece from the layer
    below it and hands it out in smaller pieces. To hand out a piece is to give it to the program;
    to free it is to give it back:

        typed buffer   i32[10]: ten integers of 32 bits; knows its type and length
        block          40 bytes; a part of a pool
        pool           4 KiB, divided into blocks of one size
        arena          256 KiB, divided into 64 pools
        system         the operating system; gives pages (with the call mmap)

    CPython's name for the three layers from block to arena is pymalloc. They were written for the
    objects of Python: int, str, list, dict. In these lessons the top layer is a typed buffer that
    Lua can read and write. All layers below it work as in CPython 3.6.]]

  aside [[
    A heap is one such allocator with all its arenas. The lessons show pictures of heaps. The
    pictures use these terms:

        0:0:48             the place of a block, as arena:pool:offset: in arena 0,
                           in the pool that begins 0 bytes after the start of
                           the arena, 48 bytes after the start of the pool
        0:4096             the place of a pool, as arena:pool
        live               in use: handed out, and not freed yet
        raw                in no pool: the block came from the general-purpose
                           allocator, which is malloc of the C library
        class 4            the number of a block size (lesson 2)
        virgin             a block that was never set up for use (lesson 3)
        stale              a field that still has its old value, but the value no
                           longer means anything (lesson 5)
        usable_arenas: arena 0
                           the list of all arenas that have a free pool: here only
                           arena 0. For an empty list the picture shows "none"]]

  say [[
    We request a buffer of ten integers of 32 bits. They need 40 bytes. The buffer gets a block of
    40 bytes; the block is part of a pool, and the pool is part of an arena.]]
  local heap <close> = pymalloc.heap()
  local numbers = heap:buffer("i32", { 10, 20, 30, 40, 50, 60, 70, 80, 90, 100 })
  show(numbers)
  claim("ten integers of 32 bits are stored in a block of 40 bytes", numbers:pool().size, 40)
  claim("the block is in pool 0 of arena 0, at offset 48", numbers:location(),
    { arena = 0, pool = 0, offset = 48 })

  say [[
    To serve this one request, the heap got a whole arena from the system. It will not have to call
    the system for the next requests: 63 of the 64 pools in this arena have not been touched.]]
  claim("one small request made the heap obtain one arena", heap:stats().arenas_allocated_total, 1)
  claim("the arena has 262144 bytes", heap:stats().arena_bytes, 262144)
  claim("63 of its 64 pools are still free", heap:arena(0).nfreepools, 63)

  local objects = {}
  predict {
    ask = [[
      Now we request 1000 blocks of 64 bytes. How many arenas will the heap have obtained then, in
      total?]],
    choices = { "1", "4", "16", "1000" },
    hint = "How many bytes do 1000 blocks of 64 bytes need, and how many bytes has an arena?",
    why = {
      ["4"] = "1000 blocks of 64 bytes are 64,000 bytes. One arena has 262,144.",
      ["16"] = "16 is the number of pools that the blocks need, and an arena has 64 pools.",
      ["1000"] = "The heap does not ask the system for each block. It cuts blocks out of pools.",
    },
    answer = function()
      for i = 1, 1000 do
        objects[i] = heap:malloc(64)
      end
      return heap:stats().arenas_allocated_total
    end,
    because = [[
      A pool has room for 63 blocks of 64 bytes. So 1000 blocks need 16 pools, and the arena has 64.
      Without these layers, the program would have called the system 1000 times.]],
  }
  aside [[
    The next picture shows the whole heap. Each character stands for one pool of the arena, by
    address, eight in a row: a full pool has no free block, a used pool has free blocks and live
    ones, and a pool that was "never carved" has not been set up yet. The last lines list the used
    pools of each class by their places.]]
  show(heap)
  claim("the 1000 blocks did not need a second arena", heap:stats().arenas_allocated_total, 1)
  claim("1000 blocks of 64 bytes fill 15 pools and a part of another",
    objects[1000]:pool().ref_count, 1000 - 15 * 63)

  say [[
    Pools do not serve every request. The largest size that they serve is called the threshold; it
    is 512 bytes. A larger request is passed on to the general-purpose allocator, which is malloc of
    the C library. CPython calls it the raw allocator, and a block that it serves is called a raw
    block. A request of 0 bytes is passed on too: it gets a raw block of its own.]]
  local served = { pool = 0, raw = 0 }
  for size = 1, 512 do
    local buffer <close> = heap:malloc(size)
    served[server_of(buffer)] = served[server_of(buffer)] + 1
  end
  claim("each request of 1 to 512 bytes is served by a pool", served, { pool = 512, raw = 0 })
  local nothing, large = heap:malloc(0), heap:malloc(513)
  claim("a request of 513 bytes is served by the raw allocator", server_of(large), "raw")
  claim("a request of 0 bytes is served by the raw allocator too", server_of(nothing), "raw")
  claim("a raw block is in no arena", large:location(), nil)

  say [[
    If the system refuses to give an arena, a small request is passed on to the raw allocator as
    well, because that one may still have some memory. Such a block stays a raw block until it is
    freed. Here is a heap that is not allowed to obtain any arena.]]
  local poor <close> = pymalloc.heap()
  poor:allow_arenas(0)
  local last_chance = poor:malloc(24)
  claim("a small request that gets no arena is served by the raw allocator",
    last_chance and server_of(last_chance), "raw")

  say [[
    Is it useful to have pools only for small requests? A trace is a file with the recorded requests
    of a program. We replay a trace of CPython 3.11, from its start to its end: a new heap gets the
    same requests in the same order.]]
  local startup = assert(pymalloc.trace.replay_file("@startup", {
    heap = { profile = "3.6" } }))
  local asked = startup.small + startup.raw
  show(table.concat({
    ("  requests for memory            %6d"):format(asked),
    ("  served by pools                %6d"):format(startup.small),
    ("  served by the raw allocator    %6d"):format(startup.raw),
    ("  arenas obtained                %6d"):format(startup.heap.arenas_allocated_total),
  }, "\n"))
  claim("pools serve about 97 % of the requests in this trace",
    startup.small * 100 // asked, 97)
  claim("for all of them, the heap had to obtain only four arenas",
    startup.heap.arenas_allocated_total, 4)

  say [[
    With bigger arenas, the heap calls the system less often. Since CPython 3.10 an arena has 1 MiB.
    We replay the same trace with such arenas.]]
  local newer = assert(pymalloc.trace.replay_file("@startup", {
    heap = { profile = "3.10" } }))
  claim("with arenas of 1 MiB the heap obtains two", newer.heap.arenas_allocated_total, 2)
  claim("pools serve the same number of requests, whatever the size of an arena", newer.small,
    startup.small)

  aside [[
    At the start of CPython's source of the allocator there is a picture of layers, and the article
    shows a copy of it. The picture gives each layer a number, from +3 down to -2. The last, -2, is
    the hardware: physical memory and the disk. Here are the others, from the top down:

        layer                          here
        +3  object-specific            a free list of one type of object, such as
            allocators                 float or list
        +2  object allocator           pymalloc: arenas, pools and blocks
        +1  raw memory allocator       the raw allocator
         0  general-purpose allocator  malloc of the C library
        -1  operating system           gives pages]]

  aside [[
    The raw memory allocator passes each request on to malloc of the C library. So these lessons
    speak of both layers together as the raw allocator.]]

  say [[
    The layer +3 belongs to single types. A free list of a type is a list of objects that the
    program has deleted, and whose blocks were not freed: the next object of this type gets one of
    them. So it needs no request to the layers below. CPython 3.6 keeps up to 100 deleted float
    objects, and up to 80 deleted list objects. Here is such a free list, in Lua. It keeps two
    blocks. A loop makes an object of 24 bytes, the size of a float, and deletes it, 1000 times.]]
  local with_list <close> = pymalloc.heap()
  local without_list <close> = pymalloc.heap()
  claim("with the free list, 1000 objects need one request to the object allocator",
    requests_of(with_list, 2), 1)
  claim("without it, they need 1000 requests to allocate and 1000 to free",
    requests_of(without_list, 0), 2000)

  say [[
    Each layer can be asked from above only. The object allocator cannot see which of its live
    blocks are on a free list of a type. Such a block keeps its pool from becoming empty, like any
    live block.]]
  local stats = with_list:stats()
  claim("after all objects are deleted, a block on the free list still counts as live",
    { stats.blocks, without_list:stats().blocks }, { 1, 0 })
  claim("this block keeps a pool in use, and the heap holds an arena",
    { with_list:arena(0):pool(0).state, stats.arenas_current }, { "used", 1 })
  claim("without the free list, the heap holds no arena", without_list:stats().arenas_current, 0)

  break_it {
    what = "We write an eleventh number into the buffer of ten.",
    run = function()
      numbers[11] = 110
    end,
    fails = "index 11 is out of range for i32%[10%]",
    so = [[
      There is no gap between the blocks of a pool: the next block begins right after these 40
      bytes, and it may be in use. The layers below the buffer cannot detect such a write. In C, the
      program would overwrite the next block. Here the buffer knows its type and its length, and
      raises an error.]],
  }

  exercise {
    task = [[
      Write a function that returns "pool" if heap:buffer(type, count) is served by a pool, and
      "raw" if it is served by the raw allocator. The type is one of i8 u8 i16 u16 i32 u32 i64 u64
      f32 f64; the number in its name is the size of one element in bits. Your file returns the
      function. Check the smallest and the largest sizes with care.]],
    start = 'return function(type, count)\n  return "pool"\nend\n',
    hint = 'The number in a type can be read with type:match("%d+"). Eight bits are one byte. What '
      .. "happens with 0 bytes?",
    grade = function(answer)
      local type, count, wanted = first_error(answer)
      if type then
        return false, ("the right answer for %s[%d] is %s; your function returns %s"):format(type,
          count, wanted, tostring(answer(type, count)))
      end
      return true, "Pools serve 1 to 512 bytes, whatever the type."
    end,
    good = function(type, count)
      local bytes = count * tonumber(type:match("%d+")) // 8
      return bytes >= 1 and bytes <= 512 and "pool" or "raw"
    end,
    bad = function(type, count)
      return count * tonumber(type:match("%d+")) // 8 <= 512 and "pool" or "raw"
    end,
  }
end)
