local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"
local profiles = require "spec.support.profiles"

describe("an option", function()
  local function refused(text, options)
    assert.equal("pymalloc: " .. text, complaint(pymalloc.heap, options))
  end

  it("must have a known name", function()
    refused("unknown option 'pool_byte' (allowed: profile, alignment, threshold, pool_bytes, "
      .. "arena_bytes, arena_offset, address_bits, release, max_arenas, max_bytes, "
      .. "reserve_bytes, retain_bytes, cache_bytes, cache_blocks, medium, count_hops, checked, "
      .. "debug, quarantine, check_every)", { pool_byte = 4096 })
    assert.matches("^pymalloc: unknown option 1 %(", complaint(pymalloc.heap, { "3.6" }))
    assert.matches("^pymalloc: unknown option 'debug",
      complaint(pymalloc.heap, { ["debug\0"] = 1 }))
  end)

  it("must be given in a table", function()
    refused("options must be a table, got a string", "3.6")
    refused("options must be a table, got 36", 36)
  end)

  it("named profile must have the name of a known profile", function()
    local known = "profile " .. profiles.known
    refused(known .. "'2.7'", { profile = "2.7" })
    refused(known .. "3.6", { profile = 3.6 })
    refused(known .. "'3.6\\0'", { profile = "3.6\0" })
  end)

  it("must have a value of its type and in its range", function()
    refused("alignment must be an integer, got a string", { alignment = "8" })
    refused("max_arenas must be from 0 to 9223372036854775807, got -1", { max_arenas = -1 })
    refused("retain_bytes must be an integer, got 0.5", { retain_bytes = 0.5 })
    refused("address_bits must be from 0 to 4294967295, got 4294967296", { address_bits = 1 << 32 })
    refused("release must be at_once, keep_last or never, got 'later'", { release = "later" })
    refused("release must be at_once, keep_last or never, got 1", { release = 1 })
    refused("count_hops must be true or false, got 1", { count_hops = 1 })
  end)

  it("must lead to a valid geometry", function()
    refused("alignment is 12: it must be a power of two from 8 to 512", { alignment = 12 })
    refused("pool_bytes is 100: it must be a power of two, at most 1048576", { pool_bytes = 100 })
    refused("address_bits is 47: it must be 0, 32, 48 or 64", { address_bits = 47 })
  end)

  it("is read through metamethods", function()
    local heap <close> = pymalloc.heap(setmetatable({}, { __index = { profile = "3.8" } }))
    assert.equal("3.8", heap.geometry.profile)
  end)

  it("overrides the profile in every order of the table's keys", function()
    for _ = 1, 20 do
      local heap <close> = pymalloc.heap { profile = "3.8", alignment = 32, threshold = 256 }
      assert.equal(8, heap.geometry.class_count)
    end
  end)
end)

