-- The log into which a recorded program writes (bindings/preload/log.h), and its conversion.
local command = require "spec.support.command"
local frames = require "pymalloc.cli.record.frames"
local pymalloc = require "pymalloc"

-- Kinds of records, and the offset of the first one: bindings/preload/log.h.
local MALLOC, CALLOC, CALLOC_MANY, FREE, SITE, MARK, TEXT = 1, 2, 3, 7, 8, 9, 10
local REALLOC_BEGIN, REALLOC_END, FRAME, MODULE = 4, 5, 11, 12
local HEAD_BYTES = 2 << 20

-- A record of 24 bytes, unless 'fields' has others.
local function record(kind, block, fields)
  fields = fields or {}
  return string.pack("<I4I4I4I4I8I8", kind | (fields.interpreter or 0) << 8, 1, fields.site or 0,
    fields.count or 1, block, fields.size or 24)
end

local function write_log(path, ...)
  local file <close> = assert(io.open(path, "wb"))
  file:write(string.pack("<c8I8I8I4", "pym-log2", 1, select("#", ...), 0), ("\0"):rep(64))
  file:seek("set", HEAD_BYTES)
  file:write(...)
end

describe("a log of requests", function()
  local trace = pymalloc.trace

  local function lines_of(...)
    local log <close> = command.file("")
    local out <close> = command.file("")
    write_log(log.path, ...)
    local file = assert(io.open(out.path, "wb"))
    assert(trace.convert_log(log.path, file, ""))
    file:close()
    return command.read(out.path)
  end

  -- A record with a text, and the pieces of the text.
  local function text_of(kind, text, fields)
    fields.size = #text
    local records = { record(kind, fields.parent or 0, fields) }
    for at = 1, #text, 24 do
      table.insert(records, string.pack("<I4I4c24", TEXT, 1, text:sub(at, at + 23)))
    end
    return table.unpack(records)
  end

  it("gives a calloc of 2^32 elements and more its count and size", function()
    assert.equal("c 1 5 24\nc 2 4294967296 1\n", lines_of(
      record(CALLOC, 4096, { count = 5 }),
      record(CALLOC_MANY, 8192, { count = 1, size = 1 << 32 })))
  end)

  it("keeps the block of a realloc that is refused", function()
    assert.equal("a 1 24\nf 1\n", lines_of(record(MALLOC, 4096), record(REALLOC_BEGIN, 4096),
      record(REALLOC_END, 0), record(FREE, 4096)))
  end)

  it("has the frames of the file that was mapped last at their addresses", function()
    local records = {}
    for _, path in ipairs { "/none/older.so", "/none/newer.so" } do
      table.insert(records, record(MODULE, 0x10000, { site = #path, count = 2, size = 0x20000 }))
      table.insert(records, string.pack("<I4I4c24", TEXT, 1, path))
    end
    table.insert(records, record(FRAME, 0x10123, { site = 1, count = 0 }))
    local log <close> = command.file("")
    write_log(log.path, table.unpack(records))
    assert.same({ [0x10123] = { "newer.so+0x2123" } }, frames.texts(log.path))
  end)

  it("becomes lines of sites, marks and interpreters", function()
    local frame = "a frame whose text is longer\nthan one piece of 24 bytes"
    local sites = { text_of(SITE, frame, { site = 2, parent = 1 }) }
    local all = { text_of(SITE, "main.py:1 <module>", { site = 1 }) }
    table.move(sites, 1, #sites, #all + 1, all)
    table.insert(all, record(MALLOC, 4096, { site = 2 }))
    table.move({ text_of(MARK, "load", {}) }, 1, 2, #all + 1, all)
    table.insert(all, record(CALLOC, 8192, { site = 1, interpreter = 3 }))
    table.insert(all, record(FREE, 8192, { interpreter = 3 }))
    table.insert(all, record(FREE, 4096, { site = 2 }))
    assert.equal("w 1 0 main.py:1 <module>\nw 2 1 " .. frame:gsub("\n", "?")
      .. "\na 1 24 @2\nm load\ni 3\nc 2 1 24 @1\nf 2\ni 0\nf 1\n", lines_of(table.unpack(all)))
  end)

  it("has blanks for a piece of a text that was not written, but none at its end", function()
    local first = { text_of(SITE, ("x"):rep(30), { site = 1 }) }
    first[3] = record(0, 0)
    assert.equal("w 1 0 " .. ("x"):rep(24) .. "\n", lines_of(table.unpack(first)))
  end)

  it("counts the frees of blocks that it does not allocate, and leaves them out", function()
    local log, out = os.tmpname(), os.tmpname()
    write_log(log, record(MALLOC, 4096), record(FREE, 8192), record(FREE, 4096), record(FREE, 4096))
    local to <close> = assert(io.open(out, "wb"))
    assert.same({ 2, 2 }, { trace.convert_log(log, to, "") })
    os.remove(log)
    os.remove(out)
  end)

  it("names the path and the reason, once each, where it cannot be made", function()
    for path, reason in pairs {
      ["/nonexistent/log"] = "No such file or directory", ["/dev/full"] = "No space left on device",
    } do
      local made, problem = trace.new_log(path)
      assert.is_nil(made)
      assert.equal(path .. ": " .. reason, problem)
    end
  end)

  it("names the path and the reason where its head cannot be read", function()
    local what, problem = trace.log_about("/nonexistent/log")
    assert.is_nil(what)
    assert.equal("/nonexistent/log: No such file or directory", problem)
  end)

  it("names the file at fault, and the reason, where it cannot be converted", function()
    local log <close> = command.file("")
    local path <close> = command.file("")
    assert(trace.new_log(log.path))
    local function fails(from, to)
      local file <close> = assert(io.open(to, "wb"))
      local requests, text, kind = trace.convert_log(from, file, "# head\n")
      assert.is_nil(requests)
      return { kind, text }
    end
    assert.same({ "log", "/nonexistent/log: No such file or directory" },
      fails("/nonexistent/log", path.path))
    assert.same({ "write", "No space left on device" }, fails(log.path, "/dev/full"))
    assert.same({ "log", "/dev/null: the log is damaged" }, fails("/dev/null", path.path))
    local file <close> = assert(io.open(path.path, "wb"))
    assert.equal(0, trace.convert_log(log.path, file, "# head\n"))
    assert.equal("# head\n", command.read(path.path))
    file:close()
    assert.error_matches(function()
      trace.convert_log(log.path, file, "# head\n")
    end, "the file is closed")
  end)
end)
