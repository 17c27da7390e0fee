-- How the commands fail: no traceback, no silence, and the right exit code.

local command = require "spec.support.command"
local library = require "pymalloc"

local run, pymalloc = command.run, command.pymalloc
local STARTUP = "traces/cpython-startup.trace.xz"

local SNAPSHOT = os.tmpname() -- of a heap without arenas

-- Each command with arguments with which it runs.
local lines = {
  replay = "replay " .. STARTUP, record = "record -o /dev/null -- true",
  convert = "convert " .. STARTUP .. " /dev/null", step = "step " .. STARTUP,
  profiles = "profiles", classes = "classes", lesson = "lesson", pins = "pins " .. STARTUP,
  show = "show " .. STARTUP, compare = "compare --geometry 3.6 " .. STARTUP,
  attach = "attach " .. SNAPSHOT, report = "report spec/data/mallocstats/3.10.13.txt",
  html = "html -o /dev/null " .. STARTUP, traces = "traces", analyse = "analyse " .. STARTUP,
  workload = "workload --list",
  score = "score examples/answers/good.lua @startup",
}

-- The libraries that record are not built with sanitizers, which also need more addresses than
-- a limit would leave.
local is_sanitized = package.searchpath("pymalloc.preload", package.cpath) == nil

-- Runs a command line after some Lua code that damages the modules.
local function damaged(code, line, environment)
  return run(("%s %s lua5.4 -e '%s' lua/bin/pymalloc %s"):format(environment or "",
    command.environment, code, line))
end

setup(function()
  local heap <close> = assert(library.heap())
  assert(heap:snapshot():save(SNAPSHOT))
end)

teardown(function()
  os.remove(SNAPSHOT)
end)

describe("the command line", function()
  it("has no command without a line in this spec", function()
    local help = run(pymalloc .. " --help")
    for name in help:match("\nCommands:(\n.-)\n\n"):gmatch("\n   (%l+) ") do
      assert.is_string(lines[name], name)
    end
  end)
end)

describe("an error that a command does not expect", function()
  -- The Lua values that are raised, and the sentence on each.
  local raised = {
    ['"boom"'] = "internal error: boom", ["{}"] = "internal error: table: 0x%x+",
    ["nil"] = "internal error: nil", ['"one\\ntwo"'] = "internal error: one",
  }

  for name, line in pairs(lines) do
    it("is one sentence and exit code 70 in " .. name, function()
      for value, said in pairs(raised) do
        local output, errors, code = damaged(("require('pymalloc.cli.%s').run = function() "
          .. "error(%s, 0) end"):gsub("'", '"'):format(name, value), line)
        assert.equal("", output)
        assert.matches("^pymalloc: " .. said .. "\nPlease report it%. With PYMALLOC_TRACEBACK=1 "
          .. "in the environment, the message says where it was raised%.\n$", errors)
        assert.equal(70, code)
      end
    end)
  end

  local BOOM = 'require("pymalloc.cli.profiles").run = function() error("boom") end'

  it("has a traceback if PYMALLOC_TRACEBACK is set", function()
    local _, errors, code = damaged(BOOM, "profiles", "PYMALLOC_TRACEBACK=1")
    assert.matches("^pymalloc: [^\n]*boom\nstack traceback:\n", errors)
    assert.equal(70, code)
  end)

  it("is reported too where it is raised while the arguments are read", function()
    local _, errors, code = damaged(
      'require("pymalloc.cli.profiles").define = function() error("boom", 0) end', "profiles")
    assert.matches("^pymalloc: internal error: boom\n", errors)
    assert.equal(70, code)
  end)

  it("is one sentence where a module cannot be loaded", function()
    local _, errors, code = damaged('package.preload["pymalloc.cli.stdout"] = function() '
      .. 'error("boom", 0) end', "classes")
    assert.matches("^pymalloc: cannot run: [^\n]*boom[^\n]*\n$", errors)
    assert.equal(70, code)
  end)

  it("is called a lack of memory where it is one", function()
    if is_sanitized then
      return pending("a sanitizer needs more addresses than the limit of this spec")
    end
    local _, errors, code = damaged('require("pymalloc.cli.profiles").run = function() '
      .. '("x"):rep(1 << 30) end', "profiles", "ulimit -v 500000;")
    assert.same({ "pymalloc: not enough memory\n", 1 }, { errors, code })
  end)
end)

