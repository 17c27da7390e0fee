local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local bytes = require "spec.support.bytes"
local heaps = require "spec.support.heaps"

local pads, has_lines = bytes.repeated, bytes.has_lines

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

describe("the bytes around a block", function()
  describe("in version 3.6", function()
    local heap, block

    before_each(function()
      heap = pymalloc.heap { debug = true, quarantine = 0 }
      block = heap:malloc(10)
    end)

    after_each(function()
      assert(heap:check())
      heap:close()
    end)

    it("are the size, the id and pads before it", function()
      assert.equal("00 00 00 00 00 00 00 0a 6f " .. pads("fb", 7),
                   bytes.around(heap, block, -16, 16))
    end)

    it("are pads and the serial number after it; the arenas vector has number 1", function()
      assert.equal(pads("fb", 8) .. " 00 00 00 00 00 00 00 02", bytes.around(heap, block, 10, 16))
    end)

    it("are cb inside a new block, and zero inside a block of calloc", function()
      assert.equal(pads("cb", 10), bytes.around(heap, block, 0, 10))
      assert.equal(pads("00", 10), bytes.around(heap, heap:calloc(2, 5), 0, 10))
    end)

    it("are all db after it is freed, except for the link", function()
      local address = block:address()
      heap:malloc(10)
      heap:free(block)
      assert.equal(pads("db", 34), bytes.hex(heap:peek(address - 8, 34)))
    end)

    it("make a request of 480 the largest that a pool serves", function()
      assert.equal("0:4096:64", heaps.place(heap:malloc(480)))
      assert.equal("L", heaps.place(heap:malloc(481)))
    end)

    it("make a request of zero bytes a small one", function()
      assert.equal("0:4096:64", heaps.place(heap:malloc(0)))
    end)

    it("count a large request twice, because the raw allocator has hooks too", function()
      heap:malloc(600) -- calls 3 and 4
      assert.matches("# times object malloc called +=  +4\n", heap:debugmallocstats())
      local third = heap:malloc(1)
      assert.equal(pads("00", 7) .. " 05", bytes.around(heap, third, 9, 8))
    end)

    it("have a new serial number after a resize in place, and the new bytes are cb", function()
      block:fill(1)
      assert.equal(block:address(), heap:realloc(block, 12):address())
      assert.equal(pads("01", 10) .. " cb cb " .. pads("fb", 8) .. " 00 00 00 00 00 00 00 03",
                   bytes.around(heap, block, 0, 28))
    end)

    it("are written at the new place if the block moves; the old keeps all but the link", function()
      local old = block:address()
      block:fill(1)
      heap:realloc(block, 100)
      assert.equal(pads("01", 10) .. " " .. pads("cb", 90) .. " " .. pads("fb", 8),
                   bytes.around(heap, block, 0, 108))
      assert.equal("6f " .. pads("fb", 7) .. " " .. pads("01", 10),
                   bytes.hex(heap:peek(old - 8, 18)))
    end)

    it("are written twice around a large block, by both hooks", function()
      local large = heap:malloc(5000)
      local about = heap:describe(large:address())
      has_lines(about, "API 'o'\n5000 bytes originally requested")
      has_lines(heap:describe(large:address() - 16), "API 'r'\n5032 bytes originally requested")
    end)
  end)

  describe("in version 3.8", function()
    local heap, block

    before_each(function()
      heap = pymalloc.heap { profile = "3.8", debug = true, quarantine = 0 }
      block = heap:malloc(10)
    end)

    after_each(function()
      assert(heap:check())
      heap:close()
    end)

    it("have other values, and there is no serial number", function()
      assert.equal("00 00 00 00 00 00 00 0a 6f " .. pads("fd", 7) .. " " .. pads("cd", 10) .. " "
                   .. pads("fd", 8) .. " 00", bytes.around(heap, block, -16, 35))
      assert.is_nil(heap:debugmallocstats():find("times object malloc"))
    end)

    -- A serial number, which only version 3.6 has, takes 8 bytes more.
    it("are those of a geometry with an arena map or other classes than 8 bytes apart", function()
      for _, case in ipairs { { 40, "3.6" }, { 32, "3.11" }, { 32, "3.6", 16 },
        { 32, "3.11", 8 } } do
        local other <close> = pymalloc.heap { profile = case[2], alignment = case[3], debug = true }
        assert.equal(case[1], other:malloc(8):pool().size)
      end
    end)

    it("make a request of 488 the largest that a pool serves", function()
      assert.is_truthy(heap:malloc(488):location())
      assert.equal("L", heaps.place(heap:malloc(489)))
    end)

    it("are dd at both ends of the old place of a block that was moved", function()
      for _, size in ipairs { 128, 129, 300 } do
        local moved = heap:malloc(size)
        local old = moved:address()
        moved:fill(7)
        heap:realloc(moved, 480)
        assert.equal(pads("07", size) .. " " .. pads("cd", 480 - size),
                     bytes.around(heap, moved, 0, 480))
        local left = size <= 128 and pads("dd", size)
          or pads("dd", 64) .. (" 07"):rep(size - 128) .. " " .. pads("dd", 64)
        assert.equal(pads("dd", 8) .. " " .. left .. " " .. pads("dd", 8),
                     bytes.hex(heap:peek(old - 8, size + 16)))
      end
    end)

    it("are restored if a resize finds no memory", function()
      local ledger = faults.ledger()
      local short = ledger:heap { profile = "3.8", debug = "3.8", quarantine = 0 }
      local small, large = short:malloc(10), short:malloc(1000)
      local before = short:peek(small:address() - 16, 34)
      large:fill(7)
      ledger:fail("raw", 1, true)
      assert.is_nil((short:realloc(small, 1000)))
      assert.is_nil((short:realloc(large, 2000)))
      assert.equal(bytes.hex(before), bytes.around(short, small, -16, 34))
      assert.equal(("\7"):rep(1000), large:string())
      assert.is_true(short:check())
      short:close()
    end)
  end)

  it("can be those of another CPython version than the profile's", function()
    local heap <close> = pymalloc.heap { profile = "3.11", debug = "3.6" }
    assert.equal("6f " .. pads("fb", 7) .. " cb", bytes.around(heap, heap:malloc(1), -8, 9))
  end)

  it("change the place of a block only because its size is larger", function()
    local debug, plain = pymalloc.heap { debug = true, quarantine = 0 }, pymalloc.heap()
    for size = 0, 480, 5 do
      local hooked, bare = debug:malloc(size), plain:malloc(size + 32)
      assert.equal(bare:location().offset + 16, hooked:location().offset)
      assert.equal(heaps.pool_of(bare), heaps.pool_of(hooked))
    end
    debug:close()
    plain:close()
  end)
end)

