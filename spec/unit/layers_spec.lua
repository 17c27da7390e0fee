local sample_tree = require "spec.support.sample_tree"

local function try(files)
  return sample_tree.try("layers", files)
end

local lawful = {
  ["csrc/base.h"] = "#include <stddef.h>\n",
  ["csrc/geometry.h"] = '#include "base.h"\n',
  ["csrc/region.h"] = '#include "geometry.h"\n',
  ["csrc/heap.h"] = '#include "region.h"\n',
  ["csrc/heap.c"] = '#include "heap.h"\n#include "supply.h"\n',
  ["csrc/supply.h"] = '#include "heap.h"\n',
  ["bindings/lua/heap.c"] = '#include <lua.h>\n#include "heap.h"\n#include "binding.h"\n',
  ["bindings/lua/binding.h"] = "",
}

local function lawful_but(path, text)
  local files = {}
  for name, content in pairs(lawful) do
    files[name] = content
  end
  files[path] = text
  return files
end

-- One line of output, and a failure.
local function refuses(path, text, message)
  local ok, output = try(lawful_but(path, text))
  assert.equal(message .. "\n", output)
  assert.is_false(ok)
end

describe("the law of layers", function()
  it("holds for this source", function()
    local run = io.popen("lua5.4 script/layers")
    assert.equal("", run:read("a"))
    assert.is_true(run:close())
  end)

  it("lets a header include lower layers, and what stands before it in its own", function()
    local ok, output = try(lawful)
    assert.equal("", output)
    assert.is_true(ok)
  end)

  it("refuses a header of a higher layer", function()
    refuses("csrc/geometry.h", '\n  #  include "heap.h"\n',
      "csrc/geometry.h:2: heap.h is of layer 5, above layer 1")
  end)

  it("refuses it in a .c file too", function()
    refuses("csrc/heap.c", '#include "check.h"\n',
      "csrc/heap.c:1: check.h is of layer 7, above layer 5")
  end)

  it("refuses a header that includes what stands behind it in its layer", function()
    refuses("csrc/heap.h", '#include "supply.h"\n',
      "csrc/heap.h:1: supply.h does not stand before heap in layer 5")
  end)

  it("refuses a file that is in no layer", function()
    refuses("csrc/helpers.c", "", "csrc/helpers.c: is in no layer")
  end)

  it("refuses a header that is in no layer", function()
    refuses("csrc/heap.c", '#include "../bindings/lua/binding.h"\n',
      "csrc/heap.c:1: ../bindings/lua/binding.h is in no layer")
  end)

  it("refuses Lua and Python below the bindings", function()
    refuses("csrc/heap.c", "#include <lua.h>\n", "csrc/heap.c:1: lua.h is not for csrc")
    refuses("csrc/heap.c", "#include <Python.h>\n", "csrc/heap.c:1: Python.h is not for csrc")
  end)

  it("refuses a binding that includes what is neither there nor in csrc", function()
    refuses("bindings/lua/heap.c", '#include "../../spec/support/ledger.h"\n',
      "bindings/lua/heap.c:1: ../../spec/support/ledger.h is neither beside it nor in csrc")
  end)

  it("does not pass a tree without a core", function()
    local ok, output = try { ["README.md"] = "" }
    assert.equal("csrc: no file found\n", output)
    assert.is_false(ok)
  end)
end)
