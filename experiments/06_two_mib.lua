local kit = require "experiments.kit"
local pymalloc = require "pymalloc"
local workload = require "pymalloc.lesson.workload"

local traces = { { "json", "@json" }, { "startup", "@startup" } }
for seed = 1, 3 do
  table.insert(traces, { "lots " .. seed, workload.trace(seed) })
end

return {
  title = "Arenas of 1 MiB or 2 MiB",
  sources = {
    { "gh-144319 (2026): huge pages for arenas, which then have 2 MiB",
      "https://github.com/python/cpython/issues/144319" },
    { "GH-144353: the same by madvise", "https://github.com/python/cpython/pull/144353" },
  },
  asked = "Should all arenas have 2 MiB? One comment proposes it, because starting the "
    .. "interactive interpreter takes 6 arenas of 1 MiB. We found benchmarks of time "
    .. "there, and none of memory held.",
  method = "Five traces on the geometry of 3.11, and on the same with arenas of 2 MiB.",
  run = function()
    local rows, more, traffic = {}, 0, { 0, 0 }
    for i, one in ipairs(traces) do
      local result = assert(pymalloc.experiment { traces = { one[2] },
        designs = { "3.11", { profile = "3.11", arena_bytes = 2 * kit.MIB } },
        measure = { "held_peak", "held_mean", "held_end", "arenas_obtained",
          "arenas_released" } }).rows
      local small, large = result[1], result[2]
      more = more + large.held_mean / small.held_mean
      for j = 1, 2 do
        traffic[j] = traffic[j] + result[j].arenas_obtained + result[j].arenas_released
      end
      rows[i] = { one[1] }
      for _, name in ipairs { "held_peak", "held_mean", "held_end" } do
        table.insert(rows[i], kit.kib(small[name]))
        table.insert(rows[i], kit.kib(large[name]))
      end
      table.insert(rows[i], ("%d + %d"):format(small.arenas_obtained, small.arenas_released))
      table.insert(rows[i], ("%d + %d"):format(large.arenas_obtained, large.arenas_released))
    end
    return {
      text = kit.table({ "trace", "peak, 1 MiB", "2 MiB", "mean, 1 MiB", "2 MiB",
        "end, 1 MiB", "2 MiB", "obtained + released, 1 MiB", "2 MiB" }, rows),
      sentence = ("For programs as small as these, arenas of 2 MiB hold %.0f %% more on average, "
        .. "and are obtained or released %d times instead of %d."):format(
        100 * more / #traces - 100, traffic[2], traffic[1]),
    }
  end,
}
