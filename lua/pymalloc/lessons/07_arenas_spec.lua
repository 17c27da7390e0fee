-- Lesson 7. Run it as a conversation: pymalloc lesson 7

local filled = require "pymalloc.lesson.filled"
local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise
local empty, fill, indexes, usable = filled.empty, filled.fill, filled.indexes, filled.usable

-- Fills so many arenas and empties them pool by pool: of each arena that the
-- order names, one more pool. Returns the hops.
local function hops_of(order, count, options)
  local heap <close> = pymalloc.heap(options)
  local arenas = fill(heap, count)
  for _, index in ipairs(order) do
    empty(arenas[index])
  end
  return heap:stats().hops
end

-- How many of these frees leave usable_arenas as 3.6's walk would leave it.
local function frees_as_walked(order, count)
  local heap <close> = pymalloc.heap()
  local arenas, agreed = fill(heap, count), 0
  for _, index in ipairs(order) do
    local expected = table.concat(filled.walk(heap, index), " ")
    empty(arenas[index])
    agreed = agreed + (table.concat(usable(heap), " ") == expected and 1 or 0)
  end
  return agreed
end

-- One pool of each arena in turn, there and back.
local function there_and_back(arenas, pools)
  local order = {}
  for turn = 1, pools do
    for i = 0, arenas - 1 do
      table.insert(order, turn % 2 == 1 and i or arenas - 1 - i)
    end
  end
  return order
end

local function worst_hops(arenas)
  return hops_of(there_and_back(arenas, 64), arenas, { count_hops = true })
end

-- What is wrong with the order of an answer; nil for nothing.
local function order_fault(order, arenas, pools)
  if type(order) ~= "table" then
    return "your function has to return a table, not " .. tostring(order)
  end
  local named = {}
  for i, index in ipairs(order) do
    if math.type(index) ~= "integer" or index < 0 or index >= arenas then
      return ("element %d is %s; it has to be an arena, 0 to %d"):format(i, tostring(index),
        arenas - 1)
    end
    named[index] = (named[index] or 0) + 1
  end
  for index = 0, arenas - 1 do
    if named[index] ~= pools then
      return ("arena %d has %d pools, and the order names it %d times"):format(index, pools,
        named[index] or 0)
    end
  end
end

