-- The workflow of the hosted tests. It is read as lines: the tests need no parser of YAML.

local lfs = require "lfs"
local tree = require "script.lib.tree"

local workflow = tree.read(".github/workflows/ci.yml")

-- The scripts of the project that the workflow runs, with their arguments.
local function commands()
  local found = {}
  for command in workflow:gmatch("[:%s](script/[^\n]+)") do
    table.insert(found, command)
  end
  return found
end

describe("the workflow of the hosted tests", function()
  it("runs the two commands of the README", function()
    local text = " " .. table.concat(commands(), " \n ") .. " "
    assert.matches(" script/demo ", text)
    assert.matches(" script/test ", text)
  end)

  it("runs scripts that are there and can be run", function()
    assert.is_true(#commands() > 10)
    for _, command in ipairs(commands()) do
      local path = command:match("^%S+")
      assert.equal("file", lfs.attributes(path, "mode"), path)
      assert.matches("^r.x", lfs.attributes(path, "permissions"), path)
    end
  end)

  it("runs folders of specs that there are", function()
    local folders = { workflow:match("specs: %[([^]]+)%]") }
    for _, command in ipairs(commands()) do
      table.insert(folders, command:match("%-%-run=(%a+)"))
    end
    for name in table.concat(folders, ","):gmatch("%a+") do
      assert.equal("directory", lfs.attributes("spec/" .. name, "mode"), name)
    end
  end)

  it("has no tab, which YAML refuses", function()
    assert.is_nil(workflow:find("\t", 1, true))
  end)
end)
