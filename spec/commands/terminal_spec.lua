-- Terminals: whether a file is one, its size, and colours, without any other rock.

local command = require "spec.support.command"
local core = require "pymalloc.core"

-- Runs Lua code on a terminal of this size, with this environment. Returns what it writes. The
-- rock lua-term cannot be loaded.
local function on_terminal(environment, size, code)
  local script <close> = command.file("package.preload.term = function() error 'no term' end\n"
    .. code)
  local shell <close> = command.file(("%s%senv %s %s lua5.4 %s"):format(command.leaks_allowed,
    size and ("stty %s; "):format(size) or "", environment, command.environment, script.path))
  return (command.run("script -qec 'sh " .. shell.path .. "' /dev/null </dev/null"))
end

local SIZE = [[
  local terminal = require "pymalloc.cli.terminal"
  io.write(("%d %d"):format(terminal.size(io.stdout)))]]

describe("core.terminal", function()
  it("is nil for files, pipes, closed files and what is not a file", function()
    local pipe <close> = io.popen("true")
    local file <close> = assert(io.open("/dev/null"))
    local closed = assert(io.open("/dev/null"))
    closed:close()
    for _, value in ipairs { pipe, file, closed, 1, "/dev/tty", {}, print } do
      assert.is_nil(core.terminal(value))
    end
    assert.is_nil(core.terminal())
    assert.equal(1, select("#", core.terminal(nil)))
  end)

  it("is the size of a terminal, or zeros where the terminal does not know it", function()
    local code = [[io.write(("%d %d"):format(require "pymalloc.core".terminal(io.stdout)))]]
    assert.equal("123 17", on_terminal("", "cols 123 rows 17", code))
    assert.equal("0 0", on_terminal("", nil, code))
  end)
end)

describe("the size of a terminal", function()
  it("is that which it has now, or 80 columns and 24 rows", function()
    local unset = "-u COLUMNS -u LINES"
    assert.equal("61 9", on_terminal(unset, "cols 61 rows 9", SIZE))
    assert.equal("80 24", on_terminal(unset, nil, SIZE))
    assert.equal("61 9 62 8", on_terminal(unset, "cols 61 rows 9", SIZE
      .. " os.execute 'stty cols 62 rows 8' io.write ' '" .. SIZE:gsub("local terminal[^\n]*", "")))
  end)

  it("is that of COLUMNS and LINES, where these are counts", function()
    assert.equal("100 9", on_terminal("-u LINES COLUMNS=100", "cols 61 rows 9", SIZE))
    assert.equal("61 30", on_terminal("-u COLUMNS LINES=30", "cols 61 rows 9", SIZE))
    for _, wrong in ipairs { "", "0", "-5", "x", "1.5" } do
      assert.equal("61 9", on_terminal(("COLUMNS='%s' LINES='%s'"):format(wrong, wrong),
        "cols 61 rows 9", SIZE))
    end
  end)

  it("is that of a plot and of an experiment", function()
    local code = [[
      local pymalloc = require "pymalloc"
      local columns = require "pymalloc.text".columns
      local widest = 0
      local plot = pymalloc.plot.bars { parts = { "p" }, bars = {
        { name = "a", values = { 1 } } } }
      for line in tostring(plot):gmatch "[^\n]+" do
        widest = math.max(widest, columns(line))
      end
      io.write(widest > 80 and "wide" or "narrow")]]
    assert.equal("wide", on_terminal("-u COLUMNS", "cols 120 rows 9", code))
    assert.equal("narrow", on_terminal("-u COLUMNS", "cols 70 rows 9", code))
    local experiment = [[io.write(require "pymalloc.experiment.layout".width())]]
    assert.equal("120", on_terminal("-u COLUMNS", "cols 120 rows 9", experiment))
    assert.equal("40", on_terminal("-u COLUMNS", "cols 20 rows 9", experiment))
  end)
end)

describe("colours", function()
  local CODE = [[
    local terminal = require "pymalloc.cli.terminal"
    io.write(tostring(terminal.has_colours(io.stdout)), " ", terminal.paint(io.stdout, "red", "x"),
      " ", tostring(require "pymalloc.view.canvas".may_colour()))]]
  local WITH, WITHOUT = "true \27[31mx\27[0m true", "false x false"
  local CLEAR = "-u NO_COLOR -u CLICOLOR_FORCE -u FORCE_COLOR TERM=xterm "

  local function in_pipe(environment)
    local script <close> = command.file(CODE)
    return (command.run(("env %s %s lua5.4 %s"):format(CLEAR .. environment, command.environment,
      script.path)))
  end

  it("are used on a terminal that is not dumb, and not in a pipe", function()
    assert.equal(WITH, on_terminal(CLEAR, nil, CODE))
    assert.equal(WITHOUT, on_terminal(CLEAR .. "TERM=dumb", nil, CODE))
    assert.equal(WITHOUT, in_pipe "")
  end)

  it("are used in a pipe with CLICOLOR_FORCE or FORCE_COLOR that is not 0", function()
    for _, variable in ipairs { "CLICOLOR_FORCE", "FORCE_COLOR" } do
      assert.equal(WITH, in_pipe(variable .. "=1"))
      assert.equal(WITHOUT, in_pipe(variable .. "=0"))
      assert.equal(WITHOUT, in_pipe(variable .. "="))
    end
  end)

  it("are not in a file that a plot is saved in", function()
    local path = os.tmpname()
    on_terminal(CLEAR, nil, ([[
      local plot = require "pymalloc".plot.bars { parts = { "p" }, bars = {
        { name = "a", values = { 1 } } } }
      assert(tostring(plot):find "\27")
      assert(plot:save("%s.txt", { width = 60 }))]]):format(path))
    local written = command.read(path .. ".txt")
    os.remove(path)
    os.remove(path .. ".txt")
    assert.matches("^[^\27]+$", written)
  end)

  it("are never used with NO_COLOR that is not empty", function()
    assert.equal(WITHOUT, on_terminal(CLEAR .. "NO_COLOR=1", nil, CODE))
    assert.equal(WITHOUT, in_pipe "NO_COLOR=1 CLICOLOR_FORCE=1 FORCE_COLOR=1")
    assert.equal(WITH, on_terminal(CLEAR .. "NO_COLOR=", nil, CODE))
  end)
end)

describe("a terminal without lua-term", function()
  it("lets the pages of a lesson pause, and fills its rows", function()
    local code = [[arg = { "lesson", "1" } dofile "lua/bin/pymalloc"]]
    local folder = os.tmpname()
    os.remove(folder)
    local shown = on_terminal("PYMALLOC_DESK=" .. folder, "cols 80 rows 12", code)
    os.execute("rm -rf " .. folder)
    assert.matches("Enter to continue", shown, 1, true)
  end)
end)
