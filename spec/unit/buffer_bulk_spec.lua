-- Tests the methods of buffers for many elements: fill, copy, byteswap, find, compare, totable and
-- string, with ranges.

require "pymalloc.assertions"
local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"

local heap

before_each(function() heap = pymalloc.heap() end)

after_each(function()
  assert(heap:check())
  heap:close()
end)

describe("a range of elements", function()
  it("is from first to last, to the end without last, and empty with first - 1", function()
    local b = heap:buffer("i16", { 1, 2, 3, 4, 5 })
    assert.same({ 2, 3 }, b:totable(2, 3))
    assert.same({ 4, 5 }, b:totable(4))
    assert.same({}, b:totable(6))
    assert.same({}, b:totable(3, 2))
    assert.equal(string.pack("=i2i2", 2, 3), b:string(2, 3))
    assert.equal("", b:string(6, 5))
    assert.same({ 1, 9, 9, 4, 5 }, b:fill(9, 2, 3):totable())
    assert.same({ 1, 9, 9, 4, 5 }, b:fill(0, 6):totable())
    assert.same({ 256, 9, 9, 4, 5 }, b:byteswap(1, 1):totable())
  end)

  it("is refused where it is not of the buffer", function()
    local b = heap:buffer("u8", { 1, 2, 3, 4, 5 })
    for _, name in ipairs { "totable", "string", "byteswap" } do
      assert.equal("pymalloc: b:" .. name .. ": first must be from 1 to 6, got 0",
        complaint(b[name], b, 0))
      assert.equal("pymalloc: b:" .. name .. ": last must be from 2 to 5, got 6",
        complaint(b[name], b, 3, 6))
      assert.equal("pymalloc: b:" .. name .. ": last must be from 2 to 5, got 1",
        complaint(b[name], b, 3, 1))
    end
    assert.equal("pymalloc: b:fill: first must be an integer, got 1.5",
      complaint(b.fill, b, 1, 1.5))
    assert.equal("pymalloc: b:find: last must be from 0 to 5, got -1",
      complaint(b.find, b, 1, 1, -1))
    assert.equal("pymalloc: b:compare: first must be from 1 to 6, got 7",
      complaint(b.compare, b, b, 7))
  end)
end)

describe("b:byteswap", function()
  it("reverses the bytes of each element, and twice changes nothing", function()
    for _, type in ipairs { "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64" } do
      local bytes = "\1\2\3\4\5\6\7\8\9\10\11\12\13\14\15\16"
      local b = heap:buffer(type, bytes)
      local size = 16 // #b
      local swapped = bytes:gsub(("."):rep(size), string.reverse)
      assert.equal(b, b:byteswap())
      assert.equal(swapped, b:string())
      assert.equal(bytes, b:byteswap():string())
    end
  end)
end)

