-- Tests each assertion of pymalloc.assertions where it passes and where it fails.

require "pymalloc.assertions"
local command = require "spec.support.command"
local pymalloc = require "pymalloc"

-- Returns the message with which an assertion fails, or nil if it passes.
local function failure(assertion, ...)
  local ok, message = pcall(assertion, ...)
  return not ok and tostring(message) or nil
end

local function nothing() end

local function four_tables()
  local t = { false, false, false, false }
  for i = 1, 4 do
    t[i] = {}
  end
  return #t
end

-- The bytes of a table, of a long string without its characters, of an array with so many
-- elements, and of the four tables.
local is_lua54 = _VERSION == "Lua 5.4"
local TABLE, STRING = is_lua54 and 56 or 48, is_lua54 and 25 or 33

local function array(count)
  return is_lua54 and 16 * count or 4 + 9 * count
end

local FOUR = 5 * TABLE + array(4)

-- The details of a message: from sizes to lines with a place for the size. Small sizes come
-- first.
local function listed(lines)
  local sizes, text = {}, ""
  for size in pairs(lines) do
    table.insert(sizes, size)
  end
  table.sort(sizes)
  for _, size in ipairs(sizes) do
    text = text .. "\n  " .. lines[size]:format(size)
  end
  return text
end

describe("assert.heap_is_valid", function()
  it("passes for a heap whose invariants hold, and its negation fails", function()
    local heap <close> = pymalloc.heap()
    assert.heap_is_valid(heap)
    assert.equal("Expected a broken heap, got pymalloc.Heap 3.6 with 0 arenas",
      failure(assert.is_not.heap_is_valid, heap))
  end)

  it("fails with the name of the invariant that is broken", function()
    local heap <close> = pymalloc.heap { checked = true }
    local b = heap:malloc(24)
    heap:poke(b:pool().address, ("<I4"):pack(2)) -- ref.count
    assert.matches("^Expected a valid heap, got pool%.count: .*",
      failure(assert.heap_is_valid, heap))
    assert.is_not.heap_is_valid(heap)
    heap:poke(b:pool().address, ("<I4"):pack(1))
  end)

  it("puts the caller's message before its own", function()
    local heap <close> = pymalloc.heap()
    assert.equal("after a minute\nExpected a broken heap, got pymalloc.Heap 3.6 with 0 arenas",
      failure(assert.is_not.heap_is_valid, heap, "after a minute"))
  end)

  it("requires an open heap", function()
    local heap = pymalloc.heap()
    heap:close()
    assert.equal("pymalloc: assert.heap_is_valid: the heap is closed",
      failure(assert.heap_is_valid, heap))
    assert.equal("pymalloc: assert.heap_is_valid: pymalloc.Heap expected, got 3",
      failure(assert.heap_is_valid, 3))
  end)
end)

