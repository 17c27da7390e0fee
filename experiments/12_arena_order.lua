local kit = require "experiments.kit"
local pymalloc = require "pymalloc"
local workload = require "pymalloc.lesson.workload"

local TIDES, BLOCKS = 12, 300

local orders = { "fullest", "lowest address", "oldest", "most recently freed", "random",
  "emptiest" }

-- A program with sessions, each of which allocates 300 blocks of one of eight sizes and frees
-- them when it ends. Sessions end in random order, and the number of live ones goes up and down.
local function sessions(seed)
  local throw, lines, live, id = kit.dice(seed), {}, {}, 0
  for tide = 1, TIDES do
    local goal = tide % 2 == 1 and 300 or 30
    for _ = 1, 600 do
      if #live == 0 or throw(600) <= 300 + (goal - #live) then
        local bytes = 32 * throw(8)
        for i = 1, BLOCKS do
          table.insert(lines, ("a %d %d"):format(id + i, bytes))
        end
        table.insert(live, id)
        id = id + BLOCKS
      else
        local first = table.remove(live, throw(#live))
        for i = 1, BLOCKS do
          table.insert(lines, "f " .. first + i)
        end
      end
    end
  end
  return kit.trace(lines, "sessions")
end

local traces = { { "json", "@json" }, { "lots", workload.trace(1) } }

return {
  title = "Which arena gives the next pool?",
  sources = {
    { "Evan Jones (2005), whose patch made arenas releasable",
      "https://www.evanjones.ca/memoryallocator/" },
    { "bpo-37029, GH-13612 (2019), which keeps the arenas sorted at less cost",
      "https://github.com/python/cpython/pull/13612" },
  },
  asked = "CPython takes the next pool from the arena with the fewest free pools, so that emptier "
    .. "arenas can become empty. How much is that order worth, against simpler ones? We found no "
    .. "figures.",
  method = "Three programs on the simulator, with the geometry and the release rule of 3.8 (arenas "
    .. "of 256 KiB) and six orders. In 'sessions', sessions of 300 blocks end in random "
    .. "order, and their number goes up and down six times. The columns have arenas released, and "
    .. "bytes of arenas on average over all requests.",
  run = function()
    local rows, means = {}, {}
    for i, order in ipairs(orders) do
      rows[i] = { order .. (i == 1 and " (CPython)" or "") }
    end
    for _, one in ipairs { traces[1], traces[2], { "sessions", sessions(1) } } do
      local loaded <close> = assert(pymalloc.trace.loaded(one[2]))
      for i, order in ipairs(orders) do
        local result = assert(pymalloc.lab.simulate(loaded, { profile = "3.8",
          next_arena = order, seed = 1 }))
        table.insert(rows[i], kit.commas(result.arenas_released))
        table.insert(rows[i], kit.kib(result.held_mean))
        means[order] = result.held_mean
      end
    end
    local least, most = math.huge, 0
    for i = 2, #orders do
      least, most = math.min(least, means[orders[i]]), math.max(most, means[orders[i]])
    end
    return {
      text = kit.table({ "order", "json: released", "mean", "lots: released", "mean",
        "sessions: released", "mean" }, rows),
      sentence = ("In the program with sessions, the other orders hold %.1f to %.1f %% of the "
        .. "bytes that CPython's order holds."):format(100 * least / means.fullest,
        100 * most / means.fullest),
    }
  end,
}
