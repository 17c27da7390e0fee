-- Lesson 9. To go through it: pymalloc lesson 9

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

local SIZE = 64

-- A heap like CPython 3.11's in practice: mmap returns arenas whose addresses are
-- not multiples of the pool size, 16 KiB, so an arena has 63 pools and not 64.
local function python_3_11(release)
  return pymalloc.heap { profile = "3.11", arena_offset = 4096, release = release }
end

local function take(heap, count)
  local blocks = {}
  for i = 1, count do
    blocks[i] = heap:malloc(SIZE)
  end
  return blocks
end

-- Frees, in the order of their requests, all blocks for whose number is_kept
-- returns false.
local function free_but(blocks, is_kept)
  for number, block in ipairs(blocks) do
    if not is_kept(number) then
      block:free()
    end
  end
end

-- The is_kept that is true for one block in every `count`.
local function every(count)
  return function(number)
    return number % count == 0
  end
end

local function none()
  return false
end

-- Makes `count` blocks and frees those that are not kept; returns the number of
-- arenas that the heap still holds.
local function arenas_left(heap, count, is_kept)
  local blocks = take(heap, count)
  free_but(blocks, is_kept)
  return heap:stats().arenas_current
end

-- The statistics of a heap after a loop of a million turns, each of which makes
-- a block and frees it.
local function after_loop(profile)
  local loop = ("a 1 64\nf 1\n"):rep(1000000)
  return assert(pymalloc.trace.replay_text(loop, { heap = { profile = profile } })).heap
end

