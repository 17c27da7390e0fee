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
    it("recognises " .. name .. ", with CRLF too", function()
      assert.equal(EXPECTED, (imported({ table.concat(lines, "\r\n") .. "\r" })))
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
    assert.equal(expected, (imported { "1", "3", table.unpack(body) }))
  end)

  it("compares a malloclab trace with its header", function()
    for _, case in ipairs {
      { { "2", "4", "a 0 10", "f 0" },
        "text:4: the header declares 4 operations, the trace has 2" },
      { { "2", "2", "a 0 10", "a 2 10" },
        "text:4: .*'a 2 10' %(the header declares ids up to 1%)" },
      { { "2", "2", "a 0 10", "a 0 10" }, "text:4: .*'a 0 10' %(id 0 is live already%)" },
      { { "2", "2", "a 0 10", "f 1" }, "text:4: .*'f 1' %(id 1 is not live%)" },
      { { "1", "2", "3", "a 0 10" }, "text:4: the header has 3 integers, but it is IDS OPERATIONS, "
          .. "or HEAP IDS OPERATIONS WEIGHT, one in a line" },
    } do
      local text, problem = imported(case[1], { format = "malloclab" })
      assert.is_nil(text)
      assert.matches("^" .. case[2] .. "$", problem)
      if case[1][1] == "2" then
        assert.equal("a 1 10\n", (imported(case[1], { format = "malloclab", lenient = true }))
          :sub(1, 7))
      end
    end
  end)

  it("reads a realloc to nothing as valgrind tells it, on two lines", function()
    assert.equal("a 1 77\nf 1\n", (imported { "--5-- malloc(77) = 0x4A42580",
      "--5-- realloc(0x4A42580,0)free(0x4A42580)", "--5--  = 0" }))
  end)

  it("reads the first process of a valgrind log", function()
    local text, notes = imported { "--5-- malloc(10) = 0x4A43040", "--6-- free(0x4A43040)",
      "--6-- malloc(11) = 0x4A43040", "--5-- _Znwm(12) = 0x4A43080", "--5-- _ZdlPvm(0x4A43080)" }
    assert.equal("a 1 10\na 2 12\nf 2\n", text)
    assert.equal(2, notes.others)
  end)

  it("reads ltrace's interrupted and resumed calls", function()
    assert.equal("a 1 10\na 2 32\na 3 50\nr 1 900\nf 2\n", (imported {
      "12 0.000012 [0x55efade3320d] lua5.4->malloc(10)           = 0x55d0 <0.000020>",
      "13 _Znwm(32 <unfinished ...>", "12 getenv(\"X\")  = nil",
      "13 <... _Znwm resumed> , 1, 0, 1) = 0x5600",
      "[pid 13] memalign(32, 50, 0, 0x557adda6e750) = 0x5700",
      "12 realloc(0x55d0, 18446744073709551615) = nil",
      "  12 reallocarray(0x55d0, 10, 90, 145) = 0x5800", "12 free(0x5600 <unfinished ...>",
      "12 <... free resumed> ) = <void>", "12 free(nil) = <void>", "+++ exited (status 0) +++",
    }))
  end)

  it("counts a block as freed if its address is allocated again", function()
    local text, notes = imported { "malloc(10) = 0x55d0", "malloc(11) = 0x55d0" }
    assert.equal("a 1 10\nf 1\na 2 11\n", text)
    assert.equal(1, notes.reused)
  end)

  it("says that the last line of a tool's file is cut, and leaves it out", function()
    for _, text in ipairs { "= Start\n@ a + 0x55d0 0xa\n@ a - 0x55d",
      "--5-- malloc(10) = 0x55d0\n--5-- free(0x55d", "malloc(10) = 0x55d0\nfree(0x55d" } do
      local trace, problem = pymalloc.trace.parse(text)
      assert.is_nil(trace)
      assert.matches("^text:%d: the text ends in the middle of this line: '", problem)
      assert.matches("\na 1 10\n$", pymalloc.trace.parse(text, { lenient = true }).text)
    end
  end)

  it("checks traces in the format of pymalloc, and leaves out wrong lines if asked to", function()
    assert.equal("a 1 8\nd\nf 1\n", pymalloc.trace.parse("a 1 8\nd\nf 1\n").text)
    local text = "# pymalloc trace 1\na 1 8\nf 1\nf x\na 2 8\nhello\nf 2"
    local trace, problem = pymalloc.trace.parse(text)
    assert.is_nil(trace)
    assert.equal("text:4: expected 'f ID', found 'f x'", problem)
    local notes
    trace, notes = pymalloc.trace.parse(text, { lenient = true })
    assert.equal("# pymalloc trace 1\na 1 8\nf 1\n\na 2 8\n\nf 2", trace.text)
    assert.same({ 4, problem, 2 }, { notes.requests, notes.problem, notes.skipped })
    assert.matches("^text:6: .*found 'hello'$", notes.problems[2])
    assert.equal("text:1: only traces of format 1 can be read, found '# pymalloc trace 2'",
      select(2, pymalloc.trace.parse("# pymalloc trace 2\na 1 8\n")))
  end)

  it("reports an empty text, and bytes that are not text", function()
    assert.equal("text is empty", select(2, pymalloc.trace.parse("")))
    assert.equal("text is empty", select(2, pymalloc.trace.parse("\n \r\n")))
    assert.equal("text is not text: it has zero bytes", select(2, pymalloc.trace.parse("a\0b")))
  end)

  it("says what to do with text that is packed or in UTF-16", function()
    for first, advice in pairs {
      ["\31\139\8\0"] = "it is packed by gzip: let its name end in .gz, or unpack it",
      ["\xfd7zXZ\0"] = "it is packed by xz: let its name end in .xz, or unpack it",
      ["\x28\xb5\x2f\xfd$"] = "it is packed by zstd: let its name end in .zst, or unpack it",
      ["\xff\xfem\0"] = "it is UTF-16: convert it with iconv -f UTF-16 -t UTF-8",
      ["\xfe\xff\0m"] = "it is UTF-16: convert it with iconv -f UTF-16 -t UTF-8",
    } do
      assert.equal("text is not text: " .. advice, select(2, pymalloc.trace.parse(first .. "x")))
    end
  end)

  it("reads text of each format behind the mark of UTF-8", function()
    local mark = "\xef\xbb\xbf"
    for _, text in ipairs { "= Start\r\n@ ./a:[0x1] + 0x10 0x20\r\n@ ./a:[0x1] - 0x10\r\n",
      "1\r\n1\r\n2\r\n1\r\na 0 32\r\nf 0\r\n", "malloc(32) = 0x10\nfree(0x10) = <void>\n",
      "--42-- malloc(32) = 0x10\n--42-- free(0x10)\n", "100: malloc 0x10 32\n100: free 0x10\n",
      "a 1 32\nf 1\n" } do
      local trace, problem = pymalloc.trace.parse(mark .. text)
      assert.matches("a 1 32\nf 1\n", trace and trace.text or problem, 1, true)
    end
    assert.equal("text is empty", select(2, pymalloc.trace.parse(mark)))
  end)

  it("counts frees of blocks that the log does not allocate", function()
    local text, notes = imported { "malloc(10) = 0x55d0", "free(0x1234) = <void>" }
    assert.equal("a 1 10\n", text)
    assert.equal(1, notes.unknown_frees)
  end)

  it("names a damaged line, and keeps the lines around it if asked to", function()
    local lines = { "--5-- malloc(10) = 0x4A43040", "--5-- malloc(1", "--5-- free(0x4A43040)" }
    local text, problem = imported(lines)
    assert.is_nil(text)
    assert.equal("text:2: this line is not of format valgrind: '--5-- malloc(1'", problem)
    local kept, notes = imported(lines, { lenient = true })
    assert.equal("a 1 10\nf 1\n", kept)
    assert.equal(problem, notes.problem)
    assert.same({ 1, { problem } }, { notes.skipped, notes.problems })
  end)

  it("makes a valid trace of damaged text, or returns a message", function()
    local outcomes = { trace = 0, message = 0 }
    for _ = 1, 1000 do
      local lines = samples[math.random(2) == 1 and "valgrind" or "ltrace"]
      local text = table.concat(lines, "\n") .. "\n"
      for _ = 1, math.random(3) do
        local at, length = math.random(#text), math.random(0, 6)
        text = text:sub(1, at - 1) .. ("0x(),=\n -a"):sub(math.random(10)):sub(1, math.random(0, 2))
          .. text:sub(at + length)
      end
      local trace, problem = pymalloc.trace.parse(text, { lenient = math.random(2) == 1 })
      assert.equal(not trace, type(problem) == "string")
      if trace then
        local run = assert(pymalloc.replay(trace))
        assert.equal(run.length, run:step(run.length), text)
        run:close()
      end
      outcomes[trace and "trace" or "message"] = outcomes[trace and "trace" or "message"] + 1
    end
    assert.is_true(outcomes.trace > 50 and outcomes.message > 50)
  end)

  it("refuses an unknown format", function()
    local _, problem = imported { "hello" }
    assert.matches("the format is none of " .. table.concat(import.formats, ", "), problem)
    _, problem = imported({ "hello" }, { format = "x" })
    assert.matches("unknown format 'x'", problem)
  end)
end)

describe("trace.save", function()
  it("writes what trace.load reads, and says why it cannot", function()
    local path = os.tmpname()
    local trace = pymalloc.trace.parse("a 1 24\nf 1\n")
    assert.is_true(pymalloc.trace.save(trace, path))
    assert.equal(trace.text, pymalloc.trace.load(path).text)
    os.remove(path)
    local ok, problem = pymalloc.trace.save(trace, "/nonexistent/t.trace")
    assert.is_nil(ok)
    assert.matches("No such file", problem)
    assert.has_error(function() pymalloc.trace.save("a 1 24", path) end,
      "pymalloc: trace.save: trace must be a trace, got a string")
  end)
end)

describe("trace.record", function()
  it("returns the requests of Lua and the results of the function", function()
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

  it("restores the allocator if the function raises an error", function()
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
