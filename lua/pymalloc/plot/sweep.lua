-- Plots of sweeps: of designs that differ in parameters, whose values are in their names.

local axes = require "pymalloc.plot.axis"
local check = require "pymalloc.check"
local parameters = require "pymalloc.plot.parameters"
local source = require "pymalloc.plot.rows"

local M = {}

-- Checks that a name is that of a parameter in which the designs differ.
local function check_parameter(option, name, differing)
  for _, known in ipairs(differing) do
    if known == name then
      return name
    end
  end
  local list = #differing > 0 and "one of '" .. table.concat(differing, "', '") .. "'"
    or "a parameter in which the designs differ, and they do not differ in any"
  source.refuse("%s must be %s, got %s", option, list, check.quote(name))
end

-- The parameters in which designs differ, and the values of each row.
local function sweep_of(rows)
  local names = {}
  for i, row in ipairs(rows) do
    names[i] = row.design
  end
  return parameters.read(names)
end

-- "arena_bytes 64 KiB, release never": the values of the parameters other than `axis`.
local function rest_of(values, differing, axis)
  local parts = {}
  for _, name in ipairs(differing) do
    if name ~= axis then
      local value = values[name]
      local shown = type(value) == "number" and axes.text(value, parameters.unit(name))
        or tostring(value)
      table.insert(parts, name == "profile" and shown or ("%s %s"):format(name, shown))
    end
  end
  return table.concat(parts, ", ")
end

-- The first parameter whose values are all numbers, or nil.
local function numeric(differing, values)
  for _, name in ipairs(differing) do
    local is_numeric = true
    for _, fields_of in ipairs(values) do
      is_numeric = is_numeric and type(fields_of[name]) == "number"
    end
    if is_numeric then
      return name
    end
  end
end

local function series_by(rows, values, x, name_of, measure)
  local series, of = {}, {}
  for i, row in ipairs(rows) do
    local name = name_of(row, values[i])
    if type(values[i][x]) ~= "number" then
      source.refuse("design '%s' has no number for %s: kind 'curve' draws numbers over numbers",
        row.design, x)
    end
    if not of[name] then
      of[name] = { name = name, points = {} }
      table.insert(series, of[name])
    end
    table.insert(of[name].points, { x = values[i][x], y = row[measure.name] or false })
  end
  return series
end

local function sort_points(series)
  for _, one in ipairs(series) do
    table.sort(one.points, function(a, b)
      return a.x < b.x
    end)
    one.x, one.y = {}, {}
    for i, point in ipairs(one.points) do
      one.x[i], one.y[i] = point.x, point.y
    end
    one.points = nil
  end
  return series
end

-- Do all values of a parameter have a place on a scale of ratios, which sweeps mostly have?
local function is_log(values, name)
  local low, high = math.huge, -math.huge
  for _, one in ipairs(values) do
    low, high = math.min(low, one[name]), math.max(high, one[name])
  end
  return low > 0 and high / low >= 4
end

local function first_measure(result, options)
  local default = result.columns[1] and result.columns[1].name or "held_peak"
  return source.measure_of(result, "measure", options.measure == nil and default or options.measure)
end

function M.curve(result, rows, options)
  source.refuse_others(options, "curve", { measure = true, x = true })
  local differing, values = sweep_of(rows)
  local x = check_parameter("x", options.x == nil and numeric(differing, values) or options.x,
    differing)
  local measure, has_traces = first_measure(result, options), #source.names_of(rows, "trace") > 1
  local series = series_by(rows, values, x, function(row, fields_of)
    local rest = rest_of(fields_of, differing, x)
    return has_traces and (rest == "" and row.trace or row.trace .. ", " .. rest)
      or rest == "" and measure.name or rest
  end, measure)
  return "curve", { series = sort_points(series), y = source.axis_of(measure),
    x = { title = x, unit = parameters.unit(x), log = is_log(values, x) },
    default_title = source.trace_title(("%s by %s"):format(measure.name, x), rows) }
end

-- The different values of a parameter, in ascending order if they are numbers.
local function side_of(values, name)
  local side, seen, is_numeric = {}, {}, true
  for _, one in ipairs(values) do
    local value = one[name] == nil and "-" or one[name]
    is_numeric = is_numeric and type(value) == "number"
    if not seen[value] then
      seen[value] = true
      table.insert(side, value)
    end
  end
  if is_numeric then
    table.sort(side)
  end
  for i, value in ipairs(side) do
    side[value] = nil
    seen[value] = i
  end
  return { title = name, unit = is_numeric and parameters.unit(name) or "", values = side }, seen
end

function M.heat(result, rows, options)
  source.refuse_others(options, "heat", { measure = true, x = true, y = true })
  source.one_trace(rows, "heat")
  local differing, values = sweep_of(rows)
  local x = check_parameter("x", options.x == nil and differing[1] or options.x, differing)
  local y = check_parameter("y", options.y == nil and (differing[1] == x and differing[2]
    or differing[1]) or options.y, differing)
  if #differing > 2 or x == y then
    source.refuse("kind 'heat' draws designs that differ in x and y alone; these differ in '%s'",
      table.concat(differing, "', '"))
  end
  local measure = first_measure(result, options)
  local x_side, place_in_x = side_of(values, x)
  local y_side, place_in_y = side_of(values, y)
  local cells = {}
  for i = 1, #y_side.values do
    cells[i] = {}
  end
  for i, row in ipairs(rows) do
    cells[place_in_y[values[i][y]]][place_in_x[values[i][x]]] = row[measure.name]
  end
  return "heat", { x = x_side, y = y_side, values = cells, measure = source.axis_of(measure),
    default_title = source.trace_title(("%s by %s and %s"):format(measure.name, y, x), rows) }
end

return M