-- Fills three arenas with objects and frees all but one in every `spacing`.
-- Returns how many arenas the heap releases.
local function released(options, size, spacing)
  local heap <close> = pymalloc.heap(options)
  local blocks = {}
  repeat
    table.insert(blocks, heap:malloc(size))
  until blocks[#blocks]:location().arena == 3
  table.remove(blocks):free()
  free_but(blocks, every(spacing))
  return 3 - heap:stats().arenas_current
end

-- The fault of a spacing; nil if it has none.
local function spacing_fault(options, size, spacing)
  if math.type(spacing) ~= "integer" or spacing < 1 then
    return ("your function returns %s, which is not an integer from 1 up"):format(tostring(spacing))
  elseif released(options, size, spacing) > 0 then
    return ("if one in every %d objects survives, an arena is released"):format(spacing)
  elseif released(options, size, spacing + 1) == 0 then
    return ("%d is not the largest: with %d no arena is released either"):format(spacing,
      spacing + 1)
  end
end

return lesson(9, "Only an empty arena is released", function()
  lesson.source [[
    the article "Memory management in Python" by Artem Golubin, section "Memory deallocation";
    CPython 3.6, Objects/obmalloc.c: the four cases in _PyObject_Free. The rule of 3.9:
    bpo-37257.]]

  aside [[
    A program frees most of its objects, but the system's tools show that the process uses as much
    memory as before. An article about memory management in Python says: "Python's small object
    manager rarely returns memory back to the Operating System." When does it return memory, and
    when not?]]

  say [[
    The heap gets memory from the system in arenas, and it can return only whole arenas. To return
    an arena is called to release it. Here is a heap of the profile classroom. We fill two arenas
    with twelve blocks of 64 bytes each, and then free all blocks of arena 0 except one.]]
  local heap <close> = pymalloc.heap { profile = "classroom" }
  local blocks = take(heap, 24)
  local arena, pool = heap:arena(0), blocks[1]:pool()
  for number = 1, 12 do
    if number ~= 5 then
      blocks[number]:free()
    end
  end
  show(heap)
  claim("three of the four pools of arena 0 are empty", arena.nfreepools, 3)
  claim("the heap still holds both arenas, 2048 bytes", heap:stats().arena_bytes, 2048)
  local pinning = heap:pinned_by(arena)
  claim("one block of 64 bytes keeps arena 0 from being released: it pins the arena",
    { #pinning, pinning[1].pool, pinning[1].offset, pinning[1].size }, { 1, 256, 112, 64 })

  local events = {}
  predict {
    ask = "Now we free this last block of arena 0 too. How many bytes does the heap release?",
    choices = { "0", "64", "256", "1024" },
    hint = "Which pools of arena 0 still have a live block after this free?",
    why = {
      ["0"] = "This block was the only one that pinned the arena.",
      ["64"] = "The heap cannot release a single block, only a whole arena.",
      ["256"] = "The heap cannot release a single pool, only a whole arena.",
    },
    answer = function()
      local before = heap:stats().arena_bytes
      heap:on(function(event)
        table.insert(events, event.kind)
      end)
      blocks[5]:free()
      return before - heap:stats().arena_bytes
    end,
    because = [[
      The pool of this block was the last pool of the arena that was not empty. Now all pools of the
      arena are empty, and the heap releases the arena, before this call of free returns.]],
  }
  show(heap)
  claim("in this free the pool becomes empty, its arena gets it back, and the arena is released",
    events, { "request", "block_push", "pool_empty", "pool_give", "arena_release" })
  claim("slot 0 has no arena any more", arena.state, "closed")

  break_it {
    what = "We try to read a pool of the arena that was released.",
    run = function()
      return pool.ref_count
    end,
    fails = "its arena was released",
    so = [[
      These addresses do not belong to the heap any more. If a C program still uses a pointer to
      them, it ends with a segmentation fault. If the system has given the addresses to another part
      of the program, there is no such fault: the program then reads wrong data, which is worse.]],
  }

  say [[
    So the number of live blocks is less important than their places. An arena of CPython 3.11 has 1
    MiB. It has 63 pools of 16 KiB and not 64, because the address that mmap returns is seldom a
    multiple of 16 KiB. These pools have room for 16,065 blocks of 64 bytes. A program makes 208,845
    objects of 64 bytes, which fill 13 arenas, and then frees all of them except 13. We try this
    twice, and keep different objects.]]
  local rows = { "  kept                      live bytes   arenas   their bytes" }
  local left = {}
  for i, case in ipairs {
    { "one in every 16,065", every(16065) },
    { "the first 13", function(number) return number <= 13 end },
  } do
    local big <close> = python_3_11()
    left[i] = arenas_left(big, 13 * 16065, case[2])
    rows[i + 1] = ("  %-24s %11d %8d %13d"):format(case[1], big:stats().allocated_bytes, left[i],
      big:stats().arena_bytes)
  end
  show(table.concat(rows, "\n"))
  claim("13 blocks of 64 bytes, one in each arena, pin 13 arenas of 1 MiB", left[1], 13)
  claim("13 blocks that are next to each other pin one arena", left[2], 1)

  predict {
    ask = [[
      A program of CPython 3.6 has no objects yet. A loop makes an object of 64 bytes and frees it,
      one million times. How many arenas does the heap obtain, in total?]],
    choices = { "1", "16", "15625", "1000000" },
    hint = "How many blocks are live after the object is freed?",
    why = {
      ["1"] = "The arena does not stay: it becomes empty in each turn, and then it is released.",
      ["16"] = "16 is the number of slots that the array of arenas has at first.",
      ["15625"] = "The program never has two objects at a time, so their number in an arena does "
        .. "not matter.",
    },
    answer = function()
      return after_loop("3.6").arenas_allocated_total
    end,
    because = [[
      The object is the only live block. When it is freed, its pool becomes empty, and then its
      arena, so the heap releases the arena. In the next turn of the loop the heap has to obtain a
      new one. The same can happen in a program with a gigabyte of objects: if all its pools and
      arenas are full, each object that the loop makes needs a new arena (bpo-37257).]],
  }

  say [[
    CPython 3.9 has a rule against this: an empty arena is released only if another arena comes
    after it on usable_arenas (lesson 7). So the last arena of this list is kept.]]
  local newer = after_loop("3.9")
  claim("in CPython 3.9 the same loop obtains one arena", newer.arenas_allocated_total, 1)
  claim("after the loop the heap still holds this arena, although no block is live",
    { newer.arenas_current, newer.allocated_bytes }, { 1, 0 })

  say [[
    The rule has changed twice. Before version 2.5, CPython never released an arena. Versions 2.5 to
    3.8 release an empty arena at once. Since 3.9, the last one is kept. We compare the three rules
    with a program that fills three arenas and then frees everything.]]
  local by_rule = {}
  for _, release in ipairs { "never", "at_once", "keep_last" } do
    local big <close> = python_3_11(release)
    by_rule[release] = arenas_left(big, 3 * 16065, none)
  end
  claim("in the end, the heap holds three arenas by the first rule, none by the second, and one "
    .. "by the third", by_rule, { never = 3, at_once = 0, keep_last = 1 })

  say [[
    The heap decides whether to release an arena only at the moment when the arena becomes empty. An
    empty arena that was kept is not released later, even when other arenas have free pools, unless
    it is used and becomes empty again. For example, we fill three arenas and keep only one in every
    16,066 objects. No object of arena 0 is kept. This arena becomes empty first, when no other
    arena has a free pool.]]
  local keep_last <close> = python_3_11()
  local at_once <close> = python_3_11("at_once")
  claim("3.11 keeps arena 0 as the last one, and still holds all three arenas in the end",
    arenas_left(keep_last, 3 * 16065, every(16066)), 3)
  claim("by the rule of 3.6, arena 0 is released and two arenas are left",
    arenas_left(at_once, 3 * 16065, every(16066)), 2)

  say [[
    CPython returns the memory of a released arena to the system at once, with the call munmap. The
    heap of these lessons differs here. It closes a released arena at once too, but it keeps the
    memory for the next arenas, because mmap and munmap are slow. The option retain_bytes limits how
    much memory is kept, and heap:trim returns all of it to the system.]]
  local retained = at_once:stats().retained_bytes
  claim("the memory of the released arena is still retained", retained, 1048576)
  claim("heap:trim returns it to the system", { at_once:trim(), at_once:stats().retained_bytes },
    { retained, 0 })

  break_it {
    what = "We try a wrong rule: if every second object is freed, half of the arenas are released.",
    run = function()
      local half <close> = pymalloc.heap()
      local arenas = arenas_left(half, 3 * 64 * 63, every(2))
      if arenas > 2 then
        error(("half of all blocks are free, but the heap holds %d of 3 arenas"):format(arenas))
      end
    end,
    fails = "the heap holds 3 of 3 arenas",
    so = [[
      Every pool still has live blocks, so every arena has some too. The free blocks can be used
      again: the next objects of the same size get them. But no memory is returned to the system.]],
  }

  exercise {
    task = [[
      A program fills three arenas with objects of one size. Then it frees all of them except one in
      every n: the objects with the numbers n, 2n, 3n and so on survive. Suppose that empty arenas
      are released at once. What is the largest n with which no arena is released? Your file returns
      a function. It gets the geometry of the heap and the size of the objects in bytes, and returns
      n. The geometry is a table; among its fields are alignment, pool_bytes, header_bytes and
      pools_per_arena.]],
    start = "return function(geometry, size)\n"
      .. "  return geometry.pools_per_arena * geometry.pool_bytes // size\nend\n",
    hint = "How many blocks has a pool, if its header and the rounding of sizes are considered? "
      .. "And how many has an arena?",
    grade = function(answer)
      for _, case in ipairs { { "classroom", 64 }, { "3.6", 64 }, { "3.8", 30 },
                              { "3.11", 64, 4096 } } do
        local profile, size, arena_offset = table.unpack(case)
        local options = { profile = profile, arena_offset = arena_offset, release = "at_once" }
        local model <close> = pymalloc.heap(options)
        local fault = spacing_fault(options, size, answer(model.geometry, size))
        if fault then
          return false, ("For objects of %d bytes in %s: %s."):format(size, profile, fault)
        end
      end
      return true, "n is the number of blocks in an arena: 16065 blocks of 64 bytes in 3.11."
    end,
    good = function(geometry, size)
      local block_bytes = -(-size // geometry.alignment) * geometry.alignment
      local room = geometry.pool_bytes - geometry.header_bytes
      return geometry.pools_per_arena * (room // block_bytes)
    end,
    bad = function(geometry, size)
      local room = geometry.pool_bytes - geometry.header_bytes
      return geometry.pools_per_arena * (room // size)
    end,
  }
end)
