-- Tests invalid calls of heaps and views (spec/support/hostile_calls.lua).

local heaps = require "spec.support.heaps"
local hostile_calls = require "spec.support.hostile_calls"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local is_64 = #string.pack("T", 0) == 8 -- or 4: the bytes of a size_t

local function refuses(code, wanted)
  it(code, function()
    hostile_calls.refuses(code, wanted)
  end)
end

describe("a hostile script is refused: sizes", function()
  local rows = {
    { "heap:malloc(-1)", "heap:malloc: size must be from 0 to" },
    { "heap:malloc(1.5)", "heap:malloc: size must be an integer, got 1.5" },
    { "heap:malloc(nan)", "heap:malloc: size must be an integer, got " },
    { "heap:malloc(inf)", "heap:malloc: size must be an integer, got inf" },
    { 'heap:malloc("8")', "heap:malloc: size must be an integer, got a string" },
    { "heap:malloc()", "heap:malloc: size must be an integer, got nil" },
    { "heap:malloc(2^63)", "heap:malloc: size must be from 0 to" },
    { "heap:malloc({})", "heap:malloc: size must be an integer, got a table" },
    { "heap:calloc(huge, 2)",
      "heap:calloc: 9223372036854775807 times 2 is more than 9223372036854775807" },
    { "heap:calloc(-1, 1)", "heap:calloc: count must be from 0 to" },
    { "heap:calloc(1, -1)", "heap:calloc: size must be from 0 to" },
    { "heap:calloc(1 << 32, 1 << 32)",
      "heap:calloc: 4294967296 times 4294967296 is more than 9223372036854775807" },
    { "heap:calloc(1)", "heap:calloc: size must be an integer, got nil" },
    { "heap:calloc(1.5, 1)", "heap:calloc: count must be an integer, got 1.5" },
    { "heap:realloc(b, -1)", "heap:realloc: size must be from 0 to" },
    { "heap:realloc(b, 3)", "heap:realloc: 3 bytes are not a whole number of i32" },
    { "heap:realloc(b, 1.5)", "heap:realloc: size must be an integer, got 1.5" },
    { "heap:realloc(nil, 8)", "pymalloc.Buffer expected, got nil" },
    { 'heap:buffer("i32", -1)', "heap:buffer: count must be from 0 to" },
    { 'heap:buffer("i32", huge)',
      "heap:buffer: 9223372036854775807 elements of i32 are more than 9223372036854775807 bytes" },
    { 'heap:buffer("i32", 1 << 62)',
      "heap:buffer: 4611686018427387904 elements of i32 are more than 9223372036854775807 bytes" },
    { 'heap:buffer("i32", 1.5)', "heap:buffer: count must be an integer, got 1.5" },
    { 'heap:buffer("i32")',
      "heap:buffer: contents must be a count, a table or a string, got nil" },
    { 'heap:buffer("i32", true)',
      "heap:buffer: contents must be a count, a table or a string, got true" },
    { 'heap:buffer("i33", 1)', "heap:buffer: type must be one of" },
    { 'heap:buffer("i32\\0x", 1)', "heap:buffer: type must be one of" },
    { "heap:buffer(nil, 1)", "heap:buffer: type must be one of" },
    { "heap:buffer(1, 1)", "heap:buffer: type must be one of" },
    { 'heap:buffer("i32", "abc")',
      "heap:buffer: a string of 3 bytes is not a whole number of i32" },
    { 'heap:buffer("i8", {128})',
      "heap:buffer: element 1: value 128 does not fit i8 (-128 to 127)" },
    { 'heap:buffer("i8", setmetatable({1}, { __len = function() return 4 end }))',
      "heap:buffer: element 2: value must be an integer for i8, got nil" },
    { 'heap:buffer("i8", {1, 2.5})',
      "heap:buffer: element 2: value must be an integer for i8, got 2.5" },
    { 'heap:buffer("f32", {{}})',
      "heap:buffer: element 1: value must be a number for f32, got a table" },
    { 'heap:buffer("i8", setmetatable({}, {__len = function() return 1 << 62 end}))',
      is_64 and "not enough memory" or "block too big" },
    { 'heap:buffer("i8", setmetatable({}, {__len = function() return 2.5 end}))',
      "object length is not an integer" },
    { 'heap:buffer("i8", setmetatable({1}, {__len = function() error("mine") end}))', "mine" },
    { 'heap:buffer("i8", setmetatable({}, { __len = tostring }))',
      "object length is not an integer" },
    { "b:resize(-1)", "b:resize: count must be from 0 to" },
    { "b:resize(huge)",
      "b:resize: 9223372036854775807 elements of i32 are more than 9223372036854775807 bytes" },
    { "b:resize(2.5)", "b:resize: count must be an integer, got 2.5" },
    { 'b:resize("3")', "b:resize: count must be an integer, got a string" },
    { "b:resize()", "b:resize: count must be an integer, got nil" },
    { "b:resize(nan)", "b:resize: count must be an integer, got " },
  }
  for _, row in ipairs(rows) do
    refuses(row[1], row[2])
  end
end)

