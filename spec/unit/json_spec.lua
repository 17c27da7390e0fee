local json = require "pymalloc.json"

describe("json.read", function()
  it("reads each kind of value", function()
    assert.same({ a = { 1, -2.5, true, false }, b = {}, c = "x" },
      (json.read(' { "a" : [1, -2.5,\ttrue,false], "b":{}, "c":"x", "d":null }\r\n')))
  end)

  it("gives the count of the elements of an array, of which the last may be null", function()
    assert.same({ { 1, nil, 3 }, 4 }, { json.read("[1,null,3,null]") })
    assert.equal(0, select(2, json.read("[]")))
  end)

  it("reads numbers without fraction and exponent as integers, if these can hold them", function()
    assert.equal("integer", math.type(json.read("9223372036854775807")))
    assert.equal("float", math.type(json.read("9223372036854775808")))
    assert.equal("float", math.type(json.read("1e3")))
    assert.equal("float", math.type(json.read("24.0")))
  end)

  it("reads each escape", function()
    assert.equal('"\\/\b\f\n\r\t\1é𝄞\127', (json.read(
      '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u00e9\\ud834\\udd1e\127"')))
  end)

  it("refuses texts that are not JSON, and names the byte", function()
    for text, message in pairs {
      [""] = "byte 1: a value", ["[1,]"] = "byte 4: a value", ["[1"] = "byte 3: ',' or ']'",
      ["{1:2}"] = "byte 2: a name in quotes", ['{"a" 2}'] = "byte 6: ':'",
      ['{"a":1;}'] = "byte 7: ',' or '}'", ["01"] = "byte 1: a value", ["1.]"] = "byte 2: the end",
      ["nul"] = "byte 1: a value", ["+1"] = "byte 1: a value", ["0x10"] = "byte 2: the end",
      ['"a'] = "byte 3: the end of a string", ['"a\nb"'] = "byte 3: the end of a string",
      ['"\\x"'] = "byte 3: an escape", ['"\\u12g4"'] = "byte 4: four hexadecimal digits",
      ["[] 1"] = "byte 4: the end", ["{,}"] = "byte 2: a name in quotes",
    } do
      assert.error_matches(function()
        json.read(text)
      end, "JSON: " .. message .. " expected", 1, true)
    end
  end)

  it("refuses arrays that are nested too deep", function()
    assert.error_matches(function() json.read(("["):rep(1e6)) end, "no more than 100 arrays")
    assert.is_table(json.read(("["):rep(100) .. ("]"):rep(100)))
  end)
end)

describe("json.line", function()
  it("writes what json.read reads", function()
    local value = { name = "\0\1\31\127\"\\/é", list = { 1, 2, 3 }, mixed = { "a", 2.5, true },
      least = math.mininteger, nested = { { {} } } }
    assert.same(value, (json.read(json.line(value))))
  end)

  it("writes nil and numbers that JSON does not have as null", function()
    assert.equal("null", json.line(nil))
    assert.equal("[null,null,1]", json.line { 0 / 0, math.huge, 1 })
  end)

  it("refuses values that JSON does not have", function()
    assert.error_matches(function() json.line { print } end, "JSON: a function cannot be written")
    assert.error_matches(function() json.line { a = io.stdout } end, "JSON: a userdata")
  end)
end)
