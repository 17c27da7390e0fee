-- The Lua module and traces: sizes, ids, indices and addresses of 64 bits, which a machine of
-- 32 bits has to refuse whole. script/suite/bits32 runs this file on such a machine.
local pymalloc = require "pymalloc"

local complaint = require "spec.support.complaint"

local GIB5 <const> = 5 << 30
local TOP_ID <const> = "18446744073709551615"

local heap
before_each(function()
  heap = pymalloc.heap()
end)

describe("a size", function()
  local function refused(bytes, ...)
    local nothing, message, code = ...
    assert.is_nil(nothing)
    assert.equal("pymalloc: no memory for " .. bytes .. " bytes", message)
    assert.equal("ENOMEM", code)
  end

  it("that no machine has is refused, and named whole", function()
    refused(1 << 50, heap:malloc(1 << 50))
    refused(1 << 50, heap:calloc(1 << 40, 1 << 10))
    refused(1 << 50, heap:buffer("f64", 1 << 47))
    refused(1 << 50, heap:buffers("f64", 1 << 47, 2))
    refused(1 << 50, heap:realloc(heap:malloc(24), 1 << 50))
    refused(1 << 48, heap:buffer("i32", 2):resize(1 << 46))
  end)

  it("of a multiple of 4 GiB and some bytes more is not cut to these bytes", function()
    assert.is_nil(heap:size_class((1 << 32) + 24))
    local limited = pymalloc.heap { max_bytes = 1 << 24 }
    refused((1 << 32) + 24, limited:malloc((1 << 32) + 24))
    refused((1 << 32) + 24, limited:realloc(limited:malloc(24), (1 << 32) + 24))
  end)

  it("as a limit stays a limit that is not reached", function()
    local huge = pymalloc.heap { max_bytes = 1 << 33, retain_bytes = 1 << 33,
      reserve_bytes = 1 << 33, max_arenas = 1 << 33 }
    assert.equal(0, huge:malloc(24):pool().offset)
  end)
end)

describe("an index or address", function()
  it("is not cut to one of 32 bits", function()
    local buffer = heap:buffer("i32", { 10, 20 })
    local beyond = (1 << 32) + 1
    assert.equal("pymalloc: index 4294967297 is out of range for i32[2]",
      complaint(function() return buffer[beyond] end))
    assert.equal("pymalloc: index 4294967297 is out of range for i32[2]",
      complaint(function() buffer[beyond] = 3 end))
    assert.same({ 10, 20 }, { buffer[1], buffer[2] })
    assert.equal("pymalloc: heap:arena: index 4294967296 is out of range: the heap has 16 slots",
      complaint(heap.arena, heap, 1 << 32))
    assert.equal("pymalloc: arena:pool: pool 4294967296 of arena 0 is not carved",
      complaint(function() return heap:arena(0):pool(1 << 32) end))
    local address = buffer:pool().address
    assert.is_nil(heap:locate(address + (1 << 32)))
    assert.matches("^pymalloc: heap:peek: the 8 bytes at ",
      complaint(heap.peek, heap, address + (1 << 32), 8))
    assert.matches("^pymalloc: heap:peek: the 4294967304 bytes at ",
      complaint(heap.peek, heap, address, (1 << 32) + 8))
  end)
end)

describe("a run", function()
  local TEXT <const> = ([[
a 9223372036854775808 5368709120
a %s 24
c 3 4294967296 2
r 9223372036854775808 6000000000
r %s 5000000000
f 9223372036854775808
a 5 9223372036854775808
]]):format(TOP_ID, TOP_ID)

  local run
  before_each(function()
    run = assert(pymalloc.replay(pymalloc.trace.parse(TEXT)))
  end)

  local function events_of(number)
    run:seek(number)
    local texts = {}
    for _, event in ipairs(run:events()) do
      texts[#texts + 1] = tostring(event)
    end
    return texts
  end

  it("serves more than 4 GiB by raw, for which it needs no memory", function()
    assert.same({ "1.0 request malloc(5368709120)", "1.1 raw_alloc  raw_blocks 0 -> 1" },
      events_of(1))
    assert.same({ "3.0 request calloc(8589934592)", "3.1 raw_alloc  raw_blocks 1 -> 2" },
      events_of(3))
    assert.same({ "4.0 request realloc(6000000000)", "4.1 raw_realloc" }, events_of(4))
    assert.equal("5.1 realloc_move 0:0:48", events_of(5)[2])
    assert.equal("6.1 raw_free  raw_blocks 3 -> 2", events_of(6)[2])
  end)

  it("refuses what CPython refuses on 64 bits", function()
    assert.same({ "7.0 request malloc(9223372036854775808)", "7.1 refused" }, events_of(7))
  end)

  it("searches events with the whole size", function()
    run:seek(0)
    run:continue("raw_realloc")
    assert.equal(6000000000, run:events()[1].bytes)
  end)
end)

describe("a replay", function()
  it("of ids up to 2^64 - 1 keeps all of them apart", function()
    local text = ("a 1 24\na 4294967297 40\na 9223372036854775808 56\na %s 72\nf 1\n"):format(
      TOP_ID)
    local summary = assert(pymalloc.trace.replay_text(text))
    assert.equal(168, summary.live_bytes)
    assert.equal(0, summary.free_nothing)
  end)

  it("serves 5 GiB, or counts it as refused; it does not serve the rest of a cut size", function()
    local summary = assert(pymalloc.trace.replay_text(("a 1 %d\na 2 24\n"):format(GIB5)))
    assert.equal(1, summary.raw + summary.refused)
    assert.equal(24 + summary.raw * GIB5, summary.live_bytes)
    local bits = 8 * #string.pack("T", 0)
    assert.is_true(bits == 64 or summary.refused == 1)
  end)
end)

describe("an analysis", function()
  it("counts sizes of 64 bits", function()
    local found = assert(pymalloc.analyse(pymalloc.trace.parse(
      "a 1 5368709120\na 2 24\nr 1 6000000000\nf 1\na 3 9223372036854775808\n")))
    assert.equal(6000000024, found.peak_live_bytes)
  end)
end)
