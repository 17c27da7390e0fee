-- Lesson 2. To go through it: pymalloc lesson 2

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, show, claim = lesson.say, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

local THRESHOLD = 512

-- The bytes that a line of a trace requests; nil for a free or a comment.
local function bytes_asked(line)
  local letter, _, first, second = line:match("^([acr]) (%d+) (%d+) ?(%d*)")
  return letter and tonumber(first) * (tonumber(second) or 1)
end

-- size -> how many requests of this size CPython's start-up made, 1 to 512.
local function startup_sizes()
  local trace = assert(pymalloc.trace.load("@startup"))
  local counts = {}
  for size = 1, THRESHOLD do
    counts[size] = 0
  end
  for line in trace.text:gmatch("[^\n]+") do
    local size = bytes_asked(line)
    if counts[size] then
      counts[size] = counts[size] + 1
    end
  end
  return counts
end

-- The bytes that these requests get in excess of their sizes, if the blocks have
-- these sizes (in ascending order).
local function rounding_waste(counts, blocks)
  local waste, class = 0, 1
  for size = 1, THRESHOLD do
    while blocks[class] < size do
      class = class + 1
    end
    waste = waste + counts[size] * (blocks[class] - size)
  end
  return waste
end

-- The least waste that is possible with this many block sizes, all of them
-- multiples of 8. Each turn of the outer loop allows one block size more:
-- best[n] is the least waste of the requests up to n bytes if n is the greatest
-- size.
local function least_waste(counts, block_count)
  local best = { [0] = 0 }
  for _ = 1, block_count do
    local longer = {}
    for greatest = 8, THRESHOLD, 8 do
      local waste = 0
      for size = greatest, 1, -1 do
        waste = waste + counts[size] * (greatest - size)
        local below = best[size - 1]
        if below and below + waste < (longer[greatest] or math.huge) then
          longer[greatest] = below + waste
        end
      end
    end
    best = longer
  end
  return best[THRESHOLD]
end

local function bytes_of(counts)
  local bytes = 0
  for size, count in ipairs(counts) do
    bytes = bytes + size * count
  end
  return bytes
end

local function blocks_apart(alignment)
  local blocks = {}
  for bytes = alignment, THRESHOLD, alignment do
    table.insert(blocks, bytes)
  end
  return blocks
end

-- The fault of an answer, which must be eight block sizes; nil if it has none.
local function block_fault(blocks)
  if type(blocks) ~= "table" or #blocks ~= 8 then
    return "the file must return a table of eight numbers"
  end
  local previous = 0
  for _, bytes in ipairs(blocks) do
    if math.type(bytes) ~= "integer" or bytes % 8 ~= 0 or bytes <= previous then
      return ("%s is wrong: each number must be a multiple of 8 and greater than the one before")
        :format(tostring(bytes))
    end
    previous = bytes
  end
  if previous ~= THRESHOLD then
    return ("the last number is %d; it must be 512, so that every small request fits"):format(
      previous)
  end
end

