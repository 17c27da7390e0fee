-- Lesson 11. To go through it: pymalloc lesson 11

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"
local reports = require "pymalloc.lesson.report"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

local VERSIONS = { "3.6", "3.8", "3.9", "3.10", "3.11" }

-- Adds a pool to the sums of its class and to the sums of bytes.
local function add_pool(sums, pool, geometry)
  local class = sums.classes[pool.szidx] or { size = pool.size, pools = 0, live = 0, other = 0 }
  local live, other = pool.ref_count, pool.capacity - pool.ref_count
  local blocks_bytes = pool.capacity * pool.size
  sums.classes[pool.szidx] = class
  class.pools, class.live, class.other = class.pools + 1, class.live + live, class.other + other
  sums.allocated = sums.allocated + live * pool.size
  sums.available = sums.available + other * pool.size
  sums.headers = sums.headers + geometry.header_bytes
  sums.quantization = sums.quantization + geometry.pool_bytes - geometry.header_bytes - blocks_bytes
end

-- All numbers that can be counted in the headers of a heap, by the labels of the
-- report.
local function walk(heap)
  local geometry = heap.geometry
  local sums = { arenas = 0, unused = 0, alignment = 0, allocated = 0, available = 0, headers = 0,
    quantization = 0, classes = {} }
  for arena in heap:arenas() do
    sums.arenas = sums.arenas + 1
    sums.unused = sums.unused + arena.nfreepools
    sums.alignment = sums.alignment + geometry.arena_bytes
      - arena.ntotalpools * geometry.pool_bytes
    for pool in arena:pools() do
      if pool.state ~= "empty" then
        add_pool(sums, pool, geometry)
      end
    end
  end
  return reports.from_sums(sums, geometry)
end

local function take(heap, count, size)
  local blocks = {}
  for i = 1, count do
    blocks[i] = heap:malloc(size)
  end
  return blocks
end

local function give(blocks, first, last)
  for i = first, last do
    blocks[i]:free()
  end
end

local function show_report(report)
  show((report:gsub("\n$", "")))
end

