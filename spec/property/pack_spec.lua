-- Compares b:pack and b:unpack with string.pack and string.unpack, on random formats, values,
-- offsets and bytes.

local pymalloc = require "pymalloc"

local ROUNDS = 4000

local heap = pymalloc.heap()

-- xorshift: the same numbers in every run.
local function random_numbers(seed)
  local state = seed
  return function(least, most)
    state = state ~ state << 13
    state = state ~ state >> 7
    state = state ~ state << 17
    return least + (state >> 1) % (most - least + 1)
  end
end

local function any_string(random, most, least_byte)
  local bytes = {}
  for i = 1, random(0, most) do
    bytes[i] = string.char(random(least_byte, 255))
  end
  return table.concat(bytes)
end

local function limits(bits, is_signed)
  if bits >= 64 then
    return is_signed and math.mininteger or 0, math.maxinteger
  end
  return is_signed and -(1 << bits - 1) or 0, (1 << (is_signed and bits - 1 or bits)) - 1
end

-- An integer that `bits` bits can hold, often one at the limits.
local function any_integer(random, bits, is_signed)
  local least, most = limits(bits, is_signed)
  local pick = random(1, 6)
  if pick <= 2 then
    return pick == 1 and least or most
  end
  return bits >= 64 and (random(0, math.maxinteger - 1) << 1 | random(0, 1))
    or random(least // 2, most // 2)
end

local FLOATS = { 0.0, -0.0, 1.5, -2.25, 1 / 0, -1 / 0, 2 ^ -140, 65504.0 }

local function sized(random, letter, default)
  local size = random(0, 16)
  return size == 0 and letter or letter .. size, size == 0 and default or size
end

-- Each returns an option and its value.
local options = {
  function(random)
    local letter = ("bhlj"):sub(random(1, 4)):sub(1, 1)
    return letter, any_integer(random, string.packsize(letter) * 8, true)
  end,
  function(random)
    local letter = ("BHLJT"):sub(random(1, 5)):sub(1, 1)
    return letter, any_integer(random, string.packsize(letter) * 8, false)
  end,
  function(random)
    local option, size = sized(random, "i", string.packsize("i"))
    return option, any_integer(random, size * 8, true)
  end,
  function(random)
    local option, size = sized(random, "I", string.packsize("I"))
    return option, any_integer(random, size * 8, false)
  end,
  function(random) return ("fdn"):sub(random(1, 3)):sub(1, 1), FLOATS[random(1, #FLOATS)] end,
  function(random)
    local text = any_string(random, 9, 0)
    return "c" .. #text + random(0, 5), text
  end,
  function(random) return sized(random, "s"), any_string(random, 20, 0) end,
  function(random) return "z", any_string(random, 9, 1) end,
}

local SETTINGS = { "<", ">", "=", "!", "!1", "!2", "!4", "!8", "!16", " ", "x", "Xi4", "Xh", "Xd",
  "Xs8", "X!4", "Xz", "!3", "!5", "Xi16", "c", "Xc2", "i17", "y" }

-- Returns a format, mostly one without mistakes, and its values.
local function any_format(random)
  local format, values = {}, {}
  for _ = 1, random(0, 8) do
    if random(1, 3) == 1 then
      table.insert(format, SETTINGS[random(1, random(1, 12) == 1 and #SETTINGS or 15)])
    else
      local option, value = options[random(1, #options)](random)
      table.insert(format, option)
      table.insert(values, value)
    end
  end
  return table.concat(format), values
end

-- Equal, where a NaN equals itself and a negative zero is not zero.
local function same(one, other)
  if math.type(one) == "float" and math.type(other) == "float" then
    return string.pack("d", one) == string.pack("d", other)
  end
  return one == other and math.type(one) == math.type(other)
end

local function assert_same(expected, got, what)
  assert.equal(expected.n, got.n, what)
  for i = 1, expected.n do
    assert.is_true(same(expected[i], got[i]),
      ("%s: result %d is %s, not %s"):format(what, i, got[i], expected[i]))
  end
end

-- What string.pack gives at an offset: its alignment counts from the first byte.
local function packed_at(offset, format, values)
  local ok, bytes = pcall(string.pack, ("x"):rep(offset) .. format, table.unpack(values))
  return ok and bytes:sub(offset + 1)
end

describe("b:pack", function()
  it("writes the bytes of string.pack at any offset, and refuses the same formats", function()
    local random, refused, aligned = random_numbers(20261), 0, 0
    local b = heap:buffer("u8", 300)
    for round = 1, ROUNDS do
      local format, values = any_format(random)
      local offset = random(0, 20)
      local what = ("round %d: b:pack(%d, %q)"):format(round, offset, format)
      local expected = packed_at(offset, format, values)
      b:fill(round % 251)
      local before = b:string()
      local ok, result = pcall(b.pack, b, offset, format, table.unpack(values))
      assert.equal(expected ~= false, ok, what .. ": " .. tostring(result))
      if expected then
        aligned = aligned + (expected == packed_at(0, format, values) and 0 or 1)
        assert.equal(offset + #expected, result, what)
        assert.equal(before:sub(1, offset) .. expected .. before:sub(result + 1), b:string(), what)
      else
        refused = refused + 1
        assert.equal(before, b:string(), what)
      end
    end
    assert.is_true(refused > ROUNDS // 50 and refused < ROUNDS // 2 and aligned > ROUNDS // 50)
  end)

  it("writes nothing into a buffer that is one byte too short", function()
    local random = random_numbers(7)
    for round = 1, ROUNDS // 4 do
      local format, values = any_format(random)
      local expected = packed_at(0, format, values)
      if expected and #expected > 0 then
        local b = heap:buffer("u8", #expected - 1):fill(9)
        local ok, problem = pcall(b.pack, b, 0, format, table.unpack(values))
        assert.is_false(ok, round)
        assert.matches("reaches beyond", problem)
        assert.equal(("\9"):rep(#b), b:string())
        b:free()
      end
    end
  end)
end)

describe("b:unpack", function()
  it("reads the values that b:pack wrote, and then the offset behind them", function()
    local random = random_numbers(3)
    local b = heap:buffer("i64", 40)
    for round = 1, ROUNDS do
      local format, values = any_format(random)
      local offset = random(0, 20)
      local ok, stop = pcall(b.pack, b, offset, format, table.unpack(values))
      if ok then
        local expected = table.pack(string.unpack(format, b:string(), offset + 1))
        local got = table.pack(b:unpack(offset, format))
        expected[expected.n] = stop
        assert_same(expected, got, ("round %d: b:unpack(%d, %q)"):format(round, offset, format))
        assert.equal(#values + 1, got.n)
      end
    end
  end)

  it("reads random bytes as string.unpack does, or raises an error where that does", function()
    local random, failed = random_numbers(11), 0
    for round = 1, ROUNDS do
      local format = any_format(random)
      local bytes = any_string(random, 60, round % 2)
      local b = heap:buffer("u8", bytes)
      local offset = random(0, #bytes)
      local what = ("round %d: %q at %d of %q"):format(round, format, offset, bytes)
      local expected = table.pack(pcall(string.unpack, format, bytes, offset + 1))
      local got = table.pack(pcall(b.unpack, b, offset, format))
      assert.equal(expected[1], got[1], what .. ": " .. tostring(got[2]))
      if expected[1] then
        expected[expected.n] = expected[expected.n] - 1
        assert_same(expected, got, what)
      else
        failed = failed + 1
      end
      b:free()
    end
    assert.is_true(failed > ROUNDS // 10 and failed < ROUNDS * 9 // 10)
  end)
end)
