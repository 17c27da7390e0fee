local pymalloc = require "pymalloc"
local complaint = require "spec.support.complaint"

describe("b:read and b:write", function()
  local heap, file

  before_each(function()
    heap, file = pymalloc.heap(), assert(io.tmpfile())
  end)

  after_each(function()
    pcall(file.close, file)
    assert(heap:check())
    heap:close()
  end)

  it("carry the bytes of a buffer of any type, with no string in between", function()
    for _, type in ipairs { "u8", "i16", "u32", "f64" } do
      local b = heap:buffer(type, { 1, 2, 3 })
      file:seek("set")
      assert.equal(#b:string(), b:write(file))
      file:seek("set")
      local copy = heap:buffer(type, 3)
      assert.equal(#b:string(), copy:read(file))
      assert.same({ 1, 2, 3 }, copy:totable())
    end
  end)

  it("take an offset and a count in bytes", function()
    local b = heap:buffer("u16", 4)
    file:write("abcdef")
    file:seek("set")
    assert.equal(3, b:read(file, 1, 3))
    assert.equal("\0abc\0\0\0\0", b:string())
    assert.equal(0, b:read(file, 8))
    assert.equal(0, b:read(file, 2, 0))
    file:seek("set")
    assert.equal(2, b:write(file, 2, 2))
    file:seek("set")
    assert.equal("bccdef", file:read("a"))
    assert.equal("pymalloc: b:read: offset must be from 0 to 8, got 9",
      complaint(b.read, b, file, 9))
    assert.equal("pymalloc: b:write: count must be from 0 to 2, got 3",
      complaint(b.write, b, file, 6, 3))
  end)

  it("tell that the file ended before all bytes were read", function()
    local b = heap:buffer("u8", 8):fill(255)
    file:write("abc")
    file:seek("set")
    assert.equal(3, b:read(file))
    assert.equal("abc\255\255\255\255\255", b:string())
    assert.equal(0, b:read(file))
  end)

  it("continue where the file stands, between reads and writes of io", function()
    local b = heap:buffer("u8", 2)
    file:write("line\nxyz")
    file:seek("set")
    assert.equal("line", file:read())
    b:read(file)
    assert.equal("xy", b:string())
    assert.equal("z", file:read("a"))
  end)

  it("return nil, a message and the number of an error", function()
    local b = heap:buffer("u8", 1 << 16)
    local name = os.tmpname()
    local only_write = assert(io.open(name, "w"))
    local none, message, number = b:read(only_write)
    only_write:close()
    assert.is_nil(none)
    assert.equal("Bad file descriptor", message)
    assert.equal(9, number)
    local only_read = assert(io.open(name, "r"))
    assert.same({ [2] = "Bad file descriptor", [3] = 9 }, { b:write(only_read) })
    assert.equal(0, b:read(only_read))
    only_read:close()
    os.remove(name)
  end)

  it("report a device that is full", function()
    local full = io.open("/dev/full", "w")
    if not full then
      pending("this system has no /dev/full")
      return
    end
    full:setvbuf("no")
    assert.same({ [2] = "No space left on device", [3] = 28 }, { heap:buffer("u8", 9):write(full) })
    full:close()
  end)

  it("read from a program", function()
    local pipe = assert(io.popen("printf abcdef"))
    local b = heap:buffer("u8", 10)
    assert.equal(6, b:read(pipe))
    assert.equal("abcdef", b:string(1, 6))
    pipe:close()
  end)
end)
