local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"

describe("a buffer", function()
  local heap

  before_each(function()
    heap = pymalloc.heap()
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  it("is zero at first, even if its block held other bytes before", function()
    local b = heap:buffer("u8", 64)
    b:fill(255)
    local address = b:address()
    b:free()
    b = heap:buffer("u8", 64)
    assert.equal(address, b:address())
    assert.equal(("\0"):rep(64), b:string())
  end)

  it("stores a value in each element", function()
    local b = heap:buffer("i32", 10)
    for i = 1, 10 do
      b[i] = i * i
    end
    assert.same({ 1, 4, 9, 16, 25, 36, 49, 64, 81, 100 }, b:totable())
  end)

  it("has a length and a type", function()
    local b = heap:buffer("u16", 7)
    assert.equal(7, #b)
    assert.equal("u16", b.type)
  end)

  it("may have no element", function()
    local b = heap:buffer("f64", 0)
    assert.equal(0, #b)
    assert.is_nil(b[1])
    assert.same({}, b:totable())
    assert.equal("", b:string())
  end)

  it("is made from a table", function()
    assert.same({ 1.5, -2, 3 }, heap:buffer("f64", { 1.5, -2, 3 }):totable())
  end)

  it("is made from a table through its metamethods", function()
    local squares = setmetatable({}, {
      __len = function()
        return 4
      end,
      __index = function(_, i)
        return i * i
      end,
    })
    assert.same({ 1, 4, 9, 16 }, heap:buffer("u8", squares):totable())
  end)

  it("is made from the bytes of a string", function()
    assert.same({ 104, 0, 105 }, heap:buffer("u8", "h\0i"):totable())
    assert.same({ 1, -1 }, heap:buffer("i32", string.pack("=i4i4", 1, -1)):totable())
  end)

  it("returns its bytes as a string in the machine's order", function()
    assert.equal(string.pack("=ddd", 1, 2.5, -3), heap:buffer("f64", { 1, 2.5, -3 }):string())
  end)

  it("accepts a float that is a whole number as an index and as a value", function()
    local b = heap:buffer("i8", 4)
    b[4 / 2] = 6 / 2
    assert.equal(3, b[2])
    assert.equal("integer", math.type(b[2.0]))
  end)

  it("is filled with one value", function()
    for _, count in ipairs { 1, 2, 3, 7, 8, 9, 1000 } do
      local b = heap:buffer("i16", count)
      assert.equal(b, b:fill(-300))
      for i = 1, count do
        assert.equal(-300, b[i])
      end
    end
  end)

  it("copies another buffer to an index", function()
    local b = heap:buffer("u8", { 1, 2, 3, 4, 5 })
    assert.equal(b, b:copy(heap:buffer("u8", { 8, 9 }), 3))
    assert.same({ 1, 2, 8, 9, 5 }, b:totable())
    b:copy(heap:buffer("u8", { 7 }))
    assert.same({ 7, 2, 8, 9, 5 }, b:totable())
  end)

  it("copies parts of itself that overlap", function()
    local b = heap:buffer("u8", { 1, 2, 3, 4, 5 })
    b:copy(b:slice(1, 4), 2)
    assert.same({ 1, 1, 2, 3, 4 }, b:totable())
    b:copy(b:slice(2, 5), 1)
    assert.same({ 1, 2, 3, 4, 4 }, b:totable())
  end)

  it("keeps the elements that fit when it is resized, and new elements are zero", function()
    local changes = { { 10, 20 }, { 20, 10 }, { 2, 2000 }, { 2000, 2 }, { 0, 9 }, { 9, 0 } }
    for _, sizes in ipairs(changes) do
      local b = heap:buffer("i32", sizes[1]):fill(-1)
      assert.equal(b, b:resize(sizes[2]))
      assert.equal(sizes[2], #b)
      for i = 1, sizes[2] do
        assert.equal(i <= sizes[1] and -1 or 0, b[i])
      end
    end
  end)

  it("gives its block back when it is freed, and cannot be freed again", function()
    local b = heap:buffer("u8", 100)
    assert.equal(1, heap:stats().blocks)
    b:free()
    assert.equal(0, heap:stats().blocks)
    assert.equal("pymalloc: the buffer u8[100] was freed", complaint(b.free, b))
  end)

  it("gives its block back at the end of its scope", function()
    do
      local b <close> = heap:buffer("u8", 100)
      assert.equal(1, heap:stats().blocks)
      b[1] = 1
    end
    assert.equal(0, heap:stats().blocks)
  end)

  it("gives its block back when it is collected", function()
    heap:buffer("u8", 100)
    collectgarbage()
    assert.equal(0, heap:stats().blocks)
  end)

  it("keeps its heap alive", function()
    local b = pymalloc.heap():buffer("u8", { 1, 2, 3 })
    collectgarbage()
    collectgarbage()
    assert.same({ 1, 2, 3 }, b:totable())
    assert.equal(1, b:pool().ref_count)
  end)

  it("prints its type, length and place", function()
    local b = heap:buffer("i32", 10)
    assert.equal("pymalloc.Buffer i32[10] at 0:0:48", tostring(b))
    assert.equal("pymalloc.Buffer u8[600] raw", tostring(heap:buffer("u8", 600)))
    b:free()
    assert.equal("pymalloc.Buffer i32[10] freed", tostring(b))
  end)

  it("returns its place in numbers, and its pool as a view", function()
    local b = heap:buffer("u8", 16)
    assert.same({ arena = 0, pool = 0, offset = 48 }, b:location())
    assert.equal(heap:arena(0):pool(0), b:pool())
    assert.equal(b:pool().address + 48, b:address())
    assert.is_nil(heap:buffer("u8", 600):location())
    assert.is_nil(heap:buffer("u8", 600):pool())
  end)
end)

describe("the standard library of Lua", function()
  local heap <const> = pymalloc.heap()

  it("iterates over a buffer with iter, pairs and ipairs", function()
    local b = heap:buffer("u8", { 5, 6, 7 })
    local seen = {}
    for i, v in b:iter() do
      seen[i] = v
    end
    for i, v in ipairs(b) do
      seen[i + 3] = v
    end
    for i, v in pairs(b) do
      seen[i + 6] = v
    end
    assert.same({ 5, 6, 7, 5, 6, 7, 5, 6, 7 }, seen)
  end)

  it("concatenates and unpacks a buffer", function()
    local b = heap:buffer("i8", { -1, 0, 1 })
    assert.equal("-1 0 1", table.concat(b, " "))
    assert.same({ -1, 0, 1 }, { table.unpack(b) })
  end)

  it("sorts a buffer", function()
    local b = heap:buffer("f32", { 3, -1, 2.5, 0 })
    table.sort(b)
    assert.same({ -1, 0, 2.5, 3 }, b:totable())
  end)

  it("moves elements between a table and a buffer", function()
    local b = heap:buffer("u8", 3)
    table.move({ 1, 2, 3 }, 1, 3, 1, b)
    assert.same({ 1, 2, 3 }, table.move(b, 1, 3, 1, {}))
  end)
end)

describe("malloc, calloc, realloc and free of a heap", function()
  local heap <const> = pymalloc.heap()

  it("return bytes that were not cleared, or zeros from calloc", function()
    local b = heap:malloc(24):fill(7)
    heap:free(b)
    b = heap:malloc(24)
    assert.equal(("\7"):rep(16), b:string():sub(9))
    heap:free(b)
    assert.equal(("\0"):rep(24), heap:calloc(4, 6):string())
  end)

  it("resize a buffer without clearing the new bytes", function()
    local b = heap:malloc(24):fill(1)
    assert.equal(b, heap:realloc(b, 20))
    assert.equal(b, heap:realloc(b, 24))
    assert.equal(("\1"):rep(24), b:string())
  end)

  it("resize a typed buffer by whole elements", function()
    local b = heap:buffer("i32", { 1, 2 })
    assert.equal(3, #heap:realloc(b, 12))
    assert.equal("pymalloc: heap:realloc: 10 bytes are not a whole number of i32",
      complaint(heap.realloc, heap, b, 10))
    assert.equal(3, #b)
  end)
end)
