-- Lesson 12. Run it as a conversation: pymalloc lesson 12

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"
local traces = require "pymalloc.lesson.traces"
local workload = require "pymalloc.lesson.workload"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

local PROFILES = { "3.6", "3.8", "3.9", "3.10", "3.11" }
local SHOWN_SEED, HIDDEN_SEED = 1, 2
local KIB = 1024

-- What the start-up of CPython needs with a geometry, as numbers of a row.
local function measure(options)
  local heap <close> = pymalloc.heap(options)
  local summary = assert(pymalloc.trace.replay_file(traces.path("cpython-startup"),
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
  local lines = { "  profile  arenas  high water  in use  obtained  returned  held at the end" }
  for _, name in ipairs(PROFILES) do
    local row = rows[name]
    table.insert(lines, ("  %-7s  %6d  %6d KiB  %4d %%  %8d  %8d  %11d KiB"):format(name,
      row.arenas, row.highwater // KIB, row.percent, row.obtained, row.returned, row.held // KIB))
  end
  return table.concat(lines, "\n")
end

local PLOT_COLUMNS, ROW_BYTES = 64, 256 * KIB

-- Bytes against time: what is used, what 3.8 holds, what 3.11 holds. Each row
-- is worth ROW_BYTES; a sign stands where at least half of it is reached.
local function plot(trace)
  local small = workload.curve(trace, { profile = "3.8" }, PLOT_COLUMNS)
  local big = workload.curve(trace, { profile = "3.11" }, PLOT_COLUMNS)
  local rows, height = {}, 0
  for i = 1, PLOT_COLUMNS do
    height = math.max(height, small[i].held, big[i].held)
  end
  for row = (height + ROW_BYTES - 1) // ROW_BYTES, 1, -1 do
    local level, signs = (row - 1) * ROW_BYTES + ROW_BYTES // 2, {}
    for i = 1, PLOT_COLUMNS do
      signs[i] = small[i].used >= level and "#" or small[i].held >= level and "+"
        or big[i].held >= level and "." or " "
    end
    local line = ("%5d KiB |%s"):format(row * ROW_BYTES // KIB, table.concat(signs))
    table.insert(rows, (line:gsub(" +$", "")))
  end
  table.insert(rows, "          +" .. ("-"):rep(PLOT_COLUMNS))
  table.insert(rows, "           # live blocks   + what 3.8 holds beyond them   . what 3.11 holds")
  return table.concat(rows, "\n")
end

-- The most that a heap holds at any stop.
local function most_held(trace, profile)
  local most = 0
  for _, stop in ipairs((workload.curve(trace, { profile = profile }))) do
    most = math.max(most, stop.held)
  end
  return most
end

-- A run on a profile, a third of the way through a trace, and the totals there.
local function part_of(trace, profile)
  local run = assert(pymalloc.replay(trace, { profile = profile }))
  assert(run:seek(run.length * 33 // 100))
  return run, run.heap:stats()
end

local function used_percent(stats)
  return 100 * stats.allocated_bytes // stats.arena_bytes
end

-- The geometry of 3.11 with what an answer says otherwise.
local function geometry_of(answer)
  local options = { profile = "3.11" }
  for name, value in pairs(answer) do
    if name ~= "pool_bytes" and name ~= "arena_bytes" and name ~= "release" then
      error(("%s cannot be chosen, only pool_bytes, arena_bytes and release"):format(
        tostring(name)), 0)
    end
    options[name] = value
  end
  return options
end

return lesson(12, "Choose your geometry", function()
  aside [[
    Why pools of 4 KiB, and arenas of 256? In CPython 3.10 they became 16 KiB and 1 MiB. The
    developers argued about it without a table of what each choice costs. Here is one.]]

  say [[
    We replay the start-up of a CPython on every profile. "High water" is what the arenas had at
    most, and "in use" is how much of that was asked for when the program had most.]]
  local rows = {}
  for _, name in ipairs(PROFILES) do
    rows[name] = measure { profile = name }
  end
  show(table_of(rows))
  claim("3.6 gets along with four arenas, 1 MiB", rows["3.6"].highwater, 1024 * KIB)
  claim("at its peak 74 % of that were asked for", rows["3.6"].percent, 74)
  claim("with blocks 16 bytes apart it takes as many arenas", rows["3.8"].arenas, 4)

  predict {
    ask = [[The table gives 3.11 two arenas of 1 MiB. What if its pools had 4 KiB again, and only
      its arenas 1 MiB?]],
    choices = { "1 arena", "2 arenas", "4 arenas" },
    answer = function()
      local count = measure({ profile = "3.11", pool_bytes = 4096 }).arenas
      return count .. (count == 1 and " arena" or " arenas")
    end,
    because = [[
      Every size class that is in use needs a pool of its own, and its last pool is partly unused.
      With 32 classes and pools of 16 KiB, that is up to half a MiB. With pools of 4 KiB, all fits
      into one arena.]],
  }
  claim("arenas of 1 MiB are asked for less often", rows["3.11"].obtained < rows["3.8"].obtained)

  say [[
    The two last columns show the release rule. Until 3.8 every arena went back as soon as it was
    free. From 3.9 on the last one is kept, in case the program needs it again at once.]]
  claim("3.8 gives back all four arenas by the end", rows["3.8"].returned, 4)
  claim("3.9 keeps one of the four", rows["3.9"].held, 256 * KIB)
  claim("3.11 keeps one too, and there it is 1 MiB", rows["3.11"].held, 1024 * KIB)

  say [[
    A start-up drops hardly anything before its end. Programs that live longer do, and then it
    matters what goes back. This trace is made up by a rule: five times, 8000 objects of four
    sizes are made, and nine of ten lots of 100 neighbours are dropped again.]]
  local shown = workload.trace(SHOWN_SEED)
  show(plot(shown))
  local cost_38, mean_38, arenas_38 = workload.cost(shown, { profile = "3.8" })
  local cost_311, mean_311, arenas_311 = workload.cost(shown, { profile = "3.11" })
  claim("at its peak 3.11 holds a third more than 3.8",
    most_held(shown, "3.11") * 3, most_held(shown, "3.8") * 4)
  claim("on average 3.11 holds 41 % more", 100 * mean_311 // mean_38, 141)
  claim("but it asks the system 3 times, and 3.8 asks 12 times", { arenas_311, arenas_38 },
    { 3, 12 })

  say [[
    Where are the bytes that nobody needs? We look into the first arena of 3.8, and then of 3.11, a
    third of the way: the number is the size class of a pool, the bar how full it is.]]
  local small, small_stats = part_of(shown, "3.8")
  local big, big_stats = part_of(shown, "3.11")
  show(small.heap:arena(0))
  show(big.heap:arena(0))
  claim("a third of the way both have the same 5600 blocks",
    { small_stats.blocks, big_stats.blocks }, { 5600, 5600 })
  claim("the blocks fill 48 % of the arenas of 3.8", used_percent(small_stats), 48)
  claim("and 30 % of those of 3.11", used_percent(big_stats), 30)

  say [[
    So each choice buys one thing with another. To compare them we need one number. We take the
    bytes held on average, at a hundred stops, and 4096 bytes more for each arena obtained, as a
    price for the call of the system.]]
  show(("  cost of 3.8   %9d\n  cost of 3.11  %9d"):format(cost_38, cost_311))
  claim("the cost is the average and 4096 bytes an arena", cost_38, mean_38 + 12 * 4096)
  claim("by this measure 3.8 costs less than three quarters of 3.11", 4 * cost_38 < 3 * cost_311)

  say [[
    The other end is no better. With the smallest arenas a heap holds little that nobody needs, and
    asks the system all the time.]]
  local tiny, tiny_mean, tiny_arenas = workload.cost(shown,
    { profile = "3.11", pool_bytes = 4096, arena_bytes = 8192 })
  claim("arenas of two pools hold the least", tiny_mean < mean_38)
  claim("they cost more than those of 3.11 all the same, with over 500 calls",
    tiny > cost_311 and tiny_arenas > 500)

  break_it {
    what = "A wrong rule: the smaller the pools the better, so we ask for pools of 512 bytes.",
    run = function()
      pymalloc.heap { profile = "3.11", pool_bytes = 512 }
    end,
    fails = "pool_bytes is 512: it must",
    so = [[
      A pool has a header of 48 bytes, and it has to hold at least two of the biggest blocks. A pool
      with one block would be full as soon as it is used, and the lists count on a pool that is used
      before it is full.]],
  }

  local hidden = workload.trace(HIDDEN_SEED)
  local limit = workload.cost(hidden, { profile = "3.11" })
  exercise {
    task = [[
      Beat 3.11 by a quarter. Your file returns a table with pool_bytes, arena_bytes and release
      ("at_once", "keep_last" or "never"). All else is as in 3.11. The grader takes a trace that
      you have not seen, drawn by the same rule from another seed, and its cost has to be at most
      three quarters of that of 3.11. To see what a geometry costs on other traces, your file may
      also print, for instance:

          local workload = require "pymalloc.lesson.workload"
          print(workload.cost(workload.trace(7), { profile = "3.11" }))

      What is just enough for one trace need not be enough for another.]],
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
        ("Your geometry costs %d bytes, %.0f %% of the %d of 3.11: it holds %d on average, and "
          .. "obtains %d arenas."):format(cost, 100 * cost / limit, limit, mean, arenas)
    end,
    good = { pool_bytes = 4096, arena_bytes = 131072, release = "at_once" },
    bad = { pool_bytes = 4096, arena_bytes = 262144, release = "at_once" },
  }
end)
