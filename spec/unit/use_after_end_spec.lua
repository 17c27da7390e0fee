local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"

local heap_methods <const> = {
  "buffer", "malloc", "calloc", "realloc", "free", "size_class", "arenas", "arena", "usedpools",
  "usable_arenas", "unused_arena_objects", "locate", "peek", "stats", "debugmallocstats", "dump",
  "check", "trim", "allow_arenas", "close",
}
local buffer_methods <const> = {
  "fill", "copy", "slice", "totable", "string", "iter", "resize", "free", "location", "address",
  "pool", "view", "pack", "unpack", "find", "compare", "byteswap", "readbits", "writebits",
}

local function each_use_raises(text, b)
  for _, name in ipairs(buffer_methods) do
    assert.equal(text, complaint(b[name], b, 1), name)
  end
  for _, name in ipairs { "read", "write" } do
    assert.equal(text, complaint(b[name], b, io.stdout), name)
  end
  assert.equal(text, complaint(function()
    return b[1]
  end))
  assert.equal(text, complaint(function()
    b[1] = 1
  end))
  assert.equal(text, complaint(function()
    return #b
  end))
end

describe("a closed heap", function()
  local heap, pooled, raw, slice

  before_each(function()
    heap = pymalloc.heap()
    pooled, raw = heap:buffer("u8", 16), heap:buffer("u8", 1000)
    slice = raw:slice(2, 3)
    heap:close()
  end)

  it("raises an error in every method", function()
    for _, name in ipairs(heap_methods) do
      assert.equal("pymalloc: the heap is closed", complaint(heap[name], heap, 1), name)
    end
    assert.equal("pymalloc.Heap closed", tostring(heap))
  end)

  it("has buffers that raise an error on every use", function()
    each_use_raises("pymalloc: the heap of this buffer is closed (u8[16])", pooled)
    each_use_raises("pymalloc: the heap of this buffer is closed (u8[1000])", raw)
    assert.equal("pymalloc.Buffer u8[16] of a closed heap", tostring(pooled))
  end)

  it("has slices that raise an error on every use", function()
    local text = "pymalloc: the heap of this buffer is closed (u8[2])"
    assert.equal(text, complaint(slice.string, slice))
    assert.equal("pymalloc.Buffer u8[2] of a closed heap", tostring(slice))
  end)

  it("can be closed by the end of its scope", function()
    local kept
    do
      local scoped <close> = pymalloc.heap()
      kept = scoped
    end
    assert.equal("pymalloc: the heap is closed", complaint(kept.check, kept))
  end)

  it("can be closed before the scopes of the heap and of its buffers end", function()
    local scoped <close> = pymalloc.heap()
    local b <close> = scoped:buffer("u8", 8)
    assert.equal(8, #b)
    scoped:close()
  end)

  it("still has its geometry", function()
    assert.equal("3.6", heap.geometry.profile)
  end)
end)

describe("a freed buffer", function()
  local heap, b
  local text <const> = "pymalloc: the buffer u8[16] was freed"

  before_each(function()
    heap = pymalloc.heap()
    b = heap:buffer("u8", 16)
    b:free()
  end)

  after_each(function()
    heap:close()
  end)

  it("raises an error on every use", function()
    each_use_raises(text, b)
  end)

  it("is refused as an argument too", function()
    assert.equal(text, complaint(heap.realloc, heap, b, 1))
    assert.equal(text, complaint(heap.free, heap, b))
    local other = heap:buffer("u8", 1)
    assert.equal(text, complaint(other.copy, other, b))
  end)

  it("stays freed after its block is allocated again", function()
    local successor = heap:buffer("u8", 16)
    each_use_raises(text, b)
    assert.equal(16, #successor)
  end)

  it("ends an iteration over it with an error", function()
    local other = heap:buffer("u8", 16)
    assert.equal(text, complaint(function()
      for _ in other:iter() do
        other:free()
      end
    end))
  end)
end)
