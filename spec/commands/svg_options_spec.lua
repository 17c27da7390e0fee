-- Tests the options of commands that save pictures: lua/pymalloc/cli/svg_options.lua.

local command = require "spec.support.command"
local pymalloc = require "pymalloc"
local svgs = require "spec.support.svg"

local function run(arguments)
  return command.run(("%s%s %s"):format(command.leaks_allowed, command.pymalloc, arguments))
end

-- The picture that a command saves.
local function saved(arguments)
  local file <close> = command.file("", ".svg")
  local _, errors, code = run(("%s --svg %s"):format(arguments, file.path))
  assert.same({ "", 0 }, { errors, code })
  return command.read(file.path)
end

local function refuses(arguments, message)
  local output, errors, code = run(arguments)
  assert.same({ "", 2 }, { output, code })
  assert.truthy(errors:find(message, 1, true), errors)
end

describe("pymalloc show --svg", function()
  it("gives its options to the picture", function()
    local trace <close> = pymalloc.replay "@startup"
    trace:seek(300)
    assert.equal(pymalloc.view.svg(trace.heap, { theme = "dark", scale = 1.5, title = "A <b>",
      columns = 4, highlight = { "0", "0:4096" } }),
      saved("show @startup --at 300 --theme dark --scale 1.5 --title 'A <b>' --columns 4 "
        .. "--highlight 0 --highlight 0:4096"))
    assert.equal(pymalloc.view.svg(trace:seek(300) and trace),
      saved("show @startup --at 300 --request"))
    assert.equal(pymalloc.view.svg(trace.heap, { block = "0:4096:48", theme = "dark" }),
      saved("show @startup --at 300 --block 0:4096:48 --theme dark"))
    assert.equal(pymalloc.view.anatomy(trace.heap, { highlight = "0:0" }),
      saved("show @startup --at 300 --anatomy --highlight 0:0"))
  end)

  it("prints a request as pymalloc.view.text draws the run", function()
    local trace <close> = pymalloc.replay "@startup"
    trace:seek(300)
    local output = run("show @startup --at 300 --request")
    assert.equal(pymalloc.view.text(trace) .. "\n", output:match("\n\n(.*)$"))
  end)

  it("refuses wrong values, and options that cannot be combined", function()
    for arguments, message in pairs {
      ["--theme red"] = "argument for option '--theme' must be one of",
      ["--scale 0"] = "option '--scale' takes a number from 0.1 to 20, got '0'",
      ["--scale 1e1"] = "option '--scale' takes a number from 0.1 to 20, got '1e1'",
      ["--columns 257"] = "option '--columns' takes a whole number from 1 to 256, got '257'",
      ["--highlight 1:2:3:4"] = "option '--highlight' takes a place such as 0, 0:4096 or "
        .. "0:4096:48, got '1:2:3:4'",
      ["--pool 0:0 --columns 4"] = "--columns is the number of pools in a row: --pool has none",
      ["--anatomy --columns 4"] = "--columns is the number of pools in a row: --anatomy has none",
      ["--anatomy --request"] = "--request and --anatomy cannot be combined",
      ["--arena 0 --request"] = "--arena and --request cannot be combined",
      ["--block 0:0:48 --columns 4"] = "--columns is the number of pools in a row: --block has "
        .. "none",
      ["--block 0:0:48 --arena 0"] = "--arena and --block cannot be combined",
      ["--block 0:0:48 --json"] = "--json prints a heap, an arena or a pool: --block cannot be",
      ["--block 0:0:48 --highlight 0"] = "--highlight frames a place in a picture: --block draws "
        .. "one block",
      ["--request --json"] = "--json prints a heap, an arena or a pool: --request cannot be",
    } do
      refuses("show @startup --at 1 --svg x.svg " .. arguments, message)
    end
    refuses("show @startup --at 1 --anatomy", "--anatomy is a picture: save it with --svg")
    for _, option in ipairs { "theme dark", "scale 2", "title x", "columns 8", "highlight 0" } do
      refuses("show @startup --at 1 --" .. option, ("--%s is an option of the picture that --svg "
        .. "saves"):format(option:match("%a+")))
    end
    assert.is_nil(io.open("x.svg"))
  end)
end)

describe("pymalloc attach --svg", function()
  it("gives its options to the picture of a saved snapshot", function()
    local heap <close> = pymalloc.heap()
    local kept = heap:malloc(24)
    local snapshot <close> = command.file(heap:snapshot():json(), ".json")
    assert.equal(pymalloc.view.svg(heap:snapshot(), { theme = "light", title = "T", columns = 16,
      highlight = "0:0" }), saved(("attach %s --theme light --title T --columns 16 --highlight 0:0")
        :format(snapshot.path)))
    local more = heap:malloc(600)
    local after <close> = command.file(heap:malloc(100):pool() and heap:snapshot():json(), ".json")
    assert.equal(pymalloc.view.svg(assert(pymalloc.snapshot.load(after.path)),
      { before = pymalloc.snapshot.load(snapshot.path) }),
      saved(("attach %s --since %s"):format(after.path, snapshot.path)))
    more:free()
    refuses("attach " .. snapshot.path .. " --scale 2", "--scale is an option of the picture that "
      .. "--svg saves")
    kept:free()
  end)
end)

describe("pymalloc analyse --svg", function()
  it("gives its options to the page, or to the plot of a section", function()
    local page = svgs.read(saved("analyse @startup --theme dark --scale 0.5"))
    assert.equal("800", page.root.attributes.width)
    assert.equal("#16181d", page:all("rect")[1].attributes.fill)
    local plot = svgs.read(saved("analyse @startup --section curve --title Bytes --scale 2"))
    assert.equal("1600", plot.root.attributes.width)
    assert.equal("Bytes", plot:all("title")[1].text)
    refuses("analyse @startup --svg x.svg --title Bytes", "--title is the title of one section")
    refuses("analyse @startup --theme dark", "--theme is an option of the picture that --svg saves")
  end)

  it("refuses options that the page does not have", function()
    local analysis = pymalloc.analyse { text = "a 1 8\n" }
    assert.error_matches(function() analysis:svg { title = "x" } end,
      "analysis:svg: unknown field title of the options %(allowed: scale, theme%)")
  end)
end)

describe("pymalloc compare --svg", function()
  it("gives its options to the plot", function()
    local plot = svgs.read(saved("compare @startup --geometry 3.6 --theme dark --scale 2 "
      .. "--title Hello"))
    assert.equal("1600", plot.root.attributes.width)
    assert.equal("Hello", plot:all("title")[1].text)
    assert.equal("#16181d", plot:all("rect")[1].attributes.fill)
    refuses("compare @startup --title x", "--title is an option of the picture that --svg saves")
  end)
end)
