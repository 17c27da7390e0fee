-- Lesson 2. Run it as a conversation: pymalloc lesson 2

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"
local traces = require "pymalloc.lesson.traces"

local say, show, claim = lesson.say, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

local THRESHOLD = 512

-- The bytes that a line of a trace asks for; nil for a free or a comment.
local function bytes_asked(line)
  local letter, _, first, second = line:match("^([acr]) (%d+) (%d+) ?(%d*)")
  return letter and tonumber(first) * (tonumber(second) or 1)
end

-- size -> how many requests of this size CPython's start-up made, 1 to 512.
local function startup_sizes()
  local trace = assert(pymalloc.trace.load(traces.path("cpython-startup")))
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

-- Bytes that these requests get beyond those that they asked for, with blocks
-- of these sizes, ascending.
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

-- The least waste that so many block sizes can have, all multiples of 8. For
-- each number of them and each greatest one: the best of what came before.
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

-- What is wrong with eight block sizes; nil for nothing.
local function block_fault(blocks)
  if type(blocks) ~= "table" or #blocks ~= 8 then
    return "the answer has to be a table of eight numbers"
  end
  local previous = 0
  for _, bytes in ipairs(blocks) do
    if math.type(bytes) ~= "integer" or bytes % 8 ~= 0 or bytes <= previous then
      return ("%s is wrong: each has to be a whole multiple of 8, and more than the one before")
        :format(tostring(bytes))
    end
    previous = bytes
  end
  if previous ~= THRESHOLD then
    return ("the last is %d; it has to be 512, so that every small request fits"):format(previous)
  end
end

return lesson(2, "Size classes", function()
  say [[
    Blocks do not come in every size. The heap rounds each request up to the next multiple of 8,
    and all requests that get the same block form a size class. Class 0 has the blocks of 8 bytes,
    class 1 those of 16, and so on: 64 classes in CPython 3.6. The field szidx of a pool is its
    class.]]
  local heap <close> = pymalloc.heap()
  claim("there are 64 classes", heap.geometry.class_count, 64)
  local right = 0
  for size = 1, THRESHOLD do
    local szidx, bytes = heap:size_class(size)
    if szidx == (size - 1) // 8 and bytes == 8 * (szidx + 1) then
      right = right + 1
    end
  end
  claim("a request of n bytes is of class (n - 1) // 8, which has blocks of 8 (szidx + 1) bytes",
    right, THRESHOLD)
  claim("a request of 0 bytes has no class", heap:size_class(0), nil)
  claim("a request of 513 bytes has none either", heap:size_class(513), nil)

  say [[
    A pool has blocks of one class only. So the size of a block stands nowhere near it: it is in the
    header of its pool, once for all of them. A block has no header of its own.]]
  local a, b = heap:malloc(20), heap:malloc(24)
  local c = heap:malloc(25)
  show(a:pool())
  claim("20 and 24 bytes are of one class and share a pool", a:pool() == b:pool())
  claim("25 bytes are of the next class and open a pool of their own", c:pool() ~= b:pool())
  claim("between two neighbours in a pool there is nothing", b:address() - a:address(), 24)

  predict {
    ask = "From 3.8 on blocks are 16 bytes apart. How big is the block of 65 bytes there?",
    choices = { "65", "72", "80", "128" },
    answer = function()
      local newer <close> = pymalloc.heap { profile = "3.8" }
      return newer:malloc(65):pool().size
    end,
    because = [[
      The next multiple of 16 is 80; in CPython 3.6, where the classes are 8 apart, 72 is enough.
      The change was made because the C language promises that any number may be stored at the start
      of a block, and compilers rely on it with instructions that need 16 bytes of alignment.]],
  }
  claim("in 3.6 a request of 65 bytes gets a block of 72", select(2, heap:size_class(65)), 72)

  say [[
    What a block has beyond the request is waste, and it is called rounding. How much is it in a
    real program? We take every small request of CPython's start-up, and try classes that are 8, 16,
    32 and 64 bytes apart.]]
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
  claim("with classes 8 bytes apart, rounding adds 2 % to what start-up asks for", percent[8], 2)
  claim("with 16 it adds 7 %: the price of the alignment", percent[16], 7)
  claim("with eight classes, 64 apart, it adds 32 %", percent[64], 32)

  say [[
    Then why not a class for every single byte? Because each class that is in use needs a pool of
    its own, even for one block. Wide classes share pools better.]]
  local fine <close> = pymalloc.heap()
  local kept = {}
  for size = 8, THRESHOLD, 8 do
    table.insert(kept, fine:malloc(size))
  end
  claim("one block of each class takes a whole pool for each of them",
    64 - fine:arena(0).nfreepools, 64)
  claim("so 64 blocks with 16,640 bytes in all occupy an arena of 256 KiB",
    fine:stats().allocated_bytes, 16640)

  break_it {
    what = "A wrong rule: round down, so that 9 bytes get a block of 8.",
    run = function()
      local block = heap:malloc(9 // 8 * 8)
      for i = 1, 9 do
        block[i] = i
      end
    end,
    fails = "index 9 is out of range for u8%[8%]",
    so = [[
      A class has to be at least as big as the request: the ninth byte would be the first one of the
      neighbour. The formula (n - 1) // 8 rounds up, and that minus one is what makes 8 bytes fit
      the class of 8.]],
  }

  local even = rounding_waste(counts, blocks_apart(64))
  local least = least_waste(counts, 8)
  exercise {
    task = ([[
      You may have eight classes only. Spaced evenly, 64 bytes apart, they waste %d bytes on the
      requests of CPython's start-up. Choose eight sizes of blocks that waste less than half of it.
      Your file returns them: multiples of 8, ascending, the last one 512. Small sizes are asked for
      most.]]):format(even),
    start = "return { 64, 128, 192, 256, 320, 384, 448, 512 }\n",
    grade = function(answer)
      local fault = block_fault(answer)
      if fault then
        return false, fault
      end
      local waste = rounding_waste(counts, answer)
      local remark = ("Your classes waste %d bytes; evenly spaced ones waste %d, the best %d.")
        :format(waste, even, least)
      return waste * 2 < even, remark
    end,
    good = { 32, 56, 72, 104, 152, 216, 400, 512 },
    bad = { 8, 16, 24, 32, 64, 128, 256, 512 },
  }
end)
