-- Lesson 13. To go through it: pymalloc lesson 13

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"
local workload = require "pymalloc.lesson.workload"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

local PROFILES = { "3.6", "3.8", "3.9", "3.10", "3.11" }
local SHOWN_SEED, HIDDEN_SEED = 1, 2
local KIB = 1024

-- The numbers of a row: CPython's start-up trace on a heap with these options.
local function measure(options)
  local heap <close> = pymalloc.heap(options)
  local summary = assert(pymalloc.trace.replay_file("@startup",
    { heap = options }))
  local stats = summary.heap
  local highwater = stats.arenas_highwater * heap.geometry.arena_bytes
  return {
    arenas = stats.arenas_highwater,
    highwater = highwater,
    percent = 100 * summary.peak_live_small_bytes // highwater,
    obtained = stats.arenas_allocated_total,
    returned = stats.arenas_reclaimed,
    held = stats.arena_bytes,
  }
end

local function table_of(rows)
  local lines = { "  profile  arenas     maximum  in use  obtained  released  held at the end" }
  for _, name in ipairs(PROFILES) do
    local row = rows[name]
    table.insert(lines, ("  %-7s  %6d  %6d KiB  %4d %%  %8d  %8d  %11d KiB"):format(name,
      row.arenas, row.highwater // KIB, row.percent, row.obtained, row.returned, row.held // KIB))
  end
  return table.concat(lines, "\n")
end

local PLOT_STOPS = 200

-- Bytes over the requests of a trace: live blocks, the arenas of 3.8, the arenas of 3.11.
local function plot(trace)
  local small = workload.curve(trace, { profile = "3.8" }, PLOT_STOPS)
  local big = workload.curve(trace, { profile = "3.11" }, PLOT_STOPS)
  local requests, live, held_38, held_311 = {}, {}, {}, {}
  for i = 1, PLOT_STOPS do
    requests[i], live[i] = small[i].requests, small[i].used
    held_38[i], held_311[i] = small[i].held, big[i].held
  end
  local lines = pymalloc.plot.lines {
    x = { title = "requests" }, y = { unit = "bytes" }, series = {
      { name = "live blocks", x = requests, y = live },
      { name = "arenas of 3.8", x = requests, y = held_38 },
      { name = "arenas of 3.11", x = requests, y = held_311 },
    } }
  return lines:text { width = 78, height = 16, colour = false }
end

-- The number of stops at which the arenas of 3.11 have more bytes than those of 3.8.
local function stops_with_more(trace)
  local small = workload.curve(trace, { profile = "3.8" }, PLOT_STOPS)
  local big = workload.curve(trace, { profile = "3.11" }, PLOT_STOPS)
  local count = 0
  for i = 1, PLOT_STOPS do
    count = count + (big[i].held > small[i].held and 1 or 0)
  end
  return count
end

-- The largest number of bytes that the arenas have at any stop.
local function most_held(trace, profile)
  local most = 0
  for _, stop in ipairs((workload.curve(trace, { profile = profile }))) do
    most = math.max(most, stop.held)
  end
  return most
end

-- A run that has replayed about a third of a trace on a profile, and the
-- statistics of its heap.
local function third_of(trace, profile)
  local run = assert(pymalloc.replay(trace, { profile = profile }))
  assert(run:seek(run.length * 33 // 100))
  return run, run.heap:stats()
end

local function used_percent(stats)
  return 100 * stats.allocated_bytes // stats.arena_bytes
end

-- The options of 3.11, changed as an answer says.
local function geometry_of(answer)
  local options = { profile = "3.11" }
  for name, value in pairs(answer) do
    if name ~= "pool_bytes" and name ~= "arena_bytes" and name ~= "release" then
      error(("you cannot set %s, only pool_bytes, arena_bytes and release"):format(
        tostring(name)), 0)
    end
    options[name] = value
  end
  return options
end

return lesson(13, "Choose your geometry", function()
  lesson.source [[
    CPython, Objects/obmalloc.c, in 3.6, 3.8, 3.9, 3.10 and 3.11: the sizes of pools and arenas.
    Pools and arenas of 3.10: the pull request GH-14474. An earlier one with larger pools,
    GH-13934, was not merged.]]

  aside [[
    CPython 3.6 has pools of 4 KiB and arenas of 256 KiB. In 3.10 they became 16 KiB and 1 MiB. What
    does such a choice cost? In this lesson we measure it, and then you choose sizes of your own.

    Are these the sizes that CPython has? Whole runs of a CPython 2.7.18, of one or two of each
    minor version from 3.6 to 3.13, and of a 3.11 of 32 bits were compared with heaps of their
    profiles: each place, each arena, the headers of the pools and, except for 2.7, the reports
    (script/fidelity, script/suite/i386). The sizes of 3.14 and 3.15 were only read in the
    sources.]]

  say [[
    We replay CPython's start-up trace on five profiles. The column "maximum" has the largest size
    that all arenas had together. The column "in use" is the part of it that was requested, when the
    program had requested the most.]]
  local rows = {}
  for _, name in ipairs(PROFILES) do
    rows[name] = measure { profile = name }
  end
  show(table_of(rows))
  claim("3.6 needs four arenas, which have 1 MiB", rows["3.6"].highwater, 1024 * KIB)
  claim("at the maximum, 74 % of these bytes are requested", rows["3.6"].percent, 74)
  claim("3.8, whose classes are 16 bytes apart, needs four arenas too", rows["3.8"].arenas, 4)

  predict {
    ask = [[
      3.11 needs two arenas of 1 MiB. How many would it need with pools of 4 KiB, if its arenas
      still had 1 MiB?]],
    choices = { "1 arena", "2 arenas", "4 arenas" },
    hint = "A smaller pool has fewer free blocks while it is only partly used.",
    why = {
      ["2 arenas"] = "The two arenas of 3.11 have many free blocks in partly used pools of 16 KiB. "
        .. "With smaller pools these are fewer.",
      ["4 arenas"] = "3.6 needs four arenas, but they have 256 KiB each, not 1 MiB.",
    },
    answer = function()
      local count = measure({ profile = "3.11", pool_bytes = 4096 }).arenas
      return count .. (count == 1 and " arena" or " arenas")
    end,
    because = [[
      Each size class that is in use has pools of its own, and its last pool is only partly used.
      With 32 classes and pools of 16 KiB, these pools can have up to half a MiB in total. With
      pools of 4 KiB, all blocks fit into one arena.]],
  }
  claim("with arenas of 1 MiB, the heap obtains arenas less often",
    rows["3.11"].obtained < rows["3.8"].obtained)

  say [[
    The last two columns depend on the rule for releasing arenas (lesson 9). Up to 3.8, each empty
    arena is released at once. Since 3.9 the last one is kept, because the program may need it again
    soon.]]
  claim("3.8 releases all four arenas by the end", rows["3.8"].returned, 4)
  claim("3.9 keeps one of the four", rows["3.9"].held, 256 * KIB)
  claim("3.11 keeps one too, and it has 1 MiB", rows["3.11"].held, 1024 * KIB)

  say [[
    The start-up trace releases its first arena only near its end (lesson 10). For programs that run
    longer it is more important which arenas can be released. Therefore we take another trace, which
    was not recorded but made by a rule. Five times, it makes 8000 objects of four sizes. The
    objects form lots of 100 that were made one after another, and each time it then frees nine of
    ten lots. In the diagram, time goes from left to right. The live blocks (*) are a part of the
    arenas of 3.8 (+). The arenas of 3.11 (o) have more bytes than those of 3.8 most of the time.]]
  local shown = workload.trace(SHOWN_SEED)
  show(plot(shown))
  local cost_38, mean_38, arenas_38 = workload.cost(shown, { profile = "3.8" })
  local cost_311, mean_311, arenas_311 = workload.cost(shown, { profile = "3.11" })
  claim("3.11 holds more bytes than 3.8 at 168 of 200 stops", stops_with_more(shown), 168)
  claim("at the maximum, 3.11 holds a third more bytes than 3.8",
    most_held(shown, "3.11") * 3, most_held(shown, "3.8") * 4)
  claim("on average, 3.11 holds 41 % more bytes", 100 * mean_311 // mean_38, 141)
  claim("3.11 obtains 3 arenas in total, and 3.8 obtains 12", { arenas_311, arenas_38 },
    { 3, 12 })

  say [[
    Which bytes of the arenas are not used? We stop after about a third of this trace, and look at
    the first arena of 3.8 and then at the first arena of 3.11. Each entry is a pool: the number is
    its size class, and the bar shows how full it is.]]
  local small, small_stats = third_of(shown, "3.8")
  local big, big_stats = third_of(shown, "3.11")
  show(small.heap:arena(0))
  show(big.heap:arena(0))
  claim("both heaps have the same 5600 live blocks here",
    { small_stats.blocks, big_stats.blocks }, { 5600, 5600 })
  claim("live blocks fill 48 % of the arenas of 3.8", used_percent(small_stats), 48)
  claim("live blocks fill 30 % of the arenas of 3.11", used_percent(big_stats), 30)

  say [[
    Larger arenas hold more bytes, and smaller arenas call the system more often. To compare
    geometries, we need one number for both. We call it the cost. It is the average of the bytes
    held at a hundred stops, plus 4096 bytes for each arena obtained, which stand for the call to
    the system.]]
  show(("  cost of 3.8   %9d\n  cost of 3.11  %9d"):format(cost_38, cost_311))
  claim("the cost of 3.8 is the average plus 12 times 4096 bytes", cost_38, mean_38 + 12 * 4096)
  claim("the cost of 3.8 is less than three quarters of the cost of 3.11",
    4 * cost_38 < 3 * cost_311)

  say [[
    Are the smallest arenas the best? A heap whose arenas have two pools holds few bytes that are
    not used. But it calls the system very often.]]
  local tiny, tiny_mean, tiny_arenas = workload.cost(shown,
    { profile = "3.11", pool_bytes = 4096, arena_bytes = 8192 })
  claim("with arenas of two pools, the heap holds fewer bytes on average than 3.8",
    tiny_mean < mean_38)
  claim("but it obtains more than 500 arenas, and its cost is higher than that of 3.11",
    tiny > cost_311 and tiny_arenas > 500)

  break_it {
    what = "We try a wrong rule: the smaller the pools, the better. We make a heap with 512-byte "
      .. "pools.",
    run = function()
      pymalloc.heap { profile = "3.11", pool_bytes = 512 }
    end,
    fails = "pool_bytes is 512: it must",
    so = [[
      A pool must have room for its header of 48 bytes and for two blocks of the largest size. A
      pool with a single block would change from empty to full at once, and back, but the lists of
      the allocator rely on the state used between these two.]],
  }

  local hidden = workload.trace(HIDDEN_SEED)
  local limit = workload.cost(hidden, { profile = "3.11" })
  exercise {
    task = [[
      Choose a geometry whose cost is at most three quarters of the cost of 3.11. Your file returns
      a table with the fields pool_bytes, arena_bytes and release, which is "at_once", "keep_last"
      or "never". All other sizes are those of 3.11. The grader computes the cost for a trace that
      is not shown here. It was made by the same rule, but with other random numbers. At a prompt of
      Lua you can print the cost of a geometry for other traces, of which each has a number:

          workload = require "pymalloc.lesson.workload"
          print(workload.cost(workload.trace(7), { profile = "3.11" }))

      A geometry that just passes with one trace may fail with another.]],
    hint = "The cost counts the bytes held and the arenas obtained. Try smaller pools first, then "
      .. "arenas between 64 KiB and 512 KiB.",
    start = [[
return {
  pool_bytes = 16384,
  arena_bytes = 1048576,
  release = "keep_last",
}
]],
    grade = function(answer)
      local cost, mean, arenas = workload.cost(hidden, geometry_of(answer))
      return cost * 4 <= limit * 3,
        ("The cost of your geometry is %d bytes, %.0f %% of the %d bytes of 3.11. It holds %d "
          .. "bytes on average, and obtains %d arenas."):format(cost, 100 * cost / limit, limit,
          mean, arenas)
    end,
    good = { pool_bytes = 4096, arena_bytes = 131072, release = "at_once" },
    bad = { pool_bytes = 4096, arena_bytes = 262144, release = "at_once" },
  }
end)
