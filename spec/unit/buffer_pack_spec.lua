-- Tests b:pack, b:unpack, b:readbits and b:writebits. property/pack_spec.lua compares pack and
-- unpack with string.pack on random formats.

local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"

describe("b:pack and b:unpack", function()
  local heap, b

  before_each(function()
    heap = pymalloc.heap()
    b = heap:buffer("u8", 24)
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  it("take offsets from 0 to the bytes of the buffer", function()
    assert.equal(1, b:pack(0, "B", 7))
    assert.equal(24, b:pack(23, "B", 9))
    assert.equal(24, b:pack(24, ""))
    assert.same({ 7, 1 }, { b:unpack(0, "B") })
    assert.same({ 9, 24 }, { b:unpack(23, "B") })
    assert.same({ 24 }, { b:unpack(24, "") })
    assert.equal("pymalloc: b:pack: offset must be from 0 to 24, got 25",
      complaint(b.pack, b, 25, ""))
    assert.equal("pymalloc: b:unpack: offset must be from 0 to 24, got -1",
      complaint(b.unpack, b, -1, "B"))
  end)

  it("count bytes, whatever the type of the buffer is", function()
    local floats = heap:buffer("f64", 2)
    assert.equal(13, floats:pack(9, ">i4", -2))
    assert.same({ -2, 13 }, { floats:unpack(9, ">i4") })
    assert.equal(16, floats:pack(8, "d", 2.5))
    assert.equal(2.5, floats[2])
  end)

  it("work on a slice and on a view from their first byte", function()
    b:slice(5):pack(0, "<I4", 0x04030201)
    assert.equal("\0\0\0\0\1\2\3\4\0", b:string(1, 9))
    assert.same({ 0x0302, 3 }, { b:view("u16", 4):unpack(1, "<I2") })
  end)

  it("align from the first byte of the buffer, as string.pack does from that of the string",
    function()
      assert.equal(8, b:pack(1, "!4 <i4", -1))
      assert.equal("\0\0\0\255\255\255\255", b:string(2, 8))
      assert.same({ -1, 8 }, { b:unpack(1, "!4 <i4") })
      assert.equal(16, b:pack(9, "!8 Xi8"))
    end)

  it("write zeros as padding", function()
    b:fill(255)
    b:pack(1, "!4 i4 x c3", 0, "a")
    assert.equal("\255\0\0\0\0\0\0\0\0a\0\0\255", b:string(1, 13))
  end)

  it("name the value, its option, and the value that was got", function()
    local rows = {
      { "<i1", 128, "value 1 for 'i1' does not fit, got 128" },
      { "<i1", -129, "value 1 for 'i1' does not fit, got -129" },
      { "<I2", 65536, "value 1 for 'I2' does not fit, got 65536" },
      { "B", -1, "value 1 for 'B' does not fit, got -1" },
      { "j", 2 ^ 63, "value 1 for 'j' does not fit, got " .. 2 ^ 63 },
      { "J", 2 ^ 64, "value 1 for 'J' does not fit, got " .. 2 ^ 64 },
      { "i4", 2.5, "value 1 for 'i4' must be an integer, got 2.5" },
      { "i4", "1", "value 1 for 'i4' must be an integer, got a string" },
      { "i4", nil, "value 1 for 'i4' must be an integer, got nil" },
      { "f", 1e39, "value 1 for 'f' does not fit, got 1e+39" },
      { "d", "1", "value 1 for 'd' must be a number, got a string" },
      { "z", 1, "value 1 for 'z' must be a string, got 1" },
      { "z", "a\0b", "value 1 for 'z' has a zero byte, got a string" },
      { "c2", "abc", "value 1 for 'c2' is too long, got a string" },
      { "s1", ("x"):rep(256), "value 1 for 's1' is too long, got a string" },
    }
    for _, row in ipairs(rows) do
      assert.equal("pymalloc: b:pack: " .. row[3], complaint(b.pack, b, 0, row[1], row[2]))
    end
    assert.equal("pymalloc: b:pack: value 3 for 'i2' does not fit, got 40000",
      complaint(b.pack, b, 0, "b x z i2", 1, "", 40000))
  end)

  it("accept floats that are whole numbers, NaN, infinities and a negative zero", function()
    b:pack(0, "<i2", 3.0)
    b:pack(2, "<J", 2 ^ 63)
    assert.same({ 3, math.mininteger, 10 }, { b:unpack(0, "<i2j") })
    b:pack(0, "fd", 0 / 0, -0.0)
    local nan, zero = b:unpack(0, "fd")
    assert.is_true(nan ~= nan)
    assert.equal(-math.huge, 1 / zero)
    b:pack(0, "ff", math.huge, -math.huge)
    assert.same({ math.huge, -math.huge, 8 }, { b:unpack(0, "ff") })
  end)

  it("write nothing if one of the values is refused", function()
    b:fill(1)
    assert.is_string(complaint(b.pack, b, 0, "bbbz", 5, 5, 5, 5))
    assert.is_string(complaint(b.pack, b, 20, "i4b", 5, 5))
    assert.equal(("\1"):rep(24), b:string())
  end)

  it("say which bytes cannot be read", function()
    b:fill(255)
    local rows = {
      { 22, "i4", "'i4' at offset 22 reaches beyond the 24 bytes of u8[24]" },
      { 0, "s1", "'s1' at offset 0 reaches beyond the 24 bytes of u8[24]" },
      { 0, "I9", "'I9' at offset 0 does not fit a Lua integer" },
      { 20, "z", "'z' at offset 20 finds no zero byte" },
    }
    for _, row in ipairs(rows) do
      assert.equal("pymalloc: b:unpack: " .. row[3], complaint(b.unpack, b, row[1], row[2]))
    end
  end)

  it("say what is wrong with a format", function()
    local rows = {
      { "q", "'q' is not an option" }, { "\0", "'\\0' is not an option" },
      { "i17", "a size must be from 1 to 16" }, { "!0", "a size must be from 1 to 16" },
      { "c", "c must be followed by a number from 0 to 2147483647" },
      { "c2147483648", "c must be followed by a number from 0 to 2147483647" },
      { "Xz", "X must be followed by an option that has an alignment" },
      { "!i3", "the alignment 3 is not a power of 2" },
    }
    for _, row in ipairs(rows) do
      assert.equal("pymalloc: b:unpack: format: " .. row[2], complaint(b.unpack, b, 0, row[1]))
    end
    assert.equal("pymalloc: b:pack: format must be a string, got 4", complaint(b.pack, b, 0, 4))
    assert.equal("pymalloc: b:unpack: format must be a string, got nil", complaint(b.unpack, b, 0))
  end)
end)

describe("b:readbits and b:writebits", function()
  local heap <const> = pymalloc.heap()

  -- The bits of a buffer as an array of 0 and 1.
  local function all_bits(b)
    local bits = {}
    for i, byte in b:view("u8"):iter() do
      for k = 0, 7 do
        bits[(i - 1) * 8 + k] = byte >> k & 1
      end
    end
    return bits
  end

  it("agree with single bits at every offset and count", function()
    local b = heap:buffer("u8", { 0xA5, 0x3C, 0xFF, 0x00, 0x81, 0x7E, 0x12, 0xFE, 0x55, 0xAB })
    local bits = all_bits(b)
    for offset = 0, 80 do
      for count = 0, math.min(64, 80 - offset) do
        local expected = 0
        for k = 0, count - 1 do
          expected = expected | bits[offset + k] << k
        end
        assert.equal(expected, b:readbits(offset, count))
      end
    end
  end)

  it("change only the bits that are written", function()
    for offset = 0, 31 do
      for count = 0, 64 do
        for _, background in ipairs { 0x00, 0xFF } do
          local b = heap:buffer("u8", 12):fill(background)
          local value = background == 0 and (count == 64 and -1 or (1 << count) - 1) or 0
          local expected = all_bits(b)
          for k = offset, offset + count - 1 do
            expected[k] = 1 - expected[k]
          end
          assert.equal(b, b:writebits(offset, count, value))
          assert.equal(value, b:readbits(offset, count))
          local got = all_bits(b)
          for k = 0, 95 do
            assert(expected[k] == got[k], "another bit was changed")
          end
          b:free()
        end
      end
    end
  end)

  it("refuse bits beyond the buffer, and values with more bits", function()
    local b = heap:buffer("u16", 2)
    local rows = {
      { "b:readbits: offset must be from 0 to 32, got 33", b.readbits, b, 33, 0 },
      { "b:readbits: count must be from 0 to 2, got 3", b.readbits, b, 30, 3 },
      { "b:readbits: count must be from 0 to 32, got 64", b.readbits, b, 0, 64 },
      { "b:writebits: value 8 does not fit 3 bits", b.writebits, b, 0, 3, 8 },
      { "b:writebits: value -1 does not fit 31 bits", b.writebits, b, 0, 31, -1 },
      { "b:writebits: value must be an integer, got 1.5", b.writebits, b, 0, 3, 1.5 },
    }
    for _, row in ipairs(rows) do
      assert.equal("pymalloc: " .. row[1], complaint(table.unpack(row, 2)))
    end
    assert.equal(0, b:readbits(32, 0))
    assert.equal(0, b[1])
  end)
end)
