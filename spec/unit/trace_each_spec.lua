local command = require "spec.support.command"
local complaint = require "spec.support.complaint"
local lfs = require "lfs"
local pymalloc = require "pymalloc"

local each = pymalloc.trace.each

local function parsed(text)
  return { text = text }
end

-- Everything that a loop over the trace gets.
local function operations_of(trace)
  local list = {}
  for operation, id, bytes, count in each(trace) do
    table.insert(list, { operation, id, bytes, count })
  end
  return list
end

-- The descriptors that this process has open.
local function open_files()
  local count = 0
  for _ in lfs.dir("/proc/self/fd") do
    count = count + 1
  end
  return count
end

describe("pymalloc.trace.each", function()
  it("gives each operation of a trace with what it has, in order", function()
    assert.same({
      { "malloc", 1, 24 }, { "calloc", 2, 8, 3 }, { "realloc", 1, 600 }, { "free", 2 }, { "dump" },
      { "report" }, { "check" }, { "allow", nil, nil, 7 }, { "allow", nil, nil, -1 },
    }, operations_of(parsed("# pymalloc trace 1\na 1 24\n\nc 2 3 8\n# a comment\nr\t1  600\r\n"
      .. "f 2\nd\ns\nk\nx 7\nx -1")))
  end)

  it("reads a file, packed or not", function()
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

  it("raises an error that names the line that is wrong", function()
    local seen = 0
    assert.equal("pymalloc: trace.each: text:3: expected 'a ID SIZE', found 'a 2'",
      complaint(function()
        for _ in each(parsed("a 1 8\nf 1\na 2\nf 2\n")) do
          seen = seen + 1
        end
      end))
    assert.equal(2, seen)
  end)

  it("gives nil and a message where the file cannot be opened", function()
    local iterator, problem = each("/nonexistent/trace")
    assert.is_nil(iterator)
    assert.equal("/nonexistent/trace cannot be opened: No such file or directory", problem)
  end)

  it("refuses what is no trace", function()
    for _, case in ipairs { { 5, "5" }, { {}, "a table" }, { nil, "nil" } } do
      assert.equal("pymalloc: trace.each: trace must be a path or a trace, got " .. case[2],
        complaint(function() each(case[1]) end))
    end
    assert.matches("a path holds no zero byte", complaint(function() each("a\0b") end))
  end)

  it("closes the file where a loop is left", function()
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

  it("has ended once its loop is left, whatever is called then", function()
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

  it("keeps the text, though the script changes what it can", function()
    local f, state = each(parsed("a 1 8\nf 1\n" .. ("# filler\n"):rep(1000)))
    debug.setuservalue(state, nil, 1)
    collectgarbage()
    assert.equal("malloc", (f(state)))
    assert.equal("free", (f(state)))
    assert.is_nil((f(state)))
    assert.is_nil((f(state)))
  end)
end)
