--- Plots of measurements: lines, stacked bars, points, curves, heat maps, and the space that a
-- trace's blocks take over time. A plot is text for a terminal and a picture in SVG.
--
--     local plot = pymalloc.plot.lines {
--       title = "bytes held", y = { unit = "bytes" },
--       series = { { name = "3.6", x = { 1, 2, 3 }, y = { 0, 262144, 262144 } } },
--     }
--     print(plot)
--     plot:save("held.svg")
--
-- All functions take these options: title; note, a text below the picture; and for the SVG
-- width (320 to 4000, default 800), height (180 to 4000, default 450), scale (the factor by
-- which width and height are larger where it is shown, default 1) and theme: "light", "dark",
-- or "auto", which is dark where the reader prefers dark pages.
--
-- An axis is a table with the fields title, unit ("bytes", "percent", "seconds" or "" for
-- counts), log (true: equal distances are equal ratios; values must be above 0) and better
-- ("low", the default, or "high").
--
-- A value that is false or nil is not known. It is not drawn, and the plot says so. NaN and
-- infinite values are errors.
--
-- A plot has a bounded size, whatever the number of its values: its SVG has at most 768 KiB.

local core = require "pymalloc.core"
local check = require "pymalloc.plot.check"
local drawings = require "pymalloc.plot.drawing"
local events = require "pymalloc.event"
local output = require "pymalloc.output"
local pages = require "pymalloc.plot.page"
local traces = require "pymalloc.trace"

local M = {}

