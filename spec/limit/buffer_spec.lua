local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"

local heap <const> = pymalloc.heap()

local ranges = {
  i8 = { -128, 127 },
  u8 = { 0, 255 },
  i16 = { -32768, 32767 },
  u16 = { 0, 65535 },
  i32 = { -2147483648, 2147483647 },
  u32 = { 0, 4294967295 },
}

local function store(type, value)
  local b = heap:buffer(type, 1)
  b[1] = value
  return b[1]
end

describe("an element", function()
  for type, range in pairs(ranges) do
    it("of type " .. type .. " accepts the whole range of the type and no other value", function()
      local least, most = range[1], range[2]
      assert.equal(least, store(type, least))
      assert.equal(most, store(type, most))
      for _, value in ipairs { least - 1, most + 1, math.mininteger, math.maxinteger } do
        local text = "pymalloc: value %d does not fit %s (%d to %d)"
        assert.equal(text:format(value, type, least, most), complaint(store, type, value))
      end
    end)
  end

  it("of type i64 accepts each integer, and no float beyond the range", function()
    assert.equal(math.mininteger, store("i64", math.mininteger))
    assert.equal(math.maxinteger, store("i64", math.maxinteger))
    assert.equal(math.mininteger, store("i64", -2.0 ^ 63))
    assert.equal("pymalloc: value " .. 2.0 ^ 63 .. " does not fit i64 "
      .. "(-9223372036854775808 to 9223372036854775807)", complaint(store, "i64", 2.0 ^ 63))
  end)

  it("of type u64 accepts each integer as 64 bits, and floats below 2^64", function()
    assert.equal(-1, store("u64", -1))
    assert.equal(-2048, store("u64", 0x1.fffffffffffffp63))
    assert.equal(math.mininteger, store("u64", 2.0 ^ 63))
    assert.is_true(math.ult(math.maxinteger, store("u64", 2.0 ^ 63)))
    assert.equal("pymalloc: value " .. 2.0 ^ 64 .. " does not fit u64 (0 to 18446744073709551615)",
      complaint(store, "u64", 2.0 ^ 64))
  end)

  it("of type f32 accepts each number that does not round to infinity", function()
    local most = string.unpack("<f", "\xff\xff\x7f\x7f")
    assert.equal(most, store("f32", most))
    assert.equal(-most, store("f32", -most))
    assert.equal(most, store("f32", 0x1.fffffefp127))
    assert.equal(math.huge, store("f32", math.huge))
    assert.is_true(store("f32", 0 / 0) ~= store("f32", 0 / 0))
    assert.equal("pymalloc: value " .. 0x1.ffffffp127 .. " does not fit f32 "
      .. "(-3.4028234663853e+38 to 3.4028234663853e+38)", complaint(store, "f32", 0x1.ffffffp127))
  end)

  it("of type f64 stores each number unchanged", function()
    for _, value in ipairs { 0x1.fffffffffffffp1023, 0x1p-1074, math.huge, -0.0, 0.1 } do
      assert.equal(value, store("f64", value))
    end
    assert.equal(-math.huge, 1 / store("f64", -0.0))
  end)

  it("of an integer type refuses fractions, NaN and infinities", function()
    for type in pairs(ranges) do
      assert.equal("pymalloc: value must be an integer for " .. type .. ", got 2.5",
        complaint(store, type, 2.5))
      assert.equal("pymalloc: value must be an integer for " .. type .. ", got inf",
        complaint(store, type, math.huge))
      assert.matches("^pymalloc: value must be an integer for " .. type .. ", got %-?nan$",
        complaint(store, type, 0 / 0))
    end
  end)

  it("refuses a string that looks like a number", function()
    assert.equal("pymalloc: value must be an integer for i8, got a string",
      complaint(store, "i8", "1"))
    assert.equal("pymalloc: value must be a number for f64, got a string",
      complaint(store, "f64", "1"))
  end)
end)