describe("b:copy", function()
  it("copies elements of another type as the assignment of each would", function()
    local b = heap:buffer("i8", { 1, 2, 3, 4 })
    assert.equal(b, b:copy(heap:buffer("f64", { -7.0, 100 }), 2))
    assert.same({ 1, -7, 100, 4 }, b:totable())
    assert.same({ 0.5, 1, -7 }, heap:buffer("f32", { 0.5, 0, 0 }):copy(b, 2, 1, 2):totable())
  end)

  it("copies nothing if one element does not fit the type", function()
    local b = heap:buffer("u8", { 1, 2, 3 })
    local rows = {
      { "element 3: value 256 does not fit u8 (0 to 255)", heap:buffer("i32", { 7, 8, 256 }) },
      { "element 2: value must be an integer for u8, got 0.5", heap:buffer("f32", { 7, 0.5 }) },
      { "element 1: value -1 does not fit u8 (0 to 255)", heap:buffer("i8", { -1 }) },
      { "element 2: value must be an integer for u8, got inf", heap:buffer("f64", { 7, 1 / 0 }) },
      { "element 2: value must be an integer for u8, got a string", { 7, "8" } },
      { "element 2: value must be an integer for u8, got nil", setmetatable({ 7 },
        { __len = function() return 2 end }) },
    }
    for _, row in ipairs(rows) do
      assert.equal("pymalloc: b:copy: " .. row[1], complaint(b.copy, b, row[2]))
      assert.same({ 1, 2, 3 }, b:totable())
    end
    assert.matches("does not fit f32", complaint(b.copy, heap:buffer("f32", 1),
      heap:buffer("f64", { 1e39 })))
  end)

  it("copies the bytes of a string, which are elements of its type", function()
    local b = heap:buffer("u16", 3)
    b:copy(string.pack("=I2I2", 258, 65535), 2)
    assert.same({ 0, 258, 65535 }, b:totable())
    assert.same({ 65535, 258, 65535 }, b:copy(b:string(), 1, 3, 3):totable())
    assert.equal("pymalloc: b:copy: source: a string of 3 bytes is not a whole number of u16",
      complaint(b.copy, b, "abc"))
  end)

  it("copies a table, also through its metamethods", function()
    local b = heap:buffer("f32", 4)
    assert.same({ 0, 1, 2.5, 3 }, b:copy({ 1, 2.5, 3 }, 2):totable())
    assert.same({ 7, 8, 2.5, 3 }, b:copy({ 6, 7, 8, 9 }, 1, 2, 3):totable())
    local squares = setmetatable({}, { __len = function() return 1000 end,
      __index = function(_, i) return i * i end })
    assert.same({ 81, 100, 121, 3 }, b:copy(squares, 1, 9, 11):totable())
    assert.equal("pymalloc: b:copy: 1000 elements at 1 do not fit f32[4]",
      complaint(b.copy, b, squares))
  end)

  it("may overlap itself as another type, as if it was copied to another place before", function()
    for _, pair in ipairs { { "u8", "u16" }, { "u16", "u8" }, { "u8", "i64" }, { "u32", "u16" } } do
      for offset = 0, 24 do
        local b = heap:buffer("u8", 128)
        local from = b:view(pair[1], 24, 6)
        from:copy { 1, 2, 3, 4, 5, 6 }
        b:view(pair[2], offset + 8, 6):copy(from)
        assert.same({ 1, 2, 3, 4, 5, 6 }, b:view(pair[2], offset + 8, 6):totable())
      end
    end
  end)
end)

describe("b:find", function()
  it("gives the index of the first element with the value, from first to last", function()
    local b = heap:buffer("i32", { 5, -7, 5, 0, -7 })
    assert.equal(2, b:find(-7))
    assert.equal(5, b:find(-7, 3))
    assert.equal(3, b:find(5, 2))
    assert.is_nil(b:find(-7, 3, 4))
    assert.is_nil(b:find(9))
    assert.is_nil(b:find(5, 6))
    assert.is_nil(heap:buffer("f64", 0):find(0))
  end)

  it("refuses a value that the type cannot hold", function()
    local b = heap:buffer("u8", 4)
    assert.equal("pymalloc: b:find: value 256 does not fit u8 (0 to 255)",
      complaint(b.find, b, 256))
    assert.equal("pymalloc: b:find: value must be an integer for u8, got 0.5",
      complaint(b.find, b, 0.5))
    assert.equal("pymalloc: b:find: wanted must be a buffer of u8 or a string, got nil",
      complaint(b.find, b, nil))
  end)

  it("converts the value as an assignment does", function()
    local b = heap:buffer("f32", { 1, 0.1, 2 })
    assert.is_true(b[2] ~= 0.1)
    assert.equal(2, b:find(0.1))
    assert.equal(1, heap:buffer("u64", { -1 }):find(2 ^ 64 - 2048) or 1)
    assert.equal(2, heap:buffer("u64", { 0, math.mininteger }):find(2 ^ 63))
  end)

  it("finds zero by a negative zero, and a NaN by a NaN", function()
    for _, type in ipairs { "f32", "f64" } do
      local b = heap:buffer(type, { 1, -0.0, 0 / 0, 0 })
      assert.equal(2, b:find(0))
      assert.equal(4, b:find(-0.0, 3))
      assert.equal(3, b:find(0 / 0))
      assert.is_nil(b:find(0 / 0, 4))
    end
  end)

  it("finds bytes that are whole elements, at whole elements only", function()
    local b = heap:buffer("u8", "abracadabra")
    assert.equal(3, b:find("ra"))
    assert.equal(10, b:find("ra", 4))
    assert.is_nil(b:find("ra", 4, 10))
    assert.equal(5, b:find("", 5))
    assert.equal(12, b:find("", 12))
    assert.is_nil(b:find("abracadabrax"))
    assert.equal(8, b:find(heap:buffer("u8", "abra"), 2))
    local words = heap:buffer("u16", "abcdef")
    assert.is_nil(words:find("bc"))
    assert.equal(2, words:find("cd"))
    assert.equal("pymalloc: b:find: wanted: a string of 1 bytes is not a whole number of u16",
      complaint(words.find, words, "a"))
  end)

  it("agrees with a search in a table, for each type", function()
    for _, type in ipairs { "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64" } do
      local values = {}
      for i = 1, 60 do
        values[i] = i * 37 % 23
      end
      local b = heap:buffer(type, values)
      for first = 1, 60, 7 do
        for value = 0, 23 do
          local expected
          for i = 60, first, -1 do
            expected = values[i] == value and i or expected
          end
          assert.equal(expected, b:find(value, first))
        end
      end
    end
  end)
end)

