require "pymalloc.assertions"
local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"
local heaps = require "spec.support.heaps"

local TYPES = { "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64" }

describe("a view of a buffer as another type", function()
  local heap, b

  before_each(function()
    heap = pymalloc.heap()
    b = heap:buffer("u8", 16)
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  it("reads and writes the same bytes", function()
    local words = b:view("u32")
    assert.equal("u32", words.type)
    assert.equal(4, #words)
    b:pack(4, "=I4", 0xDEADBEEF)
    assert.equal(0xDEADBEEF, words[2])
    words[4] = 0x01010101
    assert.same({ 1, 1, 1, 1 }, b:totable(13))
    assert.equal(b:address(), words:address())
  end)

  it("has the numbers that string.unpack reads, for each type", function()
    for i = 1, 16 do
      b[i] = i * 15
    end
    local formats = { i8 = "i1", u8 = "I1", i16 = "i2", u16 = "I2", i32 = "i4", u32 = "I4",
      i64 = "i8", u64 = "I8", f32 = "f", f64 = "d" }
    for _, type in ipairs(TYPES) do
      for offset = 0, 8 do
        local expected = (string.unpack("=" .. formats[type], b:string(), offset + 1))
        assert.equal(expected, b:view(type, offset, 1)[1])
        assert.equal(expected, (b:unpack(offset, "=" .. formats[type])))
      end
    end
  end)

  it("may begin at any byte, and have any number of elements that fits", function()
    assert.equal(3, #b:view("u32", 1, 3))
    assert.equal(b:address() + 1, b:view("f64", 1, 1):address())
    assert.equal(0, #b:view("f64", 16))
    assert.equal(0, #b:view("f64", 3, 0))
    assert.equal("pymalloc: b:view: 15 bytes are not a whole number of u32",
      complaint(b.view, b, "u32", 1))
    assert.equal("pymalloc: b:view: count must be from 0 to 3, got 4",
      complaint(b.view, b, "u32", 1, 4))
    assert.equal("pymalloc: b:view: offset must be from 0 to 16, got 17",
      complaint(b.view, b, "u32", 17))
    assert.equal("pymalloc: b:view: type must be one of i8 u8 i16 u16 i32 u32 i64 u64 f32 f64, "
      .. "got 'x'", complaint(b.view, b, "x"))
  end)

  it("checks values as strictly as a buffer of its type", function()
    local view = b:view("i16")
    assert.equal("pymalloc: value 32768 does not fit i16 (-32768 to 32767)", complaint(function()
      view[1] = 32768
    end))
    assert.equal("pymalloc: index 9 is out of range for i16[8]", complaint(function()
      view[9] = 1
    end))
    assert.is_nil(view[9])
  end)

  it("can be made of a view and of a slice, and refers to the buffer itself", function()
    local inner = b:slice(3, 14):view("u16", 2):slice(2):view("u8", 1)
    inner[1] = 77
    assert.equal(77, b[8])
    assert.equal(b:address() + 7, inner:address())
    assert.equal(7, #inner)
  end)

  it("keeps its buffer alive", function()
    b:fill(1)
    local view = b:view("u16")
    b = nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    assert.equal(257, view[8])
  end)

  it("follows its buffer when that is resized, and raises an error while that is too short",
    function()
      local view = b:fill(2):view("u64", 8)
      b:resize(100000)
      assert.equal(0x0202020202020202, view[1])
      assert.equal(b:address() + 8, view:address())
      b:resize(15)
      assert.equal("pymalloc: the slice u64[1] reaches beyond its buffer",
        complaint(view.string, view))
      assert.equal("pymalloc.Buffer u64[1] beyond its buffer", tostring(view))
      b:resize(16)
      assert.equal(0x0002020202020202, view[1])
    end)

  it("raises an error once its buffer is freed or its heap closed", function()
    local view = b:view("f32")
    b:free()
    assert.equal("pymalloc: the buffer of this slice was freed (f32[4])",
      complaint(view.string, view))
    local other = pymalloc.heap()
    local lost = other:buffer("u8", 8):view("f32")
    other:close()
    assert.equal("pymalloc: the heap of this buffer is closed (f32[2])",
      complaint(lost.string, lost))
  end)

  it("has no block to free or resize", function()
    local view = b:view("f32")
    assert.equal("pymalloc: b:free: a slice has no block of its own", complaint(view.free, view))
    assert.equal("pymalloc: b:resize: a slice has no block of its own",
      complaint(view.resize, view, 1))
    assert.equal("pymalloc: heap:realloc: a slice has no block of its own",
      complaint(heap.realloc, heap, view, 1))
  end)
end)

describe("making a view", function()
  setup(heaps.stop_collector)
  teardown(heaps.restart_collector)

  it("allocates nothing in the heap: there is no event, no block and no byte more", function()
    for _, options in ipairs { {}, { debug = true }, { checked = true } } do
      local heap = pymalloc.heap(options)
      local b = heap:buffer("u8", 64)
      heap:keep_events(100)
      local before, dump, events = heap:snapshot(), heap:dump(), #heap:last_events()
      local views = {}
      for i, type in ipairs(TYPES) do
        views[i] = b:view(type)
        b:pack(0, "<i4z", i, "text")
        views[i]:find(1)
      end
      assert.equal(events, #heap:last_events())
      assert.equal(dump, heap:dump())
      assert.equal(before:stats().blocks, heap:stats().blocks)
      assert.live_blocks(1, heap)
      for _, view in ipairs(views) do
        debug.getmetatable(view).__gc(view)
      end
      assert.is_true(heap:check())
      assert.equal(dump, heap:dump())
      heap:close()
    end
  end)
end)
