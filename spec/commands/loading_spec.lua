-- Tests which modules `require "pymalloc"` and the command load, and when.

local command = require "spec.support.command"

-- The modules of this library that are loaded after a chunk has run in a new process, as a set.
local function loaded_by(chunk)
  local list = command.run(([[%s lua5.4 -e '%s
    print() for name in pairs(package.loaded) do print(name) end']]):format(command.environment,
    chunk))
  local set = {}
  for name in list:gmatch("pymalloc[%w_.]*") do
    set[name] = true
  end
  return set
end

describe("the module", function()
  it("loads what draws, imports and compares when it is first used", function()
    local loaded = loaded_by 'require "pymalloc"'
    assert.is_true(loaded["pymalloc.core"] and loaded["pymalloc.trace"])
    for _, name in ipairs { "view", "import", "experiment", "lab", "plot", "attach", "analyse" } do
      assert.is_nil(loaded["pymalloc." .. name])
    end
    assert.is_true(loaded_by 'local _ = require("pymalloc").plot'["pymalloc.plot"])
  end)

  it("has all fields for pairs, and nil for an unknown one", function()
    local pymalloc = require "pymalloc"
    local found = {}
    for name, value in pairs(pymalloc) do
      found[name] = value
    end
    for _, name in ipairs { "heap", "host", "trace", "replay", "diff", "experiment", "lab", "view",
      "plot", "analyse", "workload", "attach", "snapshot", "report", "real" } do
      assert.equal(pymalloc[name], found[name])
      assert.is_not_nil(found[name])
    end
    assert.is_nil(pymalloc.no_such_field)
  end)
end)

describe("the command", function()
  it("loads the modules of the command that is run, and no others", function()
    local loaded = loaded_by 'require("pymalloc.cli").main { "profiles" }'
    assert.is_true(loaded["pymalloc.cli.profiles"])
    assert.is_nil(loaded["pymalloc.cli.replay"])
    assert.is_nil(loaded["pymalloc.view.svg"])
  end)
end)