describe("assert.live_blocks and assert.no_live_blocks", function()
  it("count the live blocks, and list their sizes", function()
    local heap <close> = pymalloc.heap()
    assert.no_live_blocks(heap)
    local blocks = { heap:malloc(24), heap:malloc(20), heap:malloc(600) }
    assert.live_blocks(3, heap)
    assert.has.live_blocks(heap)
    assert.equal("Expected no live block, got 3:\n  2 blocks of 24 bytes\n  1 raw block",
      failure(assert.no_live_blocks, heap))
    assert.equal("Expected 1 live block, got 3:\n  2 blocks of 24 bytes\n  1 raw block",
      failure(assert.live_blocks, #blocks - 2, heap))
    assert.equal("late\nExpected any number of live blocks but 3, got 3:\n"
      .. "  2 blocks of 24 bytes\n  1 raw block",
      failure(assert.is_not.live_blocks, 3, heap, "late"))
  end)

  it("fail if live blocks are expected and there are none", function()
    local heap <close> = pymalloc.heap()
    assert.equal("Expected a live block, got 0", failure(assert.live_blocks, heap))
    assert.equal("Expected 2 live blocks, got 0", failure(assert.live_blocks, 2, heap))
  end)

  it("count neither garbage nor freed blocks in quarantine", function()
    local heap <close> = pymalloc.heap { debug = true }
    heap:malloc(24):free()
    heap:malloc(24)
    assert.no_live_blocks(heap)
    local b = heap:malloc(24)
    assert.matches("got 1:\n  %d blocks of 56 bytes\n  of these, %d freed and kept by the heap",
      failure(assert.no_live_blocks, heap))
    b:free()
  end)

  it("require a count and a heap", function()
    assert.matches("the count must be an integer, 0 or more, got %-1",
      failure(assert.live_blocks, -1, pymalloc.heap()))
    assert.matches("pymalloc.Heap expected, got nil", failure(assert.live_blocks, 1))
  end)
end)

describe("assert.allocates_at_most", function()
  it("counts the requests of a function", function()
    assert.allocates_at_most(6, four_tables)
    assert.is_not.allocates_at_most(5, four_tables)
    assert.equal(("Expected at most 2 requests, got 6 requests for %d bytes:"):format(FOUR)
      .. listed { [TABLE] = "5 of %d bytes", [array(4)] = "1 of %d bytes" },
      failure(assert.allocates_at_most, 2, four_tables))
  end)

  it("accepts a limit of bytes as well", function()
    assert.allocates_at_most({ bytes = FOUR }, four_tables)
    assert.matches(("^Expected at most %d bytes, got 6 requests for %d bytes:"):format(FOUR - 1,
      FOUR), failure(assert.allocates_at_most, { bytes = FOUR - 1 }, four_tables))
    assert.matches("^Expected at most 1 request and 999 bytes, got 6",
      failure(assert.allocates_at_most, { requests = 1, bytes = 999 }, four_tables))
  end)

  it("counts a resize with its new size", function()
    local function grow()
      local t = {}
      for i = 1, 3 do
        t[i] = i
      end
      return #t
    end
    local small = { [array(1)] = "1 of %d bytes", [TABLE] = "1 of %d bytes" }
    local large = { [array(2)] = "1 resize to %d bytes", [array(4)] = "1 resize to %d bytes" }
    local lines = listed(small) .. listed(large)
    if not is_lua54 then -- which copies an array that grows to a new block
      small[array(2)], small[array(4)] = "1 of %d bytes", "1 of %d bytes"
      lines = listed(small)
    end
    assert.equal(("Expected at most 3 requests, got 4 requests for %d bytes:"):format(
      TABLE + array(1) + array(2) + array(4)) .. lines,
      failure(assert.allocates_at_most, 3, grow))
  end)

  it("returns the counts of requests and bytes if it passes", function()
    local asked = assert.allocates_at_most(6, four_tables)
    assert.same({ 6, FOUR, { [TABLE] = 5, [array(4)] = 1 } },
      { asked.requests, asked.bytes, asked.blocks })
  end)

  it("has a message for its negation", function()
    assert.equal("Expected more than 7 requests, got 0 requests for 0 bytes",
      failure(assert.is_not.allocates_at_most, 7, nothing))
  end)

  it("requires a limit and a function", function()
    local limit = "the limit must be a number of requests, or { requests =, bytes = }, got "
    for got, given in pairs { ["-1"] = -1, ["1.5"] = 1.5, ["a string"] = "3", ["a table"] = {},
      ["true"] = { bytes = true } } do
      assert.equal("pymalloc: assert.allocates_at_most: " .. limit .. got,
        failure(assert.allocates_at_most, given, nothing))
    end
    assert.equal("pymalloc: assert.allocates_at_most: f must be a function, "
      .. "got nil", failure(assert.allocates_at_most, 1))
  end)
end)

describe("assert.allocates_nothing", function()
  it("passes for a function that requests no memory, even in deep calls", function()
    local function deep(levels)
      return levels == 0 and 0 or 1 + deep(levels - 1)
    end
    assert.allocates_nothing(nothing)
    assert.allocates_nothing(function() deep(50) end)
    assert.equal("Expected a request for memory, got 0 requests for 0 bytes",
      failure(assert.is_not.allocates_nothing, nothing))
  end)

  it("fails for a function that requests memory", function()
    assert.equal(("in the loop\nExpected no request for memory, got 1 request for %d bytes:\n"
      .. "  1 of %d bytes"):format(STRING + 100, STRING + 100),
      failure(assert.allocates_nothing, function()
        return ("x"):rep(100)
      end, "in the loop"))
  end)

  it("passes on an error of the function, and restores the collector", function()
    assert.equal("mine", failure(assert.allocates_nothing, function() error("mine", 0) end))
    assert.is_true(collectgarbage("isrunning"))
    assert.matches("a recording is on already", failure(assert.allocates_nothing, function()
      pymalloc.trace.record(nothing)
    end))
  end)
end)

describe("assert.frees_all", function()
  local kept

  it("passes if every new block is garbage after the call", function()
    assert.frees_all(four_tables)
    assert.frees_all(function()
      for i = 1, 3000 do
        kept = "a string, " .. i
      end
      kept = nil
    end)
    assert.equal("Expected a block to be left, got 0 blocks with 0 bytes",
      failure(assert.is_not.frees_all, four_tables))
  end)

  -- The collector makes a stack smaller that is three times as large as needed.
  it("does not count a stack that the collector makes smaller, at any depth of calls", function()
    local script <close> = command.file([[
      local assert, pymalloc = require "luassert", require "pymalloc"
      require "pymalloc.assertions"
      local heap = pymalloc.heap()
      local function call_at(depth)
        if depth == 0 then
          return assert.frees_all(function() return heap:malloc(24) end)
        end
        local result = call_at(depth - 1)
        return result
      end
      for depth = 0, 200 do
        call_at(depth)
      end
      io.write "done"]])
    local output, errors = command.run(command.environment .. " lua5.4 " .. script.path)
    assert.equal("", errors)
    assert.equal("done", output)
  end)

  it("fails if a new block is kept, and lists the sizes", function()
    assert.equal(("Expected no block to be left, got 2 blocks with %d bytes:"):format(
      TABLE + array(1))
      .. listed { [array(1)] = "1 block of %d bytes", [TABLE] = "1 block of %d bytes" },
      failure(assert.frees_all, function()
        kept = { 1 }
      end))
    assert.is_table(kept)
  end)

  it("reports a function that yields, and passes on an error", function()
    assert.equal("pymalloc: assert.frees_all: f must not yield",
      failure(assert.frees_all, coroutine.yield))
    assert.equal("mine", failure(assert.frees_all, function() error("mine", 0) end))
  end)
end)