describe("a hostile script is refused: closed heaps", function()
  local rows = {
    { "closed:malloc(1)", "the heap is closed" },
    { "closed:calloc(1, 1)", "the heap is closed" },
    { 'closed:buffer("i32", 1)', "the heap is closed" },
    { "closed:realloc(orphan, 4)", "the heap is closed" },
    { "closed:free(orphan)", "the heap is closed" },
    { "closed:close()", "the heap is closed" },
    { "closed:check()", "the heap is closed" },
    { "closed:dump()", "the heap is closed" },
    { "closed:stats()", "the heap is closed" },
    { "closed:debugmallocstats()", "the heap is closed" },
    { "closed:arenas()", "the heap is closed" },
    { "closed:arena(0)", "the heap is closed" },
    { "closed:usedpools(0)", "the heap is closed" },
    { "closed:usable_arenas()", "the heap is closed" },
    { "closed:unused_arena_objects()", "the heap is closed" },
    { "closed:trim()", "the heap is closed" },
    { "closed:allow_arenas(1)", "the heap is closed" },
    { "closed:locate(0)", "the heap is closed" },
    { "closed:peek(0, 1)", "the heap is closed" },
    { 'closed:poke(0, "x")', "the heap is closed" },
    { "closed:describe(0)", "the heap is closed" },
    { "closed:size_class(8)", "the heap is closed" },
    { "closed:pinned_by(0)", "the heap is closed" },
    { "orphan[1]", "the heap of this buffer is closed (i32[4])" },
    { "orphan[1] = 1", "the heap of this buffer is closed (i32[4])" },
    { "orphan:free()", "the heap of this buffer is closed (i32[4])" },
    { "orphan:resize(1)", "the heap of this buffer is closed (i32[4])" },
    { "orphan:string()", "the heap of this buffer is closed (i32[4])" },
    { "orphan:totable()", "the heap of this buffer is closed (i32[4])" },
    { "orphan:address()", "the heap of this buffer is closed (i32[4])" },
    { "orphan:location()", "the heap of this buffer is closed (i32[4])" },
    { "lost_slice[1]", "the heap of this buffer is closed (i32[2])" },
    { "lost_arena.nfreepools", "the heap of this view is closed" },
    { "lost_arena:pools()", "the heap of this view is closed" },
    { "lost_arena:pool(0)", "the heap of this view is closed" },
    { "lost_pool.ref_count", "the heap of this view is closed" },
    { "lost_pool:blocks()", "the heap of this view is closed" },
    { "lost_pool:freelist()", "the heap of this view is closed" },
  }
  for _, row in ipairs(rows) do
    refuses(row[1], row[2])
  end
end)

