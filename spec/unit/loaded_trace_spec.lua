-- Traces in memory: bindings/lua/loaded.c and pymalloc.trace.loaded.

local pymalloc = require "pymalloc"
local loaded_of = pymalloc.trace.loaded

local TEXT = "a 1 24\nc 2 3 8\nr 1 600\nf 2\nd\n"

describe("a loaded trace", function()
  it("has the requests of a text, without the operations that are not requests", function()
    local loaded <close> = assert(loaded_of((pymalloc.trace.parse(TEXT))))
    assert.equal(4, #loaded)
    assert.equal(4, loaded.requests)
    assert.equal(0, loaded.left_out)
    assert.equal("text", loaded.name)
    assert.equal("pymalloc.LoadedTrace text with 4 requests", tostring(loaded))
  end)

  it("has the requests of a file, and the path as its name", function()
    local path = "traces/cpython-startup.trace.xz"
    local loaded <close> = assert(loaded_of(path))
    local summary = assert(pymalloc.trace.replay_file(path))
    assert.equal(summary.requests, #loaded)
    assert.equal(path, loaded.name)
  end)

  it("can be made of all that pymalloc.trace.parse returns", function()
    local loaded <close> = assert(loaded_of(pymalloc.trace.parse(TEXT, { name = "mine" })))
    assert.equal("mine", loaded.name)
  end)

  it("has the name that the options give", function()
    local loaded <close> = assert(loaded_of((pymalloc.trace.parse(TEXT)), { name = "x" }))
    assert.equal("x", loaded.name)
  end)

  it("has the requests of one interpreter, and counts the others", function()
    local trace = pymalloc.trace.parse("a 1 8\ni 1\na 2 8\nf 2\n")
    local first <close> = assert(loaded_of(trace))
    local second <close> = assert(loaded_of(trace, { interpreter = 1 }))
    assert.same({ 1, 2, 2, 1 }, { #first, first.left_out, #second, second.left_out })
  end)

  it("that is closed refuses every use with one message", function()
    local loaded = assert(loaded_of((pymalloc.trace.parse(TEXT))))
    loaded:close()
    loaded:close()
    assert.equal("pymalloc.LoadedTrace closed", tostring(loaded))
    for _, use in ipairs { function() return #loaded end, function() return loaded.name end,
      function() return loaded.requests end, function() return loaded.left_out end } do
      assert.error_matches(use, "pymalloc: the loaded trace is closed")
    end
  end)
end)

describe("pymalloc.trace.loaded", function()
  it("returns nil and a message for a trace that cannot be read", function()
    local loaded, problem, kind = loaded_of("/nowhere/x.trace")
    assert.is_nil(loaded)
    assert.matches("^/nowhere/x.trace cannot be opened: No such file", problem)
    assert.equal("trace", kind)
    loaded, problem = loaded_of { text = "a 1 8\nb 1 9\n" }
    assert.is_nil(loaded)
    assert.matches("^text:2: ", problem)
  end)

  for title, case in pairs {
    malloc = { "a 1 8\na 1 9\n", 2 },
    calloc = { "r 7 8\nf 7\nr 1 8\nc 1 2 2\n", 4 },
    ["malloc after a refused realloc"] = { "a 1 8\nr 1 9223372036854775808\na 1 8\n", 3 },
  } do
    it("refuses a " .. title .. " of an id that is live", function()
      local loaded, problem = loaded_of { text = case[1] }
      assert.is_nil(loaded)
      assert.equal(("request %d: id 1 is live already"):format(case[2]), problem)
    end)
  end

  it("accepts a malloc of an id whose last malloc is refused for its size", function()
    local loaded <close> = assert(loaded_of { text = "a 1 9223372036854775808\na 1 8\n" })
    assert.equal(2, #loaded)
  end)

  for title, case in pairs {
    ["a number as the trace"] = { { 12 }, "trace must be a path or a trace, got 12" },
    ["a path with a zero byte"] = { { "a\0b" }, "a path holds no zero byte" },
    ["an unknown option"] = { { "x", { nme = "x" } },
      "unknown option nme %(allowed: interpreter, name%)" },
    ["a name that is not a string"] = { { "x", { name = 1 } }, "name must be a string, got 1" },
    ["options that are not a table"] = { { "x", 5 }, "options must be a table, got 5" },
    ["an interpreter below 0"] = { { "x", { interpreter = -1 } }, "interpreter must be" },
  } do
    it("refuses " .. title, function()
      local ok, problem = pcall(loaded_of, table.unpack(case[1]))
      assert.is_false(ok)
      assert.matches("pymalloc: trace.loaded: ", problem, 1, true)
      assert.matches(case[2], problem)
    end)
  end
end)
