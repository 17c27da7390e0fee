local sample_tree = require "spec.support.sample_tree"

local NO_OBJECTS = "build/ has no object files of csrc: only the includes are checked\n"

-- Runs script/layers on a tree that is not built. Returns whether it succeeded, and its output.
local function try(files)
  local ok, output = sample_tree.try("layers", files)
  local first, last = output:find(NO_OBJECTS, 1, true)
  assert.is_number(first)
  return ok, output:sub(1, first - 1) .. output:sub(last + 1)
end

-- Compiles each .c file of csrc in the tree; the objects are written where a build has them.
local function compile(root)
  local commands = [[cd %s/csrc && objects=../build/CMakeFiles/pymalloc.dir/csrc &&
    for source in */*.c; do
      mkdir -p "$objects/${source%%/*}" && cc -c "$source" -o "$objects/$source.o" || exit 1
    done]]
  assert(os.execute(commands:format(root)))
end

local function try_built(files)
  return sample_tree.try("layers", files, compile)
end

-- A file of check/ that calls a function of debug/, a later room, without an include: it
-- declares the function itself.
local upwards = {
  ["csrc/check/check.c"] = "int check_debug(void);\n" ..
    "int check(void);\nint check(void) { return check_debug(); }\n",
  ["csrc/debug/debug.c"] = "int check_debug(void);\nint check_debug(void) { return 1; }\n",
}

-- Two files of one room that call each other, and a third file that one of them calls.
local circle = {
  ["csrc/check/check.c"] = "int arena(int), fail(int);\n" ..
    "int check(int i);\nint check(int i) { return arena(i) + fail(i); }\n",
  ["csrc/check/arena.c"] = "int arena(int i), check(int);\n" ..
    "int arena(int i) { return i == 0 ? 0 : check(i - 1); }\n",
  ["csrc/check/fail.c"] = "int fail(int i);\nint fail(int i) { return i; }\n",
}

local lawful = {
  ["csrc/pymalloc.h"] = "",
  ["csrc/base/base.h"] = '#include <stddef.h>\n#include "pymalloc.h"\n',
  ["csrc/state/order.h"] = '#include "base/base.h"\n',
  ["csrc/state/heap.h"] = '#include "state/order.h"\n',
  ["csrc/serve/alloc.c"] = '#include "state/heap.h"\n#include "serve/supply.h"\n',
  ["csrc/serve/supply.h"] = '#include "state/heap.h"\n',
  ["bindings/lua/heap.c"] = '#include <lua.h>\n#include "state/heap.h"\n#include "binding.h"\n',
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

-- Asserts that script/layers fails with this one line of output.
local function refuses(path, text, message)
  local ok, output = try(lawful_but(path, text))
  assert.equal(message .. "\n", output)
  assert.is_false(ok)
end

describe("script/layers", function()
  it("reports nothing for this project", function()
    local run = io.popen("lua5.4 script/layers")
    assert.equal("", run:read("a"))
    assert.is_true(run:close())
  end)

  it("allows includes of a file's own room, the rooms before it and the public headers", function()
    local ok, output = try(lawful)
    assert.equal("", output)
    assert.is_true(ok)
  end)

  it("refuses a header of a later room", function()
    refuses("csrc/base/base.h", '\n  #  include "state/heap.h"\n',
      "csrc/base/base.h:2: state/heap.h is of state, a room above base")
  end)

  it("refuses a header of a later room in a .c file too", function()
    refuses("csrc/state/locate.c", '#include "serve/supply.h"\n',
      "csrc/state/locate.c:1: serve/supply.h is of serve, a room above state")
  end)

  it("refuses headers of one room that include each other", function()
    refuses("csrc/state/order.h", '#include "state/heap.h"\n',
      "csrc/state/order.h and csrc/state/heap.h include each other")
  end)

  it("refuses a public header that includes a room", function()
    refuses("csrc/pymalloc.h", '#include "base/base.h"\n',
      "csrc/pymalloc.h:1: base/base.h is not for a public header")
  end)

  it("refuses a source file that is in no room", function()
    refuses("csrc/helpers.c", "", "csrc/helpers.c: is in no room")
    refuses("csrc/attic/helpers.c", "", "csrc/attic/helpers.c: is in no room")
  end)

  it("refuses two sources with the same name, also in different rooms", function()
    refuses("csrc/state/alloc.c", "",
      "csrc/state/alloc.c has the name of csrc/serve/alloc.c: one must be renamed")
  end)

  it("allows a source with the name of a header or of a source of the bindings", function()
    local ok, output = try(lawful_but("csrc/state/heap.c", ""))
    assert.equal("", output)
    assert.is_true(ok)
  end)

  it("refuses an include of a file that is not a header of a room", function()
    refuses("csrc/serve/alloc.c", '#include "../bindings/lua/binding.h"\n',
      "csrc/serve/alloc.c:1: ../bindings/lua/binding.h is not a header of a room")
    refuses("csrc/serve/alloc.c", '#include "serve/alloc.h"\n',
      "csrc/serve/alloc.c:1: serve/alloc.h is not a header of a room")
  end)

  it("refuses headers of Lua and Python in csrc", function()
    refuses("csrc/serve/alloc.c", "#include <lua.h>\n",
      "csrc/serve/alloc.c:1: lua.h is not for csrc")
    refuses("csrc/serve/alloc.c", "#include <Python.h>\n",
      "csrc/serve/alloc.c:1: Python.h is not for csrc")
  end)

  it("refuses a binding that includes a header neither of its folder nor of csrc", function()
    refuses("bindings/lua/heap.c", '#include "../../spec/support/ledger.h"\n',
      "bindings/lua/heap.c:1: ../../spec/support/ledger.h is neither beside it nor in csrc")
  end)

  it("refuses a call of a later room's function, also without an include", function()
    local ok, output = try_built(upwards)
    assert.equal("csrc/check/check.c uses check_debug of debug, a room above check\n", output)
    assert.is_false(ok)
    assert.is_true((try(upwards)))
  end)

  it("refuses files of one room that use each other", function()
    local ok, output = try_built(circle)
    assert.equal("csrc/check/check.c and csrc/check/arena.c use each other\n", output)
    assert.is_false(ok)
  end)

  it("allows calls of functions of a file's own room and of the rooms before it", function()
    local ok, output = try_built {
      ["csrc/check/check.c"] = "int check(void);\nint check(void) { return 1; }\n",
      ["csrc/debug/debug.c"] = "int check(void), look(void), debug(void);\n" ..
        "int debug(void) { return check() + look(); }\n",
      ["csrc/debug/look.c"] = "int look(void);\nint look(void) { return 1; }\n",
    }
    assert.equal("", output)
    assert.is_true(ok)
  end)

  it("ignores object files of sources that were removed", function()
    local ok, output = sample_tree.try("layers", upwards, function(root)
      compile(root)
      assert(os.remove(root .. "/csrc/debug/debug.c"))
    end)
    assert.equal("", output)
    assert.is_true(ok)
  end)

  it("names each source without an object file", function()
    local ok, output = sample_tree.try("layers", upwards, function(root)
      compile(root)
      assert(os.remove(root .. "/build/CMakeFiles/pymalloc.dir/csrc/debug/debug.c.o"))
    end)
    assert.equal("csrc/debug/debug.c is not built: its calls are not checked\n", output)
    assert.is_true(ok)
  end)

  it("refuses a tree without a core", function()
    local ok, output = try { ["README.md"] = "" }
    assert.equal("csrc: no file found\n", output)
    assert.is_false(ok)
  end)
end)
