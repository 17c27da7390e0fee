-- Lesson 7. To go through it: pymalloc lesson 7

local filled = require "pymalloc.lesson.filled"
local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise
local empty, fill, indexes, usable = filled.empty, filled.fill, filled.indexes, filled.usable

-- Fills `count` arenas. Then, for each arena number in the order, empties one
-- more pool of this arena. Returns the hops.
local function hops_of(order, count, options)
  local heap <close> = pymalloc.heap(options)
  local arenas = fill(heap, count)
  for _, index in ipairs(order) do
    empty(arenas[index])
  end
  return heap:stats().hops
end

-- The number of these frees after which usable_arenas has the order that the walk
-- of 3.6 would give it.
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

-- One pool of each arena, in ascending order of the arenas, then one of each in
-- descending order, and so on.
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

-- The fault of an answer, which must be an order; nil if it has none.
local function order_fault(order, arenas, pools)
  if type(order) ~= "table" then
    return "your function must return a table, but it returns " .. tostring(order)
  end
  local named = {}
  for i, index in ipairs(order) do
    if math.type(index) ~= "integer" or index < 0 or index >= arenas then
      return ("element %d is %s; it must be the number of an arena, from 0 to %d"):format(i,
        tostring(index), arenas - 1)
    end
    named[index] = (named[index] or 0) + 1
  end
  for index = 0, arenas - 1 do
    if named[index] ~= pools then
      return ("arena %d has %d pools, so it must appear as often; it appears %d times"):format(
        index, pools, named[index] or 0)
    end
  end
end

