-- Lesson 5. To go through it: pymalloc lesson 5

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

local SIZE, CLASS = 64, 3 -- a pool of the classroom has room for three

-- The offsets of the pools on the list of the class, in list order.
local function listed(heap)
  local offsets = {}
  for i, pool in ipairs(heap:usedpools(CLASS)) do
    offsets[i] = pool.offset
  end
  return offsets
end

-- A heap and its nine live blocks; 1 to 3, 4 to 6 and 7 to 9 each fill a pool.
local function three_full_pools()
  local heap, blocks = pymalloc.heap { profile = "classroom" }, {}
  for i = 1, 9 do
    blocks[i] = heap:malloc(SIZE)
  end
  return heap, blocks
end

-- Frees these blocks and makes `count` requests; returns the numbers, 1 to 3, of
-- the pools that serve them.
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

-- The fault of an answer; nil if it has none.
local function frees_fault(frees)
  if type(frees) ~= "table" or #frees > 5 then
    return "the file must return a table of at most five block numbers"
  end
  local is_freed = {}
  for _, number in ipairs(frees) do
    if math.type(number) ~= "integer" or number < 1 or number > 9 or is_freed[number] then
      return ("%s is wrong: each must be a number from 1 to 9, and appear once"):format(
        tostring(number))
    end
    is_freed[number] = true
  end
end

