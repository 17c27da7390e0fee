-- Tests what pymalloc.plot refuses, escapes and cuts, and files of plots.

local command = require "spec.support.command"
local plot = require("pymalloc").plot
local svg = require "spec.support.svg"

local NAN, INFINITE = 0 / 0, 1 / 0

local function refuses(message, f, ...)
  local ok, problem = pcall(f, ...)
  assert.is_false(ok, "not refused: " .. message)
  assert.matches("pymalloc: " .. message, problem, 1, true)
end

local function line(y, x)
  return { series = { { name = "a", x = x or { 1, 2, 3 }, y = y } } }
end

describe("a plot refuses", function()
  it("options that do not exist, and says which do", function()
    refuses("plot.lines: unknown field colour of the options (allowed: height, marks, note, "
      .. "scale, series, step, theme, title, width, x, y)", plot.lines, { colour = 1 })
    refuses("plot.lines: unknown field unti of y (allowed: better, log, title, unit)",
      plot.lines, { series = line({ 1 }).series, y = { unti = 1 } })
    refuses("plot.lines: unknown field values of series[1]", plot.lines,
      { series = { { name = "a", values = {} } } })
    refuses("plot.heat: unknown field log of x", plot.heat, { x = { log = true } })
    refuses("plot:svg: unknown field colour of the options (allowed: height, scale, theme, width)",
      plot.lines(line({ 1 })).svg, plot.lines(line({ 1 })), { colour = 1 })
  end)

  it("options of another type, and values out of their range", function()
    refuses("plot.lines: the options must be a table, got 3", plot.lines, 3)
    refuses("plot.bars: the options must be a table, got nil", plot.bars)
    for _, case in ipairs {
      { "width", 319, "width must be an integer from 320 to 4000, got 319" },
      { "height", 180.5, "height must be an integer from 180 to 4000, got 180.5" },
      { "scale", NAN, "scale must be a number from 0.1 to 20, got " },
      { "theme", "pink", "theme must be one of 'light', 'dark', 'auto', got 'pink'" },
      { "title", {}, "title must be a string, got a table" },
      { "x", { unit = "miles" }, "x.unit must be one of 'bytes', 'percent', 'seconds', ''" },
    } do
      local options = line { 1 }
      options[case[1]] = case[2]
      refuses("plot.lines: " .. case[3], plot.lines, options)
    end
  end)

  it("NaN, infinite values and texts, with their places", function()
    refuses("plot.lines: series[1].y[2] must be a number from -1e18 to 1e18, got", plot.lines,
      line { 1, NAN, 3 })
    refuses("plot.lines: series[1].y[3] must be a number from -1e18 to 1e18, got inf", plot.lines,
      line { 1, 2, INFINITE })
    refuses("plot.lines: series[1].x[1] must be a number from -1e18 to 1e18, got -inf",
      plot.lines, line({ 1 }, { -INFINITE }))
    refuses("plot.lines: series[1].y[1] must be a number from -1e18 to 1e18, got a string",
      plot.lines, line { "1" })
    refuses("plot.scatter: points[1].x must be a number", plot.scatter,
      { points = { { x = NAN, y = 1 } } })
    refuses("plot.bars: bars[1].values[1] must be a number", plot.bars,
      { parts = { "a" }, bars = { { name = "b", values = { INFINITE } } } })
    refuses("plot.heat: values[1][1] must be a number", plot.heat,
      { x = { values = { 1 } }, y = { values = { 1 } }, values = { { NAN } } })
  end)

  it("empty series, and series that do not fit together", function()
    local function refuses_lines(message, options)
      refuses("plot.lines: " .. message, plot.lines, options)
    end
    refuses_lines("series must be an array with 1 to 12 elements, got 0 elements",
      { series = {} })
    refuses_lines("series[1].x must be an array with at least one number, got 0 elements",
      line({}, {}))
    refuses_lines("series[1].x must be an array with at least one number, got 3", line({}, 3))
    refuses_lines("series[1].y must be an array, got 3", line(3))
    refuses_lines("series[1].y has 4 elements, but series[1].x has 3", line { 1, 2, 3, 4 })
    refuses_lines("series[1].x[2] is less than the number before it: x must ascend",
      line({ 1, 2 }, { 2, 1 }))
    refuses_lines("the values of x must be above 0 as x.log is true, got 0",
      { series = line({ 1 }, { 0, 1 }).series, x = { log = true } })
    local many = {}
    for i = 1, 13 do
      many[i] = line({ 1 }).series[1]
    end
    refuses_lines("series must be an array with 1 to 12 elements, got 13 elements",
      { series = many })
    refuses("plot.bars: bars[1].values[1] must be 0 or more, got -1", plot.bars,
      { parts = { "a" }, bars = { { name = "b", values = { -1 } } } })
  end)

  it("arrays of another length, and says which length they have", function()
    refuses("plot.bars: bars[1].values must be an array with a value for each of the 1 parts, "
      .. "got 2 elements", plot.bars,
      { parts = { "a" }, bars = { { name = "b", values = { 1, 2 } } } })
    local function refuses_heat(message, values)
      refuses("plot.heat: " .. message, plot.heat,
        { x = { values = { 1 } }, y = { values = { 1 } }, values = values })
    end
    refuses_heat("values must be an array of 1 rows, one for each of y.values, got 2 elements",
      { {}, {} })
    refuses_heat("values[1] must be an array of 1 values, one for each of x.values, got 3", { 3 })
    local options = line { 1 }
    options.marks = "load"
    refuses("plot.lines: marks must be an array, got a string", plot.lines, options)
    local points = {}
    for i = 1, 13 do
      points[i] = { x = i, y = i, group = "g" .. i }
    end
    refuses("plot.scatter: points must have at most 12 groups, got 'g13' as another one",
      plot.scatter, { points = points })
  end)

  it("a self that is not a plot", function()
    for _, name in ipairs { "svg", "text", "save" } do
      refuses("plot:" .. name .. ": self must be a pymalloc.Plot, got a table",
        plot.lines(line({ 1 }))[name], {})
    end
  end)
end)

