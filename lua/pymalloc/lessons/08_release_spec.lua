-- Lesson 8. Run it as a conversation: pymalloc lesson 8

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

local SIZE = 64

-- CPython 3.11 as it is met in practice: mmap gives arenas that are not
-- aligned to its pools of 16 KiB, and one pool of 64 is lost by that.
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

-- Frees, in the order of their requests, all blocks of which is_kept(number)
-- is false.
local function free_but(blocks, is_kept)
  for number, block in ipairs(blocks) do
    if not is_kept(number) then
      block:free()
    end
  end
end

-- One in every so many is kept.
local function every(count)
  return function(number)
    return number % count == 0
  end
end

local function none()
  return false
end

-- The arenas that remain where all these blocks but some were freed.
local function arenas_left(heap, count, is_kept)
  local blocks = take(heap, count)
  free_but(blocks, is_kept)
  return heap:stats().arenas_current
end

-- What a loop of a million turns leaves that takes a block and gives it back.
local function after_loop(profile)
  local loop = ("a 1 64\nf 1\n"):rep(1000000)
  return assert(pymalloc.trace.replay_text(loop, { heap = { profile = profile } })).heap
end

-- Fills three arenas with objects and frees all but one in every so many.
-- Returns how many arenas come back.
local function came_back(options, size, spacing)
  local heap <close> = pymalloc.heap(options)
  local blocks = {}
  repeat
    table.insert(blocks, heap:malloc(size))
  until blocks[#blocks]:location().arena == 3
  table.remove(blocks):free()
  free_but(blocks, every(spacing))
  return 3 - heap:stats().arenas_current
end

-- What is wrong with a spacing; nil for nothing.
local function spacing_fault(options, size, spacing)
  if math.type(spacing) ~= "integer" or spacing < 1 then
    return ("your function says %s; a spacing is an integer from 1 on"):format(tostring(spacing))
  elseif came_back(options, size, spacing) > 0 then
    return ("with one survivor in every %d objects arenas come back"):format(spacing)
  elseif came_back(options, size, spacing + 1) == 0 then
    return ("one survivor in every %d objects pins all arenas, but %d does it too")
      :format(spacing, spacing + 1)
  end
end

return lesson(8, "Only an empty arena goes back", function()
  aside [[
    A program frees most of what it made, and the system monitor shows that it holds as much memory
    as before. "Python's small object manager rarely returns memory back to the operating system",
    says the article. When does it?]]

  say [[
    Arenas are what the system gave, and arenas are what it gets back, whole ones. In the classroom
    we fill two, with twelve blocks of 64 bytes each, and free all blocks of arena 0 but one.]]
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
  claim("and yet the heap holds both arenas", heap:stats().arena_bytes, 2048)
  claim("one block of 64 bytes pins arena 0", heap:pinned_by(arena),
    { { arena = 0, pool = 256, offset = 112, size = 64 } })

  local events = {}
  predict {
    ask = "We free this block of 64 bytes too. How many bytes does the heap give back?",
    choices = { "0", "64", "256", "1024" },
    answer = function()
      local before = heap:stats().arena_bytes
      heap:on(function(event)
        table.insert(events, event.kind)
      end)
      blocks[5]:free()
      return before - heap:stats().arena_bytes
    end,
    because = [[
      The pool was the last one of the arena that was not empty. So the arena is empty as a whole,
      and goes back inside this very free.]],
  }
  show(heap)
  claim("the pool left its class, the arena took it back, and went back itself", events,
    { "request", "block_push", "pool_empty", "pool_give", "arena_release" })
  claim("the slot has no arena any more", arena.state, "closed")

  break_it {
    what = "We look once more at the first pool of the arena that went back.",
    run = function()
      return pool.ref_count
    end,
    fails = "its arena was released",
    so = [[
      These addresses are not the heap's any more. A program in C that held a pointer to them would
      end with a segmentation fault; or it would not, which is worse.]],
  }

  say [[
    So it does not matter how much is live, but where. An arena of CPython 3.11 has 1 MiB: 63 pools
    of 16 KiB (mmap seldom aligns it to a pool, so room for one is lost), 16,065 blocks of 64 bytes.
    A program makes 208,845 objects of 64 bytes, so that 13 arenas are full, and frees all but 13 of
    them. Which 13?]]
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
  claim("13 blocks of 64 bytes that lie far apart pin 13 arenas of 1 MiB", left[1], 13)
  claim("13 that lie side by side pin one", left[2], 1)

  predict {
    ask = "CPython 3.6, no object yet. A loop makes one of 64 bytes and frees it, a million times. "
      .. "How many arenas are obtained?",
    choices = { "1", "16", "15625", "1000000" },
    answer = function()
      return after_loop("3.6").arenas_allocated_total
    end,
    because = [[
      Each free empties the only block of the only pool of the arena, so the arena goes back, and
      the next turn has to obtain another one. The same happens to a program with a gigabyte of
      objects, if all its arenas are full and the loop stands right at the boundary (bpo-37257).]],
  }

  say [[
    CPython 3.9 has a rule against this thrashing: an empty arena goes back only if there is another
    one with a free pool. The last one is kept.]]
  local newer = after_loop("3.9")
  claim("the same loop obtains one arena in CPython 3.9", newer.arenas_allocated_total, 1)
  claim("which is still there behind the loop, although nothing is live",
    { newer.arenas_current, newer.allocated_bytes }, { 1, 0 })

  say [[
    One program, three rules: it fills three arenas and frees everything. CPython before 2.5 never
    gave an arena back; 2.5 to 3.8 do it at once; since 3.9 they keep the last one.]]
  local by_rule = {}
  for _, release in ipairs { "never", "at_once", "keep_last" } do
    local big <close> = python_3_11(release)
    by_rule[release] = arenas_left(big, 3 * 16065, none)
  end
  claim("of three arenas, three, none and one are held in the end", by_rule,
    { never = 3, at_once = 0, keep_last = 1 })

  say [[
    An arena is asked only at the moment when it becomes empty. The one that was kept as the last is
    not asked again when others come.]]
  local keep_last <close> = python_3_11()
  local at_once <close> = python_3_11("at_once")
  claim("with one survivor in every 16,066 arena 0 has none, and 3.11 keeps it",
    arenas_left(keep_last, 3 * 16065, every(16066)), 3)
  claim("the rule of 3.6 would give it back", arenas_left(at_once, 3 * 16065, every(16066)), 2)

  say [[
    In CPython an arena that goes back is unmapped at once. Here the allocator forgets it at once
    too, but some megabytes of such arenas keep their pages for a while (the option retain_bytes),
    because mmap and munmap are slow. heap:trim gives them up.]]
  local retained = at_once:stats().retained_bytes
  claim("the arena that went back still has its pages", retained, 1048576)
  claim("heap:trim gives them to the system", { at_once:trim(), at_once:stats().retained_bytes },
    { retained, 0 })

  break_it {
    what = "A wrong rule: who frees every other object gives back half of the memory.",
    run = function()
      local half <close> = pymalloc.heap()
      local arenas = arenas_left(half, 3 * 64 * 63, every(2))
      if arenas > 2 then
        error(("half of all blocks are free, and %d of 3 arenas are held"):format(arenas))
      end
    end,
    fails = "3 of 3 arenas are held",
    so = [[
      Every pool still has live blocks, and so has every arena. The free blocks are not lost: the
      next objects of the same size get them. But the system gets nothing.]],
  }

  exercise {
    task = [[
      A program fills three arenas with objects of one size and frees them all, but one in every n:
      number n, 2n, 3n and so on survive. What is the largest n for which no arena comes back, where
      empty arenas go back at once? Your file returns a function: it gets the geometry of the heap
      and the size of the objects in bytes, and returns n. The geometry is a table with the fields
      alignment, pool_bytes, header_bytes and pools_per_arena, among others.]],
    start = "return function(geometry, size)\n"
      .. "  return geometry.pools_per_arena * geometry.pool_bytes // size\nend\n",
    grade = function(answer)
      for _, case in ipairs { { "classroom", 64 }, { "3.6", 64 }, { "3.8", 30 },
                              { "3.11", 64, 4096 } } do
        local profile, size, arena_offset = table.unpack(case)
        local options = { profile = profile, arena_offset = arena_offset, release = "at_once" }
        local model <close> = pymalloc.heap(options)
        local fault = spacing_fault(options, size, answer(model.geometry, size))
        if fault then
          return false, ("In %s, objects of %d bytes: %s."):format(profile, size, fault)
        end
      end
      return true, "One survivor for as many blocks as an arena has: 16065 of 64 bytes in 3.11."
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
