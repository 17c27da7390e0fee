-- Tests that the SVG of a plot has at most 768 KiB, also with as many values as are allowed, the
-- longest texts, and characters that are escaped.

local plot = require("pymalloc").plot
local svg = require "spec.support.svg"

local BOUND = 768 * 1024
local LONG = ("&"):rep(100)

local function list(count, make)
  local made = {}
  for i = 1, count do
    made[i] = make(i)
  end
  return made
end

local function refuses(message, f, options)
  local ok, problem = pcall(f, options)
  assert.is_false(ok)
  assert.matches(message, problem, 1, true)
end

-- A picture of that size is the largest: the coordinates have the most digits.
local function assert_bounded(one)
  for _, theme in ipairs { "auto", "dark" } do
    local text = one:svg { width = 4000, height = 4000, theme = theme }
    assert.is_true(#text <= BOUND, #text)
    svg.read(text)
  end
end

describe("the SVG is bounded:", function()
  it("curves", function()
    local xs = list(100000, function(i) return i end)
    local ys = list(100000, function(i) return i * 7919 % 10007 end)
    assert_bounded(plot.curve { title = LONG, note = LONG, step = true, x = { title = LONG },
      y = { title = LONG }, series = list(12, function()
        return { name = LONG, x = xs, y = ys }
      end), marks = list(100, function(i) return { x = i * 1000, name = LONG } end) })
  end)

  it("bars", function()
    assert_bounded(plot.bars { title = LONG, parts = list(8, function() return LONG end),
      bars = list(60, function()
        return { name = LONG, values = list(8, function(i) return i ~= 3 and i end) }
      end) })
  end)

  it("points", function()
    assert_bounded(plot.scatter { title = LONG, pareto = true, points = list(400, function(i)
      return { name = LONG, group = LONG, x = i, y = 1000 - i }
    end) })
    assert_bounded(plot.scatter { title = LONG, pareto = true, points = list(100000, function(i)
      return { name = LONG, group = LONG .. i % 12, x = i * 7919 % 10007, y = i * 104729 % 9973 }
    end) })
  end)

  it("heat maps, of at most 1,024 cells", function()
    local function heat(side)
      local values = list(side, function() return LONG end)
      return { title = LONG, x = { title = LONG, values = values },
        y = { title = LONG, values = values }, measure = { title = LONG },
        values = list(side, function(row)
          return list(side, function(column) return row * column * 1.234e10 end)
        end) }
    end
    assert_bounded(plot.heat(heat(32)))
    refuses("x.values and y.values must make at most 1024 cells, got 1089", plot.heat, heat(33))
  end)
end)
