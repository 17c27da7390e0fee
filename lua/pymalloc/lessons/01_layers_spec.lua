-- Lesson 1. Run it as a conversation: pymalloc lesson 1

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"
local traces = require "pymalloc.lesson.traces"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

-- "pool" or "raw": who serves a buffer?
local function server_of(buffer)
  return buffer:location() and "pool" or "raw"
end

local types = { "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64" }

-- The first buffer about which a function is wrong: its type, its count, who
-- serves it.
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

return lesson(1, "Who asks whom", function()
  aside [[
    A program that makes objects asks for memory all the time, and for little: 24 bytes, 56
    bytes, then 24 again. The operating system deals in pages, and asking it is slow. So there are
    layers, each of which asks the one below for more than it needs at the moment:

        typed buffer   i32[10]: ten numbers with bounds and a type
        block          40 bytes, in a pool
        pool           4 KiB: blocks of one size only
        arena          256 KiB: 64 pools
        system         pages, from mmap

    CPython calls the part from block to arena pymalloc. It was written for objects: int, str, list,
    dict. Here the top layer is a typed buffer of Lua; all below it is as in CPython 3.6.]]

  say [[
    We ask for a buffer of ten numbers, of 32 bits each. They need 40 bytes, and so they lie in a
    block of 40 bytes, in a pool, in an arena.]]
  local heap <close> = pymalloc.heap()
  local numbers = heap:buffer("i32", { 10, 20, 30, 40, 50, 60, 70, 80, 90, 100 })
  show(numbers)
  claim("ten numbers of 32 bits lie in a block of 40 bytes", numbers:pool().size, 40)
  claim("the block lies in a pool, and the pool in an arena", numbers:location(),
    { arena = 0, pool = 0, offset = 48 })

  say [[
    To serve this one request the heap asked the system for a whole arena. The next requests need
    nobody else: they find 64 pools there, all but one never touched.]]
  claim("one small request obtained one arena", heap:stats().arenas_allocated_total, 1)
  claim("the arena has 262144 bytes", heap:stats().arena_bytes, 262144)
  claim("63 of its 64 pools are still free", heap:arena(0).nfreepools, 63)

  local objects = {}
  predict {
    ask = "A thousand objects of 64 bytes. How many arenas will the heap then have, in all?",
    choices = { "1", "4", "16", "1000" },
    answer = function()
      for i = 1, 1000 do
        objects[i] = heap:malloc(64)
      end
      return heap:stats().arenas_allocated_total
    end,
    because = [[
      63 blocks of 64 bytes fit into a pool, so a thousand need 16 pools, and an arena has 64.
      Without the layers these would have been a thousand calls of the system.]],
  }
  show(heap)
  claim("a thousand objects cost one call to the system", heap:stats().arenas_allocated_total, 1)
  claim("a thousand blocks of 64 bytes fill 15 pools and a part of another",
    objects[1000]:pool().ref_count, 1000 - 15 * 63)

  say [[
    Not every request stops at a pool. Those above 512 bytes go past them to the general-purpose
    allocator of the C library, which is called raw here. So does a request of 0 bytes, which
    gets a raw block of its own.]]
  local served = { pool = 0, raw = 0 }
  for size = 1, 512 do
    local buffer <close> = heap:malloc(size)
    served[server_of(buffer)] = served[server_of(buffer)] + 1
  end
  claim("every request of 1 to 512 bytes stops at a pool", served, { pool = 512, raw = 0 })
  local nothing, large = heap:malloc(0), heap:malloc(513)
  claim("a request of 513 bytes goes to raw", server_of(large), "raw")
  claim("a request of 0 bytes goes to raw too", server_of(nothing), "raw")
  claim("a raw block is in no arena", large:location(), nil)

  say [[
    And where the system has no arena to give? Then a small request goes to raw as well, which may
    still have a few bytes. The block stays raw's for the rest of its life.]]
  local poor <close> = pymalloc.heap()
  poor:allow_arenas(0)
  local last_chance = poor:malloc(24)
  claim("without an arena a small request is served by raw",
    last_chance and server_of(last_chance), "raw")

  say [[
    Is it worth having pools for small requests only? We replay on a fresh heap every request that
    a real CPython 3.11 made from its start to its end.]]
  local startup = assert(pymalloc.trace.replay_file(traces.path("cpython-startup"), {
    heap = { profile = "3.6" } }))
  local asked = startup.small + startup.raw
  show(table.concat({
    ("  requests for memory  %6d"):format(asked),
    ("  served by pools      %6d"):format(startup.small),
    ("  served by raw        %6d"):format(startup.raw),
    ("  arenas obtained      %6d"):format(startup.heap.arenas_allocated_total),
  }, "\n"))
  claim("about 97 % of the requests of CPython's start-up are served by pools",
    startup.small * 100 // asked, 97)
  claim("for all of them the system was asked for four arenas",
    startup.heap.arenas_allocated_total, 4)

  say [[
    The bigger the arenas, the fewer the calls. Since CPython 3.10 they have 1 MiB.]]
  local newer = assert(pymalloc.trace.replay_file(traces.path("cpython-startup"), {
    heap = { profile = "3.10" } }))
  claim("with arenas of 1 MiB the system is asked for two", newer.heap.arenas_allocated_total, 2)
  claim("bigger arenas do not change which requests pools serve", newer.small, startup.small)

  break_it {
    what = "We write an eleventh number.",
    run = function()
      numbers[11] = 110
    end,
    fails = "index 11 is out of range for i32%[10%]",
    so = [[
      A pool has no gap between its blocks: right behind these 40 bytes begins the next block, which
      may belong to somebody else. The layers below could not tell. A C program would write into
      its neighbour; here the topmost layer knows the type and the bounds, and refuses.]],
  }

  exercise {
    task = [[
      Write a function that tells who serves heap:buffer(type, count): "pool" or "raw". The type is
      one of i8 u8 i16 u16 i32 u32 i64 u64 f32 f64; the number in its name is the bits of an
      element. Your file returns the function. Mind both ends.]],
    start = 'return function(type, count)\n  return "pool"\nend\n',
    grade = function(answer)
      local type, count, wanted = first_error(answer)
      if type then
        return false, ("%s[%d] is served by %s; your function says %s"):format(type, count,
          wanted, tostring(answer(type, count)))
      end
      return true, "1 to 512 bytes stop at a pool, whatever is in them."
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