return lesson(5, "Used, full, empty", function()
  lesson.source [[
    the article "Memory management in Python" by Artem Golubin, section "Pool", on its three
    states; CPython 3.6, Objects/obmalloc.c: the comments on pools and on usedpools.]]

  aside [[
    For each request, the heap needs a pool with a free block. A heap can have thousands of pools,
    so it must not search through all of them. Therefore it keeps a list for each size class. The
    list has all pools of the class that have both a free block and a live one. The heads of these
    lists are in an array with the name usedpools.]]
  local heap <close> = pymalloc.heap { profile = "classroom" }
  local blocks = { heap:malloc(SIZE) }
  local first = blocks[1]:pool()

  say [[
    A pool is used if it has both live blocks and blocks that are not live. A used pool is on the
    list of its class. The first pool of the list serves the next request.]]
  show(heap)
  claim("a pool of three blocks, of which one is live, is used", first.state, "used")
  claim("a used pool is on the list of its class", listed(heap), { 0 })
  claim("the list of another class is empty", #heap:usedpools(CLASS - 1), 0)

  say [[
    When its last free block is handed out, a pool is full, and it is taken off the list. A full
    pool is on no list. It need not be on one: it cannot serve a request, and when one of its
    blocks is freed, the heap finds the header from the address of the block, by rounding the
    address down to a multiple of the pool size (lesson 8). The fields nextpool and prevpool
    still have the links from before, but nothing uses them. The picture calls such fields
    stale.]]
  blocks[2], blocks[3] = heap:malloc(SIZE), heap:malloc(SIZE)
  show(first)
  claim("a pool with three live blocks of three is full", first.state, "full")
  claim("a full pool has no free block on its chain", first.freeblock, nil)
  claim("a full pool is on no list", listed(heap), {})
  claim("an address rounded down to a multiple of the pool size is the address of the header",
    blocks[3]:address() // 256 * 256, first.address)

  for i = 4, 9 do
    blocks[i] = heap:malloc(SIZE)
  end
  local second, third = blocks[4]:pool(), blocks[7]:pool()
  say "The next six blocks fill two more pools. Now all three pools are full."
  claim("while all three pools are full, the list is empty", listed(heap), {})

  say [[
    If one block of a full pool is freed, the pool is used again. It is put on the front of the
    list.]]
  blocks[1]:free()
  claim("a full pool is used again after one of its blocks is freed", first.state, "used")
  claim("then it is on the list again", listed(heap), { 0 })
  blocks[7]:free()
  claim("the pool that came back last is the first of the list", listed(heap), { 512, 0 })
  claim("nextpool is the link from one pool of the list to the next", third:next() == first)

  predict {
    ask = [[
      The list has the pools 0:512 and 0:0. Now we free two blocks of pool 0:256, which is full.
      Which pool serves the next request?]],
    choices = { "0:0", "0:256", "0:512", "0:768" },
    hint = "Where in the list is a full pool put when one of its blocks is freed?",
    why = {
      ["0:0"] = "This pool was put on the list before the others, so it is the last one now.",
      ["0:512"] = "This pool was the first of the list until a block of pool 0:256 was freed.",
      ["0:768"] = "This pool was never carved. It would be used only if the list were empty.",
    },
    answer = function()
      blocks[4]:free()
      blocks[5]:free()
      blocks[10] = heap:malloc(SIZE)
      return "0:" .. blocks[10]:location().pool
    end,
    because = [[
      After the first free, pool 0:256 was no longer full, so it was put on the front of the list.
      The second free did not change the list. The pool has more free blocks than the others, but
      that does not matter: the heap always takes the first pool of the list.]],
  }
  show(heap)
  claim("a used pool that serves a request keeps its place in the list", listed(heap),
    { 256, 512, 0 })

  say [[
    When its last live block is freed, a pool is empty. It is taken off the list of its class,
    wherever it is in that list, and returned to its arena. There it is put on the front of the list
    freepools, from which any class can get it.]]
  blocks[8]:free()
  blocks[9]:free()
  show(heap:arena(0))
  claim("a pool without a live block is empty", third.state, "empty")
  claim("a pool that becomes empty is taken off its list, here from the middle", listed(heap),
    { 256, 0 })
  claim("it is now the first of the arena's freepools", heap:arena(0).freepools, third.address)
  claim("the other two pools are still used", { first.state, second.state }, { "used", "used" })

  say [[
    A pool has no other states than these three. It changes from used to full and back, and from
    used to empty. One free cannot change it from full to empty, because every pool has at least two
    blocks. This is true for all classes of CPython 3.6 too.]]
  local real <close> = pymalloc.heap()
  local fewest = math.huge
  local kept = {}
  for size = 8, 512, 8 do
    kept[size] = real:malloc(size)
    fewest = math.min(fewest, kept[size]:pool().capacity)
  end
  claim("in 3.6 no pool has fewer than seven blocks", fewest, 7)
  for i = 1, 6 do
    kept[i] = real:malloc(512)
  end
  local biggest = kept[512]:pool()
  local states = { biggest.state }
  kept[1]:free()
  states[2] = biggest.state
  claim("a pool with seven live blocks of 512 bytes is full, and used after one is freed", states,
    { "full", "used" })

  break_it {
    what = [[
      We try a wrong rule: when a block of a full pool is freed, the pool is put on the end of the
      list.]],
    run = function()
      local room <close>, nine = three_full_pools()
      local by_rule = {}
      for _, number in ipairs { 1, 4, 7 } do
        table.insert(by_rule, nine[number]:location().pool)
        nine[number]:free()
      end
      local served = room:malloc(SIZE):location().pool
      if served ~= by_rule[1] then
        error(("by this rule pool 0:%d would serve the request, but pool 0:%d did")
          :format(by_rule[1], served))
      end
    end,
    fails = "by this rule pool 0:0 would serve the request, but pool 0:512 did",
    so = [[
      With the wrong rule, all pools of the list would serve requests in turn, and all would stay
      half full. With the right one, the first pool is filled again soon. Meanwhile the pools after
      it have time to become empty, and an empty pool can be used by any class.]],
  }

  exercise {
    task = [[
      Three pools are full: blocks 1 to 3 are in pool 1, blocks 4 to 6 in pool 2, blocks 7 to 9 in
      pool 3. Free at most five blocks, so that the next five requests are served by the pools 3, 1,
      1, 2, 2, in this order. Your file returns a table of the numbers of these blocks, in the order
      in which you free them.]],
    start = "return { 1, 4, 7 }\n",
    hint = "Each pool serves as many requests as it has freed blocks. The pool whose first block "
      .. "is freed last serves first.",
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
