-- Runs the examples in comments, and tests script/documented, which finds missing comments.

local catalogue = require "script.lib.reference.catalogue"
local example = require "spec.support.example"
local pymalloc_lesson = require "pymalloc.lesson"
local sample_tree = require "spec.support.sample_tree"
local tree = require "script.lib.tree"

require "pymalloc.assertions"

-- A player of lessons that shows nothing.
local silent = setmetatable({}, {
  __index = function()
    return function() end
  end,
})

describe("the example of", function()
  local entries, names = catalogue.read(".", error)

  -- A process can be hosted only once, and hosting does not end before the process does.
  local function fault_of(text)
    return (text:find("pymalloc%.host[ ({]") and example.fault_apart or example.fault)(text)
  end

  for _, name in ipairs(names) do
    local entry = entries[name]
    if entry.kind == "function" then
      it(name .. " has the results that its comment shows", function()
        local fault = pymalloc_lesson.play_with(silent, function()
          return fault_of(entry.example) or false
        end)
        assert.is_false(fault)
      end)
    end
  end

  it("a wrong comment is reported", function()
    assert.equal("it says '3', got '2'", example.fault("1 + 1 --> 3"))
    assert.equal("it says error 'x', got 'none'", example.fault("b[1] = 1 --> error: x"))
    assert.matches("arithmetic", example.fault("local x = 1 + {}"))
    assert.equal("it says '3', got '2' (exit 0)", example.fault_apart("1 + 1 --> 3"))
  end)
end)

describe("script/documented", function()
  local files = {}
  for _, place in ipairs { { "bindings/lua", "*.c" }, { "lua/pymalloc", "*.lua" },
    { "csrc", "pymalloc*.h" }, { "examples", "*.c" }, { "spec", "*.lua" }, { "spec", "*.[ch]" } } do
    for _, path in ipairs(tree.files(place[1], place[2])) do
      files[path] = tree.read(path)
    end
  end

  -- The output for this tree with one text of a file replaced by another.
  local function said_of(path, from, to)
    local changed = setmetatable({}, { __index = files })
    for name, text in pairs(files) do
      changed[name] = text
    end
    local at, last = files[path]:find(from, 1, true)
    assert.is_not_nil(at, from)
    changed[path] = files[path]:sub(1, at - 1) .. to .. files[path]:sub(last + 1)
    local ok, output = sample_tree.try("documented", changed)
    return output, ok
  end

  it("reports nothing for this project", function()
    local output, ok = said_of("csrc/pymalloc.h", "pym_heap", "pym_heap")
    assert.equal("", output)
    assert.is_true(ok)
  end)

  it("reports a method without a doc comment", function()
    local output, ok = said_of("bindings/lua/heap.c", "/***\n** heap:trim", "/*\n** heap:trim")
    assert.matches("^heap:trim: needs a comment of its own above it: '/%*%*%* %*%* heap:trim",
      output)
    assert.is_false(ok)
  end)

  it("finds a comment on a method that does not exist", function()
    assert.matches("bindings/lua/heap.c:%d+: heap:trims: there is no such function",
      (said_of("bindings/lua/heap.c", "** heap:trim", "** heap:trims")))
  end)

  it("reports a function without an example", function()
    assert.matches("bindings/lua/text.c:%d+: heap:dump: needs an example: '@usage CODE'",
      (said_of("bindings/lua/text.c", "** @usage heap:dump", "** heap:dump")))
  end)

  it("finds a field without a comment, and a comment on a field that does not exist", function()
    local output =
      said_of("bindings/lua/pool.c", "** @tfield integer szidx", "** @tfield integer sz")
    assert.matches("pymalloc.Pool.szidx: needs '@tfield TYPE szidx TEXT'", output)
    assert.matches("pymalloc.Pool: there is no field sz\n", output)
  end)

  it("finds comments that do not match the parameters", function()
    local output = said_of("lua/pymalloc/trace.lua",
      "-- @tparam pymalloc.Trace trace\n-- @tparam string path",
      "-- @tparam pymalloc.Trace trace\n-- @tparam string file")
    assert.matches("trace.save: the parameters are %(trace, path%), but @tparam names "
      .. "%(trace, file%)", output)
  end)

  it("reports an unknown tag", function()
    assert.equal("lua/pymalloc/view.lua:" .. 39 .. ": unknown tag @return\n",
      (said_of("lua/pymalloc/view.lua", "-- @treturn", "-- @return"):gsub(":%d+:", ":39:")))
  end)

  it("reports a C function that no example calls", function()
    assert.equal("csrc/pymalloc.h: pym_debug_of: needs an example: a program in examples/c "
      .. "that calls it\n", (said_of("examples/c/misuse.c", "pym_debug_of", "debug_of")))
  end)

  it("reports a module that is listed neither as public nor as internal", function()
    files["lua/pymalloc/news.lua"] = ""
    assert.matches("^lua/pymalloc/news.lua: do scripts require it%? Then tell",
      (said_of("lua/pymalloc/news.lua", "", "return {}")))
    files["lua/pymalloc/news.lua"] = nil
  end)
end)