describe("a damaged block", function()
  local heap, block

  before_each(function()
    heap = pymalloc.heap { debug = true }
    block = heap:malloc(10)
    block:fill(0xcb)
  end)

  -- Closing the heap raises an error if there is damage that was not reported.
  after_each(function()
    pcall(heap.close, heap)
  end)

  it("is reported in CPython's lines when it is freed with a damaged tail", function()
    local address = block:address()
    bytes.poke(heap, block, 10)
    local report = bytes.error_of(heap.free, heap, block)
    has_lines(report, ([[
Debug memory block at address p=0x%x: API 'o'
    10 bytes originally requested
    The 7 pad bytes at p-7 are FORBIDDENBYTE, as expected.
    The 8 pad bytes at tail=0x%x are not all FORBIDDENBYTE (0xfb):
        at tail+0: 0x41 *** OUCH
        at tail+1: 0xfb
        at tail+7: 0xfb
    The block was made by call #2 to debug malloc/realloc.
    Data at p: cb cb cb cb cb cb cb cb cb cb
Fatal Python error: bad trailing pad byte]]):format(address, address + 10))
  end)

  it("is reported in CPython's lines when it is freed with a damaged head", function()
    bytes.poke(heap, block, -1)
    has_lines(bytes.error_of(heap.free, heap, block), [[
    The 7 pad bytes at p-7 are not all FORBIDDENBYTE (0xfb):
        at p-7: 0xfb
        at p-1: 0x41 *** OUCH
    Because memory is corrupted at the start, the count of bytes requested
       may be bogus, and checking the trailing pad bytes may segfault.
    The 8 pad bytes at tail=
Fatal Python error: bad leading pad byte]])
  end)

  it("is reported if its id, size or serial number has changed", function()
    for offset, message in pairs {
      [-8] = "bad ID: Allocated using API 'A', verified using API 'o'",
      [-9] = "bad size", [18] = "bad serial number",
    } do
      local other = heap:malloc(10)
      bytes.poke(heap, other, offset)
      has_lines(bytes.error_of(heap.free, heap, other), "Fatal Python error: " .. message)
    end
  end)

  it("is reported when it is resized, and is not changed", function()
    bytes.poke(heap, block, 17)
    has_lines(bytes.error_of(heap.realloc, heap, block, 100), "bad trailing pad byte")
    assert.equal(10, #block)
    assert.equal(("\xcb"):rep(10), block:string())
  end)

  it("[block.pads] is detected by check while it is live", function()
    assert.is_true(heap:check())
    bytes.poke(heap, block, 10)
    assert.matches("^block.pads: bad trailing pad byte: the block of 10 bytes at 0x%x+, "
                   .. "made by request #1$", bytes.error_of(heap.check, heap))
  end)

  it("is reported when the heap is closed, and the heap is closed", function()
    bytes.poke(heap, block, 10)
    has_lines(bytes.error_of(heap.close, heap), "bad trailing pad byte")
    assert.error_matches(function()
      heap:malloc(1)
    end, "the heap is closed")
  end)

  it("is reported once, not again when the heap is closed", function()
    bytes.poke(heap, block, 10)
    bytes.error_of(heap.free, heap, block)
    heap:close()
  end)

  it("is described with its first and last eight bytes", function()
    for size, shown in pairs {
      [0] = "", [8] = (" 01"):rep(8), [16] = (" 01"):rep(16),
      [17] = (" 01"):rep(8) .. " ..." .. (" 01"):rep(8),
    } do
      local other = heap:malloc(size)
      other:fill(1)
      local lines = heap:describe(other:address())
      assert.equal(shown, lines:match("Data at p:([^\n]*)") or "")
    end
  end)
end)

describe("check_every", function()
  it("finds damage after that many requests at most, and refuses the request", function()
    local heap = pymalloc.heap { debug = true, check_every = 10 }
    local block = heap:malloc(10)
    bytes.poke(heap, block, 10)
    for _ = 2, 9 do
      assert(heap:malloc(1))
    end
    local before = heap:stats().blocks
    has_lines(bytes.error_of(heap.malloc, heap, 1), "bad trailing pad byte")
    assert.equal(before, heap:stats().blocks)
    assert(heap:malloc(1))
    heap:close()
  end)

  it("refuses a calloc that finds damage", function()
    local heap <close> = pymalloc.heap { debug = true, check_every = 2 }
    local block = heap:calloc(2, 5)
    bytes.poke(heap, block, 10)
    has_lines(bytes.error_of(heap.calloc, heap, 1, 1), "bad trailing pad byte")
    assert.equal(1, heap:stats().blocks)
  end)
end)

describe("the option debug", function()
  it("is refused if its value is invalid", function()
    for _, wrong in ipairs { 1, "3.7", "true", "3.6\0", {} } do
      assert.error_matches(function()
        pymalloc.heap { debug = wrong }
      end, 'pymalloc: debug must be true, false, "3%.6" or "3%.8", got ')
    end
  end)
end)
