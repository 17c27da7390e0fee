-- Tests misuses of the methods of buffers that take bytes, ranges, other buffers and files. After
-- each the heap passes its check, and sanitizers find no invalid access to memory.

local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"
local heaps = require "spec.support.heaps"

local HUGE = { math.maxinteger, math.mininteger, 1 << 62, 1 << 61, 1 << 32, 1 << 31, 2 ^ 53, 2 ^ 62,
  2 ^ 63, 2 ^ 64, 1e300, -1, -2 ^ 63, math.huge, -math.huge, 0 / 0, 0.5 }

local heap

before_each(function()
  heap = pymalloc.heap { profile = "classroom", checked = true }
end)

after_each(function()
  heaps.finish(heap)
end)

-- The methods, each with arguments that it accepts for a buffer of 16 elements of u8.
local function calls(b)
  local file = io.tmpfile()
  return {
    { b.pack, b, 0, "<I1", 1 }, { b.unpack, b, 0, "<i4" }, { b.view, b, "u16", 2, 3 },
    { b.find, b, 7, 1, 16 }, { b.compare, b, b, 1, 16 }, { b.fill, b, 7, 1, 16 },
    { b.copy, b, b, 1, 1, 16 }, { b.copy, b, "12345678", 1, 1, 8 },
    { b.copy, b, { 1, 2, 3 }, 1, 1, 3 }, { b.slice, b, 1, 16 },
    { b.string, b, 1, 16 }, { b.totable, b, 1, 16 }, { b.byteswap, b, 1, 16 },
    { b.readbits, b, 3, 13 }, { b.writebits, b, 3, 13, 5 },
    { b.read, b, file, 0, 16 }, { b.write, b, file, 0, 16 },
  }
end

