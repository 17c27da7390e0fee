-- Tests finalizers of the binding that scripts call or remove, that run in any
-- order, and that run when a state is closed.

local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"

-- Runs a script in its own process, and returns the output. Objects that Lua does
-- not finalize there are leaked on purpose.
local function child(script)
  local command = ("ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 lua5.4 "
    .. "-e 'package.path = %q; package.cpath = %q; p = require \"pymalloc\"' -e '%s' 2>&1"):format(
    package.path, package.cpath, script)
  local pipe <close> = assert(io.popen(command))
  return pipe:read("a")
end

describe("a finalizer that a script calls", function()
  it("frees a buffer once, and later uses raise an error", function()
    local heap <close> = pymalloc.heap()
    local b = heap:buffer("u8", 16)
    local gc = debug.getmetatable(b).__gc
    gc(b)
    gc(b)
    assert.equal(0, heap:stats().blocks)
    assert.equal("pymalloc: the buffer u8[16] was freed", complaint(b.free, b))
    assert.equal("pymalloc.Buffer u8[16] freed", tostring(b))
  end)

  it("closes a heap once, and later uses of its buffers raise an error", function()
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

  it("does not free the buffer of a slice", function()
    local heap <close> = pymalloc.heap()
    local b = heap:buffer("u8", 16)
    local slice = b:slice(1)
    debug.getmetatable(slice).__gc(slice)
    b[1] = 7
    assert.equal(7, slice[1])
  end)
end)

describe("an object whose metatable was removed", function()
  it("gives its block back when its heap is closed", function()
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

  it("can be a heap that is collected before a buffer, whose use then is an error", function()
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
    ["finalizes objects that finalizers use or make"] = [[
      heap = p.heap()
      late = setmetatable({}, { __gc = function()
        pcall(heap.malloc, heap, 16) pcall(raw.free, raw) pcall(heap.dump, heap)
        pcall(heap.close, heap) pcall(p.heap)
      end })
      b = heap:buffer("u8", 16) raw = heap:buffer("u8", 1000) pool = b:pool()
      early = setmetatable({}, { __gc = debug.getmetatable(late).__gc })]],
    ["finalizes the objects of suspended coroutines"] = [[
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

  -- Each finalizer of the binding is replaced by one that also prints a name.
  local told = [[
    local function tell(name, object)
      local metatable = debug.getmetatable(object)
      local gc = metatable.__gc
      metatable.__gc = function(...) print(name) return gc(...) end
      return object
    end
    local text = p.trace.parse("a 1 24\n")
    local function make()
      local _, state = p.trace.each(text)
      local made = { p.heap(), p.replay(text), state }
      print("made")
      return made
    end
    local objects = make()
    for i, name in ipairs { "heap", "run", "reader" } do tell(name, objects[i]) end ]]

  local function finalized(script)
    local counts = { heap = 0, run = 0, reader = 0, made = 0 }
    for name in child(told .. script):gmatch("[^\n]+") do
      counts[name] = counts[name] + 1
    end
    return counts
  end

  it("finalizes each heap, run and reader that was made before", function()
    assert.same({ heap = 2, run = 1, reader = 1, made = 1 }, finalized(""))
    assert.same({ heap = 4, run = 2, reader = 2, made = 2 }, finalized(" more = make()"))
  end)

  it("does not finalize those that a finalizer makes meanwhile, which are leaked", function()
    assert.same({ heap = 2, run = 1, reader = 1, made = 2 }, finalized([[
      late = setmetatable({}, { __gc = function() more = make() end })]]))
  end)
end)