describe("an error", function()
  local heap <const> = pymalloc.heap()
  local b <const> = heap:buffer("i32", 10)

  it("names the line of the caller", function()
    local _, text = pcall(function()
      b[12] = 1
    end)
    assert.matches("^[^:]*binding_errors_spec%.lua:%d+: pymalloc: index 12 ", text)
  end)

  it("names the line of the caller where a function is in Lua and calls the core", function()
    local parsed = pymalloc.trace.parse("a 1 8\n")
    local run = pymalloc.replay(parsed)
    local wrong = {
      function() heap:pinned_by(-1) end,
      function() run:pinned_by(-1) end,
      function() run:pins { arena = -1 } end,
      function() run:most("size") end,
      function() run = pymalloc.replay(parsed, 1) end,
      function() run = pymalloc.replay("a\0b") end,
      function() pymalloc.trace.replay_text(parsed, { unknown = 1 }) end,
      function() pymalloc.trace.replay_text(1) end,
      function() pymalloc.trace.replay_file("a\0b") end,
      function() pymalloc.trace.each("a\0b") end,
      function() parsed = pymalloc.trace.parse("", 1) end,
      function() parsed = pymalloc.trace.parse("", { name = 1 }) end,
      function() parsed = pymalloc.trace.load("/dev/null", { progress = 1 }) end,
    }
    for _, call in ipairs(wrong) do
      local _, text = pcall(call)
      assert.matches("^[^:]*binding_errors_spec%.lua:%d+: pymalloc: ", tostring(text))
    end
  end)

  it("names the method, the argument, the value that was got and the allowed values", function()
    local refused = {
      { "heap:buffer: type must be one of i8 u8 i16 u16 i32 u32 i64 u64 f32 f64, got 'int'",
        heap.buffer, heap, "int", 1 },
      { "heap:buffer: type must be one of i8 u8 i16 u16 i32 u32 i64 u64 f32 f64, got 'u8\\0'",
        heap.buffer, heap, "u8\0", 1 },
      { "heap:buffer: type must be one of i8 u8 i16 u16 i32 u32 i64 u64 f32 f64, got nil",
        heap.buffer, heap },
      { "heap:buffer: contents must be a count, a table or a string, got nil",
        heap.buffer, heap, "u8" },
      { "heap:buffer: contents must be a count, a table or a string, got pymalloc.Buffer",
        heap.buffer, heap, "u8", b },
      { "heap:buffer: a string of 5 bytes is not a whole number of i32",
        heap.buffer, heap, "i32", "bytes" },
      { "heap:buffer: element 2: value 300 does not fit i8 (-128 to 127)",
        heap.buffer, heap, "i8", { 1, 300 } },
      { "heap:buffer: element 1: value must be an integer for i8, got a table",
        heap.buffer, heap, "i8", { {} } },
      { "b:fill: value 300 does not fit u8 (0 to 255)",
        b.fill, heap:buffer("u8", 1), 300 },
      { "b:copy: source must be a buffer, a string or a table, got true", b.copy, b, true },
      { "b:compare: other must be a buffer of i32 or a string, got u8[3]",
        b.compare, b, heap:buffer("u8", 3) },
      { "b:find: wanted must be a buffer of i32 or a string, got a table", b.find, b, {} },
      { "heap:usedpools: szidx must be from 0 to 63, got 64", heap.usedpools, heap, 64 },
      { "heap:allow_arenas: count must be from 0 to 9223372036854775807, got -1",
        heap.allow_arenas, heap, -1 },
      { "heap:locate: address must be an integer, got nil", heap.locate, heap },
      { "heap:size_class: size must be an integer, got nil", heap.size_class, heap },
      { "heap:debugmallocstats: options must be a table, got true",
        heap.debugmallocstats, heap, true },
      { "heap:debugmallocstats: arena_map must be true or false, got 0",
        heap.debugmallocstats, heap, { arena_map = 0 } },
      { "class_table: geometry must be a table or the name of a profile, got nil",
        pymalloc.class_table },
    }
    for _, case in ipairs(refused) do
      assert.equal("pymalloc: " .. case[1], complaint(table.unpack(case, 2)))
    end
  end)

  it("names a field that does not exist", function()
    for _, object in ipairs { heap, b, heap:arena(0), heap:arena(0):pool(0) } do
      local name = debug.getmetatable(object).__name
      assert.equal("pymalloc: " .. name .. " has no field 'refcount'", complaint(function()
        return object.refcount
      end))
    end
  end)

  it("leaves the heap unchanged if an element of the table does not fit", function()
    local before = heap:dump()
    assert.is_string(complaint(heap.buffer, heap, "u8", { 1, 2, "3" }))
    assert.equal(before, heap:dump())
  end)

  it("names the type that was expected and the type that was got", function()
    local methods = { heap.buffer, b.fill, heap:arena(0).pools, heap:arena(0):pool(0).freelist }
    local names = { "pymalloc.Heap", "pymalloc.Buffer", "pymalloc.Arena", "pymalloc.Pool" }
    for i, method in ipairs(methods) do
      assert.equal("pymalloc: " .. names[i] .. " expected, got FILE*", complaint(method, io.stdout))
      assert.equal("pymalloc: " .. names[i] .. " expected, got nil", complaint(method))
      assert.equal("pymalloc: " .. names[i] .. " expected, got a table", complaint(method, {}))
    end
    local arena = heap:arena(0)
    assert.equal("pymalloc: pymalloc.Pool expected, got pymalloc.Arena",
      complaint(arena:pool(0).freelist, arena))
    assert.equal("pymalloc: pymalloc.Arena expected, got pymalloc.Pool",
      complaint(arena.pools, arena:pool(0)))
  end)

  it("is raised for a buffer that belongs to another heap", function()
    local other <close> = pymalloc.heap()
    for _, name in ipairs { "realloc", "free" } do
      assert.equal("pymalloc: heap:" .. name .. ": the buffer i32[10] belongs to another heap",
        complaint(other[name], other, b, 4))
    end
    assert.equal(10, #b)
  end)
end)