return lesson(7, "The fullest arena is used first", function()
  lesson.source [[
    the article "Memory management in Python" by Artem Golubin, section "Arena"; CPython 3.6,
    Objects/obmalloc.c: struct arena_object, and the comment on usable_arenas. CPython 3.8, the
    same file: nfp2lasta, which was added by bpo-37029.]]

  aside [[
    An arena is a run of pools that the heap got from the system in one piece: 64 pools of 4 KiB in
    CPython 3.6. We begin with a heap of the profile classroom. Its arenas have four pools, and a
    pool has room for three blocks of 64 bytes. When a class needs a pool and several arenas have a
    free one, which arena does the pool come from?]]
  local heap <close> = pymalloc.heap { profile = "classroom", count_hops = true }

  say [[
    For each arena there is a record, the arena object. It has the address of the arena and the
    number of its free pools. The arena objects are the elements of an array named arenas, and each
    element is called a slot; the number of an arena is the number of its slot. At first the array
    has 16 slots. The slots without an arena are on a list named unused_arena_objects.]]
  local arenas = fill(heap, 3)
  show(heap)
  claim("when the first arena is obtained, the array gets 16 slots", heap:stats().arena_slots, 16)
  claim("the arenas are in slots 0, 1 and 2, and the unused slots are listed in ascending order",
    indexes(heap:unused_arena_objects()), { 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 })

  aside [[
    CPython declares the arena object in C too. Here is the one of arena 0 with its values. In C,
    uintptr_t is an integer as large as an address. CPython's pool_address is the place of the next
    pool to be carved; in a full arena it is the end of the arena.]]
  show(heap:arena(0), { struct = true })

  say [[
    These three arenas are full: they have no free pool. A full arena is on no list. An arena with a
    free pool is on a list named usable_arenas. We now make pools empty, one after the other, by
    freeing their blocks.]]
  claim("while all arenas are full, usable_arenas is empty", usable(heap), {})
  empty(arenas[0])
  claim("an arena is put on the list when one of its pools becomes free", usable(heap), { 0 })
  empty(arenas[1])
  claim("a full arena that gets its first free pool is put on the front", usable(heap), { 1, 0 })

  say [[
    The list is sorted by the number of free pools, the smallest number first. When one more pool of
    an arena becomes free, the arena moves back in the list, until all arenas before it have fewer
    free pools.]]
  empty(arenas[1])
  claim("arena 1 has two free pools now, and is after arena 0, which has one", usable(heap),
    { 0, 1 })
  empty(arenas[2])
  claim("arena 2 gets its first free pool, and is put on the front", usable(heap), { 2, 0, 1 })
  empty(arenas[2])
  claim("arena 2 gets its second one, and moves behind arena 0 but not behind arena 1, its equal",
    usable(heap), { 0, 2, 1 })
  empty(arenas[1])
  show(heap)
  claim("now the arenas on the list have one, two and three free pools",
    { heap:arena(0).nfreepools, heap:arena(2).nfreepools, heap:arena(1).nfreepools }, { 1, 2, 3 })

  local kept = {}
  predict {
    ask = "Now we request a block of a class that has no pool. From which arena does it get one?",
    choices = { "arena 0", "arena 1", "arena 2", "a new one" },
    hint = "Look at the first arena on usable_arenas in the picture.",
    why = {
      ["arena 1"] = "Arena 1 has the most free pools, so it is the last one on the list.",
      ["arena 2"] = "Arena 2 has two free pools. An arena with fewer is before it.",
      ["a new one"] = "A new arena is obtained only if no arena has a free pool.",
    },
    answer = function()
      kept[1] = heap:malloc(16)
      return "arena " .. kept[1]:location().arena
    end,
    because = [[
      The heap takes a pool of the first arena on the list, which has the fewest free pools. It then
      has even fewer, so the list stays sorted and no arena has to move. The arenas with many free
      pools are not used. If the program frees their last blocks, these arenas become empty, and
      only an empty arena can be given back to the system.]],
  }
  claim("arena 0 has no free pool any more, and is off the list", usable(heap), { 2, 1 })
  kept[2], kept[3] = heap:malloc(32), heap:malloc(48)
  claim("the next two pools come from arena 2", { kept[2]:location().arena,
    kept[3]:location().arena }, { 2, 2 })
  empty(arenas[1])
  show(heap)
  claim("arena 1 was not used; when its last pool becomes empty, it goes back to the system",
    { heap:arena(1).state, heap:stats().arenas_current }, { "closed", 2 })

  say [[
    Slot 1 has no arena now. It is put on the front of unused_arena_objects, so it will be the next
    slot to be used. The heap obtains a new arena only when no arena has a free pool. Therefore a
    new arena is always the only one on usable_arenas.]]
  claim("slot 1 is on the list before the slots that were never used",
    heap:unused_arena_objects()[1].index, 1)
  claim("no arena has a free pool now", usable(heap), {})
  kept[4] = heap:malloc(64)
  claim("the next pool comes from a new arena, which is in slot 1", kept[4]:location().arena, 1)
  claim("the new arena is the only one on the list", usable(heap), { 1 })

  say [[
    Keeping the list sorted takes time. CPython 3.6 finds the new place of an arena by walking along
    the list, until the next arena has at least as many free pools. We call each arena that it
    passes a hop. A heap with the option count_hops counts them.]]
  claim("so far two arenas moved, each by one hop", heap:stats().hops, 2)

  say [[
    If the list is long, an arena may have to pass many others. We fill 16 arenas of CPython 3.6,
    each of 64 pools, and empty them in the order that costs the most hops.]]
  claim("emptying 16 arenas in the worst order costs 7,440 hops", worst_hops(16), 7440)

  predict {
    ask = "100 arenas are about six times as many. How many hops does their worst order cost?",
    choices = { "7440", "46500", "306900" },
    hint = "Compare the numbers of pairs of arenas: 16 arenas have 120 pairs.",
    why = {
      ["7440"] = "This is the number for 16 arenas.",
      ["46500"] = "This is 7440 times 100 / 16. But a longer list also makes each walk longer.",
    },
    answer = function()
      return worst_hops(100)
    end,
    because = [[
      Six times as many arenas cost 41 times as many hops: the number of hops grows with the square
      of the number of arenas. Programs with many gigabytes of small objects took very long to free
      them (bpo-37029 in the list of Python's bugs).]],
  }

  say [[
    CPython 3.8 does not walk. An array named nfp2lasta stores, for each number of free pools, the
    last arena on the list with this number. An arena that moves is put right after the last arena
    of the group that it leaves. This is the same place that the walk finds. The heap of these
    lessons works this way in all profiles, and walks only if the option count_hops is on.]]
  local order = there_and_back(16, 64)
  claim("after each of the 1,024 frees of this order, the list is as 3.6's walk would make it",
    frees_as_walked(order, 16), 1024)
  claim("without the option, no hop is counted", hops_of(order, 16, {}), 0)

  break_it {
    what = [[
      We try a wrong rule: an arena moves behind its equals too. Arena 0 has one free pool, arena 1
      has two, and now arena 2 gets its second.]],
    run = function()
      local room <close> = pymalloc.heap { profile = "classroom" }
      local full = fill(room, 3)
      for _, index in ipairs { 1, 1, 0, 2, 2 } do
        empty(full[index])
      end
      local order_text = table.concat(usable(room), " ")
      if order_text ~= "0 1 2" then
        error("by this rule the list would be 0 1 2, but it is " .. order_text)
      end
    end,
    fails = "but it is 0 2 1$",
    so = [[
      Arena 2 now has two free pools, like arena 1, and is put before it. Because an arena never
      passes an arena with the same number, the walk is as short as possible. It is also the reason
      why it is enough to know the last arena of each group.]],
  }

  exercise {
    task = [[
      A heap has full arenas, numbered from 0, all with the same number of pools. Their pools are
      made empty one by one. Write a function that gets the number of arenas and the number of pools
      in each, and returns the order that costs the most hops. The order is a table of arena
      numbers, in which each arena appears once for each of its pools. For example, { 0, 1, 1, 0 }
      empties a pool of arena 0, then both pools of arena 1, then the other pool of arena 0.]],
    start = "return function(arenas, pools)\n  local order = {}\n  for arena = 0, arenas - 1 do\n"
      .. "    for _ = 1, pools do\n      table.insert(order, arena)\n    end\n  end\n"
      .. "  return order\nend\n",
    hint = "An arena makes hops only if it has to pass others. Let the arenas get their n-th free "
      .. "pool one after the other, then their next one in the other direction.",
    grade = function(answer)
      for _, case in ipairs { { 2, 4 }, { 5, 4 }, { 16, 64 } } do
        local count, pools = case[1], case[2]
        local frees = answer(count, pools)
        local fault = order_fault(frees, count, pools)
        local got = not fault and hops_of(frees, count,
          { profile = "classroom", arena_bytes = 256 * pools, count_hops = true })
        -- Two arenas pass each other at most once for each number of free pools
        -- that both have had, from 1 to pools - 2: an arena whose last pool
        -- becomes empty is released and does not move.
        local most = (pools - 2) * count * (count - 1) // 2
        if got ~= most then
          return false, ("for %d arenas of %d pools, "):format(count, pools)
            .. (fault or ("your order costs %d hops, and the worst one %d"):format(got, most))
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
