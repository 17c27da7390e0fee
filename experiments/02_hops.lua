local kit = require "experiments.kit"
local filled = require "pymalloc.lesson.filled"
local pymalloc = require "pymalloc"

local POOLS = 64 -- of an arena

-- Empties one pool of each arena in ascending order, then one of each in descending order,
-- and so on. Returns the arenas passed by the walk of 3.6, and seconds.
local function worst(count, counted)
  local heap <close> = pymalloc.heap { profile = "3.6", count_hops = counted }
  local arenas = filled.fill(heap, count)
  local start = os.clock()
  for turn = 1, POOLS do
    for i = 0, count - 1 do
      filled.empty(arenas[turn % 2 == 1 and i or count - 1 - i])
    end
  end
  return heap:stats().hops, os.clock() - start
end

local counts = { 16, 100, 1000 }

return {
  title = "Mass deallocation: steps along usable_arenas",
  sources = {
    { "bpo-37029 (2019): freeing takes time in the square of the number of arenas",
      "https://github.com/python/cpython/issues/81210" },
    { "GH-13612, merged for 3.8: search fingers", "https://github.com/python/cpython/pull/13612" },
  },
  asked = "How many arenas does a free pass in 3.6 and 3.7, which search the new place of an "
    .. "arena from its old one? The change claims O(A) instead of O(A²) for A arenas.",
  method = "All arenas are filled. Then one pool of each arena is emptied in ascending order, one "
    .. "of each in descending order, and so on, the most expensive order. The option `count_hops` "
    .. "walks as 3.6 does. The formula is 31 A (A - 1), for arenas of 64 pools.",
  run = function()
    local rows, most = {}, {}
    for i, count in ipairs(counts) do
      local hops = worst(count, true)
      local formula = 31 * count * (count - 1)
      rows[i] = { kit.commas(count), kit.commas(hops), kit.commas(formula),
        kit.commas((worst(count, false))) }
      most[count] = hops
    end
    return {
      text = kit.table({ "arenas", "passed by 3.6 and 3.7", "31 A (A - 1)", "passed since 3.8" },
        rows, 0),
      facts = { { "factor for ten times as many arenas, if the time is O(A²)",
        most[1000] / most[100], 100, tolerance = 1 } },
      sentence = "Ten times as many arenas cost a hundred times as many steps; since 3.8, none.",
    }
  end,
}
