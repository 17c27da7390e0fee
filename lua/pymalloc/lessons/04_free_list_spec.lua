-- Lesson 4. Run it as a conversation: pymalloc lesson 4

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, show, claim = lesson.say, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

-- The address in the first eight bytes at an address.
local function link_at(heap, address)
  return (("<I8"):unpack(heap:peek(address, 8)))
end

local function take(heap, count, size)
  local blocks = {}
  for i = 1, count do
    blocks[i] = heap:malloc(size)
  end
  return blocks
end

local letters = { "a", "b", "c", "d", "e", "f" }

-- Frees six blocks of 24 bytes in this order, while a seventh is live; returns
-- the order in which as many more requests get them.
local function order_after(frees)
  local heap <close> = pymalloc.heap()
  local blocks, name_of = take(heap, 7, 24), {}
  for i, letter in ipairs(letters) do
    name_of[blocks[i]:address()] = letter
    blocks[letter] = blocks[i]
  end
  for letter in frees:gmatch("%a") do
    blocks[letter]:free()
  end
  local order = {}
  for i, block in ipairs(take(heap, #frees, 24)) do
    order[i] = name_of[block:address()] or "?"
  end
  return table.concat(order)
end

-- Is it text with some of the six letters, each once at most?
local function is_order(answer)
  if type(answer) ~= "string" or not answer:find("^[a-f]+$") then
    return false
  end
  for _, letter in ipairs(letters) do
    if select(2, answer:gsub(letter, "")) > 1 then
      return false
    end
  end
  return true
end

return lesson(4, "The free list lives in the free blocks", function()
  local heap <close> = pymalloc.heap()
  local first = take(heap, 5, 24)
  local a, b, c = first[2], first[3], first[4]
  local at_a, at_b, at_c = a:address(), b:address(), c:address()
  local pool = a:pool()

  say [[
    When a block is freed, the heap has to remember that it is free. A table of free blocks would
    need memory of its own. But nobody uses a free block: its own first 8 bytes are as good as any.
    There the heap writes the address of the block that was free before, and the header's field
    freeblock leads to the one that was freed last. So all free blocks of a pool form a chain.]]
  a:fill(0xaa)
  a:free()
  b:free()
  c:free()
  show(pool)
  claim("freeblock leads to the block that was freed last", pool.freeblock, at_c)
  claim("its first 8 bytes hold the address of the one freed before it", link_at(heap, at_c), at_b)
  claim("and that one's hold the address of the one before", link_at(heap, at_b), at_a)

  say [[
    Nothing else is written. What the program left in a freed block stays there, behind the link.]]
  show(pool, { block = 48 + 24 })
  claim("the first 8 bytes of a freed block are the link, the others are as they were",
    heap:peek(at_a + 8, 16), ("\xaa"):rep(16))

  local again = {}
  predict {
    ask = "We freed a, then b, then c, and ask three times. In which order do they come back?",
    choices = { "a b c", "c b a", "b c a", "none of them: new blocks come" },
    answer = function()
      local name_of = { [at_a] = "a", [at_b] = "b", [at_c] = "c" }
      local names = {}
      for i = 1, 3 do
        again[i] = heap:malloc(24)
        names[i] = name_of[again[i]:address()] or "none of them: new blocks come"
      end
      return table.concat(names, " ")
    end,
    because = [[
      Taking from the front of a chain and putting back to its front costs two writes, wherever the
      blocks are. And the block that was freed last is the one most likely still in the processor's
      cache.]],
  }
  claim("the last block freed is the first handed out", again[1]:address(), at_c)
  claim("the block that was never used comes only after all freed ones", pool:freelist(),
    { 48 + 5 * 24 })

  say [[
    A block is handed out as it is. Who forgets to write to it before reading finds what was there:
    here the old link, an address of the heap's own. Programs in C leak secrets this way. calloc
    clears the bytes that were asked for, and so does heap:buffer.]]
  local stale = again[2]
  claim("a block fresh from malloc shows the link to the block behind it",
    (("<I8"):unpack(stale:string())), at_a)
  stale:free()
  local cleared = heap:calloc(1, 24)
  claim("a block fresh from calloc at the same place shows zeros",
    cleared:address() == at_b and cleared:string(), ("\0"):rep(24))

  say [[
    Each pool has a chain of its own, and a link never leads out of its pool.]]
  cleared:free()
  local small = take(heap, 2, 8)
  local other = small[1]:pool()
  small[1]:free()
  claim("a block of another class goes to the chain of its own pool", other.freeblock ~= nil
    and other:freelist(), { 48, 48 + 2 * 8 })
  claim("the chain of the first pool is as it was", #pool:freelist(), 2)

  break_it {
    what = "We free a block twice.",
    run = function()
      local block = heap:malloc(24)
      block:free()
      block:free()
    end,
    fails = "u8%[24%] was freed",
    so = [[
      The buffer knows that it is gone. Without that, the block would be linked to itself: the chain
      would be a ring, and every later request of the class would get this same block, for ever.
      CPython notices nothing of the kind.]],
  }

  local watched <close> = pymalloc.heap { checked = true }
  local five = take(watched, 5, 24)
  local live, freed_last = five[1]:address(), five[2]:address()
  five[3]:free()
  five[2]:free()

  say [[
    And if a program writes into a block that it has freed? Then the link is what it writes. We let
    the chain lead from the block freed last to one that is still live: the next request is served
    as always, and it is the one after it that would share its block with somebody.]]
  watched:poke(freed_last, ("<I8"):pack(live))
  local served = watched:malloc(24)
  claim("the next request gets the block freed last", served:address(), freed_last)
  claim("and freeblock now leads to a block that is live", served:pool().freeblock, live)

  break_it {
    what = "We ask once more, with a chain that leads to a live block.",
    run = function()
      return watched:malloc(24)
    end,
    fails = "pool.chain.*request #1 and is live",
    so = [[
      This heap is a checked one: before it follows a link it looks where it leads, and it remembers
      which request made each block. A plain heap would have given one block to two owners, and the
      program would fail later, somewhere else.]],
  }

  exercise {
    task = [[
      Seven blocks of 24 bytes are live; six of them are named a to f. Free these six in such an
      order that the next six requests get them in the order b, e, a, d, f, c. Your file returns
      the order of the frees, as text.]],
    start = 'return "abcdef"\n',
    grade = function(answer)
      if not is_order(answer) or #answer ~= 6 then
        return false, "the answer has to be text with the letters a to f, each of them once"
      end
      local order = order_after(answer)
      return order == "beadfc", ("After these frees the blocks come back as %s."):format(order)
    end,
    good = "cfdaeb",
    bad = "beadfc",
  }
end)