describe("a hostile script is refused: views", function()
  local rows = {
    { "heap:arena(-1)", "heap:arena: index must be from 0 to" },
    { "heap:arena(16)", "heap:arena: index 16 is out of range: the heap has 16 slots" },
    { "heap:arena(huge)",
      "heap:arena: index 9223372036854775807 is out of range: the heap has 16 slots" },
    { "heap:arena(1.5)", "heap:arena: index must be an integer, got 1.5" },
    { 'heap:arena("0")', "heap:arena: index must be an integer, got a string" },
    { "arena:pool(-4096)", "arena:pool: offset must be from 0 to" },
    { "arena:pool(1)", "arena:pool: offset must be a multiple of 4096, got 1" },
    { "arena:pool(huge)",
      "arena:pool: offset must be a multiple of 4096, got 9223372036854775807" },
    { "arena.nonsense", "pymalloc.Arena has no field 'nonsense'" },
    { "arena.nfreepools = 1", "attempt to index a pymalloc.Arena value (global 'arena')" },
    { "pool.nonsense", "pymalloc.Pool has no field 'nonsense'" },
    { "pool.ref_count = 1", "attempt to index a pymalloc.Pool value (global 'pool')" },
    { "heap.nonsense", "pymalloc.Heap has no field 'nonsense'" },
    { "heap.x = 1", "attempt to index a pymalloc.Heap value (global 'heap')" },
    { "heap.geometry.alignment = 16", "a heap's geometry cannot be changed" },
    { "heap:usedpools(-1)", "heap:usedpools: szidx must be from 0 to 63, got -1" },
    { "heap:usedpools(64)", "heap:usedpools: szidx must be from 0 to 63, got 64" },
    { "heap:usedpools(nan)", "heap:usedpools: szidx must be an integer, got " },
  }
  for _, row in ipairs(rows) do
    refuses(row[1], row[2])
  end
end)

describe("a hostile script is refused: addresses", function()
  local rows = {
    { "heap:peek(0, 1)", "heap:peek: the 1 bytes at " },
    { "heap:peek(b:address(), -1)", "heap:peek: count must be from 0 to" },
    { "heap:peek(b:address(), huge)", "heap:peek: the 9223372036854775807 bytes at " },
    { "heap:peek(b:address(), 262144)", "heap:peek: the 262144 bytes at " },
    { "heap:peek(b:address() - 49, 1)", "heap:peek: the 1 bytes at " },
    { "heap:peek(-1, 1)", "heap:peek: the 1 bytes at " },
    { "heap:peek(1.5, 1)", "heap:peek: address must be an integer, got 1.5" },
    { 'heap:peek("0", 1)', "heap:peek: address must be an integer, got a string" },
    { "heap:peek(b:address())", "heap:peek: count must be an integer, got nil" },
    { "heap:peek(b:address(), 1.5)", "heap:peek: count must be an integer, got 1.5" },
    { "heap:locate(1.5)", "heap:locate: address must be an integer, got 1.5" },
    { 'heap:locate("0")', "heap:locate: address must be an integer, got a string" },
    { "heap:locate({})", "heap:locate: address must be an integer, got a table" },
    { "heap:locate()", "heap:locate: address must be an integer, got nil" },
    { 'heap:describe("0")', "heap:describe: address must be an integer, got a string" },
    { 'heap:poke(b:address(), "x")',
      "heap:poke: only a heap made with checked or debug can be poked" },
  }
  for _, row in ipairs(rows) do
    refuses(row[1], row[2])
  end
end)

describe("a hostile script is refused: a wrong self", function()
  local rows = {
    { "heap.malloc(b, 1)", "pymalloc.Heap expected, got pymalloc.Buffer" },
    { "heap.malloc(nil, 1)", "pymalloc.Heap expected, got nil" },
    { "heap.malloc({}, 1)", "pymalloc.Heap expected, got a table" },
    { "heap.malloc(io.stdout, 1)", "pymalloc.Heap expected, got FILE*" },
    { "heap.malloc(heap.geometry, 1)", "pymalloc.Heap expected, got pymalloc.Geometry" },
    { "b.free(heap)", "pymalloc.Buffer expected, got pymalloc.Heap" },
    { "b.free({})", "pymalloc.Buffer expected, got a table" },
    { "b.free()", "pymalloc.Buffer expected, got nil" },
    { "b.slice(arena, 1, 2)", "pymalloc.Buffer expected, got pymalloc.Arena" },
    { "arena.pools(pool)", "pymalloc.Arena expected, got pymalloc.Pool" },
    { "pool.blocks(arena)", "pymalloc.Pool expected, got pymalloc.Arena" },
    { "heap.close(b)", "pymalloc.Heap expected, got pymalloc.Buffer" },
    { "debug.getmetatable(b).__index({}, 1)", "pymalloc.Buffer expected, got a table" },
    { "debug.getmetatable(b).__newindex({}, 1, 1)", "pymalloc.Buffer expected, got a table" },
    { "debug.getmetatable(b).__len({})", "pymalloc.Buffer expected, got a table" },
    { "debug.getmetatable(b).__tostring(heap)", "pymalloc.Buffer expected, got pymalloc.Heap" },
    { 'debug.getmetatable(heap).__index({}, "x")', "pymalloc.Heap expected, got a table" },
    { "debug.getmetatable(heap).__close({})", "pymalloc.Heap expected, got a table" },
    { "debug.getmetatable(heap).__tostring(b)", "pymalloc.Heap expected, got pymalloc.Buffer" },
  }
  for _, row in ipairs(rows) do
    refuses(row[1], row[2])
  end
end)

