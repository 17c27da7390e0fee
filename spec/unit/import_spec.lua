local pymalloc = require "pymalloc"
local import = require "pymalloc.import"

-- The requests of a text of some format, without the comments.
local function imported(lines, options)
  local trace, notes = pymalloc.trace.parse(table.concat(lines, "\n") .. "\n", options)
  if not trace then
    return nil, notes
  end
  return (trace.text:gsub("#[^\n]*\n", "")), notes
end

local EXPECTED = "a 1 10\nc 2 3 8\nr 1 700\nf 2\n"

local samples = {
  valgrind = {
    "==5== Memcheck, a memory error detector",
    "--5-- malloc(10) = 0x4A43040",
    "--5-- calloc(3,8) = 0x4A43090",
    "--5-- realloc(0x4A43040,700) = 0x4A430F0",
    "--5-- free(0x4A43090)",
  },
  ltrace = {
    "malloc(10) = 0x55d0", "calloc(3, 8) = 0x55e0", "realloc(0x55d0, 700) = 0x5600",
    "puts(\"x\") = 2", "free(0x55e0) = <void>", "+++ exited (status 0) +++",
  },
}

describe("importing", function()
  for name, lines in pairs(samples) do
    it("recognises " .. name, function()
      local text, notes = imported(lines)
      assert.equal(EXPECTED, text)
      assert.equal(name, notes.format)
      assert.equal(4, notes.requests)
    end)
  end

  it("reads mtrace, whose realloc takes two lines", function()
    assert.equal("a 1 10\nr 1 700\nf 1\n", (imported { "= Start", "@ ./a:[0x1] + 0x55d0 0xa",
      "@ ./a:[0x2] < 0x55d0", "@ ./a:[0x2] > 0x5600 0x2bc", "@ ./a:[0x3] - 0x5600", "= End" }))
  end)

  it("reads malloclab with headers of four and of two numbers, and CRLF", function()
    local body = { "a 0 10\r", "r 0 700\r", "f 0\r" }
    local expected = "a 1 10\nr 1 700\nf 1\n"
    assert.equal(expected, (imported { "20000", "1", "3", "1", table.unpack(body) }))
    assert.equal(expected, (imported { "1", "9", table.unpack(body) }))
  end)

  it("counts frees of blocks that were never seen", function()
    local text, notes = imported { "malloc(10) = 0x55d0", "free(0x1234) = <void>" }
    assert.equal("a 1 10\n", text)
    assert.equal(1, notes.unknown_frees)
  end)

  it("names the line that is damaged, and keeps what was before it if told", function()
    local lines = { "--5-- malloc(10) = 0x4A43040", "--5-- malloc(1" }
    local text, problem = imported(lines)
    assert.is_nil(text)
    assert.equal("text:2: this is no line of format valgrind: '--5-- malloc(1'", problem)
    local kept, notes = imported(lines, { lenient = true })
    assert.equal("a 1 10\n", kept)
    assert.equal(problem, notes.problem)
  end)

  it("refuses what it does not know", function()
    local _, problem = imported { "hello" }
    assert.matches("the format is none of " .. table.concat(import.formats, ", "), problem)
    _, problem = imported({ "hello" }, { format = "x" })
    assert.matches("unknown format 'x'", problem)
  end)
end)

describe("trace.record", function()
  it("gives what Lua allocates, and what the function returns", function()
    local trace, one, two = pymalloc.trace.record(function(x)
      local list = {}
      for i = 1, 100 do
        list[i] = { i }
      end
      return x, #list
    end, "x")
    assert.same({ "x", 100 }, { one, two })
    assert.is_true(trace.requests > 200)
    local run = assert(pymalloc.replay(trace))
    assert.equal(trace.requests, run:step(run.length))
  end)

  it("puts the allocator back when the function fails", function()
    assert.error_matches(function()
      pymalloc.trace.record(function() error("bad", 0) end)
    end, "^bad$")
    local trace = pymalloc.trace.record(function() return {} end)
    assert.is_true(trace.requests > 0)
    assert.error_matches(function()
      pymalloc.trace.record(function() pymalloc.trace.record(print) end)
    end, "a recording is on already")
  end)
end)
