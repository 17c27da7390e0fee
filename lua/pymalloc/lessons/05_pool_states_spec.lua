-- Lesson 5. Run it as a conversation: pymalloc lesson 5

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

local SIZE, CLASS = 64, 3 -- in the classroom three of them fit into a pool

-- The pools that wait for requests of the class, in list order, by offset.
local function waiting(heap)
  local offsets = {}
  for i, pool in ipairs(heap:usedpools(CLASS)) do
    offsets[i] = pool.offset
  end
  return offsets
end

-- Nine live blocks, which fill three pools: 1 to 3, 4 to 6, 7 to 9.
local function three_full_pools()
  local heap, blocks = pymalloc.heap { profile = "classroom" }, {}
  for i = 1, 9 do
    blocks[i] = heap:malloc(SIZE)
  end
  return heap, blocks
end

-- The numbers of the pools, 1 to 3, that serve so many requests after these
-- blocks were freed.
local function servers_after(frees, count)
  local heap, blocks = three_full_pools()
  for _, number in ipairs(frees) do
    blocks[number]:free()
  end
  local servers, taken = {}, {}
  for i = 1, count do
    taken[i] = heap:malloc(SIZE)
    servers[i] = tostring(taken[i]:location().pool // 256 + 1)
  end
  heap:close()
  return table.concat(servers, " ")
end

local function frees_fault(frees)
  if type(frees) ~= "table" or #frees > 5 then
    return "the answer has to be a table of at most five block numbers"
  end
  local is_freed = {}
  for _, number in ipairs(frees) do
    if math.type(number) ~= "integer" or number < 1 or number > 9 or is_freed[number] then
      return ("%s is wrong: each has to be a number from 1 to 9, once"):format(tostring(number))
    end
    is_freed[number] = true
  end
end

return lesson(5, "Used, full, empty", function()
  aside [[
    A heap with a thousand pools must find one with a free block at once, without looking at the
    others. So it keeps, for every size class, a list of the pools that have a free block and a live
    one. The heads of these lists are called usedpools.]]
  local heap <close> = pymalloc.heap { profile = "classroom" }
  local blocks = { heap:malloc(SIZE) }
  local first = blocks[1]:pool()

  say [[
    A pool is used while some of its blocks are live and some are not. A used pool is on the list of
    its class, and the first pool of the list serves the next request.]]
  show(heap)
  claim("a pool with one live block of three is used", first.state, "used")
  claim("a used pool is on the list of its class", waiting(heap), { 0 })
  claim("the lists of the other classes are empty", #heap:usedpools(CLASS - 1), 0)

  say [[
    With its last block handed out the pool is full, and it leaves the list. A full pool is on no
    list at all: nobody has to step over it, and nobody needs to find it, because whoever frees one
    of its blocks finds its header by rounding the block's address down.]]
  blocks[2], blocks[3] = heap:malloc(SIZE), heap:malloc(SIZE)
  show(first)
  claim("a pool with three live blocks of three is full", first.state, "full")
  claim("a full pool has no free block on its chain", first.freeblock, nil)
  claim("a full pool is on no list", waiting(heap), {})
  claim("an address rounded down to the pool's size is the address of the header",
    blocks[3]:address() // 256 * 256, first.address)

  for i = 4, 9 do
    blocks[i] = heap:malloc(SIZE)
  end
  local second, third = blocks[4]:pool(), blocks[7]:pool()
  say "The next six blocks fill two more pools. Now all three are full and none is listed."
  claim("three full pools leave the list empty", waiting(heap), {})

  say [[
    One free is enough to bring a full pool back, and it goes to the front of the list.]]
  blocks[1]:free()
  claim("a full pool of which a block is freed is used again", first.state, "used")
  claim("a pool that is used again is on the list again", waiting(heap), { 0 })
  blocks[7]:free()
  claim("the pool that came back last is the first of the list", waiting(heap), { 512, 0 })
  claim("nextpool leads from one used pool to the next", third:next() == first)

  predict {
    ask = "Now we free two blocks of pool 0:256. Which pool serves the next request?",
    choices = { "0:0", "0:256", "0:512", "0:768" },
    answer = function()
      blocks[4]:free()
      blocks[5]:free()
      blocks[10] = heap:malloc(SIZE)
      return "0:" .. blocks[10]:location().pool
    end,
    because = [[
      The first free took it from full to used, and that put it in front; the second changed nothing
      in the list. It has more free blocks than the others, but nobody asks for that: only
      the order in the list counts.]],
  }
  show(heap)
  claim("a used pool keeps its place in the list when it serves", waiting(heap), { 256, 512, 0 })

  say [[
    When its last live block is freed, a pool is empty. It leaves the list of its class, wherever
    it was in it, and goes back to its arena: any class may have it next.]]
  blocks[8]:free()
  blocks[9]:free()
  show(heap:arena(0))
  claim("a pool without a live block is empty", third.state, "empty")
  claim("a pool that becomes empty leaves its list, also from the middle", waiting(heap),
    { 256, 0 })
  claim("it becomes the first of its arena's freepools", heap:arena(0).freepools, third.address)
  claim("the other pools are as they were", { first.state, second.state }, { "used", "used" })

  say [[
    These are all the states there are, in pools of CPython's size too. Every pool goes from used to
    full and back, and from used to empty, but never from full to empty at once: a pool has at
    least two blocks.]]
  local real <close> = pymalloc.heap()
  local fewest = math.huge
  local kept = {}
  for size = 8, 512, 8 do
    kept[size] = real:malloc(size)
    fewest = math.min(fewest, kept[size]:pool().capacity)
  end
  claim("the pools with the biggest blocks have seven of them", fewest, 7)
  for i = 1, 6 do
    kept[i] = real:malloc(512)
  end
  local biggest = kept[512]:pool()
  local states = { biggest.state }
  kept[1]:free()
  states[2] = biggest.state
  claim("seven blocks of 512 bytes are full, and used when one is freed", states,
    { "full", "used" })

  break_it {
    what = "A wrong rule: a full pool that has a free block again goes to the end of the list.",
    run = function()
      local room <close>, nine = three_full_pools()
      local by_rule = {}
      for _, number in ipairs { 1, 4, 7 } do
        table.insert(by_rule, nine[number]:location().pool)
        nine[number]:free()
      end
      local served = room:malloc(SIZE):location().pool
      if served ~= by_rule[1] then
        error(("the rule says pool 0:%d, the heap took pool 0:%d"):format(by_rule[1], served))
      end
    end,
    fails = "the rule says pool 0:0, the heap took pool 0:512",
    so = [[
      At the end of the list every pool would have its turn, and all would stay half full. In
      front, the pool is filled up again soon, while those behind it have time to become empty,
      and an empty pool can serve any class.]],
  }

  exercise {
    task = [[
      Three pools are full: blocks 1 to 3 lie in pool 1, blocks 4 to 6 in pool 2, blocks 7 to 9 in
      pool 3. Free at most five blocks, so that the next five requests are served by the pools
      3, 1, 1, 2, 2, in this order. Your file returns the numbers of the blocks, in the order of
      their frees.]],
    start = "return { 1, 4, 7 }\n",
    grade = function(answer)
      local fault = frees_fault(answer)
      if fault then
        return false, fault
      end
      local servers = servers_after(answer, 5)
      return servers == "3 1 1 2 2", "The requests are served by the pools " .. servers .. "."
    end,
    good = { 4, 5, 1, 2, 7 },
    bad = { 7, 1, 2, 4, 5 },
  }
end)
