-- Lesson 4. To go through it: pymalloc lesson 4

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, show, claim = lesson.say, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

-- The address that is stored in the eight bytes at an address.
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

-- Frees blocks of 24 bytes in this order, while a seventh block is live; returns
-- the order in which the same number of requests gets them.
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

-- Is the answer a string of letters from a to f, each at most once?
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

return lesson(4, "The free list is stored in the free blocks", function()
  lesson.source [[
    the article "Memory management in Python" by Artem Golubin, section "Pool", on freeblock;
    CPython 3.6, Objects/obmalloc.c: the functions that allocate and free a block.]]

  local heap <close> = pymalloc.heap()
  local first = take(heap, 5, 24)
  local a, b, c = first[2], first[3], first[4]
  local at_a, at_b, at_c = a:address(), b:address(), c:address()
  local pool = a:pool()

  say [[
    The heap has to know which blocks are free. A separate list of them would need memory of its
    own. But the memory of a free block is not in use, so the heap stores the list there. When a
    block is freed, the heap writes a link into its first 8 bytes: the address of the block that was
    at the front of the free chain until then. The field freeblock of the header gets the address of
    the freed block. We free three blocks, a at offset 72, b at offset 96, and c at offset 120. An
    arrow in the last line of the picture stands for a link.]]
  a:fill(0xaa)
  a:free()
  b:free()
  c:free()
  show(pool)
  claim("freeblock is the address of the block that was freed last", pool.freeblock, at_c)
  claim("the first 8 bytes of that block are the address of the block freed before it",
    link_at(heap, at_c), at_b)
  claim("the first 8 bytes of b are the address of a, which was freed before b",
    link_at(heap, at_b), at_a)

  say [[
    Nothing else in the block is written. After the link, a freed block still has the bytes that the
    program stored there. We had filled block a with the byte aa.]]
  show(pool, { block = 48 + 24 })
  claim("the first 8 bytes of a freed block are the link, and the other bytes are unchanged",
    heap:peek(at_a + 8, 16), ("\xaa"):rep(16))

  local again = {}
  predict {
    ask = [[
      We freed a, then b, then c. Now we request three blocks of 24 bytes. Which blocks do we get,
      in which order?]],
    choices = { "a b c", "c b a", "b c a", "three other blocks" },
    hint = "Which block has its address in freeblock, now that c was freed last?",
    why = {
      ["a b c"] = "This would be the order if freed blocks were put on the end of the chain.",
      ["b c a"] = "The chain does not sort its blocks: its order is that of the frees, backwards.",
      ["three other blocks"] = "A block that was freed is handed out before one that was never "
        .. "used.",
    },
    answer = function()
      local name_of = { [at_a] = "a", [at_b] = "b", [at_c] = "c" }
      local names = {}
      for i = 1, 3 do
        again[i] = heap:malloc(24)
        names[i] = name_of[again[i]:address()]
      end
      return #names == 3 and table.concat(names, " ") or "three other blocks"
    end,
    because = [[
      Blocks are put on the front of the chain, and taken from the front. Either takes only a few
      writes, however long the chain is. Besides, the block that was freed last is the one that is
      most likely still in the processor's cache.]],
  }
  claim("the block that was freed last is the first to be handed out", again[1]:address(), at_c)
  claim("a block that was carved but never used comes after all freed blocks", pool:freelist(),
    { 48 + 5 * 24 })

  say [[
    malloc does not clear a block before it hands it out. A program that reads the block before it
    writes it finds the old bytes, among them the link, which is an address inside the heap. This is
    a known way for programs in C to reveal secrets. calloc sets all bytes that were requested to
    zero, and so does heap:buffer.]]
  local uncleared = again[2]
  claim("a new block from malloc still has the link to the next block",
    (("<I8"):unpack(uncleared:string())), at_a)
  uncleared:free()
  local cleared = heap:calloc(1, 24)
  claim("a new block from calloc, at the same address, has zeros",
    cleared:address() == at_b and cleared:string(), ("\0"):rep(24))

  say [[
    Each pool has a free chain of its own. All blocks of a chain are in the same pool.]]
  cleared:free()
  local small = take(heap, 2, 8)
  local other = small[1]:pool()
  small[1]:free()
  claim("a freed block of another class is put on the chain of its own pool", other.freeblock ~= nil
    and other:freelist(), { 48, 48 + 2 * 8 })
  claim("the chain of the first pool is unchanged", #pool:freelist(), 2)

  break_it {
    what = "We free a block twice.",
    run = function()
      local block = heap:malloc(24)
      block:free()
      block:free()
    end,
    fails = "u8%[24%] was freed",
    so = [[
      The buffer records that its block was freed, and raises an error. Without this check the block
      would be linked to itself, and the chain would be a ring. From then on every request of this
      class would get the same block, until the program overwrites the link. CPython does not detect
      a double free.]],
  }

  local watched <close> = pymalloc.heap { checked = true }
  local five = take(watched, 5, 24)
  local live, freed_last = five[1]:address(), five[2]:address()
  five[3]:free()
  five[2]:free()

  say [[
    A program can also write into a block after it has freed it. Then it overwrites the link. Here
    we overwrite the link of the block that was freed last with the address of a live block. The
    next request is still served correctly. But the request after that would get the live block,
    which belongs to another part of the program.]]
  watched:poke(freed_last, ("<I8"):pack(live))
  local served = watched:malloc(24)
  claim("the next request gets the block that was freed last", served:address(), freed_last)
  claim("freeblock is now the address of a live block", served:pool().freeblock, live)

  break_it {
    what = "We request one more block, while the front of the chain is a live block.",
    run = function()
      return watched:malloc(24)
    end,
    fails = "pool.chain.*request #1 and is live",
    so = [[
      We made this heap with the option checked. Such a heap tests each link before it follows it,
      and it records which request made each block. The name in brackets, pool.chain, is the name of
      the invariant that is broken; an invariant is a statement that is true for every undamaged
      heap. A heap without this option would have handed out a block that is still in use, and the
      program would fail later, in another place.]],
  }

  exercise {
    task = [[
      Seven blocks of 24 bytes are live, and six of them have the names a to f. Free these six in
      such an order that the next six requests get b, e, a, d, f, c, in this order. Your file
      returns the order in which you free them, as a string.]],
    start = 'return "abcdef"\n',
    hint = "The block that is freed last is handed out first.",
    grade = function(answer)
      if not is_order(answer) or #answer ~= 6 then
        return false, "the file must return a string of the letters a to f, each of them once"
      end
      local order = order_after(answer)
      return order == "beadfc", ("After these frees, the requests get the blocks in the order %s.")
        :format(order)
    end,
    good = "cfdaeb",
    bad = "beadfc",
  }
end)
