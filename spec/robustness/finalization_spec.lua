-- Finalizers of the binding: called by hand, lost, in any order, at the end.

local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"

-- Runs a script in a process of its own, whose output it returns. What Lua
-- never finalizes there is a leak, and meant to be one.
local function child(script)
  local command = ("ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 lua5.4 "
    .. "-e 'package.path = %q; package.cpath = %q; p = require \"pymalloc\"' -e '%s' 2>&1"):format(
    package.path, package.cpath, script)
  local pipe <close> = assert(io.popen(command))
  return pipe:read("a")
end

describe("a finalizer called by hand", function()
  it("ends a buffer once, whatever is called after", function()
    local heap <close> = pymalloc.heap()
    local b = heap:buffer("u8", 16)
    local gc = debug.getmetatable(b).__gc
    gc(b)
    gc(b)
    assert.equal(0, heap:stats().blocks)
    assert.equal("pymalloc: the buffer u8[16] was freed", complaint(b.free, b))
    assert.equal("pymalloc.Buffer u8[16] freed", tostring(b))
  end)

  it("ends a heap once, and its buffers with it", function()
    local heap = pymalloc.heap()
    local pooled, raw = heap:buffer("u8", 16), heap:buffer("u8", 1000)
    local gc = debug.getmetatable(heap).__gc
    gc(heap)
    gc(heap)
    assert.equal("pymalloc: the heap is closed", complaint(heap.check, heap))
    for _, b in ipairs { pooled, raw } do
      assert.matches("^pymalloc: the heap of this buffer is closed", complaint(b.string, b))
      debug.getmetatable(b).__gc(b)
    end
  end)

  it("leaves a slice's buffer alone", function()
    local heap <close> = pymalloc.heap()
    local b = heap:buffer("u8", 16)
    local slice = b:slice(1)
    debug.getmetatable(slice).__gc(slice)
    b[1] = 7
    assert.equal(7, slice[1])
  end)
end)

describe("an object that lost its metatable", function()
  it("gives its block back with its heap", function()
    assert.equal("2\nalive\n", child([[
      heap = p.heap()
      debug.setmetatable(heap:buffer("u8", 16), nil)
      debug.setmetatable(heap:buffer("u8", 1000), nil)
      collectgarbage()
      print(heap:stats().blocks)
      heap:close()
      collectgarbage()
      print("alive")]]))
  end)

  it("is closed under its buffers where it is a heap", function()
    local heap = pymalloc.heap()
    local metatable = debug.getmetatable(heap)
    local b = heap:buffer("u8", 1000)
    debug.setmetatable(heap, nil)
    debug.setuservalue(b, nil, 1)
    heap = debug.setmetatable(heap, metatable) and nil
    collectgarbage()
    assert.is_nil(heap)
    assert.equal("pymalloc: the heap of this buffer is closed (u8[1000])", complaint(b.string, b))
  end)
end)

describe("the end of a Lua state", function()
  local cases = {
    ["finalizes buffers before their heap"] = [[
      heap = p.heap() b = heap:buffer("u8", 16)
      raw = heap:buffer("u8", 1000) slice = raw:slice(1)]],
    ["finalizes a heap before its buffers"] = [[
      heap = p.heap() b = heap:buffer("u8", 16) raw = heap:buffer("u8", 1000)
      first = setmetatable({}, { __gc = function() debug.getmetatable(heap).__gc(heap) end })]],
    ["finalizes objects that finalizers use, and make"] = [[
      heap = p.heap()
      late = setmetatable({}, { __gc = function()
        pcall(heap.malloc, heap, 16) pcall(raw.free, raw) pcall(heap.dump, heap)
        pcall(heap.close, heap) pcall(p.heap)
      end })
      b = heap:buffer("u8", 16) raw = heap:buffer("u8", 1000) pool = b:pool()
      early = setmetatable({}, { __gc = debug.getmetatable(late).__gc })]],
    ["finalizes what suspended coroutines hold"] = [[
      heap = p.heap()
      co = coroutine.wrap(function()
        local b <close> = heap:buffer("u8", 9)
        coroutine.yield(b)
      end)
      co()]],
  }
  for title, script in pairs(cases) do
    it(title, function()
      assert.equal("alive\n", child(script .. [[ print("alive")]]))
    end)
  end
end)

describe("the metatable of an object", function()
  it("is out of a script's reach, so that each object is finalized", function()
    local heap <close> = pymalloc.heap()
    local run = assert(pymalloc.replay((pymalloc.trace.parse("a 1 8\n"))))
    local b = heap:malloc(8)
    for name, object in pairs { Heap = heap, Buffer = b, Arena = heap:arena(0), Pool = b:pool(),
      Run = run } do
      assert.equal("pymalloc." .. name, getmetatable(object))
      assert.error_matches(function() getmetatable(object).__gc = nil end, "index a string value")
    end
    run:close()
  end)
end)
