-- Tests pymalloc.plot.lines and pymalloc.plot.curve: lua/pymalloc/plot.

local plot = require("pymalloc").plot
local svg = require "spec.support.svg"

local function small(changes)
  local options = { title = "held", x = { title = "requests" },
    y = { title = "bytes held", unit = "bytes" }, theme = "light",
    series = {
      { name = "3.6", x = { 0, 50, 100 }, y = { 0, 262144, 1048576 } },
      { name = "3.11", x = { 0, 50, 100 }, y = { 1048576, 1048576, 1048576 } },
    } }
  for name, value in pairs(changes or {}) do
    options[name] = value
  end
  return plot.lines(options)
end

-- The pairs of coordinates of the path whose title is the name.
local function points_of(picture, name)
  for _, title in ipairs(picture:all "title") do
    if title.parent.name == "path" and title.text == name then
      local points = {}
      for x, y in title.parent.attributes.d:gmatch("(%-?[%d.]+) (%-?[%d.]+)") do
        table.insert(points, { tonumber(x), tonumber(y) })
      end
      return points, title.parent.attributes
    end
  end
end

-- The y of a tick's line of the grid.
local function tick_y(picture, text)
  local label = assert(picture:find("text", text), text)
  return tonumber(label.attributes.y) - 4
end

describe("pymalloc.plot.lines", function()
  it("draws each value at its place between the ticks", function()
    local picture = svg.read(small():svg())
    local points = points_of(picture, "3.6")
    assert.equal(3, #points)
    assert.equal(tick_y(picture, "0"), points[1][2])
    assert.equal(tick_y(picture, "0.25 MiB"), points[2][2])
    assert.equal(tick_y(picture, "1 MiB"), points[3][2])
    assert.is_true(math.abs((points[1][1] + points[3][1]) / 2 - points[2][1]) < 0.11)
    assert.equal(tonumber(picture:find("text", "100").attributes.x), points[3][1])
  end)

  it("has ticks of bytes at powers of two, and of counts at decimal steps", function()
    local texts = table.concat(svg.read(small():svg()):texts(), ";")
    assert.matches("0;0.25 MiB;0.5 MiB;0.75 MiB;1 MiB;", texts)
    assert.matches("0;20;40;60;80;100;requests", texts)
  end)

  it("gives lines different colours, dashes and markers, and writes the names at their ends",
    function()
      local picture = svg.read(small():svg())
      local first, a = points_of(picture, "3.6")
      local _, b = points_of(picture, "3.11")
      assert.are_not_equal(a.stroke, b.stroke)
      assert.are_not_equal(a["stroke-dasharray"], b["stroke-dasharray"])
      assert.is_true(#picture:all "circle" > 0 and #picture:all "polygon" > 0)
      local label = picture:find("text", "3.6")
      assert.is_true(tonumber(label.attributes.x) > first[3][1])
    end)

  it("interrupts a line where values are missing, and says how many", function()
    local picture = svg.read(small { series = {
      { name = "a", x = { 1, 2, 3, 4, 5 }, y = { 8, 8, false, nil, 8 } },
      { name = "b", x = { 1, 2 }, y = {} },
    } }:svg())
    local _, path = points_of(picture, "a")
    assert.equal(2, select(2, path.d:gsub("M", "")))
    assert.is_not_nil(picture:find("text",
      "a: 2 of 5 values are not known; the line is interrupted there."))
    assert.is_not_nil(picture:find("text", "b: no value is known."))
    assert.is_not_nil(picture:find("text", "b (not known)"))
    assert.is_nil(points_of(picture, "b"))
  end)

  it("draws a value until the next one if step is true", function()
    local picture = svg.read(small({ step = true }):svg())
    local slanted = points_of(svg.read(small():svg()), "3.6")
    local _, path = points_of(picture, "3.6")
    assert.equal(("M%s %sH%sV%sH%sV%s"):format(slanted[1][1], slanted[1][2], slanted[2][1],
      slanted[2][2], slanted[3][1], slanted[3][2]):gsub("%.0(%D)", "%1"):gsub("%.0$", ""), path.d)
  end)

  it("draws marks as lines with their names, at most 100", function()
    local picture = svg.read(small({ marks = { { x = 50, name = "load" }, { x = 200 } } }):svg())
    local x = tonumber(picture:find("text", "load").attributes.x)
    assert.is_true(x > 300 and x < 500)
    local marks = {}
    for i = 1, 1000 do
      marks[i] = { x = i / 10, name = "m" .. i }
    end
    picture = svg.read(small({ marks = marks }):svg())
    assert.is_not_nil(picture:find("text", "100 of 1,000 marks are drawn."))
  end)

  it("puts long names in a legend, whole", function()
    local name = "3.11, pool_bytes 4096, arena_bytes 65536, release never, and then more"
    local picture = svg.read(small { series = { { name = name, x = { 1, 2 }, y = { 1, 2 } } },
      width = 500 }:svg())
    assert.matches(name, table.concat(picture:texts(), " "), 1, true)
  end)

  it("has a legend where a line ends in the middle", function()
    local picture = svg.read(small { series = { { name = "short", x = { 1 }, y = { 1 } },
      { name = "whole", x = { 1, 2 }, y = { 1, 2 } } } }:svg())
    local one, other = picture:find("text", "short"), picture:find("text", "whole")
    assert.equal(one.attributes.y, other.attributes.y) -- side by side, not at the ends
  end)

  it("keeps the lowest and the highest of a million points, in a bounded picture", function()
    local xs, ys, million = {}, {}, 1000000
    for i = 1, million do
      xs[i], ys[i] = i, i % 1000
    end
    ys[123456], ys[765432] = 5000, 1e6
    local series = {}
    for i = 1, 4 do
      series[i] = { name = "series " .. i, x = xs, y = ys }
    end
    local text = plot.lines({ series = series }):svg()
    assert.is_true(#text < 768 * 1024, #text)
    local picture = svg.read(text)
    local points = points_of(picture, "series 1")
    assert.is_true(#points <= 1600, #points)
    local highest = math.huge
    for _, point in ipairs(points) do
      highest = math.min(highest, point[2])
    end
    assert.equal(tick_y(picture, "1 M"), highest)
    assert.matches("of up to 1,000,000 values", table.concat(picture:texts(), " "))
  end)

  it("has points at the same places whatever the theme, and scale changes the size only", function()
    local light, dark = svg.read(small():svg()), svg.read(small():svg { theme = "dark" })
    assert.same(points_of(light, "3.6"), (points_of(dark, "3.6")))
    local twice = svg.read(small():svg { scale = 2 })
    assert.equal("1600", twice.root.attributes.width)
    assert.equal("900", twice.root.attributes.height)
    assert.equal(light.root.attributes.viewBox, twice.root.attributes.viewBox)
  end)
end)

describe("pymalloc.plot.curve", function()
  it("has a marker at each point, and a scale of ratios", function()
    local picture = svg.read(plot.curve({ x = { unit = "bytes", log = true, title = "pool_bytes" },
      series = { { name = "held", x = { 4096, 8192, 16384 }, y = { 3, 2, 1 } } } }):svg())
    local points = points_of(picture, "held")
    assert.is_true(math.abs(points[2][1] - points[1][1] - (points[3][1] - points[2][1])) < 0.2)
    assert.equal(3 + 1, #picture:all "circle") -- one is before the name
    assert.is_not_nil(picture:find("text", "8 KiB"))
  end)
end)