-- Makes three reports of three different versions; returns them, and the versions.
local function anonymous()
  local texts, versions = {}, {}
  for i, case in ipairs { { "3.9", 0 }, { "3.10", 4096 }, { "3.8", 0 } } do
    local heap <close> = pymalloc.heap { profile = case[1], arena_offset = case[2] }
    local blocks = take(heap, 9000, 64)
    give(blocks, i == 2 and 1001 or 1, #blocks)
    texts[i], versions[i] = heap:debugmallocstats(), heap.geometry.profile
  end
  return texts, versions
end

-- The fault of an answer; nil if it has none.
local function versions_fault(answer)
  for i = 1, 3 do
    local is_known = false
    for _, version in ipairs(VERSIONS) do
      is_known = is_known or answer[i] == version
    end
    if not is_known then
      return ("element %d is %s; it must be one of the strings %s"):format(i, tostring(answer[i]),
        table.concat(VERSIONS, ", "))
    end
  end
end

return lesson(11, "Every number of the report can be counted", function()
  lesson.source [[
    the article "Memory management in Python" by Artem Golubin, section "Allocation statistics";
    Objects/obmalloc.c of CPython 3.6, 3.10 and 3.11: _PyObject_DebugMallocStats.]]

  aside [[
    The article that lesson 9 quotes says: "You can get allocations statistics by calling
    sys._debugmallocstats()." This function of CPython writes a report of many numbers to
    the standard error, and explains none of them. But nearly every number can be counted in the
    headers of pools and arenas, which you know now. The heap of these lessons makes the same
    report, with the function heap:debugmallocstats(). Here is a heap with its report.]]
  local heap <close> = pymalloc.heap { profile = "classroom" }
  local seen = { arena_new = 0, arena_release = 0 }
  heap:on(function(event)
    seen[event.kind] = seen[event.kind] + 1
  end, { kind = { "arena_new", "arena_release" } })
  local blocks = { wide = take(heap, 26, 64) }
  give(blocks.wide, 13, 24)
  blocks.narrow = take(heap, 3, 16)
  heap:malloc(48):free()
  show(heap)
  local report = heap:debugmallocstats()
  show_report(report)
  local numbers, counted = reports.read(report), walk(heap)

  say [[
    The table has a row for each class that has used or full pools. The row has the class, the size
    of a block, the number of these pools, the number of their live blocks, and the number of their
    other blocks. We visit all pools of all arenas and count these numbers ourselves, from the
    fields szidx, size, ref_count and capacity of each pool (its capacity is the number of blocks
    that fit into it).]]
  claim("class 0 has one pool, with three live blocks and ten others, as the report says",
    { numbers["class 0"], counted["class 0"] }, { "16 1 3 10", "16 1 3 10" })
  claim("class 3 has five pools, with 14 live blocks and one other, as the report says",
    { numbers["class 3"], counted["class 3"] }, { "64 5 14 1", "64 5 14 1" })

  break_it {
    what = "We try a wrong way to count: each carved pool counts for the class in its header.",
    run = function()
      for arena in heap:arenas() do
        for pool in arena:pools() do
          if not numbers["class " .. pool.szidx] then
            error(("there is %s pool of class %d, but the report has no row for this class")
              :format(pool.state == "empty" and "an empty" or "a " .. pool.state, pool.szidx))
          end
        end
      end
    end,
    fails = "there is an empty pool of class 2, but the report has no row for this class",
    so = [[
      There was one block of 48 bytes in this pool, and it was freed. An empty pool keeps its header
      (lesson 6), and so it still has a class there. But the report does not count it for a class.
      It counts the pool as unused.]],
  }

  predict {
    ask = [[
      In a heap of CPython 3.6, a single block of 8 bytes is live. Its pool has room for 506 blocks,
      and one block is on the free chain. Which number does the report have for this class in the
      column "avail blocks"?]],
    choices = { "0", "1", "505", "506" },
    hint = "Does the report know which blocks were carved?",
    why = {
      ["0"] = "The pool has one live block; its other blocks can still be handed out.",
      ["1"] = "This is the length of the free chain. The report counts virgin blocks too.",
      ["506"] = "One of the 506 blocks is live.",
    },
    answer = function()
      local small <close> = pymalloc.heap()
      local block = small:malloc(8)
      local text = small:debugmallocstats()
      block:free()
      return reports.read(text)["class 0"]:match("%d+$")
    end,
    because = [[
      All blocks of the pool that are not live are available: the one on the free chain, and the 504
      virgin blocks.]],
  }

  say [[
    The next four lines are about arenas: how many were obtained in total, how many were released,
    the largest number that the heap held at the same time, and the number that it holds now. Only
    the last number can be counted in the heap, because the others are about the past. A heap can
    call a function at each event, for example when it obtains an arena. In this lesson we counted
    these calls, and compare the first two numbers with them.]]
  claim("three arenas were obtained", { numbers["# arenas allocated total"], seen.arena_new },
    { 3, 3 })
  claim("one arena was released", { numbers["# arenas reclaimed"], seen.arena_release }, { 1, 1 })
  claim("the heap held at most three arenas", numbers["# arenas highwater mark"], 3)
  local current = "# arenas allocated current"
  claim("it holds two arenas now", { numbers[current], counted[current] }, { 2, 2 })

  say [[
    The next lines are about the bytes of these arenas. They are the kinds of lesson 10, except
    rounding. Since the heap does not know how many bytes were requested, the report counts each
    live block with its whole size.]]
  for _, line in ipairs {
    { "in allocated blocks", "the sum of the sizes of all live blocks" },
    { "in available blocks", "the sum of the sizes of the other blocks of used pools" },
    { "lost to pool headers", "48 bytes for each used or full pool" },
    { "lost to quantization", "the bytes after the last block of each used or full pool" },
    { "lost to arena alignment", "the bytes of an arena that are in no pool; here there are none" },
  } do
    local label = "# bytes " .. line[1]
    claim(("%s: %s"):format(line[1], line[2]), { label, numbers[label] },
      { label, counted[label] })
  end
  local unused = "2 unused pools * 256 bytes"
  claim("unused pools: those on freepools, and those that were never carved",
    { numbers[unused], counted[unused] }, { 512, 512 })
  claim("Total: the sum of these six lines, which is the size of all arenas", numbers.Total,
    counted.Total)

  say [[
    The report does not count raw blocks, because they are in no arena. A request above the
    threshold does not change the report.]]
  local raw = heap:malloc(100000)
  claim("after a request of 100,000 bytes the report is the same", raw:location() == nil
    and heap:debugmallocstats() == report)

  say [[
    One more line appears only if the debug hooks of CPython 3.6 are on, which lesson 12 explains.
    It counts the calls. With the hooks, the first request counts as two calls, because the heap
    itself requests memory for the array of arenas, through the same hooks.]]
  local hooked <close> = pymalloc.heap { debug = true }
  blocks.hooked = take(hooked, 5, 8)
  claim("after five requests, the line counts six calls",
    reports.read(hooked:debugmallocstats())["# times object malloc called"], 6)

  say [[
    Now we do the same for a real program. We replay CPython's start-up trace on heaps of three
    versions, and stop after request 32,408. At this moment the live blocks in pools have the most
    requested bytes. We compare each number of the reports with the number that we count. The report
    of 3.11 has one more section, about the arena map. This is a tree of nodes, with which CPython
    finds out whether an address is in one of its arenas. The nodes depend only on the addresses of
    the arenas.]]
  for _, case in ipairs { { "3.6", 0, 66 }, { "3.8", 0, 41 }, { "3.11", 4096, 47 } } do
    local profile, arena_offset, count = table.unpack(case)
    local run <close> = assert(pymalloc.replay("@startup",
      { profile = profile, arena_offset = arena_offset }))
    run:seek(32408)
    local counted_here = walk(run.heap)
    reports.add_history(counted_here, run, 32408)
    if profile == "3.11" then
      reports.add_map(counted_here, run.heap)
      show_report(run.heap:debugmallocstats())
    end
    local equal, differences = reports.compare(reports.read(run.heap:debugmallocstats()),
      counted_here)
    claim(("in the report of %s, all %d lines with numbers have the numbers that we count")
      :format(profile, count), { equal, differences }, { count, {} })
  end

  say [[
    A report also shows which version of CPython made it. 64 size classes mean 3.6, or 3.7 up to
    3.7.3; later versions have 32. Arenas of 262,144 bytes mean 3.9 or earlier, and arenas of
    1,048,576 bytes mean 3.10 or later. The root of the arena map has 8,192 bytes in 3.10, and
    262,144 since 3.11.]]
  local classes, arena_bytes, roots = {}, {}, {}
  for _, version in ipairs(VERSIONS) do
    local one <close> = pymalloc.heap { profile = version }
    local block = one:malloc(8)
    local text = one:debugmallocstats()
    block:free()
    classes[version] = tonumber(text:match("in (%d+) size classes"))
    arena_bytes[version] = tonumber(text:match("1 arenas %* (%d+)"))
    roots[version] = reports.read(text)["# bytes lost to arena map root"]
  end
  claim("of the versions 3.6, 3.8, 3.9, 3.10 and 3.11, only 3.6 has 64 classes", classes,
    { ["3.6"] = 64, ["3.8"] = 32, ["3.9"] = 32, ["3.10"] = 32, ["3.11"] = 32 })
  claim("3.10 and 3.11 have arenas of 1 MiB", arena_bytes, { ["3.6"] = 262144, ["3.8"] = 262144,
    ["3.9"] = 262144, ["3.10"] = 1048576, ["3.11"] = 1048576 })
  claim("3.10 and 3.11 differ in the root of the arena map, and the others have no map", roots,
    { ["3.10"] = 8192, ["3.11"] = 262144 })

  say [[
    The reports of 3.8 and 3.9 have the same lines. But the two versions have different rules for
    the last arena (lesson 9). So a report can show a state that only one of them can reach.]]
  local left = {}
  for _, version in ipairs { "3.8", "3.9" } do
    local one <close> = pymalloc.heap { profile = version }
    give(take(one, 100, 64), 1, 100)
    left[version] = reports.read(one:debugmallocstats())["# arenas allocated current"]
  end
  claim("when all blocks are freed, 3.8 and 3.9 hold different numbers of arenas",
    left["3.8"] ~= left["3.9"])

  local texts, versions = anonymous()
  aside [[
    Here are three reports, made by three different ones of these five versions. They are also in
    the file for your answer.]]
  local start = ""
  for i, text in ipairs(texts) do
    show_report(("Report %d\n%s"):format(i, text))
    start = start .. ("-- Report %d\n%s\n"):format(i, (text:gsub("[^\n]*\n", "-- %0")))
  end
  exercise {
    task = [[
      Which version made report 1, which made report 2, and which made report 3? The versions are
      3.6, 3.8, 3.9, 3.10 and 3.11. Your file returns a table of three version names, one for each
      report, in this order.]],
    start = start .. 'return { "3.6", "3.6", "3.6" }\n',
    hint = "Look at the number of classes, at the size of the arenas and at the arena map. For the "
      .. "last two, look at the number of arenas that are left when no block is.",
    grade = function(answer)
      local fault = versions_fault(answer)
      if fault then
        return false, fault
      end
      local right = 0
      for i, version in ipairs(versions) do
        right = right + (answer[i] == version and 1 or 0)
      end
      return right == 3, right == 3 and "Each report has a number that only its version can have."
        or ("%d of the 3 names %s right."):format(right, right == 1 and "is" or "are")
    end,
    good = { "3.9", "3.10", "3.8" },
    bad = { "3.8", "3.11", "3.9" },
  }
end)
