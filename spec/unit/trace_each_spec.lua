local command = require "spec.support.command"
local complaint = require "spec.support.complaint"
local lfs = require "lfs"
local pymalloc = require "pymalloc"

local each = pymalloc.trace.each

local function parsed(text)
  return { text = text }
end

-- Returns the values of each turn of a loop over the trace.
local function operations_of(trace)
  local list = {}
  for operation, id, bytes, count in each(trace) do
    table.insert(list, { operation, id, bytes, count })
  end
  return list
end

-- Counts the open descriptors of this process.
local function open_files()
  local count = 0
  for _ in lfs.dir("/proc/self/fd") do
    count = count + 1
  end
  return count
end

describe("pymalloc.trace.each", function()
  it("returns each operation of a trace with its values, in order", function()
    assert.same({
      { "malloc", 1, 24 }, { "calloc", 2, 8, 3 }, { "realloc", 1, 600 }, { "free", 2 }, { "dump" },
      { "report" }, { "check" }, { "allow", nil, nil, 7 }, { "allow", nil, nil, -1 },
    }, operations_of(parsed("# pymalloc trace 1\na 1 24\n\nc 2 3 8\n# a comment\nr\t1  600\r\n"
      .. "f 2\nd\ns\nk\nx 7\nx -1")))
  end)

  it("reads a file, compressed or not", function()
    local file <close> = command.file("a 1 8\nf 1\n")
    assert.same({ { "malloc", 1, 8 }, { "free", 1 } }, operations_of(file.path))
    local requests = 0
    for _ in each("traces/cpython-startup.trace.xz") do
      requests = requests + 1
    end
    assert.equal(43354, requests)
  end)

  it("keeps the bits of numbers from 2^63 on", function()
    assert.same({ { "malloc", 1, -1 }, { "free", math.mininteger } },
      operations_of(parsed("a 1 18446744073709551615\nf 9223372036854775808\n")))
  end)

  it("raises an error that names the invalid line", function()
    local seen = 0
    assert.equal("pymalloc: trace.each: text:3: expected 'a ID SIZE', found 'a 2'",
      complaint(function()
        for _ in each(parsed("a 1 8\nf 1\na 2\nf 2\n")) do
          seen = seen + 1
        end
      end))
    assert.equal(2, seen)
  end)

  it("returns nil and a message if the file cannot be opened", function()
    local iterator, problem = each("/nonexistent/trace")
    assert.is_nil(iterator)
    assert.equal("/nonexistent/trace cannot be opened: No such file or directory", problem)
  end)

  it("refuses an argument that is not a trace", function()
    for _, case in ipairs { { 5, "5" }, { {}, "a table" }, { nil, "nil" } } do
      assert.equal("pymalloc: trace.each: trace must be a path or a trace, got " .. case[2],
        complaint(function() each(case[1]) end))
    end
    assert.matches("a path holds no zero byte", complaint(function() each("a\0b") end))
  end)

  it("closes the file when a loop is left by break", function()
    local before = open_files()
    for _ = 1, 5 do
      local count = 0
      for _ in each("traces/cpython-startup.trace.xz") do
        count = count + 1
        if count == 10 then
          break
        end
      end
    end
    assert.equal(before, open_files())
  end)

  it("raises an error if its iterator is called after the loop", function()
    local next_operation, reader
    do
      local f, state, _, closing <close> = each(parsed("a 1 8\nf 1\n"))
      assert.equal("malloc", (f(state)))
      next_operation, reader = f, state
      assert.equal(closing, reader)
    end
    assert.equal("pymalloc: trace.each: the loop has ended",
      complaint(function() next_operation(reader) end))
    assert.equal("pymalloc: pymalloc.TraceReader expected, got a table",
      complaint(function() next_operation({}) end))
  end)

  it("keeps the text alive even if the script clears the reader's user value", function()
    local f, state = each(parsed("a 1 8\nf 1\n" .. ("# filler\n"):rep(1000)))
    debug.setuservalue(state, nil, 1)
    collectgarbage()
    assert.equal("malloc", (f(state)))
    assert.equal("free", (f(state)))
    assert.is_nil((f(state)))
    assert.is_nil((f(state)))
  end)
end)