-- {=== The type

--- pymalloc.Plot: a plot; tostring draws it for a terminal, as wide as the variable COLUMNS says
-- or the terminal is, or 80 columns; in colours on a terminal unless NO_COLOR is set; and in ASCII
-- where the locale is not UTF-8.
local Plot = {}

local metatable = { __name = "pymalloc.Plot", __metatable = "pymalloc.Plot", __index = Plot }

-- The data of each plot, and the module that draws it.
local content_of = setmetatable({}, { __mode = "k" })

local function content(plot, what)
  local found = content_of[plot]
  if not found then
    error(("pymalloc: %s: self must be a pymalloc.Plot, got %s"):format(what,
      core.describe(plot)), 3)
  end
  return found
end

local function new(data, drawer)
  local plot = setmetatable({}, metatable)
  content_of[plot] = { data = data, drawer = drawer }
  return plot
end

-- Calls a function. Its errors get the place at which the function of this module was called.
local function checked(f, ...)
  local ok, result = pcall(f, ...)
  if not ok then
    error(result, type(result) == "string" and result:find("^pymalloc: ") and 3 or 0)
  end
  return result
end

local function text_of(found, what, options, is_file)
  local page = pages.new(what, options, is_file)
  found.drawer.text(page, found.data)
  return page:text()
end

--- The plot for a terminal.
-- @tparam[opt] table options width: columns from 40 to 400; height: rows of the data, from 4 to
-- 100, default 14; ascii and colour: as for pymalloc.view.text
-- @treturn string without a newline at its end
-- @usage plot:text({ ascii = true }):match("^[^\n]+") --> bytes held
function Plot:text(options)
  return checked(text_of, content(self, "plot:text"), "plot:text", options)
end

local size_fields = { width = true, height = true, scale = true, theme = true }

local function svg_of(found, what, options)
  options = options == nil and {} or options
  check.fields(what, "the options", options, size_fields)
  local drawing = drawings.new(check.size(what, options, found.data))
  found.drawer.svg(drawing, found.data)
  return drawing:svg(found.data.title, found.drawer.description(found.data))
end

--- The plot as SVG.
-- @tparam[opt] table options width, height, scale and theme, in place of those of the plot
-- @treturn string
-- @usage plot:svg({ scale = 2 }):match('width="%d+"') --> width="1600"
function Plot:svg(options)
  return checked(svg_of, content(self, "plot:svg"), "plot:svg", options)
end

--- Writes the plot to a file: as text if its name ends in .txt, otherwise as SVG. An older file
-- is replaced when the new one is complete.
-- @tparam string path "-" is standard output; a file that ends in .gz, .xz or .zst is packed
-- @tparam[opt] table options as for plot:svg, or for plot:text, but without colours by default
-- @treturn boolean true; or nil and a message
-- @usage plot:save("/dev/null") --> true
function Plot:save(path, options)
  local found = content(self, "plot:save")
  if type(path) ~= "string" or path:find("\0") then
    error("pymalloc: plot:save: path must be a string without zero bytes, got "
      .. core.describe(path), 2)
  end
  local written
  if path:find("%.txt$") then
    written = checked(text_of, found, "plot:save", options, true) .. "\n"
  else
    written = checked(svg_of, found, "plot:save", options)
  end
  local ok, problem = output.write(path, written)
  if not ok then
    return nil, problem
  end
  return true
end

function metatable:__tostring()
  local found = content_of[self]
  return found and text_of(found, "tostring") or "pymalloc.Plot"
end

-- {=== Lines

-- The module that reads the options of a kind, and functions that draw it.
local function drawer_of(kind)
  local reader = require("pymalloc.plot." .. kind)
  return {
    description = reader.description,
    svg = function(drawing, data)
      require("pymalloc.plot." .. kind .. "_svg").draw(drawing, data)
    end,
    text = function(page, data)
      require("pymalloc.plot." .. kind .. "_text").draw(page, data)
    end,
  }, reader
end

--- Lines over an x axis, such as bytes held over requests. Of a series with more than 800
-- points, the plot keeps the first, lowest, highest and last point of each 400th of the x axis.
-- @tparam table options series: an array of 1 to 12 tables with the fields name, x (an array of
-- ascending numbers) and y (an array of as many values); x and y: the axes; marks: an array of
-- { x =, name = }, which are drawn as vertical lines, at most 100; step: true draws a value
-- until the next one, without a slope; and the options of all plots
-- @treturn pymalloc.Plot
-- @usage
-- local lines = pymalloc.plot.lines {
--   title = "live bytes", y = { unit = "bytes" },
--   series = { { name = "a program", x = { 0, 1, 2 }, y = { 0, 24, 64 } } },
-- }
-- lines:text({ ascii = true }):match("^[^\n]+") --> live bytes
function M.lines(options)
  local drawer, reader = drawer_of "lines"
  return new(checked(reader.read, options, "plot.lines"), drawer)
end

--- A curve of a measure against a parameter: as pymalloc.plot.lines, with a marker at each point.
-- @tparam table options as for pymalloc.plot.lines
-- @treturn pymalloc.Plot
-- @usage
-- local curve = pymalloc.plot.curve {
--   title = "bytes held", x = { title = "pool_bytes", unit = "bytes", log = true },
--   series = { { name = "3.6", x = { 4096, 8192 }, y = { 1000, 1200 } } },
-- }
-- select(2, curve:svg():gsub("<circle", "")) > 2 --> true
function M.curve(options)
  local drawer, reader = drawer_of "lines"
  return new(checked(reader.read, options, "plot.curve", true), drawer)
end

-- {=== Bars, points, heat maps

--- Stacked bars, such as the bytes held by kind: live, and the kinds of fragmentation.
-- @tparam table options parts: an array of 1 to 8 names; bars: an array of 1 to 60 tables with
-- the fields name and values (a number of 0 or more for each part); y: the axis of the values;
-- and the options of all plots
-- @treturn pymalloc.Plot
-- @usage
-- local bars = pymalloc.plot.bars {
--   y = { unit = "bytes" }, parts = { "live", "free" },
--   bars = { { name = "3.6", values = { 3072, 1024 } } },
-- }
-- bars:text({ ascii = true, colour = false, width = 40 }):match("%S+$", -24) --> free
function M.bars(options)
  local drawer, reader = drawer_of "bars"
  return new(checked(reader.read, options, "plot.bars"), drawer)
end

--- Points, such as bytes held against arenas obtained, a point for each design.
-- @tparam table options points: an array of 1 to 100,000 tables with the fields x, y, and
-- optionally name and group (points of a group have one colour and marker; up to 12 groups);
-- pareto: true marks those that no other point of the group beats; x and y: the axes, whose
-- field better says which values are better; and the options of all plots. Of more than 400
-- points, those of the front are drawn, and one in each cell of a grid
-- @treturn pymalloc.Plot
-- @usage
-- local points = pymalloc.plot.scatter { pareto = true, points = {
--   { name = "a", x = 1, y = 3 }, { name = "b", x = 2, y = 1 }, { name = "c", x = 3, y = 2 },
-- } }
-- points:text():match("c: [^\n]*") --> c: 3, 2
function M.scatter(options)
  local drawer, reader = drawer_of "scatter"
  return new(checked(reader.read, options, "plot.scatter"), drawer)
end

--- A heat map: a value for each pair of two parameters.
-- @tparam table options x and y: tables with the fields title, unit and values (1 to 48 numbers
-- or names, which make at most 1,024 cells); values: an array with a row of numbers for each of
-- y.values, with a number for each of x.values; measure: an axis with title, unit, log and
-- better; and the options of all plots
-- @treturn pymalloc.Plot
-- @usage
-- local heat = pymalloc.plot.heat {
--   x = { title = "pool_bytes", unit = "bytes", values = { 4096, 8192 } },
--   y = { title = "profile", values = { "3.6", "3.11" } },
--   values = { { 10, 12 }, { 11, 13 } },
-- }
-- heat:text():match("3.11[^\n]*") --> 3.11     11       13
function M.heat(options)
  local drawer, reader = drawer_of "heat"
  return new(checked(reader.read, options, "plot.heat"), drawer)
end

-- {=== Traces

--- The space that a trace takes over time: address over request. Up to 1,500 blocks are drawn
-- one by one; more are added up in a grid of at most 360 by 160 cells, and the picture says so.
-- @tparam string|pymalloc.Trace|pymalloc.LoadedTrace trace a path, or a trace
-- @tparam[opt] table options heap: the options of the heap, or the name of its profile; and the
-- options of all plots
-- @treturn pymalloc.Plot or nil, a message and "trace" for a trace that cannot be read
-- @usage
-- local space = pymalloc.plot.space(trace, { heap = "3.11" })
-- space:text():match("^[^\n]+") --> Space over time: text, 3.11
function M.space(trace, options)
  local drawer, reader = drawer_of "space"
  local is_loaded = getmetatable(trace) == "pymalloc.LoadedTrace"
  local loaded, problem, kind = trace, nil, nil
  options = traces.options(options)
  if not is_loaded then
    loaded, problem, kind = events.checked(traces.loaded, trace)
  end
  if not loaded then
    return nil, problem, kind
  end
  local ok, data, reason = pcall(reader.read, loaded, options, "plot.space")
  if not is_loaded then
    loaded:close()
  end
  if not ok then
    error(data, 2)
  end
  if not data then
    return nil, reason
  end
  return new(data, drawer)
end

--- Bytes of arenas held and bytes in live blocks over the requests of a run, with its marks. The
-- run stays at its request.
-- @tparam pymalloc.Run run
-- @tparam[opt] table options points: the number of requests, evenly spread, after which the bytes
-- are taken, from 1 to 10,000, default 400; and the options of all plots
-- @treturn pymalloc.Plot
-- @usage
-- local plot_of_run = pymalloc.plot.run(run)
-- plot_of_run:text({ ascii = true }):match("arenas held") --> arenas held
function M.run(run, options)
  if core.kind(run) ~= "Run" then
    error("pymalloc: plot.run: run must be a run, got " .. core.describe(run), 2)
  end
  local drawer, reader = drawer_of "lines"
  local lines = checked(require("pymalloc.plot.run").lines, run, options, "plot.run")
  return new(checked(reader.read, lines, "plot.run"), drawer)
end

return M