describe("an argument of a method of buffers", function()
  it("is accepted in the calls that the tests below change", function()
    for i, call in ipairs(calls(heap:buffer("u8", 16))) do
      local ok, problem = pcall(table.unpack(call))
      assert.is_true(ok, ("call %d: %s"):format(i, problem))
    end
  end)

  it("that is a huge, negative or fractional number is refused, and nothing is written", function()
    local b = heap:buffer("u8", 16)
    local before = b:string()
    for number, call in ipairs(calls(b)) do
      for i = 3, #call do
        for _, value in ipairs(HUGE) do
          local changed = { table.unpack(call) }
          changed[i] = value
          local ok, problem = pcall(table.unpack(changed))
          local where = ("call %d, argument %d, %s"):format(number, i, value)
          assert.is_false(ok, where)
          assert.matches("pymalloc: ", problem, where)
          assert.equal(before, b:string())
        end
      end
    end
  end)

  it("may be of any other type", function()
    local b = heap:buffer("u8", 16)
    local others = { true, "x", "", {}, print, io.tmpfile(), coroutine.create(print), b, heap,
      setmetatable({}, { __len = error, __index = error }), heap:buffer("f64", 2) }
    for _, call in ipairs(calls(b)) do
      for i = 2, #call do
        for _, value in ipairs(others) do
          local changed = { table.unpack(call) }
          changed[i] = value
          pcall(table.unpack(changed))
          changed[i] = nil
          pcall(table.unpack(changed, 1, #call))
        end
      end
    end
  end)

  it("may be left out", function()
    local b = heap:buffer("u8", 16)
    for _, call in ipairs(calls(b)) do
      for last = 1, #call - 1 do
        pcall(table.unpack(call, 1, last))
      end
    end
  end)

  it("that is a string of digits is not a number", function()
    local b = heap:buffer("u8", 16)
    for number, call in ipairs(calls(b)) do
      for i = 3, #call do
        if type(call[i]) == "number" then
          local changed = { table.unpack(call) }
          changed[i] = "1"
          local ok = pcall(table.unpack(changed))
          local is_pattern = call[1] == b.find and i == 3
          assert.equal(is_pattern, ok, ("call %d, argument %d"):format(number, i))
        end
      end
    end
  end)
end)

describe("a self that is freed, closed or cut", function()
  local function each_call_raises(make, text)
    local list = calls(heap:buffer("u8", 16))
    local self = make()
    for i, call in ipairs(list) do
      call[2] = self
      assert.matches(text, complaint(table.unpack(call)), "call " .. i)
    end
  end

  it("is refused when it was freed", function()
    each_call_raises(function()
      local b = heap:buffer("u8", 16)
      b:free()
      return b
    end, "was freed$")
  end)

  it("is refused when its heap is closed", function()
    local other = pymalloc.heap()
    each_call_raises(function()
      local b = other:buffer("u8", 16)
      other:close()
      return b
    end, "the heap of this buffer is closed")
  end)

  it("is refused when it is a view of a buffer that became too short", function()
    each_call_raises(function()
      local b = heap:buffer("u8", 32)
      local view = b:view("u8", 8, 16)
      b:resize(20)
      return view
    end, "reaches beyond its buffer")
  end)

  it("is refused when it is a view of a freed buffer", function()
    each_call_raises(function()
      local b = heap:buffer("u8", 32)
      local view = b:view("u8", 8, 16)
      b:free()
      return view
    end, "the buffer of this slice was freed")
  end)
end)

describe("a format", function()
  local b

  before_each(function()
    b = heap:buffer("u8", 16)
  end)

  it("of 10,000 letters may contain only letters without values", function()
    for _, letter in ipairs { " ", "<", ">", "=", "!8" } do
      assert.equal(3, b:pack(3, letter:rep(10000)))
      assert.equal(3, b:unpack(3, letter:rep(10000)))
    end
  end)

  it("of 10,000 letters may read 10,000 values, and write as many", function()
    local long = heap:buffer("u8", 10000):fill(7)
    local values = { long:unpack(0, ("b"):rep(10000)) }
    assert.equal(10001, #values)
    assert.equal(10000, values[10001])
    table.remove(values)
    assert.equal(10000, long:pack(0, ("B"):rep(10000), table.unpack(values)))
    assert.equal(10000, long:pack(0, ("x"):rep(10000)))
    assert.equal(("\0"):rep(10000), long:string())
  end)

  it("that has more results than Lua's stack is refused", function()
    local long = heap:buffer("u8", 2000000)
    assert.matches("too many results", complaint(long.unpack, long, 0, ("b"):rep(2000000)))
  end)

  it("that is wrong is refused with its letter", function()
    local wrong = { "i17", "i0", "I99999999999999999999", "c", "c99999999999999999999", "q", "Xq",
      "X", "Xc4", "Xz", "X ", "X<", "XX", "!17", "!0", "s0", "s17", "!i3", "!8i5", "i4\0", "\0",
      "\255", "-", "%" }
    for _, format in ipairs(wrong) do
      local text = complaint(b.pack, b, 0, format, 1, 1)
      assert.matches("^pymalloc: b:pack: ", text, format)
      assert.matches("^pymalloc: b:unpack: ", complaint(b.unpack, b, 0, format), format)
    end
  end)

  it("that reaches beyond the buffer is refused before anything is written", function()
    local before = b:string()
    for offset = 0, 16 do
      local fits = 16 - offset
      assert.is_nil(complaint(b.pack, b, offset, "c" .. fits, ""))
      for _, format in ipairs { "c" .. fits + 1, "c2147483647", ("x"):rep(fits + 1), "!16Xi16c17",
        "xc" .. fits, "c" .. fits .. "!16Xi16x" } do
        for _, method in ipairs { b.pack, b.unpack } do
          assert.matches("beyond the 16 bytes", complaint(method, b, offset, format, ""), format)
        end
      end
    end
    assert.equal(before, b:string())
  end)

  it("reads no string whose length lies", function()
    for size = 1, 16 do
      b:fill(255)
      assert.is_string(complaint(b.unpack, b, 0, "s" .. size))
      b:fill(127)
      assert.is_string(complaint(b.unpack, b, 0, "s" .. size))
    end
    assert.matches("no zero byte", complaint(b.unpack, b, 0, "z"))
    assert.matches("no zero byte", complaint(b.unpack, b, 16, "z"))
  end)
end)

describe("a view", function()
  it("never dangles, whichever of owner, heap and view ends first", function()
    local names = { "owner", "view", "heap" }
    for round = 1, 60 do
      local objects = {}
      objects.heap = pymalloc.heap { checked = round % 2 == 0 }
      objects.owner = objects.heap:buffer("u8", round % 3 == 0 and 4000 or 64)
      objects.view = objects.owner:view("u32"):view("u16", 2):slice(2)
      for step = 1, 3 do
        local name = names[(round + step * (round % 2 + 1)) % 3 + 1]
        local view = objects.view
        if name == "heap" and round % 5 == 0 and objects.heap then
          objects.heap:close()
        elseif name == "owner" and round % 7 == 0 and objects.owner then
          pcall(objects.owner.free, objects.owner)
        end
        objects[name] = nil
        collectgarbage()
        collectgarbage()
        if view then
          pcall(view.fill, view, 7)
          pcall(view.string, view)
        end
      end
    end
  end)

  it("of a changed owner reads and writes only inside of it", function()
    local b = heap:buffer("u8", 64)
    local view = b:view("f64", 3, 7)
    local others = { heap:buffer("u8", 8), heap:buffer("u8", 58), heap:buffer("f64", 64), view,
      b:slice(1), heap, 0, {}, io.stdout }
    for _, value in ipairs(others) do
      debug.setuservalue(view, value, 1)
      assert.is_string(complaint(view.string, view))
      assert.is_string(complaint(view.fill, view, 1))
    end
    debug.setuservalue(view, heap:buffer("u8", 59), 1)
    assert.equal(56, #view:fill(1):string())
  end)

  it("may be closed as a variable, and its owner lives on", function()
    local b = heap:buffer("u8", 8)
    do
      local view <close> = b:view("u16")
      view[1] = 513
    end
    assert.equal(1, b[1])
    assert.equal(1, heap:stats().blocks)
  end)
end)

describe("a file that is not an open file of io", function()
  it("is refused by read and write", function()
    local b = heap:buffer("u8", 16)
    local closed = io.tmpfile()
    closed:close()
    local finished = io.tmpfile()
    getmetatable(finished).__gc(finished)
    for _, method in ipairs { "read", "write" } do
      assert.matches("the file is closed", complaint(b[method], b, closed))
      assert.matches("the file is closed", complaint(b[method], b, finished))
      for _, value in ipairs { 0, "/dev/zero", {}, b, heap, print } do
        assert.matches("must be a file of io, got", complaint(b[method], b, value))
      end
    end
  end)

  it("is refused even with the metatable of a file", function()
    local b = heap:buffer("u8", 16)
    local files, read = debug.getmetatable(io.stdout), b.read
    for _, object in ipairs { heap, b, b:slice(1), heap:arena(0) } do
      local old = debug.getmetatable(object)
      debug.setmetatable(object, files)
      local text = complaint(read, b, object)
      debug.setmetatable(object, old)
      assert.matches("must be a file of io, got", text)
    end
  end)

  it("may have a metatable that was changed", function()
    local files = debug.getmetatable(io.stdout)
    local file, old = io.tmpfile(), {}
    for name, value in pairs(files) do
      old[name] = value
    end
    files.__gc, files.__index, files.__name = nil, nil, nil
    local b = heap:buffer("u8", { 1, 2, 3 })
    local written = b:write(file)
    for name, value in pairs(old) do
      files[name] = value
    end
    file:close()
    assert.equal(3, written)
  end)
end)
