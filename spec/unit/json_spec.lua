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

  it("writes numbers so that they are read as the same integers and floats", function()
    assert.equal("[-9223372036854775808,0.10000000000000001,24.0,1e+18]",
      json.line { math.mininteger, 0.1, 24.0, 1e18 })
  end)

  it("writes names in ascending order of their bytes", function()
    local record, names = {}, {}
    for i = 1, 300 do
      names[i] = ("%d"):format(i * 7919 % 1000)
      record[names[i]] = i
    end
    record["a\0b"], record["a"] = true, false
    local text = json.line(record)
    assert.same(record, (json.read(text)))
    local found = {}
    for name in text:gmatch('"([^"]*)":') do
      found[#found + 1] = name
    end
    assert.equal(302, #found)
    for i = 2, #found do
      assert.is_true(found[i - 1] < found[i], found[i])
    end
  end)

  it("writes texts of any length", function()
    for _, length in ipairs { 32760, 32766, 32767, 1e6 } do
      local text = ("x"):rep(length)
      assert.equal('"' .. text .. '"', json.line(text))
    end
  end)

  it("writes the table null, and no other empty table, as null", function()
    assert.equal('{"a":null,"b":[]}', json.line { a = json.null, b = {} })
  end)

  it("does not call metamethods", function()
    local told = setmetatable({}, { __index = error, __len = error, __pairs = error })
    assert.equal("[]", json.line(told))
  end)

  it("refuses values that JSON does not have", function()
    assert.error_matches(function() json.line { print } end, "JSON: a function cannot be written")
    assert.error_matches(function() json.line { a = io.stdout } end, "JSON: a userdata")
    assert.error_matches(function() json.line { [true] = 1 } end,
      "JSON: a name must be a string, got a boolean", 1, true)
  end)

  it("refuses tables that are nested deeper than it reads", function()
    local cycle = {}
    cycle[1] = cycle
    assert.error_matches(function() json.line(cycle) end, "no more than 100 arrays")
    local nested = {}
    for _ = 2, 100 do
      nested = { nested }
    end
    assert.same(nested, (json.read(json.line(nested))))
  end)
end)