describe("b:compare", function()
  it("gives the order by the first element that differs, and its index", function()
    local b = heap:buffer("i16", { 1, -2, 3 })
    assert.same({ 0 }, { b:compare(b) })
    assert.same({ -1, 2 }, { b:compare(heap:buffer("i16", { 1, -1, 0 })) })
    assert.same({ 1, 2 }, { b:compare(heap:buffer("i16", { 1, -3, 9 })) })
    assert.same({ -1, 4 }, { b:compare(heap:buffer("i16", { 1, -2, 3, 0 })) })
    assert.same({ 1, 3 }, { b:compare(heap:buffer("i16", { 1, -2 })) })
    assert.same({ 0 }, { b:compare(string.pack("=i2i2", -2, 3), 2) })
    assert.same({ 1, 3 }, { b:compare(string.pack("=i2i2", -2, 2), 2) })
    assert.same({ 0 }, { b:compare("", 4) })
  end)

  it("orders bytes as Lua orders strings in the C locale", function()
    local texts = { "", "a", "ab", "b", "\0", "\255", "a\0b", "aa" }
    for _, one in ipairs(texts) do
      for _, other in ipairs(texts) do
        local expected = one == other and 0 or one < other and -1 or 1
        assert.equal(expected, (heap:buffer("u8", one):compare(other)), one .. " and " .. other)
      end
    end
  end)

  it("puts a NaN after all numbers and beside every NaN", function()
    local nan, infinity = heap:buffer("f64", { 0 / 0 }), heap:buffer("f64", { 1 / 0 })
    assert.same({ 1, 1 }, { nan:compare(infinity) })
    assert.same({ -1, 1 }, { infinity:compare(nan) })
    assert.same({ 0 }, { nan:compare(heap:buffer("f64", { -(0 / 0) })) })
    assert.same({ 0 }, { heap:buffer("f64", { 0.0 }):compare(heap:buffer("f64", { -0.0 })) })
  end)

  it("refuses a buffer of another type", function()
    local b = heap:buffer("i16", 2)
    assert.equal("pymalloc: b:compare: other must be a buffer of i16 or a string, got u16[2]",
      complaint(b.compare, b, heap:buffer("u16", 2)))
  end)
end)

describe("methods that give numbers", function()
  it("allocate nothing from Lua's allocator", function()
    local b, other = heap:buffer("i32", { 1, 2, 3 }), heap:buffer("i32", { 1, 2, 4 })
    assert.allocates_nothing(function()
      b:pack(0, "<i4d", 7, 8)
      b:unpack(0, "<i4d")
      b:find(3)
      b:compare(other)
      b:copy(other, 2, 1, 2)
      b:copy("abcd")
      b:fill(1, 2, 3)
      b:byteswap()
      b:writebits(3, 9, b:readbits(7, 9))
    end)
  end)
end)
