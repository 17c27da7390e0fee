-- Lesson 12. To go through it: pymalloc lesson 12

local bugs = require "pymalloc.lesson.bugs"
local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

-- Whether a block of `from` bytes stays in place when it is resized to `to`.
local function stays(heap, from, to)
  local block = heap:malloc(from)
  local address = block:address()
  local result <close> = heap:realloc(block, to)
  return result:address() == address
end

-- The smallest size to which a block of this many bytes can be resized in place.
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

-- The bytes of a block of 3.6's debug hooks as they are in memory. `first` is the
-- label of its first eight bytes.
local function guarded_bytes(heap, address, size, first)
  local rows = {
    { first, -16, 8 }, { "API id", -8, 1 }, { "pads", -7, 7 }, { "data", 0, size },
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

-- The fault of an answer's form; nil if it has none.
local function answer_fault(answer)
  for i = 1, #bugs.bugs do
    local one = answer[i]
    if type(one) ~= "table" or math.type(one.block) ~= "integer" then
      return ("Element %d must be { bug = \"...\", block = a number }."):format(i)
    end
    local is_known = false
    for _, bug in ipairs(bugs.bugs) do
      is_known = is_known or bug == one.bug
    end
    if not is_known then
      return ("Element %d names the bug %q, which is not in the list."):format(i, tostring(one.bug))
    end
  end
end

-- One program for each bug, in another order than the bugs of the task.
local function mixed_programs()
  local programs = {}
  for i, bug in ipairs { 4, 3, 1, 5, 2 } do
    programs[i] = bugs.program(bugs.bugs[bug], i)
  end
  return programs
end

-- The right answer; error_of_last is added to the block of the last program.
local function key_of(programs, error_of_last)
  local key = {}
  for i, program in ipairs(programs) do
    key[i] = { bug = program.bug, block = program.block }
  end
  key[#key].block = key[#key].block + error_of_last
  return key
end

return lesson(12, "realloc and the debug hooks", function()
  lesson.source [[
    CPython 3.6, Objects/obmalloc.c: _PyObject_Realloc and the functions _PyMem_Debug; the
    chapter "Memory Management" of the Python/C API manual, on PYTHONMALLOC. The article on
    memory management in Python does not treat them.]]

  say [[
    A program has a block for 20 bytes, and now it needs 24. It calls realloc, which resizes the
    block. Because 20 was rounded up, the block has 24 bytes already. So realloc changes nothing,
    and returns the same block.]]
  local heap <close> = pymalloc.heap()
  local block = heap:buffer("u8", ("x"):rep(20))
  local place = block:location()
  block:resize(24)
  claim("a block that is large enough for the new size stays in place", block:location(), place)

  say [[
    For 25 bytes the block is too small. Then realloc requests a new block, copies the bytes, and
    frees the old block. One says that the block moves. The old block is freed last, so that it is
    still unchanged if the heap cannot serve the request.]]
  block:resize(25)
  show(block)
  claim("a block that is too small moves to another class", block:pool().size, 32)
  claim("the bytes of a block that moves are copied", block:string():sub(1, 20), ("x"):rep(20))
  claim("the old block is free, and the next request of its class gets it",
    heap:malloc(24):location(), place)
  local short <close> = pymalloc.heap { max_arenas = 1 }
  local tight = short:buffer("u8", "kept")
  claim("for a size that cannot be served, realloc returns nil", (short:realloc(tight, 1 << 60)),
    nil)
  claim("then the old block is unchanged", tight:string(), "kept")

  predict {
    ask = "A block of 64 bytes is resized to 48, three quarters of it. Does it stay in place?",
    choices = { "it stays", "it moves" },
    hint = "Is it more than three quarters, or just three quarters?",
    why = { ["it stays"] = "48 bytes are three quarters of 64, and the rule asks for more than "
      .. "that." },
    answer = function()
      return stays(heap, 64, 48) and "it stays" or "it moves"
    end,
    because = [[
      A block that gets smaller stays in place only if more than three quarters of it are still
      used. With 49 bytes it would stay. With 48 bytes it moves to a smaller block. Without this
      rule, a list that was once large would keep its large block even when it is short.]],
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
  claim("in each of the 64 classes, a block stays if more than three quarters of it are used",
    wrong, {})

  say [[
    In the smallest classes this rule can move a block although there is no smaller class for it.
    Then it moves to another block of the same class. It cannot get its old place, because the new
    block is taken before the old one is freed.]]
  claim("a block of 8 bytes that is resized to 6 moves, though its class stays the same",
    stays(heap, 8, 6), false)

  say [[
    A raw block is resized by the raw allocator. It stays a raw block, even if the new size is one
    that pools serve.]]
  local large = heap:malloc(600)
  claim("a block of 600 bytes is a raw block", large:location(), nil)
  claim("it is still a raw block after it is resized to 10 bytes",
    heap:realloc(large, 10):location(), nil)
  claim("a small block that is resized to 0 bytes becomes a raw block",
    heap:realloc(heap:malloc(10), 0):location(), nil)

  break_it {
    what = "We try a wrong rule: a block that is large enough always stays in place.",
    run = function()
      for size = 512, 1, -1 do
        if not stays(heap, 512, size) then
          error(("a block of 512 bytes moved when it was resized to %d"):format(size))
        end
      end
    end,
    fails = "moved when it was resized to 384",
    so = [[
      384 is three quarters of 512. With the wrong rule, a block that gets smaller would never free
      any memory. With a rule that moves blocks sooner, small changes of size would copy too
      often.]],
  }

  aside [[
    The rest of this lesson is about programs with errors: programs that write past the end of a
    block, or into a block that they have freed. CPython finds such errors with its debug hooks. If
    the environment variable PYTHONMALLOC is pymalloc_debug, CPython puts the hooks around its
    allocator, and each request passes through them. The option debug does the same for the heap of
    these lessons.]]

  say [[
    For each request, the hooks request 32 bytes more than the program did. They write 16 bytes
    before the data, called the head, and 16 bytes after the data, called the tail. In the next
    picture, p is the address that the program gets, and the numbers are bytes in hexadecimal. Pads
    are bytes with a fixed value; if a pad has another value, the program wrote where it must not.]]
  local hooked <close> = pymalloc.heap { debug = true, quarantine = 0 }
  local guarded = hooked:malloc(10)
  local p = guarded:address()
  show(guarded_bytes(hooked, p, 10, "size"))
  claim("a request of 10 bytes needs 42, so it gets a block of 48", guarded:pool().size, 48)
  claim("the first eight bytes are the size, with the most significant byte first",
    number_at(hooked, p - 16), 10)
  claim("the next byte says who made the request: 'o' means for an object", hooked:peek(p - 8, 1),
    "o")
  claim("then come seven pads with the value fb, which CPython calls the forbidden byte",
    hooked:peek(p - 7, 7), ("\xfb"):rep(7))
  claim("the data is filled with cb, so that a program does not find zeros by accident",
    guarded:string(), ("\xcb"):rep(10))
  claim("after the data come eight more pads", hooked:peek(p + 10, 8), ("\xfb"):rep(8))
  claim("the last eight bytes are a serial number: the number of the call that made the block",
    number_at(hooked, p + 18), 2)
  claim("with the hooks, pools serve requests of at most 480 bytes",
    { hooked:malloc(480):location() ~= nil, hooked:malloc(481):location() ~= nil },
    { true, false })

  say [[
    Each call of malloc, calloc and realloc gets a serial number. The block above has the number 2.
    Call 1 was made by the heap itself, which requested memory for its array of arenas through the
    same hooks.]]
  predict {
    ask = [[
      After that we requested 480 and then 481 bytes. Now we resize the block of 10 bytes to 12; it
      stays in place. Which serial number does it have then?]],
    choices = { "2", "3", "5", "6" },
    hint = "A request that is passed on to the raw allocator counts as two calls.",
    why = {
      ["2"] = "A resize is a call too, and it writes its own number, even if the block stays.",
      ["3"] = "Number 3 was the request of 480 bytes.",
      ["5"] = "Number 5 was given to the request of 481 bytes, in the raw allocator.",
    },
    answer = function()
      hooked:realloc(guarded, 12)
      return number_at(hooked, p + 12 + 8)
    end,
    because = [[
      The request of 480 bytes was call 3. The request of 481 bytes was two calls, 4 and 5: the heap
      passed it on to the raw allocator, which has hooks too. So the resize is call 6. When you run
      a program again, you can stop it at the call with the number of a damaged block.]],
  }
  claim("12 bytes, head and tail still fit into the block of 48 bytes", guarded:address(), p)

  say [[
    When a block is freed, the hooks fill head, data and tail with the byte db, which CPython calls
    the dead byte. After that the heap writes the link of the free chain into the first eight
    bytes.]]
  local room = hooked:malloc(12)
  guarded:free()
  show(guarded_bytes(hooked, p, 12, "link"))
  claim("after the link, head, data and tail of a freed block have only the byte db",
    hooked:peek(p - 8, 36), ("\xdb"):rep(36))
  room:free()

  say [[
    Since CPython 3.7.4 the three values are cd (new data), dd (freed) and fd (pads). Since 3.8
    there is no serial number, unless CPython is compiled with it.]]
  local newer <close> = pymalloc.heap { profile = "3.8", debug = true, quarantine = 0 }
  local plain = newer:malloc(10)
  claim("in 3.8 new data is filled with cd, and the pads are fd", newer:peek(plain:address(), 18),
    ("\xcd"):rep(10) .. ("\xfd"):rep(8))
  claim("without the serial number, pools serve requests of at most 488 bytes",
    { newer:malloc(488):location() ~= nil, newer:malloc(489):location() ~= nil }, { true, false })

  break_it {
    what = "We write one byte past the end of a block, and then free the block.",
    run = function()
      local overrun <close> = pymalloc.heap { debug = true }
      local text = overrun:malloc(10)
      overrun:poke(text:address() + 10, "!")
      text:free()
    end,
    fails = "at tail%+0: 0x21 %*%*%* OUCH.*bad trailing pad byte",
    so = [[
      The hooks check the head and the tail of a block when it is freed or resized. The report shows
      which pads were overwritten and with what, the first and last bytes of the data, and the
      serial number of the block. The heap of these lessons adds two lines with the place of the
      block and the request that made it, counted from 1.]],
  }

  say [[
    CPython checks a block only when it is freed or resized. So it does not check a block that is
    never freed, and it does not detect a write into a freed block. The heap of these lessons can
    detect both. heap:check checks all live blocks. A freed block is not handed out at once: it is
    kept for some time, filled with the dead byte, in a list called the quarantine. If the program
    writes to it in that time, heap:check reports it.]]
  local careful = pymalloc.heap { debug = true }
  local freed = careful:malloc(10)
  local freed_address = freed:address()
  freed:free()
  claim("a freed block in the quarantine is not handed out",
    careful:malloc(10):address() ~= freed_address)
  careful:poke(freed_address + 3, "?")
  local _, report = pcall(careful.check, careful)
  claim("heap:check detects a write into a freed block", report:match("write after free at p%+%d"),
    "write after free at p+3")
  pcall(careful.close, careful)

  local programs = mixed_programs()
  exercise {
    task = [[
      Five C programs have one bug each. For each program, your file has the first eight requests
      with the places of their blocks (arena:pool:offset), and the report that a heap with debug
      hooks made. In the reports, arena+4240 is the address 4240 bytes after the start of arena 0.
      Find the bug of each program, and the block that the program used in a wrong way. Give the
      block by the number of the request that made it. The bugs are, in another order:

          "past the end"            it wrote a few bytes after the end of its block
          "before the start"        it wrote a few bytes before the start of it
          "after the free"          it wrote into its block after it had freed it
          "into the next block"     it wrote so far past the end of its block that
                                    it overwrote a part of the next one
          "into the pool's header"  it wrote so far before the start of its block
                                    that it overwrote a part of the pool's header

      Note that the block in the report is not always the block that the program used in a wrong
      way.]],
    hint = "Compare the place of the reported block with the places of the other blocks: a write "
      .. "past the end damages the block after it, and one before the start damages what is there.",
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
        return false, ("%d of the 5 elements are right. The first wrong one is element %d."):format(
          right, first_wrong)
      end
      return true, "The hooks are made for this: to find the cause of an error in their report."
    end,
    good = key_of(programs, 0),
    bad = key_of(programs, 1),
  }
end)
