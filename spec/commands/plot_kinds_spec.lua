-- Tests pymalloc.plot.bars, scatter and heat: lua/pymalloc/plot.

local plot = require("pymalloc").plot
local svg = require "spec.support.svg"

local function tips(picture, name)
  local found = {}
  for _, title in ipairs(picture:all "title") do
    if title.parent.name == name then
      table.insert(found, title.text)
      found[title.text] = title.parent.attributes
    end
  end
  return found
end

local function number(attributes, name)
  return tonumber(attributes[name])
end

describe("pymalloc.plot.bars", function()
  local function bars()
    return plot.bars { title = "held", y = { title = "bytes", unit = "bytes" },
      parts = { "live", "rounding", "free" }, theme = "light", bars = {
        { name = "3.6", values = { 2048, 1024, 1024 } },
        { name = "3.11", values = { 2048, false, 6144 } },
        { name = "glibc", values = {} },
      } }
  end

  it("draws the parts one after another, as long as their values", function()
    local found = tips(svg.read(bars():svg()), "rect")
    local live, rounding = found["3.6: live 2 KiB"], found["3.6: rounding 1 KiB"]
    assert.is_true(math.abs(number(live, "width") - 2 * number(rounding, "width")) < 0.2)
    assert.is_true(math.abs(number(live, "x") + number(live, "width") - number(rounding, "x"))
      < 0.11)
    assert.are_not_equal(live.fill, rounding.fill)
    assert.equal(live.fill, found["3.11: live 2 KiB"].fill)
    assert.is_true(math.abs(number(found["3.11: free 6 KiB"], "width")
      - 3 * number(live, "width")) < 0.3)
  end)

  it("says which parts are not known and draws nothing for them", function()
    local picture = svg.read(bars():svg())
    local found = tips(picture, "rect")
    for _, tip in ipairs(found) do
      assert.is_nil(tip:match("3.11: rounding") or tip:match("^glibc"))
    end
    assert.is_not_nil(picture:find("text", "8 KiB + ?"))
    assert.is_not_nil(picture:find("text", "not known"))
    assert.is_not_nil(picture:find("text", "3.11: not known, and not in the sum: rounding."))
    assert.is_not_nil(picture:find("text", "glibc: no value is known."))
  end)

  it("hatches the parts, so that they differ without colour", function()
    local fills = {}
    for _, rect in ipairs(svg.read(bars():svg()):all "rect") do
      fills[rect.attributes.fill] = true
    end
    assert.is_true(fills["url(#pym-light-hatch2)"] and fills["url(#pym-light-hatch3)"])
  end)

  it("draws text with signs as long as the values", function()
    local text = bars():text { ascii = true, colour = false, width = 50 }
    local live, rounding, free = text:match("\n3.6%s+(#+)(=+)(%-+) 4 KiB\n")
    local other_live, other_free = text:match("\n3.11%s+(#+)(%-+) 8 KiB %+ %?\n")
    local columns = #other_live + #other_free -- for 8 KiB
    local function end_of(kib)
      return math.floor(columns * kib / 8 + 0.5)
    end
    assert.same({ end_of(2), end_of(3), end_of(4) },
      { #live, #live + #rounding, #live + #rounding + #free })
    assert.equal(#live, #other_live)
  end)
end)

describe("the text of pymalloc.plot.bars", function()
  it("says where a part has no sign", function()
    local options = { parts = { "live", "headers" },
      bars = { { name = "a", values = { 1000, 1 } } } }
    assert.matches("Parts that are too small for a sign are not drawn.", plot.bars(options):text(),
      1, true)
    options.bars[1].values = { 1000, 0 }
    assert.is_nil(plot.bars(options):text():find("too small"))
  end)
end)

describe("pymalloc.plot.scatter", function()
  local points = {
    { name = "a", x = 1, y = 30 }, { name = "b", x = 2, y = 10 }, { name = "c", x = 3, y = 20 },
    { name = "d", x = 4, y = 5 }, { name = "e", x = 4, y = 10 }, { name = "f", x = 5 },
    { name = "g", x = 2.5, y = 10 },
  }

  local function fills(options)
    options.points, options.pareto, options.theme = points, true, "light"
    local picture = svg.read(plot.scatter(options):svg())
    local filled = {}
    for tip, attributes in pairs(tips(picture, "circle")) do
      if type(tip) == "string" and attributes.fill ~= "#ffffff" then
        table.insert(filled, tip:match("^%a"))
      end
    end
    table.sort(filled)
    return table.concat(filled), picture
  end

  it("fills the points of the Pareto front, for each meaning of better", function()
    assert.equal("abd", (fills {}))
    assert.equal("d", (fills { x = { better = "high" } }))
    assert.equal("a", (fills { y = { better = "high" } }))
    assert.equal("ace", (fills { x = { better = "high" }, y = { better = "high" } }))
  end)

  it("draws points at their places and names them", function()
    local _, picture = fills {}
    local found = tips(picture, "circle")
    local a, b, d = found["a: 1, 30"], found["b: 2, 10"], found["d: 4, 5"]
    assert.is_true(math.abs((number(b, "cx") - number(a, "cx")) * 2
      - (number(d, "cx") - number(b, "cx"))) < 0.3)
    assert.is_true(math.abs((number(b, "cy") - number(a, "cy"))
      - 4 * (number(d, "cy") - number(b, "cy"))) < 0.5)
    assert.is_not_nil(picture:find("text", "a"))
  end)

  it("numbers points with long names, also those that lie together, and lists the numbers",
    function()
      local long = "pool_bytes 4096, arena_bytes 65536"
      local picture = svg.read(plot.scatter({ points = {
        { name = long .. ", a", x = 1, y = 1 }, { name = long .. ", b", x = 100, y = 1 },
        { name = long .. ", c", x = 1, y = 1 } } }):svg())
      assert.is_not_nil(picture:find("text", "1, 3"))
      assert.is_not_nil(picture:find("text", "2"))
      assert.matches(long .. ", c", table.concat(picture:texts(), " "), 1, true)
    end)

  it("names points that lie together at the lowest place, without values below 0", function()
    local picture = svg.read(plot.scatter({ x = { unit = "bytes" }, points = {
      { name = "a", x = 0, y = 0 }, { name = "b", x = 0, y = 0 } } }):svg())
    assert.is_not_nil(picture:find("text", "a, b"))
    for _, text in ipairs(picture:texts()) do
      assert.is_nil(text:match("^[-−]%d"))
    end
  end)

  it("says which points are not drawn as a value is missing", function()
    local _, picture = fills {}
    assert.is_not_nil(picture:find("text", "1 point is not drawn, as a value is not known: f."))
  end)

  it("keeps the front of 100,000 points, in a bounded picture", function()
    local many = {}
    for i = 1, 100000 do
      many[i] = { x = 2 + i * 7919 % 10007, y = 2 + i * 104729 % 9973 }
    end
    many[50000] = { name = "best", x = 1, y = 1 }
    local text = plot.scatter({ points = many, pareto = true }):svg()
    assert.is_true(#text < 768 * 1024, #text)
    local found = tips(svg.read(text), "circle")
    assert.is_true(#found <= 1600, #found)
    assert.is_not_nil(found["best: 1, 1"])
    assert.matches("of 100,000 points are drawn", text)
  end)
end)

describe("pymalloc.plot.heat", function()
  local function heat(changes)
    local options = { title = "held", theme = "light",
      x = { title = "pool_bytes", unit = "bytes", values = { 4096, 8192 } },
      y = { title = "profile", values = { "3.6", "3.11" } },
      values = { { 10, 20 }, { 30, false } }, measure = { title = "arenas" } }
    for name, value in pairs(changes or {}) do
      options[name] = value
    end
    return plot.heat(options)
  end

  it("has a cell for each pair, with its value, shaded from the lowest to the highest", function()
    local picture = svg.read(heat():svg())
    local found = tips(picture, "rect")
    assert.equal(4, #found)
    local low, high = found["pool_bytes 4 KiB, profile 3.6: 10"],
      found["pool_bytes 4 KiB, profile 3.11: 30"]
    assert.equal("#e4f0f9", low.fill)
    assert.equal("#052f52", high.fill)
    assert.is_true(number(high, "y") < number(low, "y"))
    assert.is_not_nil(picture:find("text", "20"))
  end)

  it("says how many values are not known", function()
    local picture = svg.read(heat():svg())
    assert.is_not_nil(tips(picture, "rect")["pool_bytes 8 KiB, profile 3.11: not known"])
    assert.is_not_nil(picture:find("text", "1 of 4 values are not known."))
  end)

  it("is a table in text, with the lowest value marked; shades where it has no room", function()
    local text = heat():text { ascii = true, colour = false }
    assert.matches("3.11     30        -", text, 1, true)
    assert.matches(" 3.6     10 *     20", text, 1, true)
    local row = {}
    for i = 1, 48 do
      row[i] = i
    end
    local wide = heat { x = { values = row }, values = { row, {} } }
    text = wide:text { ascii = true, colour = false, width = 60 }
    assert.matches("3.11 " .. ("%?"):rep(48) .. "\n", text)
    assert.matches("3.6  " .. ("%.+:+o+#+\n"), text)
  end)

  it("frames the highest value where higher is better", function()
    local framed = heat { measure = { better = "high" } }:text { ascii = true }
    assert.matches("30 *", framed, 1, true)
  end)
end)
