-- Runs each row of the tables of docs/buffers.md that compare buffers with the library buffer of
-- Luau and with DataView: the left cell on a model in plain Lua, the right one on a buffer with the
-- same bytes. commands/pages_spec.lua runs the blocks of code of the page.

local command = require "spec.support.command"
local pymalloc = require "pymalloc"

-- {=== Models: bytes in a table { bytes = STRING }

local function read(b, offset, format)
  assert(offset >= 0 and offset + string.packsize(format) <= #b.bytes)
  return (string.unpack(format, b.bytes, offset + 1))
end

local function write_bytes(b, offset, bytes)
  assert(offset >= 0 and offset + #bytes <= #b.bytes)
  b.bytes = b.bytes:sub(1, offset) .. bytes .. b.bytes:sub(offset + #bytes + 1)
end

-- The functions of both libraries for numbers: the name in Luau, that in DataView, the option.
local NUMBERS = { { "i8", "Int8", "i1" }, { "u8", "Uint8", "I1" }, { "i16", "Int16", "i2" },
  { "u16", "Uint16", "I2" }, { "i32", "Int32", "i4" }, { "u32", "Uint32", "I4" },
  { "f32", "Float32", "f" }, { "f64", "Float64", "d" }, { "-", "BigInt64", "i8" },
  { "-", "BigUint64", "I8" } }

local function luau()
  local buffer = {}
  for _, number in ipairs(NUMBERS) do
    local format = "<" .. number[3]
    buffer["read" .. number[1]] = function(b, offset) return read(b, offset, format) end
    buffer["write" .. number[1]] = function(b, offset, value)
      write_bytes(b, offset, string.pack(format, value))
    end
  end
  function buffer.create(size) return { bytes = ("\0"):rep(size) } end
  function buffer.fromstring(text) return { bytes = text } end
  function buffer.tostring(b) return b.bytes end
  function buffer.len(b) return #b.bytes end
  function buffer.readbits(b, offset, count)
    return read(b, offset // 8, "<I8") >> offset % 8 & (1 << count) - 1
  end
  function buffer.writebits(b, offset, count, value)
    local mask = (1 << count) - 1 << offset % 8
    write_bytes(b, offset // 8,
      string.pack("<I8", read(b, offset // 8, "<I8") & ~mask | value << offset % 8))
  end
  function buffer.readstring(b, offset, count) return b.bytes:sub(offset + 1, offset + count) end
  function buffer.writestring(b, offset, text, count) write_bytes(b, offset, text:sub(1, count)) end
  function buffer.copy(target, target_offset, source, offset, count)
    offset = offset or 0
    count = count or #source.bytes - offset
    write_bytes(target, target_offset, source.bytes:sub(offset + 1, offset + count))
  end
  function buffer.fill(b, offset, value, count)
    write_bytes(b, offset, string.char(value):rep(count or #b.bytes - offset))
  end
  return buffer
end

local function data_view(b)
  local view = { byteLength = #b.bytes }
  for _, number in ipairs(NUMBERS) do
    local function format(is_little) return (is_little and "<" or ">") .. number[3] end
    view["get" .. number[2]] = function(offset, is_little)
      return read(b, offset, format(is_little))
    end
    view["set" .. number[2]] = function(offset, value, is_little)
      write_bytes(b, offset, string.pack(format(is_little), value))
    end
  end
  return view
end

-- {=== Rows

local BYTES = {}
for i = 1, 32 do
  BYTES[i] = string.char(i * 75 % 256)
end
BYTES = table.concat(BYTES)

-- The value of a cell. A result that is a buffer is compared by its bytes.
local function value_of(code, names)
  local chunk = assert(load("return " .. code, "=cell", "t", names))
  local value = chunk()
  if type(value) == "table" then
    return value.bytes
  end
  return type(value) == "userdata" and value:string() or value
end

local function model_names()
  local b, t = { bytes = BYTES }, { bytes = BYTES:reverse() }
  return { b = b, t = t, buffer = luau(), view = data_view(b),
    DataView = function(_, offset, count)
      return { bytes = b.bytes:sub(offset + 1, offset + count) }
    end }
end

-- The rows of a table whose left heading is that name.
local function rows(heading)
  local page = command.read("docs/buffers.md")
  local lines = page:match("\n| " .. heading .. " | here |\n| %-%-%- | %-%-%- |\n(.-)\n\n")
  local list = {}
  for left, right in lines:gmatch("| `(.-)` | `(.-)` |") do
    table.insert(list, { left, right })
  end
  return list
end

-- A writing function has no result in the other libraries.
local function is_write(code)
  return code:find("write", 1, true) or code:find("%.set%u") or code:find("%.copy")
    or code:find("%.fill")
end

for heading, count in pairs { Luau = 30, DataView = 22 } do
  describe("a row of the table for " .. heading, function()
    it("is there for each function", function()
      assert.equal(count, #rows(heading))
    end)

    for _, row in ipairs(rows(heading)) do
      it(row[1] .. " does what " .. row[2] .. " does", function()
        local heap <close> = pymalloc.heap()
        local model = model_names()
        local names = { heap = heap, b = heap:buffer("u8", BYTES),
          t = heap:buffer("u8", BYTES:reverse()) }
        local expected = value_of(row[1]:gsub("^new ", ""), model)
        local got = value_of(row[2], names)
        if not is_write(row[1]) then
          assert.equal(expected, got)
          assert.equal(math.type(expected), math.type(got))
        end
        assert.equal(model.b.bytes, names.b:string())
        assert.equal(model.t.bytes, names.t:string())
        assert.equal(is_write(row[1]) and true or false,
          model.b.bytes ~= BYTES or model.t.bytes ~= BYTES:reverse())
      end)
    end
  end)
end
