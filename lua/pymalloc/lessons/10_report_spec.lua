-- Lesson 10. Run it as a conversation: pymalloc lesson 10

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"
local reports = require "pymalloc.lesson.report"
local traces = require "pymalloc.lesson.traces"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

local VERSIONS = { "3.6", "3.8", "3.9", "3.10", "3.11" }

-- A pool adds to its class, and to every kind of bytes.
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

-- Everything that the headers of a heap tell, by the labels of the report.
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

-- Three reports, each of another version, and which these are.
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

local function versions_fault(answer)
  for i = 1, 3 do
    local is_known = false
    for _, version in ipairs(VERSIONS) do
      is_known = is_known or answer[i] == version
    end
    if not is_known then
      return ("element %d is %s; it has to be one of %s, in quotes"):format(i, tostring(answer[i]),
        table.concat(VERSIONS, ", "))
    end
  end
end

return lesson(10, "Every number of the report can be counted", function()
  aside [[
    "You can get allocation statistics by calling sys._debugmallocstats()", the article ends. What
    CPython then writes to the error output has some thirty numbers and explains none. But we know
    by now where they come from. Our heap writes the same report, heap:debugmallocstats().]]
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
    First a row for each class that has pools in use: its number, the size of its blocks, its pools,
    its live blocks, and those that are not live. We walk over all pools of all arenas and count,
    with the views of the lessons before: arena:pools(), pool.szidx, pool.ref_count,
    pool.capacity.]]
  claim("class 0 has one pool, with three live blocks and ten others, by report and by walk",
    { numbers["class 0"], counted["class 0"] }, { "16 1 3 10", "16 1 3 10" })
  claim("class 3 has five pools, with 14 live blocks and one other",
    { numbers["class 3"], counted["class 3"] }, { "64 5 14 1", "64 5 14 1" })

  break_it {
    what = "A wrong walk: every carved pool counts for the class in its header.",
    run = function()
      for arena in heap:arenas() do
        for pool in arena:pools() do
          if not numbers["class " .. pool.szidx] then
            error(("a pool of class %d, which has no row; it is %s"):format(pool.szidx, pool.state))
          end
        end
      end
    end,
    fails = "a pool of class 2, which has no row; it is empty",
    so = [[
      A block of 48 bytes was there and was freed. The empty pool keeps its header (lesson 6), but
      it is of no class any more: it is an unused pool.]],
  }

  predict {
    ask = "CPython 3.6, and a single block of 8 bytes is live. 506 of them fit into a pool, and "
      .. "one is on the free chain. What does the report say of avail blocks?",
    choices = { "0", "1", "505", "506" },
    answer = function()
      local small <close> = pymalloc.heap()
      local block = small:malloc(8)
      local text = small:debugmallocstats()
      block:free()
      return reports.read(text)["class 0"]:match("%d+$")
    end,
    because = [[
      Available is every block of the pool that is not live: the one on the chain, and the 504 that
      were never carved.]],
  }

  say [[
    Then the arenas: how many were obtained in all, how many went back, how many there were at most,
    and how many there are. Only the last number can be seen in the heap; the others tell of the
    past. We listened to the events.]]
  claim("three arenas were obtained", { numbers["# arenas allocated total"], seen.arena_new },
    { 3, 3 })
  claim("one went back", { numbers["# arenas reclaimed"], seen.arena_release }, { 1, 1 })
  local current = "# arenas allocated current"
  claim("two are there", { numbers[current], counted[current] }, { 2, 2 })
  claim("three were there at once", numbers["# arenas highwater mark"], 3)

  say [[
    Then the bytes of these arenas: lesson 9, but without rounding. The report does not know what
    was asked for, and calls the whole block allocated.]]
  for _, line in ipairs {
    { "in allocated blocks", "live blocks times their size" },
    { "in available blocks", "the other blocks of used pools times their size" },
    { "lost to pool headers", "48 for each pool in use" },
    { "lost to quantization", "what remains behind the last block of each pool in use" },
    { "lost to arena alignment", "what of an arena is no pool; here nothing" },
  } do
    local label = "# bytes " .. line[1]
    claim(("%s: %s"):format(line[1], line[2]), { label, numbers[label] },
      { label, counted[label] })
  end
  local unused = "2 unused pools * 256 bytes"
  claim("in unused pools: those on freepools, and those never carved",
    { numbers[unused], counted[unused] }, { 512, 512 })
  claim("Total: the sum of these six, which is all there is", numbers.Total, counted.Total)

  say [[
    What is not in the report: a request above the threshold. It went to raw, and no arena knows of
    it.]]
  local raw = heap:malloc(100000)
  claim("with 100,000 bytes more the report is the same", raw:location() == nil
    and heap:debugmallocstats() == report)

  say [[
    And one line is there only if the debug hooks of CPython 3.6 are on (lesson 11): how many calls
    there were. The first request makes two, because the vector of arenas is asked for too.]]
  local hooked <close> = pymalloc.heap { debug = true }
  blocks.hooked = take(hooked, 5, 8)
  claim("five requests are six calls",
    reports.read(hooked:debugmallocstats())["# times object malloc called"], 6)

  say [[
    Now real ones. We stop CPython's start-up where it has asked for most, at request 32,408, on
    three geometries, and compare the whole report with what we count. CPython 3.11 has one section
    more: the map by which it tells its arenas' addresses from others. It has nodes, as a tree has;
    which of them exist depends on the addresses alone.]]
  for _, case in ipairs { { "3.6", 0, 66 }, { "3.8", 0, 41 }, { "3.11", 4096, 47 } } do
    local profile, arena_offset, count = table.unpack(case)
    local run <close> = assert(pymalloc.replay(traces.path("cpython-startup"),
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
    claim(("all %d lines with numbers of %s's report are what we count"):format(count, profile),
      { equal, differences }, { count, {} })
  end

  say [[
    So a report tells what its allocator is. 64 size classes, 8 bytes apart, are CPython 3.6 (and
    3.7 up to 3.7.3), 32 are later ones. An arena of 262,144 bytes is at most 3.9, one of 1,048,576
    at least 3.10. 3.10 has an arena map whose root has 8,192 bytes; since 3.11 it has 262,144.]]
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
  claim("only 3.6 has 64 classes", classes,
    { ["3.6"] = 64, ["3.8"] = 32, ["3.9"] = 32, ["3.10"] = 32, ["3.11"] = 32 })
  claim("the arenas have 1 MiB since 3.10", arena_bytes, { ["3.6"] = 262144, ["3.8"] = 262144,
    ["3.9"] = 262144, ["3.10"] = 1048576, ["3.11"] = 1048576 })
  claim("the arena map tells 3.10 from 3.11, and older ones have none", roots,
    { ["3.10"] = 8192, ["3.11"] = 262144 })

  say [[
    And 3.8 and 3.9? Their reports look the same. But think of lesson 8: they have another rule for
    the last arena, and a report can show a state into which only one of them comes.]]
  local left = {}
  for _, version in ipairs { "3.8", "3.9" } do
    local one <close> = pymalloc.heap { profile = version }
    give(take(one, 100, 64), 1, 100)
    left[version] = reports.read(one:debugmallocstats())["# arenas allocated current"]
  end
  claim("when everything was freed, they do not hold the same number of arenas",
    left["3.8"] ~= left["3.9"])

  local texts, versions = anonymous()
  aside "Three reports, of three of these versions. The file for your answer has them too."
  local start = ""
  for i, text in ipairs(texts) do
    show_report(("Report %d\n%s"):format(i, text))
    start = start .. ("-- Report %d\n%s\n"):format(i, (text:gsub("[^\n]*\n", "-- %0")))
  end
  exercise {
    task = [[
      Which version wrote report 1, which report 2, which report 3? Each is one of 3.6, 3.8, 3.9,
      3.10 and 3.11. Your file returns a table with three of these names, in this order.]],
    start = start .. 'return { "3.6", "3.6", "3.6" }\n',
    grade = function(answer)
      local fault = versions_fault(answer)
      if fault then
        return false, fault
      end
      local right = 0
      for i, version in ipairs(versions) do
        right = right + (answer[i] == version and 1 or 0)
      end
      return right == 3, right == 3 and "Each of them by what only this version can print."
        or ("%d of 3 right."):format(right)
    end,
    good = { "3.9", "3.10", "3.8" },
    bad = { "3.8", "3.11", "3.9" },
  }
end)
