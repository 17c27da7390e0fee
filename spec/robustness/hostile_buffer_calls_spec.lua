-- Tests invalid calls of buffers (spec/support/hostile_calls.lua).

local heaps = require "spec.support.heaps"
local hostile_calls = require "spec.support.hostile_calls"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local function refuses(code, wanted)
  it(code, function()
    hostile_calls.refuses(code, wanted)
  end)
end

describe("a hostile script is refused: indices", function()
  local rows = {
    { "b[0]", "index 0 is out of range for i32[10]" },
    { "b[-1]", "index -1 is out of range for i32[10]" },
    { "b[huge]", "index 9223372036854775807 is out of range for i32[10]" },
    { "b[least]", "index -9223372036854775808 is out of range for i32[10]" },
    { "b[2.5]", "index must be an integer, got 2.5" },
    { "b[nan]", "index must be an integer, got " },
    { "b[inf]", "index must be an integer, got inf" },
    { "b[2^63]", "index " .. 2^63 .. " is out of range for i32[10]" },
    { 'b["1"]', "pymalloc.Buffer has no field '1'" },
    { "b[true]", "index must be an integer, got true" },
    { "b[{}]", "index must be an integer, got a table" },
    { "b[print]", "index must be an integer, got a function" },
    { "b[0] = 1", "index 0 is out of range for i32[10]" },
    { "b[11] = 1", "index 11 is out of range for i32[10]" },
    { "b[-1] = 1", "index -1 is out of range for i32[10]" },
    { "b[2.5] = 1", "index must be an integer, got 2.5" },
    { "b[nan] = 1", "index must be an integer, got " },
    { 'b["1"] = 1', "index must be an integer, got a string" },
    { "b.free = 1", "index must be an integer, got a string" },
    { "b[nil] = 1", "index must be an integer, got nil" },
    { "s[0]", "index 0 is out of range for i32[4]" },
    { "s[5] = 1", "index 5 is out of range for i32[4]" },
    { "u[6] = 1", "index 6 is out of range for u8[5]" },
  }
  for _, row in ipairs(rows) do
    refuses(row[1], row[2])
  end
end)

describe("a hostile script is refused: values", function()
  local rows = {
    { "b[1] = 2147483648", "value 2147483648 does not fit i32 (-2147483648 to 2147483647)" },
    { "b[1] = -2147483649", "value -2147483649 does not fit i32 (-2147483648 to 2147483647)" },
    { "b[1] = 1.5", "value must be an integer for i32, got 1.5" },
    { "b[1] = nan", "value must be an integer for i32, got " },
    { "b[1] = inf", "value must be an integer for i32, got inf" },
    { "b[1] = 2^63", "value " .. 2^63 .. " does not fit i32 (-2147483648 to 2147483647)" },
    { 'b[1] = "1"', "value must be an integer for i32, got a string" },
    { "b[1] = nil", "value must be an integer for i32, got nil" },
    { "b[1] = {}", "value must be an integer for i32, got a table" },
    { "b[1] = true", "value must be an integer for i32, got true" },
    { "u[1] = 256", "value 256 does not fit u8 (0 to 255)" },
    { "u[1] = -1", "value -1 does not fit u8 (0 to 255)" },
    { 'f[1] = "x"', "value must be a number for f64, got a string" },
    { "f[1] = nil", "value must be a number for f64, got nil" },
    { "b:fill(2147483648)",
      "b:fill: value 2147483648 does not fit i32 (-2147483648 to 2147483647)" },
    { 'b:fill("x")', "b:fill: value must be an integer for i32, got a string" },
    { "b:fill()", "b:fill: value must be an integer for i32, got nil" },
    { "b:fill(0/0)", "b:fill: value must be an integer for i32, got " },
  }
  for _, row in ipairs(rows) do
    refuses(row[1], row[2])
  end
end)