return lesson(2, "Size classes", function()
  lesson.source [[
    the article "Memory management in Python" by Artem Golubin, section "Block"; CPython 3.6,
    Objects/obmalloc.c: the table of size classes. The change to multiples of 16: bpo-27987.]]

  say [[
    Blocks exist only in certain sizes. The heap rounds the size of each request up to the next
    multiple of 8. All requests that are rounded up to the same size form a size class. Class 0 has
    the blocks of 8 bytes, class 1 those of 16 bytes, and so on: CPython 3.6 has 64 classes. CPython
    calls the number of a class szidx, for "size index". In Lua, a // b is the quotient of integers,
    rounded down.]]
  local heap <close> = pymalloc.heap()
  claim("there are 64 classes", heap.geometry.class_count, 64)
  local right = 0
  for size = 1, THRESHOLD do
    local szidx, bytes = heap:size_class(size)
    if szidx == (size - 1) // 8 and bytes == 8 * (szidx + 1) then
      right = right + 1
    end
  end
  claim("a request of n bytes has the class (n - 1) // 8, and its block has 8 * (szidx + 1) bytes",
    right, THRESHOLD)
  claim("a request of 0 bytes has no class", heap:size_class(0), nil)
  claim("a request of 513 bytes has no class either", heap:size_class(513), nil)

  say [[
    All blocks of a pool have the same class. Therefore the size of a block is not stored with the
    block. It is stored once for all blocks, in a header at the start of the pool. A block has no
    header of its own. The next picture shows a pool: on the left the fields of its header, which
    lessons 3 to 5 explain, and on the right its blocks, each line with the offset of its first
    block.]]
  local a, b = heap:malloc(20), heap:malloc(24)
  local c = heap:malloc(25)
  show(a:pool())
  claim("requests of 20 and of 24 bytes have the same class and share a pool", a:pool() == b:pool())
  claim("a request of 25 bytes has the next class, and its block is in another pool",
    c:pool() ~= b:pool())
  claim("the second block begins 24 bytes after the first, so nothing is between them",
    b:address() - a:address(), 24)

  predict {
    ask = [[
      Since CPython 3.7.4 the sizes of blocks are multiples of 16. How many bytes has the block
      for a request of 65 bytes there?]],
    choices = { "65", "72", "80", "128" },
    hint = "The sizes are 16, 32, 48, 64 and so on.",
    why = {
      ["65"] = "65 is not a multiple of 16, so there is no class with such blocks.",
      ["72"] = "72 is a multiple of 8, but not of 16.",
      ["128"] = "128 is large enough, but a smaller multiple of 16 is large enough too.",
    },
    answer = function()
      local newer <close> = pymalloc.heap { profile = "3.8" }
      return newer:malloc(65):pool().size
    end,
    because = [[
      80 is the next multiple of 16. In CPython 3.6 the next multiple of 8 is enough, which is 72.
      The reason for the change is alignment: C promises that a number of any type can be stored at
      the start of a block. Some types need an address that is a multiple of 16, and compilers
      produce instructions that fail at other addresses.]],
  }
  claim("in 3.6 a request of 65 bytes gets a block of 72", select(2, heap:size_class(65)), 72)

  say [[
    The bytes by which a block is larger than its request are wasted. This waste is called rounding.
    How much is it in a real program? We take all small requests of a trace of CPython's start-up,
    and compute the waste for classes that are 8, 16, 32 and 64 bytes apart.]]
  local counts = startup_sizes()
  local asked = bytes_of(counts)
  local lines, percent = { "  apart  classes  bytes wasted by rounding" }, {}
  for _, alignment in ipairs { 8, 16, 32, 64 } do
    local blocks = blocks_apart(alignment)
    local waste = rounding_waste(counts, blocks)
    percent[alignment] = math.floor(100 * waste / asked + 0.5)
    table.insert(lines, ("  %5d  %7d  %12d  (%.1f %%)"):format(alignment, #blocks, waste,
      100 * waste / asked))
  end
  show(table.concat(lines, "\n"))
  claim("with classes 8 bytes apart, rounding adds 2 % to the bytes requested", percent[8], 2)
  claim("with classes 16 bytes apart, it adds 7 %", percent[16], 7)
  claim("with eight classes, 64 bytes apart, it adds 32 %", percent[64], 32)

  say [[
    Then why is there not a class for each single size? Because each class that is in use needs a
    pool of its own, even for one block. If there are fewer classes, more requests share a pool.]]
  local fine <close> = pymalloc.heap()
  local kept = {}
  for size = 8, THRESHOLD, 8 do
    table.insert(kept, fine:malloc(size))
  end
  claim("64 blocks, one of each class, occupy 64 pools", 64 - fine:arena(0).nfreepools, 64)
  claim("these blocks have 16,640 bytes in total, and they occupy an arena of 262,144 bytes",
    { fine:stats().allocated_bytes, fine:stats().arena_bytes }, { 16640, 262144 })

  break_it {
    what = "We try a wrong rule: round down. A request of 9 bytes then gets a block of 8.",
    run = function()
      local block = heap:malloc(9 // 8 * 8)
      for i = 1, 9 do
        block[i] = i
      end
    end,
    fails = "index 9 is out of range for u8%[8%]",
    so = [[
      A block must be at least as large as the request. With this rule, the ninth byte would be the
      first byte of the next block. The formula (n - 1) // 8 rounds up. The "- 1" in it is needed
      for sizes that are multiples of 8: a request of 8 bytes has class 0, whose blocks have 8
      bytes.]],
  }

  local even = rounding_waste(counts, blocks_apart(64))
  local least = least_waste(counts, 8)
  exercise {
    task = ([[
      Suppose that only eight classes are allowed. With eight classes that are 64 bytes apart,
      rounding wastes %d bytes for the requests of CPython's start-up. Choose eight block sizes that
      waste less than half as much. Your file returns a table of the eight sizes: multiples of 8, in
      ascending order, the last one 512. Most requests of this program are small.]]):format(even),
    start = "return { 64, 128, 192, 256, 320, 384, 448, 512 }\n",
    hint = "Where the requests are many, the sizes should be close to each other: most of the "
      .. "eight should be below 200.",
    grade = function(answer)
      local fault = block_fault(answer)
      if fault then
        return false, fault
      end
      local waste = rounding_waste(counts, answer)
      local remark = ("Your classes waste %d bytes. Classes 64 bytes apart waste %d, and the best "
        .. "eight waste %d."):format(waste, even, least)
      return waste * 2 < even, remark
    end,
    good = { 32, 56, 72, 104, 152, 216, 400, 512 },
    bad = { 8, 16, 24, 32, 64, 128, 256, 512 },
  }
end)
