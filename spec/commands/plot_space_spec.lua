-- Tests pymalloc.plot.space and plot.run.

local pymalloc = require "pymalloc"
local drawn = require "pymalloc.plot.space"
local svg = require "spec.support.svg"

local plot = pymalloc.plot

local SMALL = "a 1 24\na 2 512\nf 1\nr 3 30\nr 3 32\nr 3 500\nf 2\na 4 600\nf 3\n"

describe("pymalloc.plot.space", function()
  local function marks(picture)
    local found = {}
    for _, title in ipairs(picture:all "title") do
      if title.parent.name == "rect" then
        table.insert(found, title)
      end
    end
    return found
  end

  it("draws each block of a short trace as a mark at its address and its requests", function()
    local picture = svg.read(plot.space(pymalloc.trace.parse(SMALL)):svg())
    local found = marks(picture)
    assert.equal(5, #found)
    assert.equal("24 B at 48 B, requests 1 to 2", found[1].text)
    assert.equal("500 B at 8.05 KiB, requests 6 to 8", found[5].text)
    local first, last = found[1].parent.attributes, found[5].parent.attributes
    assert.is_true(math.abs(3 * first.width - 2 * last.width) < 0.3)
    assert.is_true(tonumber(first.y) > tonumber(last.y))
    assert.matches("Each mark is a block in its place: 5 marks in all.",
      table.concat(picture:texts(), " "), 1, true)
  end)

  it("adds up many blocks in cells, says so, and stays small", function()
    local text = plot.space("@startup", { heap = "3.11", theme = "light" }):svg()
    assert.is_true(#text < 768 * 1024)
    local picture = svg.read(text)
    assert.equal(0, #marks(picture))
    assert.matches("21,422 blocks in their places, added up: each cell is the mean of 121 requests",
      table.concat(picture:texts(), " "), 1, true)
    assert.equal("Space over time: @startup, 3.11", picture:all("title")[1].text)
  end)

  it("takes the smaller cells at the borders as whole", function()
    local lines = { "a 1 8\n" }
    for i = 2, 2999 do
      lines[i] = ("r 1 %d\n"):format(8 + i % 2)
    end
    local loaded <close> = pymalloc.trace.loaded { text = table.concat(lines) }
    local data = drawn.read(loaded, { heap = "3.6" }, "test")
    assert.is_nil(data.spans)
    assert.is_true(data.requests % data.column_requests > 0)
    assert.is_true(data.extent % data.row_bytes > 0)
    for row = 1, data.rows do
      for column = 1, data.columns do
        local _, held = drawn.shares(data, column, row)
        assert.equal(1, held)
      end
    end
  end)

  it("draws a million requests with the most irregular lives in a bounded size", function()
    local lines, state = {}, 1
    for i = 1, 500000 do
      state = state * 1103515245 + 12345 & 0x7fffffff
      lines[i] = ("r %d %d\n"):format(1 + (state >> 8 & 16383), 1 + (state >> 9) % 512)
    end
    for i = 500001, 1000000 do
      state = state * 1103515245 + 12345 & 0x7fffffff
      lines[i] = (i % 2 == 0 and "f %d\n" or "r %d 500\n"):format(1 + (state >> 8 & 16383))
    end
    local text = plot.space { text = table.concat(lines), name = "wild" }:svg()
    assert.is_true(#text < 768 * 1024, #text)
  end)

  it("takes a loaded trace, which stays open, and what parse and load return", function()
    local loaded <close> = pymalloc.trace.loaded(pymalloc.trace.parse(SMALL, { name = "mine" }))
    assert.matches("^Space over time: mine, 3.6\n", plot.space(loaded):text({ ascii = true,
      colour = false }))
    assert.equal(9, #loaded)
    assert.equal(1, select("#", plot.space(pymalloc.trace.parse(SMALL))))
  end)

  it("draws a trace without requests to pools, and one without requests", function()
    for _, text in ipairs { "a 1 600\n", "" } do
      local one = plot.space({ text = text, name = "x" })
      svg.read(one:svg())
      assert.matches("0 marks in all", one:text { ascii = true, colour = false })
    end
  end)

  it("refuses what it cannot draw", function()
    local function refuses(message, ...)
      local ok, problem = pcall(plot.space, ...)
      assert.is_false(ok)
      assert.matches("pymalloc: " .. message, problem, 1, true)
    end
    local trace = pymalloc.trace.parse(SMALL)
    refuses("trace.loaded: trace must be a path or a trace, got 3", 3)
    refuses("plot.space: unknown field profile of the options (allowed: heap, height, ", trace,
      { profile = "3.6" })
    refuses("plot.space: heap must be a table of options or the name of a profile, got 3", trace,
      { heap = 3 })
    local space, problem, kind = plot.space("/nowhere/x.trace")
    assert.is_nil(space)
    assert.matches("^/nowhere/x.trace cannot be opened", problem)
    assert.equal("trace", kind)
  end)
end)

describe("pymalloc.plot.run", function()
  local TEXT = "a 1 24\nm load\na 2 512\nf 1\nf 2\n"

  it("draws bytes held and live at each request of a run, and its marks", function()
    local run = pymalloc.replay { text = TEXT }
    run:seek(2)
    local one = plot.run(run)
    assert.equal(2, run.op)
    local picture = svg.read(one:svg())
    assert.is_not_nil(picture:find("text", "load"))
    local description = picture:all("desc")[1].text
    assert.matches("arenas held: from 0 to 256 KiB, at the end 0.", description, 1, true)
    assert.matches("live blocks: from 0 to 536 B, at the end 0.", description, 1, true)
  end)

  it("refuses other values, and options that do not exist", function()
    assert.error_matches(function() plot.run(3) end, "plot.run: run must be a run, got 3")
    assert.error_matches(function() plot.run(pymalloc.replay { text = TEXT }, { points = 0 }) end,
      "plot.run: points must be an integer from 1 to 10000, got 0")
    assert.error_matches(function() plot.run(pymalloc.replay { text = TEXT }, { steps = 3 }) end,
      "plot.run: unknown field steps of the options (allowed: height, note, points, ", 1, true)
  end)
end)