describe("a hostile script is refused: slices and copies", function()
  local rows = {
    { "b:slice(0, 3)", "b:slice: first must be from 1 to 11, got 0" },
    { "b:slice(3, 11)", "b:slice: last must be from 2 to 10, got 11" },
    { "b:slice(-1)", "b:slice: first must be from 1 to 11, got -1" },
    { "b:slice(7, 5.5)", "b:slice: last must be an integer, got 5.5" },
    { 'b:slice("1", 2)', "b:slice: first must be an integer, got a string" },
    { "b:slice(least, huge)", "b:slice: first must be from 1 to 11, got -9223372036854775808" },
    { "s:slice(1, 5)", "b:slice: last must be from 0 to 4, got 5" },
    { "s:free()", "b:free: a slice has no block of its own" },
    { "s:resize(2)", "b:resize: a slice has no block of its own" },
    { "heap:free(s)", "heap:free: a slice has no block of its own" },
    { "heap:realloc(s, 8)", "heap:realloc: a slice has no block of its own" },
    { "b:copy(b, 2)", "b:copy: 10 elements at 2 do not fit i32[10]" },
    { "b:copy(s, 8)", "b:copy: 4 elements at 8 do not fit i32[10]" },
    { "b:copy(b, 0)", "b:copy: at must be from 1 to 11, got 0" },
    { "b:copy(b, -1)", "b:copy: at must be from 1 to 11, got -1" },
    { "b:copy(b, huge)", "b:copy: at must be from 1 to 11, got 9223372036854775807" },
    { "b:copy(b, nan)", "b:copy: at must be an integer, got " },
    { "b:copy({1, 2.5})", "b:copy: element 2: value must be an integer for i32, got 2.5" },
    { "b:copy({1, {}})", "b:copy: element 2: value must be an integer for i32, got a table" },
    { 'b:copy("abc")', "b:copy: source: a string of 3 bytes is not a whole number of i32" },
    { "b:copy(nil)", "b:copy: source must be a buffer, a string or a table, got nil" },
    { "b:copy(1)", "b:copy: source must be a buffer, a string or a table, got 1" },
    { "b:copy(heap)", "b:copy: source must be a buffer, a string or a table, got pymalloc.Heap" },
    { "u:copy(b:fill(300))", "b:copy: 10 elements at 1 do not fit u8[5]" },
    { "u:copy(b:fill(300), 1, 1, 5)", "b:copy: element 1: value 300 does not fit u8 (0 to 255)" },
    { "b:copy(f:fill(0.5))", "b:copy: element 1: value must be an integer for i32, got 0.5" },
    { "b:copy(s, 1, 3, 5)", "b:copy: last must be from 2 to 4, got 5" },
    { "b:copy(s, 1, 0)", "b:copy: first must be from 1 to 5, got 0" },
    { "b:copy({1, 2}, 1, 2, 3)", "b:copy: last must be from 1 to 2, got 3" },
    { "b:copy(freed)", "the buffer i32[4] was freed" },
    { "b:copy(orphan)", "the heap of this buffer is closed (i32[4])" },
  }
  for _, row in ipairs(rows) do
    refuses(row[1], row[2])
  end
end)

describe("a hostile script is refused: freed buffers", function()
  local rows = {
    { "freed[1]", "the buffer i32[4] was freed" },
    { "freed[1] = 1", "the buffer i32[4] was freed" },
    { "#freed", "the buffer i32[4] was freed" },
    { "freed:free()", "the buffer i32[4] was freed" },
    { "heap:free(freed)", "the buffer i32[4] was freed" },
    { "freed:resize(2)", "the buffer i32[4] was freed" },
    { "heap:realloc(freed, 8)", "the buffer i32[4] was freed" },
    { "freed:fill(0)", "the buffer i32[4] was freed" },
    { "freed:totable()", "the buffer i32[4] was freed" },
    { "freed:string()", "the buffer i32[4] was freed" },
    { "freed:slice(1, 1)", "the buffer i32[4] was freed" },
    { "freed:iter()", "the buffer i32[4] was freed" },
    { "freed:address()", "the buffer i32[4] was freed" },
    { "freed:location()", "the buffer i32[4] was freed" },
    { "freed:pool()", "the buffer i32[4] was freed" },
    { "freed:copy(b)", "the buffer i32[4] was freed" },
    { "freed_slice[1]", "the buffer of this slice was freed (i32[2])" },
    { "freed_slice[1] = 1", "the buffer of this slice was freed (i32[2])" },
    { "freed_slice:fill(1)", "the buffer of this slice was freed (i32[2])" },
    { "freed_slice:string()", "the buffer of this slice was freed (i32[2])" },
  }
  for _, row in ipairs(rows) do
    refuses(row[1], row[2])
  end
end)

describe("a hostile script is refused: another heap's buffers", function()
  local rows = {
    { "heap:free(theirs)", "heap:free: the buffer i32[4] belongs to another heap" },
    { "heap:realloc(theirs, 8)", "heap:realloc: the buffer i32[4] belongs to another heap" },
    { "other:free(b)", "heap:free: the buffer i32[10] belongs to another heap" },
  }
  for _, row in ipairs(rows) do
    refuses(row[1], row[2])
  end
end)