return lesson(7, "The fullest arena serves first", function()
  aside [[
    An arena is a run of pools that the system gave at once: 64 pools of 4 KiB in CPython 3.6. We
    begin with the classroom, where an arena has four pools, and a pool three blocks of 64 bytes.
    When a class needs a pool and several arenas have one, which of them gives it?]]
  local heap <close> = pymalloc.heap { profile = "classroom", count_hops = true }

  say [[
    Of every arena there is a record, the arena object: where it lies, and how many of its pools are
    free. The records are slots of a vector, called arenas. It has 16 slots at first; those without
    an arena wait in a list, unused_arena_objects.]]
  local arenas = fill(heap, 3)
  show(heap)
  claim("the first arena came with 16 slots", heap:stats().arena_slots, 16)
  claim("three arenas took the slots 0, 1 and 2; the others wait in ascending order",
    indexes(heap:unused_arena_objects()), { 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 })

  say [[
    These three arenas are full: none of their pools is free. A full arena is on no list, as a full
    pool is on none. An arena with a free pool is on the list usable_arenas, and it gets there when
    its first pool becomes free.]]
  claim("full arenas leave usable_arenas empty", usable(heap), {})
  empty(arenas[0])
  claim("with its first free pool an arena is on the list", usable(heap), { 0 })
  empty(arenas[1])
  claim("the one that came last stands in front", usable(heap), { 1, 0 })

  say [[
    The list is sorted: the arenas with the fewest free pools come first. An arena that gains a free
    pool moves back, behind all that have fewer.]]
  empty(arenas[1])
  claim("with two free pools arena 1 stands behind arena 0, which has one", usable(heap), { 0, 1 })
  empty(arenas[2])
  claim("arena 2, with its first one, comes to the front", usable(heap), { 2, 0, 1 })
  empty(arenas[2])
  claim("with two it moves behind arena 0, and in front of arena 1, its equal", usable(heap),
    { 0, 2, 1 })
  empty(arenas[1])
  show(heap)
  claim("now they have one, two and three free pools, in the order of the list",
    { heap:arena(0).nfreepools, heap:arena(2).nfreepools, heap:arena(1).nfreepools }, { 1, 2, 3 })

  local kept = {}
  predict {
    ask = "Which arena gives a pool to the next class that needs one?",
    choices = { "arena 0", "arena 1", "arena 2", "a new one" },
    answer = function()
      kept[1] = heap:malloc(16)
      return "arena " .. kept[1]:location().arena
    end,
    because = [[
      The head of the list, which is the fullest. It gets fuller by that, so the list stays sorted
      and nothing has to move. And the emptier arenas are left alone: if the program frees some more
      of their blocks, they are free as a whole, and only then can the system have them back.]],
  }
  claim("with its last free pool given away arena 0 has left the list", usable(heap), { 2, 1 })
  kept[2], kept[3] = heap:malloc(32), heap:malloc(48)
  claim("the next two pools come from arena 2", { kept[2]:location().arena,
    kept[3]:location().arena }, { 2, 2 })
  empty(arenas[1])
  show(heap)
  claim("arena 1 was spared, and goes back when its last pool is empty",
    { heap:arena(1).state, heap:stats().arenas_current }, { "closed", 2 })

  say [[
    Its slot is free again, and the slot that became free last is the first to be used. A new arena
    is obtained only when no arena has a free pool: then it is the only usable one.]]
  claim("slot 1 waits in front of those that were never used",
    heap:unused_arena_objects()[1].index, 1)
  claim("no arena is usable", usable(heap), {})
  kept[4] = heap:malloc(64)
  claim("so the next pool comes from a new arena, in slot 1", kept[4]:location().arena, 1)
  claim("and it is the only one on the list", usable(heap), { 1 })

  say [[
    To be sorted has a price. How does an arena find its place? CPython 3.6 walks along the list
    until the next arena is not fuller. Each arena that it passes we call a hop. This heap counts
    them (the option count_hops).]]
  claim("so far two arenas moved, past one arena each", heap:stats().hops, 2)

  say [[
    On a list of many arenas it can be far. We fill arenas of CPython 3.6, of 64 pools, and empty
    them in an order that is as bad as can be. 16 arenas cost 7,440 hops.]]
  claim("emptying 16 arenas in the worst order costs 7,440 hops", worst_hops(16), 7440)

  predict {
    ask = "How many hops do 100 arenas cost, about six times as many?",
    choices = { "7440", "46500", "306900" },
    answer = function()
      return worst_hops(100)
    end,
    because = [[
      Six times the arenas, 41 times the hops: they grow with the square of the number of arenas.
      Programs with many gigabytes of small objects took very long to free them (bpo-37029).]],
  }

  say [[
    CPython 3.8 does not walk. For each number of free pools it remembers the last arena that has so
    many, in a table called nfp2lasta. An arena that moves goes right behind the last one of the
    group it leaves, and that is just where the walk would end. This heap does the same, with every
    profile; it walks only to count.]]
  local order = there_and_back(16, 64)
  claim("all 1,024 frees of that order leave the arenas where 3.6's walk would leave them",
    frees_as_walked(order, 16), 1024)
  claim("where nobody asks for the count, there is no hop", hops_of(order, 16, {}), 0)

  break_it {
    what = [[
      A wrong rule: an arena goes behind its equals. Arena 0 has one free pool, arena 1 has two, and
      now arena 2 gets its second.]],
    run = function()
      local room <close> = pymalloc.heap { profile = "classroom" }
      local full = fill(room, 3)
      for _, index in ipairs { 1, 1, 0, 2, 2 } do
        empty(full[index])
      end
      local order_text = table.concat(usable(room), " ")
      if order_text ~= "0 1 2" then
        error("the rule says 0 1 2, the heap has " .. order_text)
      end
    end,
    fails = "the heap has 0 2 1$",
    so = [[
      Arena 2 has two free pools, as arena 1 has. It stops in front of it: an arena never passes its
      equals, so the walk is as short as it can be, and the last one of each group is all that has
      to be remembered.]],
  }

  exercise {
    task = [[
      Some arenas are full, numbered from 0; each has the same number of pools. They are emptied
      pool by pool. Write a function that gets the number of arenas and the number of pools in each,
      and returns the order that costs the most hops: a table of arena numbers, in which each arena
      stands once for each of its pools. { 0, 1, 1, 0 } empties a pool of arena 0, then both of
      arena 1, then the other one of arena 0.]],
    start = "return function(arenas, pools)\n  local order = {}\n  for arena = 0, arenas - 1 do\n"
      .. "    for _ = 1, pools do\n      table.insert(order, arena)\n    end\n  end\n"
      .. "  return order\nend\n",
    grade = function(answer)
      for _, case in ipairs { { 2, 4 }, { 5, 4 }, { 16, 64 } } do
        local count, pools = case[1], case[2]
        local frees = answer(count, pools)
        local fault = order_fault(frees, count, pools)
        local got = not fault and hops_of(frees, count,
          { profile = "classroom", arena_bytes = 256 * pools, count_hops = true })
        -- Two arenas pass each other at most once for each number of free
        -- pools that both have had; with the last pool an arena goes back.
        local most = (pools - 2) * count * (count - 1) // 2
        if got ~= most then
          return false, ("%d arenas of %d pools: "):format(count, pools)
            .. (fault or ("your order costs %d hops, the worst one %d"):format(got, most))
        end
      end
      return true, "Each pair of arenas costs one hop for each number of free pools from 1 to "
        .. "pools - 2."
    end,
    good = there_and_back,
    bad = function(count, pools)
      local frees = {}
      for i = 0, count * pools - 1 do
        frees[i + 1] = i % count
      end
      return frees
    end,
  }
end)