describe("an index", function()
  local function get(b, i)
    return b[i]
  end

  local function set(b, i)
    b[i] = 0
  end

  it("is valid from 1 to the length", function()
    local b = heap:buffer("u8", { 10, 20, 30 })
    assert.equal(10, b[1])
    assert.equal(30, b[3])
    assert.equal("pymalloc: index 0 is out of range for u8[3]", complaint(get, b, 0))
  end)

  it("one beyond the last reads nil, and any greater one raises an error", function()
    local b = heap:buffer("i32", 10)
    assert.is_nil(b[11])
    assert.equal("pymalloc: index 12 is out of range for i32[10]", complaint(get, b, 12))
  end)

  it("one beyond the last cannot be written", function()
    assert.equal("pymalloc: index 11 is out of range for i32[10]",
      complaint(set, heap:buffer("i32", 10), 11))
  end)

  it("is refused if it is the least or greatest integer, or a float beyond them", function()
    local b = heap:buffer("f64", 2)
    for _, access in ipairs { get, set } do
      for _, index in ipairs { -1, math.mininteger, math.maxinteger } do
        assert.equal(("pymalloc: index %d is out of range for f64[2]"):format(index),
          complaint(access, b, index))
      end
      assert.equal("pymalloc: index 1e+300 is out of range for f64[2]", complaint(access, b, 1e300))
    end
  end)

  it("is refused if it is a fraction, NaN, an infinity or a string", function()
    local b = heap:buffer("f64", 2)
    local refused = { [1.5] = "1.5", [math.huge] = "inf", ["1"] = "a string", [true] = "true" }
    for index, got in pairs(refused) do
      assert.equal("pymalloc: index must be an integer, got " .. got, complaint(set, b, index))
    end
    assert.matches("^pymalloc: index must be an integer, got %-?nan$", complaint(get, b, 0 / 0))
  end)
end)

describe("a size", function()
  local most <const> = math.maxinteger

  it("of more than PTRDIFF_MAX bytes is an error", function()
    assert.equal("pymalloc: heap:buffer: 2305843009213693952 elements of i32 are more than "
      .. most .. " bytes", complaint(heap.buffer, heap, "i32", 1 << 61))
    assert.equal("pymalloc: heap:calloc: 4294967296 times 2147483648 is more than " .. most,
      complaint(heap.calloc, heap, 1 << 32, 1 << 31))
    local b = heap:buffer("i16", 1)
    assert.equal("pymalloc: b:resize: 4611686018427387904 elements of i16 are more than "
      .. most .. " bytes", complaint(b.resize, b, 1 << 62))
    assert.equal(1, #b)
  end)

  it("that the system refuses gives nil, a message and a code", function()
    local text = "pymalloc: no memory for " .. most .. " bytes"
    assert.same({ nil, text, "ENOMEM" }, { heap:malloc(most) })
    assert.same({ nil, text, "ENOMEM" }, { heap:buffer("u8", most) })
    assert.same({ nil, text, "ENOMEM" }, { heap:calloc(1, most) })
    local b = heap:malloc(8)
    assert.same({ nil, text, "ENOMEM" }, { heap:realloc(b, most) })
    assert.same({ nil, text, "ENOMEM" }, { b:resize(most) })
    assert.equal(8, #b)
  end)

  it("is refused unless it is an integer that is not negative", function()
    for size, problem in pairs {
      [-1] = "must be from 0 to 9223372036854775807, got -1",
      [math.mininteger] = "must be from 0 to 9223372036854775807, got -9223372036854775808",
      [2.0 ^ 63] = "must be from 0 to 9223372036854775807, got " .. 2.0 ^ 63,
      [1.5] = "must be an integer, got 1.5",
      [math.huge] = "must be an integer, got inf",
      ["16"] = "must be an integer, got a string",
    } do
      assert.equal("pymalloc: heap:malloc: size " .. problem, complaint(heap.malloc, heap, size))
    end
  end)

  it("of 512 bytes is served from a pool; of 513 and of 0 bytes, by raw", function()
    assert.is_truthy(heap:malloc(512):location())
    assert.is_nil(heap:malloc(513):location())
    assert.is_nil(heap:malloc(0):location())
  end)
end)

describe("a slice", function()
  local b <const> = heap:buffer("u8", 10)

  it("is refused unless it lies within its buffer", function()
    assert.equal(10, #b:slice(1, 10))
    for _, case in ipairs {
      { "first must be from 1 to 11, got 0", 0 },
      { "first must be from 1 to 11, got 12", 12 },
      { "last must be from 2 to 10, got 1", 3, 1 },
      { "last must be from 2 to 10, got 11", 3, 11 },
    } do
      assert.equal("pymalloc: b:slice: " .. case[1], complaint(b.slice, b, case[2], case[3]))
    end
  end)

  it("has an index range of its own", function()
    local slice = b:slice(2, 4)
    assert.is_nil(slice[4])
    assert.equal("pymalloc: index 5 is out of range for u8[3]", complaint(function()
      return slice[5]
    end))
  end)
end)

describe("a copy", function()
  local b <const> = heap:buffer("u8", 4)

  it("that does not fit its target is refused", function()
    b:copy(heap:buffer("u8", { 1, 2, 3, 4 }))
    b:copy(heap:buffer("u8", 0), 5)
    assert.equal("pymalloc: b:copy: 2 elements at 4 do not fit u8[4]",
      complaint(b.copy, b, heap:buffer("u8", 2), 4))
    assert.equal("pymalloc: b:copy: at must be from 1 to 5, got 6",
      complaint(b.copy, b, heap:buffer("u8", 0), 6))
    assert.same({ 1, 2, 3, 4 }, b:totable())
  end)
end)
