-- Plots of the results of an experiment: experiment:plot.

local check = require "pymalloc.plot.check"
local lines = require "pymalloc.plot.lines"
local source = require "pymalloc.plot.rows"
local sweep = require "pymalloc.plot.sweep"

local M = {}

local KINDS = { "lines", "bars", "scatter", "curve", "heat" }
local RATIO_OF_LOG = 30
local SERIES_MOST = lines.SERIES_MOST
local CURVES = { "held", "live", "total", "total_live" }

local fields = check.with_look { "kind", "measure", "x", "y", "trace" }

-- Has a real allocator measured one of the rows? It has resident bytes, and no arenas.
local function has_real(rows)
  for _, row in ipairs(rows) do
    if row.kind == "real" then
      return true
    end
  end
end

-- {=== Kinds

-- For each kind, a function that returns the kind of plot and its options.
local drawers = { curve = sweep.curve, heat = sweep.heat }

local function are_equal(one, other)
  for i = 1, math.max(#one, #other) do
    if one[i] ~= other[i] then
      return false
    end
  end
  return true
end

-- The live bytes as one more line, where they are the same for all rows.
local function add_live(series, rows, name, curve)
  if curve ~= "held" and curve ~= "total" then
    return
  end
  local first
  for _, row in ipairs(rows) do
    local live = row.series and row.series[name]
    if live and first and not are_equal(first.series[name], live) then
      return
    end
    first = first or live and row
  end
  if first and #series < SERIES_MOST then
    table.insert(series, { name = "live", x = first.series.requests, y = first.series[name] })
  end
end

-- One line for each row. A row without series gets the requests of another one, and no value.
local function series_of(rows, curve)
  local list, requests = {}, nil
  for _, row in ipairs(rows) do
    requests = requests or row.series and row.series.requests
  end
  if not requests then
    source.refuse("the rows have no series: give the plan the field series, such as series = 400")
  elseif #requests == 0 then
    source.refuse("the trace has no requests, so that there is nothing to draw")
  elseif #rows > SERIES_MOST then
    source.refuse("kind 'lines' draws at most %d designs, got %d", SERIES_MOST, #rows)
  end
  for i, row in ipairs(rows) do
    local known = row.series or { requests = requests }
    list[i] = { name = row.design, x = known.requests, y = known[curve] or {} }
  end
  return list
end

function drawers.lines(_, rows, options)
  source.refuse_others(options, "lines", { measure = true })
  source.one_trace(rows, "lines")
  local curve = check.choice(source.WHAT, "measure", options.measure, CURVES,
    has_real(rows) and "total" or "held")
  local series = series_of(rows, curve)
  add_live(series, rows, curve == "held" and "live" or "total_live", curve)
  local titles = { held = "Bytes of arenas held", live = "Bytes live in pools",
    total = "Bytes held in all", total_live = "Bytes live in all" }
  return "lines", { default_title = source.trace_title(titles[curve], rows), series = series,
    x = { title = "requests" }, y = { title = "after each request", unit = "bytes" } }
end

local WASTE = { { "live_peak", "live" }, { "waste_rounding", "rounding" },
  { "waste_headers", "headers" }, { "waste_free", "free blocks" },
  { "waste_unused", "unused pools" } }

-- The contents of bars: the parts, their fields in a row, the title and the axis.
local function bars_of(result, rows, options)
  local name = options.measure == nil and has_real(rows) and "total_peak" or options.measure
  if name == nil then
    return WASTE, "Bytes of arenas held at the peak",
      { title = "bytes at the peak", unit = "bytes" }
  end
  local measure = source.measure_of(result, "measure", name)
  return { { measure.name, measure.name } }, measure.name, source.axis_of(measure)
end

function drawers.bars(result, rows, options)
  source.refuse_others(options, "bars", { measure = true })
  local fields_of, title, axis = bars_of(result, rows, options)
  local has_traces = #source.names_of(rows, "trace") > 1
  local parts, bars = {}, {}
  for number, row in ipairs(rows) do
    bars[number] = { name = source.row_name(row, has_traces), values = {} }
    for i, part in ipairs(fields_of) do
      parts[i] = part[2]
      bars[number].values[i] = row[part[1]] or false
    end
  end
  return "bars", { parts = parts, bars = bars, y = axis,
    default_title = source.trace_title(title, rows) }
end

-- The axis of a measure; counts that differ much get a scale of ratios.
local function axis_of(measure, points, field)
  local axis, low, high = source.axis_of(measure), math.huge, 0
  for _, point in ipairs(points) do
    low, high = math.min(low, point[field] or low), math.max(high, point[field] or high)
  end
  if measure.unit == "" and low > 0 and high / low >= RATIO_OF_LOG then
    axis.log, axis.title = true, axis.title .. " (scale of ratios)"
  end
  return axis
end

function drawers.scatter(result, rows, options)
  source.refuse_others(options, "scatter", { x = true, y = true })
  local x = source.measure_of(result, "x", options.x == nil and "arenas_obtained" or options.x)
  local y = source.measure_of(result, "y", options.y == nil and "held_mean" or options.y)
  local points, has_traces = {}, #source.names_of(rows, "trace") > 1
  for i, row in ipairs(rows) do
    points[i] = { name = row.design, x = row[x.name], y = row[y.name],
      group = has_traces and row.trace or nil }
  end
  return "scatter", { points = points, pareto = true, x = axis_of(x, points, "x"),
    y = axis_of(y, points, "y"),
    default_title = source.trace_title(("%s and %s"):format(y.name, x.name), rows) }
end

--- The kind and the options of a plot of the rows of a result. A wrong option raises a message.
function M.read(result, options)
  check.fields(source.WHAT, "the options", options, fields)
  local kind = check.choice(source.WHAT, "kind", options.kind, KINDS)
  local rows = source.rows_of(result, options.trace)
  if #rows == 0 then
    source.refuse("the experiment has no rows")
  end
  local name, plot = drawers[kind](result, rows, options)
  return name, source.with_look(options, rows, plot)
end

return M
