-- Lesson 11. Run it as a conversation: pymalloc lesson 11

local bugs = require "pymalloc.lesson.bugs"
local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

-- Does a block of 3.6 that was made for `from` bytes stay when it gets `to`?
local function stays(heap, from, to)
  local block = heap:malloc(from)
  local address = block:address()
  local result <close> = heap:realloc(block, to)
  return result:address() == address
end

-- The smallest size at which a block of so many bytes stays in place.
local function smallest_that_stays(heap, block_bytes)
  for size = 1, block_bytes do
    if stays(heap, block_bytes, size) then
      return size
    end
  end
end

local function hex(bytes)
  return (bytes:gsub(".", function(byte)
    return ("%02x "):format(byte:byte())
  end):sub(1, -2))
end

-- A block of 3.6's debug hooks, byte by byte as it is in memory. What its first
-- eight bytes are depends: the size, or the link of a free block.
local function dressed(heap, address, size, first)
  local rows = {
    { first or "size", -16, 8 }, { "asked by", -8, 1 }, { "pads", -7, 7 }, { "data", 0, size },
    { "pads", size, 8 }, { "serial", size + 8, 8 },
  }
  local lines = {}
  for i, row in ipairs(rows) do
    lines[i] = ("  %-9s p%+-4d %s"):format(row[1], row[2],
      hex(heap:peek(address + row[2], row[3])))
  end
  return table.concat(lines, "\n")
end

local function number_at(heap, address)
  return ((">I8"):unpack(heap:peek(address, 8)))
end

-- What is wrong with the names of an answer; nil for nothing.
local function answer_fault(answer)
  for i = 1, #bugs.bugs do
    local one = answer[i]
    if type(one) ~= "table" or math.type(one.block) ~= "integer" then
      return ("Program %d wants { bug = \"...\", block = a number }."):format(i)
    end
    local is_known = false
    for _, bug in ipairs(bugs.bugs) do
      is_known = is_known or bug == one.bug
    end
    if not is_known then
      return ("Program %d: there is no bug %q."):format(i, tostring(one.bug))
    end
  end
end

-- The programs in an order that gives nothing away.
local function seeded_programs()
  local programs = {}
  for i, bug in ipairs { 4, 3, 1, 5, 2 } do
    programs[i] = bugs.program(bugs.bugs[bug], i)
  end
  return programs
end

