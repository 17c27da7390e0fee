local kit = require "experiments.kit"
local pymalloc = require "pymalloc"
local workload = require "pymalloc.lesson.workload"

local traces = {
  { trace = "@json", name = "json: objects built, then freed" },
  { trace = "@startup", name = "startup: an interpreter starts and ends" },
  { trace = workload.trace(1), name = "lots: nine of ten lots freed, five times" },
}

-- Bytes held over the requests of the last trace.
local function picture_of(rows)
  local series = {}
  for i, row in ipairs(rows) do
    series[i] = { name = row.design, x = row.series.requests, y = row.series.held }
  end
  table.insert(series, { name = "requested and live", x = rows[3].series.requests,
    y = rows[3].series.live })
  return pymalloc.plot.lines { title = "Bytes of arenas: nine of ten lots are freed, five times",
    x = { title = "requests" }, y = { title = "bytes", unit = "bytes" }, series = series,
    step = true }
end

local function rows_of(one)
  local result = assert(pymalloc.experiment { traces = { one.trace },
    designs = kit.geometries, series = 300,
    measure = { "held_peak", "held_mean", "held_end", "live_most", "utilisation_mean",
      "arenas_obtained", "arenas_released" } })
  local rows = {}
  for i, row in ipairs(result.rows) do
    rows[i] = { row.design, kit.kib(row.held_peak),
      ("%.0f %%"):format(100 * row.live_most / row.held_peak),
      kit.kib(row.held_mean), ("%.0f %%"):format(row.utilisation_mean), row.arenas_obtained,
      row.arenas_released, kit.kib(row.held_end) }
  end
  return rows, result.rows
end

return {
  title = "Alignment, pool and arena sizes",
  sources = {
    { "bpo-37211, GH-13934 (2019): pools and arenas four times as large",
      "https://github.com/python/cpython/pull/13934" },
    { "bpo-37448, GH-14474 (merged in 2021): pools of 16 KiB and arenas of 1 MiB",
      "https://github.com/python/cpython/pull/14474" },
  },
  asked = "Do larger pools and arenas give less memory back? The author of GH-13934 asked for "
    .. "reports from programs with many small objects; a reviewer expected that freed memory "
    .. "would be reclaimed less often. We found no table of memory held for each size.",
  method = "Three traces on five geometries. All keep the last arena (3.9's rule), so that only "
    .. "sizes differ. The columns: bytes of arenas at the peak; the most requested bytes in per "
    .. "cent of them; bytes of arenas on average over all requests, and requested bytes in per "
    .. "cent of them; arenas obtained and released; and bytes held after the last request.",
  run = function()
    local parts, means = {}, {}
    for _, one in ipairs(traces) do
      local rows, raw = rows_of(one)
      table.insert(parts, "**" .. one.name .. "**\n\n" .. kit.table({ "geometry", "peak",
        "in use", "mean", "in use", "obtained", "released", "at the end" }, rows))
      means = raw
    end
    return {
      text = table.concat(parts, "\n\n"),
      picture = picture_of(means),
      sentence = ("In the third trace, where nine tenths of the objects are freed again and "
        .. "again, arenas of 1 MiB with pools of 16 KiB hold %s on average, and arenas of 256 KiB "
        .. "with pools of 4 KiB %s: the expectation was right, and the price is %s there. In "
        .. "exchange, the system is asked for %d arenas instead of %d."):format(
        kit.kib(means[3].held_mean), kit.kib(means[2].held_mean),
        ("%.0f %%"):format(100 * means[3].held_mean / means[2].held_mean - 100),
        means[3].arenas_obtained, means[2].arenas_obtained),
    }
  end,
}
