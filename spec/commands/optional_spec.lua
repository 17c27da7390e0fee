-- Commands and functions where Lua modules that only some of them need are missing.

local command = require "spec.support.command"
local library = require "pymalloc"
local optional = require "pymalloc.optional"

local TRACE = os.tmpname()
local SNAPSHOT = os.tmpname() -- of a heap without arenas

-- Modules that are not pymalloc's; those that no command needs, and dkjson.
local ALL = { "argparse", "dkjson", "lfs", "luassert", "luassert.assert", "say", "term", "busted",
  "system" }
local NEVER_NEEDED = { "lfs", "luassert", "luassert.assert", "say", "term", "busted", "system" }

-- Runs Lua code in a process in which these modules cannot be found.
local function without(names, code, arguments)
  local script <close> = command.file(([[
    local refused = {}
    for name in ("%s"):gmatch "%%S+" do refused[name] = true end
    for i, searcher in ipairs(package.searchers) do
      package.searchers[i] = function(name)
        if refused[name] then return "\n\trefused" end
        return searcher(name)
      end
    end
    %s]]):format(table.concat(names, " "), code))
  return command.run(("PYMALLOC_DESK=/dev/null %s lua5.4 %s %s </dev/null"):format(
    command.environment, script.path, arguments or ""))
end

setup(function()
  local file <close> = assert(io.open(TRACE, "w"))
  file:write("a 1 8\na 2 300\nf 1\na 3 9\n")
  local heap <close> = assert(library.heap())
  assert(heap:snapshot():save(SNAPSHOT))
end)

teardown(function()
  os.remove(SNAPSHOT)
  os.remove(TRACE)
end)

local PROGRAM = 'dofile "lua/bin/pymalloc"'

local function sentence(name, rock, package)
  return ("pymalloc: the Lua module '%s' is missing: install it with 'luarocks "
    .. "--lua-version=%s install %s', or on Debian and Ubuntu with 'apt-get install %s'"):format(
    name, _VERSION:match("%d.*"), rock, package)
end

local NO_ARGPARSE = sentence("argparse", "argparse", "lua-argparse") .. "\n"
local NO_DKJSON = sentence("dkjson", "dkjson", "lua-dkjson") .. "\n"

describe("a command without argparse", function()
  for _, line in ipairs { "", "--help", "profiles", "replay " .. TRACE, "no-such" } do
    it(("is one sentence: pymalloc %s"):format(line), function()
      local output, errors, code = without({ "argparse" }, PROGRAM, line)
      assert.same({ "", NO_ARGPARSE, 1 }, { output, errors, code })
    end)
  end
end)

describe("a command without modules that it does not need", function()
  local lines = {
    "--version", "--help", "replay --placements " .. TRACE, "record -o /dev/null -- true",
    "profiles", "convert " .. TRACE .. " /dev/null", "classes",
    "lesson", "lesson 3", "pins " .. TRACE,
    "show " .. TRACE, "compare --geometry 3.6 " .. TRACE, "traces", "analyse " .. TRACE,
    "report spec/data/mallocstats/3.10.13.txt", "workload --list", "score --list",
    "step " .. TRACE .. " --keys n --svg /dev/null", "attach 0", "html --help",
  }
  for _, line in ipairs(lines) do
    it(("does the same: pymalloc %s"):format(line), function()
      local output, errors, code = without({}, PROGRAM, line)
      local refused = { "dkjson", table.unpack(NEVER_NEEDED) }
      assert.same({ output, errors, code }, { without(refused, PROGRAM, line) })
    end)
  end
end)

describe("a command that reads or writes JSON, without dkjson", function()
  for _, line in ipairs { "replay --json " .. TRACE, "analyse --json " .. TRACE,
    "attach " .. SNAPSHOT, "score examples/answers/good.lua @startup --board " .. SNAPSHOT,
    "compare --json --geometry 3.6 " .. TRACE } do
    it(("is one sentence: pymalloc %s"):format(line), function()
      local output, errors, code = without({ "dkjson" }, PROGRAM, line)
      assert.same({ "", NO_DKJSON, 1 }, { output, errors, code })
    end)
  end
end)

describe("the library without other modules", function()
  it("allocates, replays, draws, plots, compares and checks", function()
    local output, errors, code = without(ALL, [[
      local pymalloc = require "pymalloc"
      local heap = pymalloc.heap()
      local buffer = heap:buffer("i32", 4)
      local run = assert(pymalloc.replay "@startup")
      run:seek(10)
      assert(heap:check() and #pymalloc.view.text(heap) > 100 and #tostring(buffer) > 10)
      assert(#pymalloc.view.svg(heap) > 100 and #heap:snapshot():json() > 100)
      local result = pymalloc.experiment { traces = { { text = "a 1 8\n" } }, designs = { "3.6" } }
      assert(#tostring(result) > 10 and #result:csv() > 10)
      assert(#tostring(result:plot { kind = "bars", measure = "held_peak" }) > 10)
      print "whole"]])
    assert.same({ "whole\n", "", 0 }, { output, errors, code })
  end)

  it("raises one sentence where a function needs one", function()
    for code, wanted in pairs {
      ['require "pymalloc.assertions"'] = sentence("luassert.assert", "luassert", "lua-luassert"),
      ['require("pymalloc").snapshot.parse "{}"'] = sentence("dkjson", "dkjson", "lua-dkjson"),
      [ [=[require("pymalloc").experiment { traces = { { text = "a 1 8\n" } },
        designs = { "3.6" } }:json()]=] ] = sentence("dkjson", "dkjson", "lua-dkjson"),
    } do
      local output = without(ALL, ("print(select(2, pcall(function() %s end)))"):format(code))
      assert.equal(wanted .. "\n", output)
    end
  end)
end)

describe("a module that is found and cannot be loaded", function()
  it("is named with the reason, in one sentence", function()
    local output, errors, code = without({}, [[
      package.preload.argparse = function() error("undefined symbol: lua_newuserdata\nmore") end
      ]] .. PROGRAM, "profiles")
    assert.equal("", output)
    assert.matches("^pymalloc: the Lua module 'argparse' cannot be loaded: [^\n]*undefined symbol: "
      .. "lua_newuserdata\n$", errors)
    assert.equal(1, code)
  end)
end)

describe("optional.is_raised", function()
  it("is true of errors of load only", function()
    assert.is_true(optional.is_raised(NO_DKJSON))
    for _, other in ipairs { "pymalloc: heap: no", "x", 1, false, {} } do
      assert.is_false(optional.is_raised(other))
    end
  end)
end)

describe("a lesson that reads a built-in trace", function()
  it("is one sentence where xz is missing", function()
    local lua = command.run("command -v lua5.4"):match("[^\n]+")
    local desk = os.tmpname()
    os.remove(desk)
    local _, errors, code = command.run(("%s PYMALLOC_DESK=%s PATH=/nonexistent %s "
      .. "lua/bin/pymalloc lesson 1 </dev/null"):format(command.environment, desk, lua))
    os.execute("rm -rf " .. desk)
    assert.matches("^pymalloc: %S*startup%.trace%.xz needs the program 'xz' to be read, "
      .. "which is not installed\n$", errors)
    assert.equal(1, code)
  end)
end)
