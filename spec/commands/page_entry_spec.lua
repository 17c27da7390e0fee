local call = require "pymalloc.page.entry"

-- Functions that stand for those of the playground, which the entry finds by "play.NAME".
describe("the entry of the page", function()
  local previous
  local functions = {
    sum = function(a, b) return { sum = a + b } end,
    count = function(...) return select("#", ...) end,
    nothing = function() return nil end,
    refuse = function() return nil, "it is refused" end,
    raise = function() error("it is wrong", 2) end,
    raise_table = function() error({}) end,
    fill = function() return ("x"):rep(1 << 62) end,
    exhaust = function() error("not enough memory", 0) end,
    bytes = function() return "\0\255" end,
    unwritable = function() return { print } end,
  }

  setup(function()
    previous = package.loaded["pymalloc.play"]
    package.loaded["pymalloc.play"] = functions
  end)

  teardown(function()
    package.loaded["pymalloc.play"] = previous
  end)

  local function results(...)
    return { call(...) }
  end

  it("calls a function with arguments from JSON, and gives its result as JSON", function()
    assert.same({ true, '{"sum":5}' }, results("play.sum", "[2,3]"))
    assert.same({ true, "3" }, results("play.count", "[null,1,null]"))
    assert.same({ true, "null" }, results("play.nothing", "[]"))
  end)

  it("gives a result that is bytes unchanged", function()
    assert.same({ true, "\0\255" }, results("play.bytes", "[]", true))
    assert.same({ false, "play.count returned a number, and not a string of bytes" },
      results("play.count", "[]", true))
  end)

  it("gives false and a message for an error, and for nil and a message", function()
    assert.same({ false, "it is refused" }, results("play.refuse", "[]"))
    assert.same({ false, "it is wrong" }, results("play.raise", "[]"))
    assert.same({ false, "(error object is a table value)" }, results("play.raise_table", "[]"))
    local ok, message = table.unpack(results("play.fill", "[]"))
    assert.is_false(ok)
    assert.is_true(message == "spec/commands/page_entry_spec.lua:13: resulting string too large"
      or message == "There is not enough memory for that.", message) -- of Lua 5.4; of 5.5
    assert.same({ false, "There is not enough memory for that." }, results("play.exhaust", "[]"))
    assert.same({ false, "JSON: a function cannot be written" }, results("play.unwritable", "[]"))
  end)

  it("gives false and a message for a name or arguments that are wrong", function()
    assert.same({ false, "there is no function pymalloc.play.other" },
      results("play.other", "[]"))
    assert.same({ false, "JSON: byte 2: a value expected" }, results("play.sum", "["))
  end)
end)