describe("texts in a plot", function()
  local NAME = '<script>alert("&\'")</script>\27[31m\0\1\u{fffe}\xff'
  local SHOWN = '<script>alert("&\'")</script>?[31m??'

  it("are escaped in SVG, wherever they are, and have no control characters", function()
    local plots = {
      plot.lines { title = NAME, note = NAME, x = { title = NAME }, y = { title = NAME },
        series = { { name = NAME, x = { 1 }, y = { 1 } } }, marks = { { x = 1, name = NAME } } },
      plot.bars { title = NAME, parts = { NAME }, bars = { { name = NAME, values = { 1 } } } },
      plot.scatter { title = NAME, points = { { name = NAME, group = NAME, x = 1, y = 1 } } },
      plot.heat { title = NAME, x = { title = NAME, values = { NAME } },
        y = { title = NAME, values = { NAME } }, values = { { 1 } } },
    }
    for _, one in ipairs(plots) do
      local picture = svg.read(one:svg())
      assert.matches(SHOWN, picture:all("title")[1].text, 1, true)
      assert.is_nil(one:text({ colour = false }):find("[\0-\9\11-\31\127]"))
    end
  end)

  it("are cut after 100 columns, and each line of text fits the width", function()
    local long = ("x"):rep(1000000)
    for _, one in ipairs {
      plot.lines { title = long, note = long, series = { { name = long, x = { 1 }, y = { 1 } } } },
      plot.bars { title = long, parts = { long }, bars = { { name = long, values = { 1 } } } },
      plot.scatter { title = long, points = { { name = long, x = 1, y = 1 } } },
      plot.heat { title = long, x = { values = { long } }, y = { values = { long } },
        values = { { 1 } } },
    } do
      assert.is_true(#one:svg() < 10000, #one:svg())
      for _, width in ipairs { 40, 80 } do
        for shown in one:text({ width = width, ascii = true, colour = false }):gmatch("[^\n]+") do
          assert.is_true(#shown <= width, shown)
        end
      end
    end
  end)
end)

describe("plot:save", function()
  local one = plot.lines(line { 1, 2, 3 })

  it("writes SVG, or text if the name ends in .txt", function()
    local picture <close> = command.file("", ".svg")
    local text <close> = command.file("", ".txt")
    assert.is_true(one:save(picture.path, { theme = "dark" }))
    assert.is_true(one:save(text.path, { ascii = true, colour = false }))
    assert.equal(one:svg { theme = "dark" }, io.open(picture.path):read("a"))
    assert.equal(one:text { ascii = true, colour = false } .. "\n", io.open(text.path):read("a"))
  end)

  it("returns nil and a message where the file cannot be written", function()
    local ok, problem = one:save("/nowhere/x.svg")
    assert.is_nil(ok)
    assert.matches("^/nowhere/x.svg: No such file", problem)
    refuses("plot:save: path must be a string without zero bytes, got nil", one.save, one)
  end)
end)