-- The right answer, or one that names a wrong block for the last program.
local function key_of(programs, error_of_last)
  local key = {}
  for i, program in ipairs(programs) do
    key[i] = { bug = program.bug, block = program.block }
  end
  key[#key].block = key[#key].block + error_of_last
  return key
end

return lesson(11, "realloc, and the debug hooks", function()
  say [[
    A program that has a block of 20 bytes and now needs 24 calls realloc. The block has 24 bytes
    anyway, because 20 was rounded up: nothing has to be done, and nothing is.]]
  local heap <close> = pymalloc.heap()
  local block = heap:buffer("u8", ("x"):rep(20))
  local place = block:location()
  block:resize(24)
  claim("what still fits into its block stays where it is", block:location(), place)

  say [[
    For 25 bytes it is too small. Then a new block is taken, the bytes are copied, and only after
    that the old one is freed. In this order, a request that cannot be served leaves the old block
    as it was.]]
  block:resize(25)
  show(block)
  claim("what does not fit moves to another class", block:pool().size, 32)
  claim("the bytes of a block that moves come along", block:string():sub(1, 20), ("x"):rep(20))
  claim("the block it left is the next one that its class gives out",
    heap:malloc(24):location(), place)
  local short <close> = pymalloc.heap { max_arenas = 1 }
  local tight = short:buffer("u8", "kept")
  claim("a size that nobody can serve is refused", (short:realloc(tight, 1 << 60)), nil)
  claim("a block whose resize is refused is as it was", tight:string(), "kept")

  predict {
    ask = "A block of 64 bytes is to have only 48, three quarters. Does it stay in place?",
    choices = { "it stays", "it moves" },
    answer = function()
      return stays(heap, 64, 48) and "it stays" or "it moves"
    end,
    because = [[
      A block stays if it is big enough and more than three quarters of it are used. With 49 bytes
      it would stay. With 48 it moves to a smaller block, so that a list which was shrunk does not
      sit in a big block for ever.]],
  }
  local lines, wrong = { "  block    stays from" }, {}
  for _, bytes in ipairs { 8, 16, 32, 64, 128, 256, 512 } do
    table.insert(lines, ("  %5d    %10d"):format(bytes, smallest_that_stays(heap, bytes)))
  end
  for bytes = 8, 512, 8 do
    if smallest_that_stays(heap, bytes) ~= 3 * bytes // 4 + 1 then
      table.insert(wrong, bytes)
    end
  end
  show(table.concat(lines, "\n"))
  claim("in each of the 64 classes a block stays for more than three quarters of its bytes", wrong,
    {})

  say [[
    In the smallest classes a block may shrink below three quarters without a smaller class to go
    to. It moves all the same, into another block of its own class, since the new one is taken
    before the old one is given back.]]
  claim("8 bytes that shrink to 6 stay in their class, and move nevertheless", stays(heap, 8, 6),
    false)

  say [[
    Above the threshold raw decides. A block that has once gone to raw stays there, however small
    it becomes.]]
  local large = heap:malloc(600)
  claim("a block of 600 bytes is raw's", large:location(), nil)
  claim("it is still raw's when it shrinks to 10", heap:realloc(large, 10):location(), nil)
  claim("a small block that gets 0 bytes goes to raw as well",
    heap:realloc(heap:malloc(10), 0):location(), nil)

  break_it {
    what = "A wrong rule: a block that is big enough stays where it is.",
    run = function()
      for size = 512, 1, -1 do
        if not stays(heap, 512, size) then
          error(("a block of 512 bytes that was to have %d moved"):format(size))
        end
      end
    end,
    fails = "was to have 384 moved",
    so = [[
      384 is three quarters of 512. Under the wrong rule no shrinking would ever give memory back.
      Under a stricter one, each small change of a length would copy.]],
  }

  aside [[
    So much for blocks that behave. The rest of this lesson is about programs that do not: that
    write past the end of a block, or into one that they have freed. CPython finds such bugs with
    its debug hooks, which PYTHONMALLOC=pymalloc_debug puts around its allocator: each request goes
    through them first.]]

  say [[
    The hooks ask for 32 bytes more than the program did, and put a head in front of its bytes
    and a tail behind them. p is the address that the program gets.]]
  local hooked <close> = pymalloc.heap { debug = true, quarantine = 0 }
  local guarded = hooked:malloc(10)
  local p = guarded:address()
  show(dressed(hooked, p, 10))
  claim("the block of a request of 10 bytes has room for 42", guarded:pool().size, 48)
  claim("the first eight bytes are the size, the most significant one in front",
    number_at(hooked, p - 16), 10)
  claim("one byte tells who asked: 'o' for an object", hooked:peek(p - 8, 1), "o")
  claim("then come seven pads, the forbidden byte fb", hooked:peek(p - 7, 7), ("\xfb"):rep(7))
  claim("new bytes are filled with cb, so that nobody takes them for zeros", guarded:string(),
    ("\xcb"):rep(10))
  claim("behind them are eight pads more", hooked:peek(p + 10, 8), ("\xfb"):rep(8))
  claim("the last eight bytes are the serial number of the call", number_at(hooked, p + 18), 2)
  claim("480 bytes are the most that a pool serves now, and 481 are raw's",
    { hooked:malloc(480):location() ~= nil, hooked:malloc(481):location() ~= nil },
    { true, false })

  say [[
    The first block is call 2, because call 1 was the heap's own: it asked for the vector of its
    arenas, through the same hooks. Each malloc, calloc and realloc counts.]]
  predict {
    ask = [[Since then we asked for 480 and for 481 bytes. Now the ten bytes are resized to 12, in
      place. Which serial number has the block then?]],
    choices = { "2", "3", "5", "6" },
    answer = function()
      hooked:realloc(guarded, 12)
      return number_at(hooked, p + 12 + 8)
    end,
    because = [[
      The block for 480 bytes was call 3. The one for 481 was two calls, 4 and 5: the heap passed it
      on to raw, which is hooked as well. So this is call 6. With a number you can stop a program
      just there when it runs again.]],
  }
  claim("the head and the tail still need no more than 48 bytes", guarded:address(), p)

  say [[
    A freed block is filled with the dead byte db, head and tail too. Then the heap writes its link
    over the first eight bytes, where the size was.]]
  local room = hooked:malloc(12)
  guarded:free()
  show(dressed(hooked, p, 12, "link"))
  claim("a freed block is dead from its id to its serial number", hooked:peek(p - 8, 36),
    ("\xdb"):rep(36))
  room:free()

  say [[
    Since 3.7.4 the bytes are cd, dd and fd. Since 3.8 there is no serial number, unless CPython was
    compiled to have it.]]
  local newer <close> = pymalloc.heap { profile = "3.8", debug = true, quarantine = 0 }
  local plain = newer:malloc(10)
  claim("in 3.8 new bytes are cd and pads are fd", newer:peek(plain:address(), 18),
    ("\xcd"):rep(10) .. ("\xfd"):rep(8))
  claim("without a number the hooks ask for 24 bytes more, and 488 are the most that a pool serves",
    { newer:malloc(488):location() ~= nil, newer:malloc(489):location() ~= nil }, { true, false })

  break_it {
    what = "We write one byte past the end of a block, and free the block.",
    run = function()
      local overrun <close> = pymalloc.heap { debug = true }
      local text = overrun:malloc(10)
      overrun:poke(text:address() + 10, "!")
      text:free()
    end,
    fails = "at tail%+0: 0x21 %*%*%* OUCH.*bad trailing pad byte",
    so = [[
      The hooks look at head and tail when a block is freed or resized. The report tells which pads
      are damaged and by what, the first and last bytes of the data, and the number of the call
      that made the block. Here a heap also tells the request, counted from 1, and the place.]],
  }

  say [[
    CPython looks only then: a block that is never freed is never checked, and a write into a
    freed block goes unnoticed. This heap goes further. check looks at every live block, and
    freed ones are kept dead for a while, in quarantine, to see whether somebody writes to them.]]
  local careful = pymalloc.heap { debug = true }
  local freed = careful:malloc(10)
  local freed_address = freed:address()
  freed:free()
  claim("a freed block in quarantine is not handed out",
    careful:malloc(10):address() ~= freed_address)
  careful:poke(freed_address + 3, "?")
  local _, verdict = pcall(careful.check, careful)
  claim("a write into it is found by check", verdict:match("write after free at p%+%d"),
    "write after free at p+3")
  pcall(careful.close, careful)

  local programs = seeded_programs()
  exercise {
    task = [[
      Five programs of C have one bug each. Your file has, for each, its first eight requests with
      the places of their blocks (arena:pool:offset), and the report that a heap with debug hooks
      then gave. Find for each program what it did wrong, and through which block: the number of the
      request that made it. The bugs are, in another order:

          "past the end"            it wrote a few bytes behind its block
          "before the start"        it wrote a few bytes in front of its block
          "after the free"          it wrote into its block after it had freed it
          "into the next block"     it wrote far behind its block, and hit the next
          "into the pool's header"  it wrote backwards from its block, far

      Mind that the block which a report is about need not be the one that was written
      through.]],
    start = bugs.text(programs) .. [[
return {
  { bug = "past the end", block = 1 },
  { bug = "past the end", block = 1 },
  { bug = "past the end", block = 1 },
  { bug = "past the end", block = 1 },
  { bug = "past the end", block = 1 },
}
]],
    grade = function(answer)
      local fault = answer_fault(answer)
      if fault then
        return false, fault
      end
      local right, first_wrong = 0, nil
      for i, program in ipairs(programs) do
        local is_right = answer[i].bug == program.bug and answer[i].block == program.block
        right = right + (is_right and 1 or 0)
        first_wrong = first_wrong or not is_right and i or nil
      end
      if first_wrong then
        return false, ("%d of the 5 are right; program %d did another thing, or through another "
          .. "block."):format(right, first_wrong)
      end
      return true, "From a report to the line that made it: that is what the hooks are for."
    end,
    good = key_of(programs, 0),
    bad = key_of(programs, 1),
  }
end)
