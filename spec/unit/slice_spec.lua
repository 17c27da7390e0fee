local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"

describe("a slice", function()
  local heap, b, slice

  before_each(function()
    heap = pymalloc.heap()
    b = heap:buffer("i32", { 1, 2, 3, 4, 5 })
    slice = b:slice(2, 4)
  end)

  it("reads and writes elements of its buffer", function()
    assert.same({ 2, 3, 4 }, slice:totable())
    slice[1] = 20
    b[4] = 40
    assert.same({ 1, 20, 3, 40, 5 }, b:totable())
    assert.same({ 20, 3, 40 }, slice:totable())
    assert.equal(b:address() + 4, slice:address())
  end)

  it("reaches to the end of its buffer by default", function()
    assert.same({ 3, 4, 5 }, b:slice(3):totable())
  end)

  it("can be made of a slice", function()
    local inner = slice:slice(2, 3)
    assert.same({ 3, 4 }, inner:totable())
    inner:fill(0)
    assert.same({ 1, 2, 0, 0, 5 }, b:totable())
  end)

  it("can be empty, also after the last element", function()
    assert.equal(0, #b:slice(3, 2))
    assert.equal(0, #b:slice(6))
  end)

  it("keeps its buffer alive", function()
    local address = b:address()
    b = nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    assert.equal(address + 4, slice:address())
    assert.same({ 2, 3, 4 }, slice:totable())
  end)

  it("has the new address after its buffer has moved", function()
    b:resize(1000)
    assert.same({ 2, 3, 4 }, slice:totable())
    assert.equal(b:address() + 4, slice:address())
  end)

  it("raises an error while its buffer is too short for it", function()
    b:resize(4)
    assert.same({ 2, 3, 4 }, slice:totable())
    b:resize(3)
    assert.equal("pymalloc: the slice i32[3] reaches beyond its buffer", complaint(function()
      return slice[1]
    end))
    b:resize(5)
    assert.same({ 2, 3, 0 }, slice:totable())
  end)

  it("raises an error once its buffer is freed", function()
    b:free()
    assert.equal("pymalloc: the buffer of this slice was freed (i32[3])", complaint(function()
      return #slice
    end))
    assert.equal("pymalloc.Buffer i32[3] freed", tostring(slice))
  end)

  it("has no block to free or resize", function()
    assert.equal("pymalloc: b:free: a slice has no block of its own", complaint(slice.free, slice))
    assert.equal("pymalloc: b:resize: a slice has no block of its own",
      complaint(slice.resize, slice, 1))
    assert.equal("pymalloc: heap:free: a slice has no block of its own",
      complaint(heap.free, heap, slice))
  end)
end)
