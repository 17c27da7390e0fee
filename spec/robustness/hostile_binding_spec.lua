-- Tests misuses of the binding by hostile scripts. After each the process still
-- runs and the heap passes its check, and sanitizers find no invalid access to
-- memory.

local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"

local function objects(heap)
  local b = heap:buffer("u8", 64)
  return { heap, b, b:slice(2, 3), heap:arena(0), b:pool() }
end

-- Returns every function of the binding that a script can reach.
local function functions(heap)
  local found, seen = {}, {}
  local function add(holder)
    for name, value in pairs(holder) do
      if type(value) == "function" and not seen[value] and name ~= "replay_file" then
        seen[value] = true
        table.insert(found, value)
      end
    end
  end
  for _, object in ipairs(objects(heap)) do
    add(debug.getmetatable(object))
  end
  for _, methods in pairs(require "pymalloc.core".methods) do
    add(methods)
  end
  return found
end

describe("a forged self", function()
  local heap

  before_each(function()
    heap = pymalloc.heap()
  end)

  it("is refused by every function of the binding", function()
    local forged = { io.stdout, io.tmpfile(), {}, "", 0, print, coroutine.create(print), false }
    for _, f in ipairs(functions(heap)) do
      for _, self in ipairs(forged) do
        local is_fine, result = pcall(f, self, 1, 1)
        assert.is_falsy(is_fine and result)
      end
    end
    assert.is_true(heap:check())
  end)

  it("is refused even with the metatable of a real object", function()
    for _, object in ipairs(objects(heap)) do
      local file = io.tmpfile()
      local metatable, old = debug.getmetatable(object), debug.getmetatable(file)
      debug.setmetatable(file, metatable)
      local text = complaint(metatable.__index, file, 1)
      debug.setmetatable(file, old)
      assert.matches("^pymalloc: pymalloc%.%a+ expected, got ", text)
    end
  end)

  it("is refused if objects swap their metatables", function()
    local all = objects(heap)
    for i, one in ipairs(all) do
      for j, other in ipairs(all) do
        local old = debug.getmetatable(one)
        debug.setmetatable(one, debug.getmetatable(other))
        local is_fine = pcall(debug.getmetatable(other).__index, one, "x" .. j)
        debug.setmetatable(one, old)
        assert.is_false(is_fine, i .. " as " .. j)
      end
    end
    assert.is_true(heap:check())
  end)

  it("breaks no heap, whichever objects and values the arguments are", function()
    local values = { 1, -1, 0, math.mininteger, math.maxinteger, 1e300, 0 / 0, "u8", {}, true }
    for _, f in ipairs(functions(heap)) do
      for _, last in ipairs(values) do
        local target <close> = pymalloc.heap { profile = "classroom", max_arenas = 2 }
        local all = objects(target)
        table.move(values, 1, #values, #all + 1, all)
        for _, one in ipairs(all) do
          for _, other in ipairs(all) do
            pcall(f, one, other, last)
          end
        end
        local is_fine, text = pcall(target.check, target)
        assert.is_true(is_fine or text:match("the heap is closed$") ~= nil, text)
      end
    end
  end)
end)

describe("a user value that was changed", function()
  local heap, other

  before_each(function()
    heap, other = pymalloc.heap(), pymalloc.heap { profile = "classroom" }
    other:malloc(16)
  end)

  it("does not affect a buffer", function()
    for _, value in ipairs { other, 1, {}, io.stdout } do
      local b = heap:buffer("u8", 16)
      debug.setuservalue(b, value, 1)
      b[16] = 9
      assert.equal(9, b[16])
      pcall(b.location, b)
      pcall(b.pool, b)
      assert.is_string(tostring(b))
      b:free()
    end
  end)

  it("makes a slice refer to no buffer, or to another buffer of its type", function()
    local b = heap:buffer("u8", 16)
    local slice = b:slice(9, 16)
    debug.setuservalue(slice, heap:buffer("u8", 15), 1)
    assert.equal("pymalloc: the slice u8[8] reaches beyond its buffer",
      complaint(slice.string, slice))
    for _, value in ipairs { heap:buffer("f64", 16), slice, b:slice(1), heap, 0 } do
      debug.setuservalue(slice, value, 1)
      assert.equal("pymalloc: the buffer of this slice was freed (u8[8])",
        complaint(slice.string, slice))
    end
  end)

  it("makes a view refer to no pool if the other heap has none at its place", function()
    other:malloc(32)
    local view = other:malloc(48):pool()
    assert.equal(512, view.offset)
    local b = heap:malloc(8)
    debug.setuservalue(view, heap, 1)
    assert.equal("pymalloc.Pool 0:512 gone", tostring(view))
    assert.equal(8, #b)
  end)

  it("makes a view refer to the object at its place in the other heap, if any", function()
    local names = { "state", "address", "szidx", "nextarena", "freelist", "blocks", "pools" }
    for _, view in ipairs { heap:malloc(512):pool(), heap:malloc(8):pool(), heap:arena(15) } do
      for _, value in ipairs { other, pymalloc.heap(), 1, {} } do
        debug.setuservalue(view, value, 1)
        for _, name in ipairs(names) do
          pcall(function()
            local field = view[name]
            return type(field) == "function" and field(view)
          end)
        end
        assert.is_string(tostring(view))
      end
    end
    assert.is_true(other:check())
  end)
end)

describe("upvalues and the registry", function()
  it("can be replaced by any value", function()
    local heap <close> = pymalloc.heap()
    for _, object in ipairs(objects(heap)) do
      local index = debug.getmetatable(object).__index
      local _, old = debug.getupvalue(index, 1)
      for _, value in ipairs { 0, "s", io.stdout, {} } do
        debug.setupvalue(index, 1, value)
        assert.is_false(pcall(index, object, "malloc"))
      end
      debug.setupvalue(index, 1, old)
    end
    assert.is_true(heap:check())
  end)

  it("lead to an error if a method that makes buffers has another upvalue", function()
    local heap <close> = pymalloc.heap()
    local b = heap:buffer("i32", 2)
    local calls = { { heap.malloc, heap, 8 }, { heap.calloc, heap, 1, 8 },
      { heap.buffer, heap, "u8", 8 }, { heap.buffers, heap, "u8", 8, 1 },
      { b.slice, b, 1 }, { b.view, b, "u8" } }
    for _, call in ipairs(calls) do
      local _, old = debug.getupvalue(call[1], 1)
      for _, value in ipairs { 0, "s", io.stdout, print } do
        debug.setupvalue(call[1], 1, value)
        local text = complaint(table.unpack(call))
        debug.setupvalue(call[1], 1, old)
        assert.equal("pymalloc: the metatable of pymalloc.Buffer is gone", text)
      end
      assert.is_true((pcall(table.unpack(call))))
    end
    assert.is_true(heap:check())
  end)

  it("lead to an error if they lack a metatable", function()
    local heap <close> = pymalloc.heap()
    assert.is_true(heap:malloc(8):pool().size > 0)
    local registry, taken = debug.getregistry(), {}
    for key, value in pairs(registry) do
      local name = type(key) == "userdata" and type(value) == "table" and value.__name
      if name == "pymalloc.Arena" then
        taken[key] = value
      end
    end
    for key in pairs(taken) do
      registry[key] = 42
    end
    local text = complaint(heap.arena, heap, 0)
    for key, value in pairs(taken) do
      registry[key] = value
    end
    assert.equal("pymalloc: the metatable of pymalloc.Arena is gone", text)
  end)
end)
