-- Tests analysis:plot and pymalloc analyse --svg: lua/pymalloc/analyse/pictures.lua.

local command = require "spec.support.command"
local pymalloc = require "pymalloc"
local svg = require "spec.support.svg"

local trace = pymalloc.trace.parse("a 1 24\nm load\na 2 512\nf 1\nm run\na 3 24\nf 2\nf 3\n",
  { name = "tiny" })

local function analyse(arguments)
  return command.run("script/pymalloc analyse " .. arguments)
end

describe("analysis:plot", function()
  it("draws the live bytes over the requests, with the phases as marks", function()
    assert.equal(1, select("#", pymalloc.analyse(trace):plot()))
    local picture = svg.read(pymalloc.analyse(trace):plot():svg())
    assert.equal("Live bytes: tiny", picture:all("title")[1].text)
    assert.equal("live: from 0 to 536 B, at the end 0.", picture:all("desc")[1].text)
    assert.is_not_nil(picture:find("text", "load"))
    assert.is_not_nil(picture:find("text", "run"))
  end)

  it("draws a bar for each range of sizes and of lifetimes", function()
    local analysis = pymalloc.analyse(trace)
    assert.matches("16%-31: 2. 512%-1023: 1.", analysis:plot({ section = "sizes" }):svg())
    assert.matches("2%-3: 3.", analysis:plot({ section = "lifetimes", title = "mine" }):svg())
  end)

  it("draws the sections young, joint and classes", function()
    local analysis = pymalloc.analyse(trace)
    local young = svg.read(analysis:plot({ section = "young" }):svg())
    assert.equal("blocks: from 100 % to 100 %, at the end 100 %. bytes: from 100 % to 100 %, "
      .. "at the end 100 %.", young:all("desc")[1].text)
    assert.matches("bytes 16%-31: 66.7 %%", (analysis:plot { section = "joint" }):svg())
    local classes = svg.read(analysis:plot({ section = "classes" }):svg())
    assert.equal("Blocks by class of 3.6: tiny", classes:all("title")[1].text)
    assert.equal("blocks: from 1 to 2, at the end 1. most at once: from 1 to 1, at the end 1.",
      classes:all("desc")[1].text)
  end)

  it("returns nil and a message where there is nothing to draw", function()
    local empty = pymalloc.analyse { text = "", name = "empty" }
    assert.same({ nil, "the trace has no requests" }, { empty:plot() })
    assert.same({ nil, "the trace has no blocks to draw" },
      { empty:plot { section = "lifetimes" } })
  end)

  it("refuses other sections and options", function()
    local analysis = pymalloc.analyse(trace)
    for options, message in pairs {
      [{ section = "churn" }] = "section must be one of 'curve', 'young', "
        .. "'sizes', 'lifetimes', 'joint', 'classes', got 'churn'",
      [{ colour = 1 }] = "unknown field colour of the options (allowed: height, note, ",
      [{ width = 1 }] = "width must be an integer from 320 to 4000, got 1",
    } do
      local ok, problem = pcall(analysis.plot, analysis, options)
      assert.is_false(ok)
      assert.matches(message, problem, 1, true)
    end
  end)
end)

describe("analysis:svg", function()
  local function plots_on(text)
    local page = assert(pymalloc.analyse({ text = text }):svg())
    assert.is_nil(page:find(' id="', 1, true)) -- ids of two plots in one page would collide
    local _, count = page:gsub("<svg x=", "")
    local picture = svg.read(page)
    assert.equal("Live bytes: text", picture:all("title")[1].text)
    local height = math.tointeger(tonumber(page:match(' height="(%d+)"')))
    for top, own in page:gmatch('<svg x="%d+" y="(%d+)"[^>]- height="(%d+)"') do
      assert.is_true(top + own <= height) -- no plot is cut
    end
    return count
  end

  it("is a page of all plots that have something to draw", function()
    assert.equal(6, plots_on(trace.text))
    assert.equal(6, plots_on(pymalloc.trace.load("@startup").text))
    assert.equal(5, plots_on "a 1 600\nf 1\n")
    assert.equal(4, plots_on "a 1 8\n")
    assert.equal(1, plots_on "f 1\n")
  end)

  it("is nil and a message for no request", function()
    assert.same({ nil, "the trace has no requests" }, { pymalloc.analyse({ text = "" }):svg() })
  end)
end)

describe("pymalloc analyse --svg", function()
  it("writes the page, or the plot of the section that is named", function()
    for arguments, title in pairs { [""] = "Live bytes: @startup",
      ["--section classes"] = "Blocks by class of 3.6: @startup",
      ["--section sizes"] = "Requests by size in bytes: @startup" } do
      local file <close> = command.file("", ".svg")
      local output, errors, code = analyse(("@startup %s --svg %s"):format(arguments, file.path))
      assert.same({ "", "", 0 }, { output, errors, code })
      assert.equal(title, svg.read(command.read(file.path)):all("title")[1].text)
    end
  end)

  it("says why it draws nothing", function()
    local empty <close> = command.file("", ".trace")
    for arguments, expected in pairs {
      ["@startup --section churn --svg x.svg"] =
        { 2, "--svg draws one of the sections curve, young, sizes, lifetimes, joint, classes" },
      ["@startup --json --svg x.svg"] = { 2, "--svg cannot be combined with --json or --csv" },
      ["@startup --svg /nowhere/x.svg"] = { 1, "/nowhere/x.svg: No such file or directory" },
      [empty.path .. " --svg x.svg"] = { 1, "the trace has no requests" },
    } do
      local output, errors, code = analyse(arguments)
      assert.same({ "", expected[1] }, { output, code })
      assert.matches(expected[2], errors, 1, true)
    end
    assert.is_nil(io.open("x.svg"))
  end)
end)
