-- Tests experiment:plot: lua/pymalloc/plot/experiment.lua and parameters.lua.

local parameters = require "pymalloc.plot.parameters"
local pymalloc = require "pymalloc"
local svg = require "spec.support.svg"

local trace = pymalloc.trace.parse("a 1 24\na 2 512\nf 1\na 3 24\nf 2\nf 3\n", { name = "tiny" })
local other = pymalloc.trace.parse("a 1 600\nf 1\n", { name = "large" })

local function sweep(changes)
  local designs = {}
  for _, arena_bytes in ipairs { 65536, 262144 } do
    for _, pool_bytes in ipairs { 4096, 8192, 16384 } do
      table.insert(designs, { profile = "3.6", pool_bytes = pool_bytes,
        arena_bytes = arena_bytes })
    end
  end
  local plan = { traces = { trace }, designs = designs, measure = { "held_peak" } }
  for name, value in pairs(changes or {}) do
    plan[name] = value
  end
  return assert(pymalloc.experiment(plan))
end

local function tips(plot, name)
  local found = {}
  for _, title in ipairs(svg.read(plot:svg { theme = "light" }):all "title") do
    if title.parent.name == name then
      found[title.text] = title.parent.attributes
    end
  end
  return found
end

local function keys(map)
  local list = {}
  for key in pairs(map) do
    table.insert(list, key)
  end
  table.sort(list)
  return list
end

describe("the parameters of designs", function()
  it("are those in which their names differ; a profile has its own values", function()
    local differing, values = parameters.read { "3.6", "3.6, pool_bytes 16384",
      "3.6, pool_bytes 16384, release never" }
    assert.same({ "pool_bytes", "release" }, differing)
    assert.equal(4096, values[1].pool_bytes)
    assert.equal("at_once", values[2].release)
    assert.equal("never", values[3].release)
  end)

  it("are none where no name has one", function()
    assert.same({ "profile" }, (parameters.read { "glibc", "3.6" }))
    assert.same({}, (parameters.read { "3.6" }))
  end)
end)

describe("experiment:plot", function()
  it("draws a curve for each value of the other parameters of a sweep", function()
    local curve = sweep():plot { kind = "curve", x = "pool_bytes" }
    assert.same({ "arena_bytes 256 KiB", "arena_bytes 64 KiB" }, keys(tips(curve, "path")))
    local other_curve = sweep():plot { kind = "curve", x = "arena_bytes" }
    assert.equal(3, #keys(tips(other_curve, "path")))
    assert.matches("held_peak by pool_bytes: tiny", curve:text(), 1, true)
  end)

  it("draws a heat map with the value of each cell at its place", function()
    local result = sweep()
    local cells = tips(result:plot { kind = "heat", x = "pool_bytes", y = "arena_bytes" }, "rect")
    for _, row in ipairs(result.rows) do
      local kib = row.held_peak // 1024
      local pool = math.tointeger(row.design:match("pool_bytes (%d+)") or 4096) // 1024
      local arena = math.tointeger(row.design:match("arena_bytes (%d+)") or 262144) // 1024
      assert.is_not_nil(cells[("pool_bytes %d KiB, arena_bytes %d KiB: %d KiB"):format(pool, arena,
        kib)], row.design)
    end
    assert.equal(6, #keys(cells))
  end)

  it("draws bars of bytes held, which are the sum of the parts, for each trace", function()
    local bars = sweep({ traces = { trace, other }, designs = { "3.6" }, measure = nil })
      :plot { kind = "bars" }
    local picture = svg.read(bars:svg())
    assert.is_not_nil(picture:find("text", "256 KiB"))
    assert.is_not_nil(tips(bars, "rect")["tiny, 3.6: unused pools 248 KiB"])
    assert.is_not_nil(picture:find("text", "large, 3.6"))
  end)

  it("draws one measure as bars", function()
    local bars = sweep({ designs = { "3.6", "3.11" } }):plot { kind = "bars",
      measure = "held_peak" }
    assert.same({ "3.11: held_peak 1 MiB", "3.6: held_peak 256 KiB" },
      keys(tips(bars, "rect")))
  end)

  it("draws lines of bytes held and live over the requests", function()
    local result = sweep({ designs = { "3.6", "3.11" }, series = 6 })
    assert.same({ "3.11", "3.6", "live" }, keys(tips(result:plot { kind = "lines" }, "path")))
    assert.same({ "3.11", "3.6" }, keys(tips(result:plot { kind = "lines", measure = "live" },
      "path")))
  end)

  it("draws points of two measures, one group for each trace", function()
    local result = sweep { traces = { trace, other }, measure = nil }
    local picture = svg.read(result:plot({ kind = "scatter", x = "requests", y = "held_peak" })
      :svg())
    assert.is_not_nil(picture:find("text", "tiny"))
    assert.is_not_nil(picture:find("text", "large"))
  end)

  it("has the options of all plots", function()
    local text = sweep():plot({ kind = "bars", title = "mine", note = "a note", width = 500 })
      :svg()
    local picture = svg.read(text)
    assert.equal("mine", picture:all("title")[1].text)
    assert.is_not_nil(picture:find("text", "a note"))
    assert.equal("500", picture.root.attributes.width)
  end)

  it("refuses what it cannot draw, and says what is allowed", function()
    local result = sweep()
    local function refuses(message, options, of)
      local ok, problem = pcall(result.plot, of or result, options)
      assert.is_false(ok, message)
      assert.matches("pymalloc: " .. message, problem, 1, true)
    end
    local here = "experiment:plot: "
    refuses(here .. "the options must be a table, got nil")
    refuses(here .. "kind must be one of 'lines', 'bars', 'scatter', 'curve', 'heat', got 'pie'",
      { kind = "pie" })
    refuses(here .. "unknown field colour of the options (allowed: ", { kind = "bars",
      colour = 1 })
    refuses(here .. "the rows have no series: give the plan the field series", { kind = "lines" })
    refuses(here .. "x must be one of 'arena_bytes', 'pool_bytes', got 'release'",
      { kind = "curve", x = "release" })
    refuses(here .. "measure must be a measure, such as 'held_peak', got 'hold'",
      { kind = "curve", measure = "hold" })
    refuses(here .. "x has no meaning for kind 'bars'", { kind = "bars", x = "pool_bytes" })
    refuses(here .. "trace must be one of 'tiny', got 'none'", { kind = "bars", trace = "none" })
    refuses("plot.bars: width must be an integer from 320 to 4000, got 1",
      { kind = "bars", width = 1 })
    refuses(here .. "kind 'heat' draws one trace: set trace to one of 'tiny', 'large'",
      { kind = "heat" }, sweep { traces = { trace, other } })
    refuses("experiment:plot: an experiment expected", { kind = "bars" }, {})
    refuses(here .. "the trace has no requests, so that there is nothing to draw",
      { kind = "lines" }, sweep { traces = { { name = "none", text = "" } }, series = 3 })
    local many = {}
    for i = 1, 13 do
      many[i] = { profile = "3.6", arena_bytes = 65536 << i % 7, pool_bytes = 4096 << i // 7 }
    end
    refuses(here .. "kind 'lines' draws at most 12 designs, got 13", { kind = "lines" },
      sweep { designs = many, series = 3 })
  end)
end)
