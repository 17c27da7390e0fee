-- The version is defined in csrc/pymalloc.h. These specs compare the other places with it.

local command = require "spec.support.command"
local core = require "pymalloc.core"
local tree = require "script.lib.tree"

local version = tree.read("csrc/pymalloc.h"):match('\n#define PYM_VERSION "([^"]+)"')

describe("the version", function()
  it("has three numbers", function()
    assert.matches("^%d+%.%d+%.%d+$", version)
  end)

  it("is that of the module and of the command", function()
    assert.equal("pymalloc " .. version, core._VERSION)
    local output = command.run(command.pymalloc .. " --version")
    assert.equal(("pymalloc %s, %s\n"):format(version, _VERSION), output)
  end)

  it("is that of the last release in the changelog, which has a date", function()
    local released = {}
    for name, date in tree.read("CHANGELOG.md"):gmatch("\n## %[([^]]+)%]([^\n]*)") do
      if name ~= "Unreleased" then
        table.insert(released, { name, date })
      end
    end
    assert.equal(version, released[1][1])
    for _, release in ipairs(released) do
      assert.matches("^ %- %d%d%d%d%-%d%d%-%d%d$", release[2], release[1])
    end
  end)

  it("is that of a rockspec, in whose name it stands", function()
    local rock = {}
    local path = ("rockspec/pymalloc-%s-1.rockspec"):format(version)
    assert(load(tree.read(path), path, "t", rock))()
    assert.equal(version .. "-1", rock.version)
    assert.equal(("pymalloc-%s.tar.gz"):format(version), rock.source.url)
  end)

  it("is that of the manual pages", function()
    for _, path in ipairs(tree.files("man", "*.[0-9]")) do
      assert.equal(version, tree.read(path):match('%.TH [^\n]- "pymalloc ([^"]+)"'), path)
    end
  end)

  it("is that of the CMake package and of pkg-config", function()
    local build = os.getenv("PYMALLOC_BUILD") or "build"
    assert.equal(version,
      tree.read(build .. "/pymallocConfigVersion.cmake"):match('PACKAGE_VERSION "([^"]+)"'))
    assert.equal(version, tree.read(build .. "/pymalloc.pc"):match("\nVersion: ([^\n]+)"))
  end)

  it("is in no other file of a package", function()
    assert.is_nil(tree.read("web/package.json"):match('"version"'))
  end)
end)