describe("an output that is full", function()
  local full = { "--help", "--version" }
  local writes_files = { record = true, step = true, convert = true, html = true }
  for name, line in pairs(lines) do
    table.insert(full, name .. " --help")
    if not writes_files[name] then
      table.insert(full, line)
    end
  end
  table.insert(full, "lesson 3")
  table.insert(full, "replay --json " .. STARTUP)
  table.insert(full, "replay --dump " .. STARTUP)
  -- Texts that are larger than the buffer of standard output.
  table.insert(full, "show @startup --at peak --json")
  table.insert(full, "analyse @startup --json --points 100000")

  for _, line in ipairs(full) do
    it("is a failure of pymalloc " .. line, function()
      local _, errors, code = run(("PYMALLOC_DESK=/dev/null %s %s </dev/null >/dev/full"):format(
        pymalloc, line))
      assert.same({ "pymalloc: the output cannot be written: No space left on device\n", 1 },
        { errors, code })
    end)

    it("is silent with exit code 141 if nobody reads it: pymalloc " .. line, function()
      local pipe <close> = command.file("", ".fifo")
      for _, signal in ipairs { "", "trap '' PIPE" } do
        -- The reader, descriptor 3, ends before the command starts.
        local _, errors, code = run(([[%s
          rm -f %s; mkfifo %s; exec 3<>%s 4>%s 3>&-
          PYMALLOC_DESK=/dev/null %s %s </dev/null >&4]]):format(signal, pipe.path, pipe.path,
          pipe.path, pipe.path, pymalloc, line))
        assert.same({ "", 141 }, { errors, code })
      end
    end)
  end
end)

describe("a message", function()
  it("is written, whatever words are in a path", function()
    for _, line in ipairs { "replay '/none/Broken pipe'", "replay '/none/interrupted!'",
      "convert '/none/Broken pipe' /dev/null",
      not is_sanitized and "record -o '/none/Broken pipe' -- true" or nil } do
      local _, errors, code = run(pymalloc .. " " .. line)
      assert.matches("^pymalloc: /none/[^\n]*No such file or directory\n$", errors)
      assert.equal(1, code)
    end
  end)

  it("is written if the output has no reader, but nothing was written to it", function()
    local _, errors = run(pymalloc .. " replay /none | true")
    assert.matches("^pymalloc: /none cannot be opened", errors)
  end)

  it("names the option that was typed", function()
    for line, said in pairs {
      ["classes --arena-bytes 3"] = "--arena-bytes is 3: it must be a power of two",
      ["classes --pool-bytes 64"] = "--pool-bytes is 64: it must hold its header and two blocks "
        .. "of --threshold",
      ["classes --arena-offset 3"] = "--arena-offset is 3: it must be a multiple of --alignment, "
        .. "below --pool-bytes",
      ["classes --threshold 7"] = "--threshold is 7: it must be a multiple of --alignment, and",
      ["replay x --pool-bytes -1"] = "option '--pool-bytes' takes a number of bytes, like 4096 "
        .. "or 256K, got '-1'",
      ["replay x --max-arenas -7"] = "option '--max-arenas' takes a whole number, 0 or more, got "
        .. "'-7'",
      ["step x --at -7"] = "option '--at' takes a whole number, 0 or more, got '-7'",
      ["replay x --retain=-7"] = "option '--retain' takes a number of bytes, like 4096 or 256K, "
        .. "got '-7'",
      ["replay -x"] = "unknown option '-x'\nUsage",
      ["replay x --json -1"] = "option '--json' does not take arguments",
      ["replay x --jsn"] = "unknown option '--jsn'\nDid you mean '--json'?",
    } do
      local _, errors, code = run(pymalloc .. " " .. line)
      assert.equal(2, code)
      assert.equal("pymalloc: " .. said, errors:sub(1, #said + 10))
    end
  end)

  it("says that the system grants too few addresses for arenas", function()
    if is_sanitized then
      return pending("a sanitizer needs more addresses than the limit of this spec")
    end
    local trace <close> = command.file("a 1 8\na 2 8\n")
    local _, errors, code = run(("ulimit -v 9000; %s replay %s"):format(pymalloc, trace.path))
    assert.same({ "pymalloc: the system grants addresses for no more than 0 arenas (ulimit -v may "
      .. "be the limit): the raw allocator serves requests that find no arena\n", 0 },
      { errors, code })
    _, errors = run(("%s replay --max-arenas 0 %s"):format(pymalloc, trace.path))
    assert.equal("", errors)
  end)
end)