describe("a hostile script is refused: options", function()
  local rows = {
    { "pymalloc.heap(1)", "options must be a table, got 1" },
    { 'pymalloc.heap("3.6")', "options must be a table, got a string" },
    { 'pymalloc.heap{profile = "3.5"}', "profile must be one of" },
    { 'pymalloc.heap{profile = "3.6\\0"}', "profile must be one of" },
    { "pymalloc.heap{profile = 3.6}", "profile must be one of" },
    { "pymalloc.heap{nonsense = 1}", "unknown option 'nonsense'" },
    { "pymalloc.heap{[1] = 2}", "unknown option 1" },
    { "pymalloc.heap{alignment = 12}",
      "alignment is 12: it must be a power of two from 8 to 512" },
    { "pymalloc.heap{alignment = 0}", "alignment is 0: it must be a power of two from 8 to 512" },
    { "pymalloc.heap{threshold = huge}", is_64
      and "threshold is 9223372036854775807: it must be a multiple of alignment, and not 0"
      or "threshold must be from 0 to 4294967295, got 9223372036854775807" },
    { "pymalloc.heap{pool_bytes = 100}",
      "pool_bytes is 100: it must be a power of two, at most 1048576" },
    { "pymalloc.heap{arena_bytes = -1}", "arena_bytes must be from 0 to" },
    { "pymalloc.heap{arena_bytes = nan}", "arena_bytes must be an integer, got " },
    { "pymalloc.heap{arena_offset = 3}",
      "arena_offset is 3: it must be a multiple of alignment, below pool_bytes" },
    { 'pymalloc.heap{release = "sometimes"}',
      "release must be at_once, keep_last or never, got 'sometimes'" },
    { "pymalloc.heap{max_arenas = -1}", "max_arenas must be from 0 to" },
    { 'pymalloc.heap{max_arenas = "1"}', "max_arenas must be an integer, got a string" },
    { "pymalloc.heap{reserve_bytes = 1.5}", "reserve_bytes must be an integer, got 1.5" },
    { "pymalloc.heap{count_hops = 1}", "count_hops must be true or false, got 1" },
    { 'pymalloc.heap{checked = "yes"}', "checked must be true or false, got a string" },
    { 'pymalloc.heap{debug = "3.7"}', [=[debug must be true, false, "3.6" or "3.8", got '3.7']=] },
    { "pymalloc.heap{quarantine = -1}", "quarantine must be from 0 to" },
    { "pymalloc.heap{max_bytes = -1}", "max_bytes must be from 0 to" },
    { "pymalloc.heap{check_every = 0.5}", "check_every must be an integer, got 0.5" },
    { "heap:size_class(-1)", "heap:size_class: size must be from 0 to" },
    { 'heap:size_class("x")', "heap:size_class: size must be an integer, got a string" },
    { "heap:allow_arenas(-1)", "heap:allow_arenas: count must be from 0 to" },
    { 'heap:allow_arenas("1")', "heap:allow_arenas: count must be an integer, got a string" },
  }
  for _, row in ipairs(rows) do
    refuses(row[1], row[2])
  end
end)
