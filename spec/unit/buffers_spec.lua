local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"
local heaps = require "spec.support.heaps"

describe("heap:buffers", function()
  setup(heaps.stop_collector)
  teardown(heaps.restart_collector)

  local heap
  before_each(function() heap = pymalloc.heap() end)
  after_each(function() heap:close() end)

  it("makes many buffers of zeros, each with its own block", function()
    heap:free(heap:malloc(24):fill(9))
    local made, places = heap:buffers("f64", 3, 500), {}
    assert.equal(500, #made)
    for i, b in ipairs(made) do
      assert.equal("f64", b.type)
      assert.same({ 0, 0, 0 }, b:totable())
      assert.is_nil(places[heaps.place(b)])
      places[heaps.place(b)] = true
      b:fill(i)
    end
    for i, b in ipairs(made) do
      assert.equal(i, b[3])
    end
    assert.equal(500, heap:stats().blocks)
  end)

  it("accepts a count of zero and a length of zero", function()
    assert.same({}, heap:buffers("u8", 10, 0))
    local empty = heap:buffers("u8", 0, 2)
    assert.same({ 0, 0 }, { #empty[1], #empty[2] })
  end)

  it("names the wrong argument in its errors", function()
    assert.equal("pymalloc: heap:buffers: type must be one of i8 u8 i16 u16 i32 u32 i64 u64 " ..
      "f32 f64, got 'int'", complaint(heap.buffers, heap, "int", 1, 1))
    assert.matches("heap:buffers: n must be", complaint(heap.buffers, heap, "u8", -1, 1))
    assert.matches("heap:buffers: count must be .* got 1.5",
      complaint(heap.buffers, heap, "u8", 1, 1.5))
    assert.matches("heap:buffers: count must be .* got nil",
      complaint(heap.buffers, heap, "u8", 1))
    assert.matches("elements of f64 are more than",
      complaint(heap.buffers, heap, "f64", 1 << 61, 1))
  end)

  it("leaves no block behind if there is no memory for all of them", function()
    local small <close> = pymalloc.heap { max_bytes = 8 << 20 }
    local none, why, kind = small:buffers("u8", 1 << 20, 100)
    assert.is_nil(none)
    assert.equal("pymalloc: no memory for 1048576 bytes", why)
    assert.equal("ENOMEM", kind)
    collectgarbage()
    assert.equal(0, small:stats().blocks)
    assert.equal(4, #small:buffers("u8", 1 << 20, 4))
  end)
end)

describe("the name of a type", function()
  it("must match exactly", function()
    local heap <close> = pymalloc.heap()
    for _, name in ipairs { "", "u", "u8 ", "u88", "i640", "f64x", "F32", "u8\0", "\0u8" } do
      assert.matches("type must be one of", complaint(heap.buffer, heap, name, 1))
    end
    for name in ("i8 u8 i16 u16 i32 u32 i64 u64 f32 f64"):gmatch("%S+") do
      assert.equal(name, heap:buffer(name, 1).type)
    end
  end)
end)

describe("the function that b:iter gives", function()
  it("accepts any index, and refuses a value that is not an index", function()
    local heap <close> = pymalloc.heap()
    local b = heap:buffer("i16", { 7, 8 })
    local after = b:iter()
    assert.same({ 2, 8 }, { after(b, 1) })
    assert.same({ 1, 7 }, { after(b, 0.0) })
    assert.is_nil(after(b, 2))
    assert.is_nil(after(b, math.maxinteger))
    assert.matches("b:iter: index", complaint(after, b, -1))
    assert.matches("b:iter: index", complaint(after, b, "1"))
    assert.matches("Buffer expected", complaint(after, {}, 1))
    b:free()
    assert.matches("was freed", complaint(after, b, 0))
  end)
end)
