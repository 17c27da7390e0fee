-- The sink of importers, and lines of any bytes.

local pymalloc = require "pymalloc"

describe("the sink of importers", function()
  local core = require "pymalloc.core"

  it("refuses wrong arguments and a self that is not a sink", function()
    local sink = core.trace.sink("malloc|malloc(%s) = %a\n")
    for _, case in ipairs {
      { "a template is wrong", core.trace.sink, "malloc|%z\n" },
      { "a template is wrong", core.trace.sink, "malloc(%s)\n" },
      { "a template is wrong", core.trace.sink, "malloc|(%s)" },
      { "a template is wrong", core.trace.sink, ("skip|x\n"):rep(65) },
      { "TraceSink expected, got 5", sink.feed, 5, "x\n", 1 },
      { "position must be from 1 to 3, got 4", sink.feed, sink, "x\n", 4 },
      { "number expected, got no value", sink.put, sink, "malloc" },
      { "'malloc' has no address", sink.put, sink, "malloc", 0, 10 },
      { "'hello' has no address", sink.put, sink, "hello", 1, 10 },
      { "parent is not defined", sink.site, sink, 1, "main" },
      { "the site is not defined", sink.at, sink, -1 },
      { "no frame lacks a site", sink.name, sink, "main" },
      { "no frame lacks a number", sink.frame, sink, 1 },
      { "number must be from 1 to 4294967295, got 0", sink.frame, sink, 0 },
      { "'stack_malloc' has no address", sink.put, sink, "stack_malloc", 0, 10 },
    } do
      local ok, problem = pcall(table.unpack(case, 2))
      assert.is_false(ok)
      assert.is_truthy(problem:find(case[1], 1, true), problem)
    end
    assert.is_false(sink:put("id_free", -1))
    assert.is_false(sink:put("id_malloc", -1, 10))
    assert.is_true(sink:put("push", 5))
    assert.is_false(sink:put("stack_malloc", 16, 10))
    assert.is_false(sink:has(16))
    assert.is_false(sink:has(0))
    assert.equal("", sink:text())
  end)

  it("reads one pickle", function()
    local sink = core.trace.sink ""
    assert.is_nil(sink:events())
    assert.same({ n = 2, nil, "the pickle is cut off at byte 1" }, table.pack(sink:snapshot()))
    sink = core.trace.sink ""
    for byte in ("\x80\2}X\13\0\0\0device_traces]s.rest"):gmatch "." do
      assert.is_true(sink:add(byte))
    end
    assert.equal(0, sink:snapshot())
    assert.is_nil(sink:events())
    assert.error_matches(function() sink:add(".") end, "the pickle was read")
    assert.error_matches(function() sink:snapshot() end, "the pickle was read")
  end)

  it("leaves lines to Lua from the first that no template matches", function()
    local sink = core.trace.sink("malloc|malloc(%s) = %a\nskip|# %*\n")
    local text = "malloc(1) = 0x10\n# x\nmalloc(2) = 0x0\nmalloc(3) = 0x30\nmalloc(4"
    local at, lines = sink:feed(text, 1)
    assert.same({ "malloc(2) = 0x0", 2 }, { text:match("[^\n]*", at), lines })
    at, lines = sink:feed(text, (text:find("malloc(3", 1, true)))
    assert.same({ "malloc(4", 1 }, { text:sub(at), lines })
    assert.equal("a 1 1\na 2 3\n", sink:text())
    assert.equal("", sink:text())
  end)
end)

describe("lines without the words of a format", function()
  local core = require "pymalloc.core"

  -- How many lines of a text are skipped.
  local function skipped(words, text, ends_at_bracket)
    local sink = core.trace.sink ""
    sink:words(words, ends_at_bracket)
    local _, lines = sink:feed(text .. "\n", 1, true)
    return lines
  end

  it("are those without the bytes, names or beginnings", function()
    for _, case in ipairs {
      { "alloc", "malloc(1)", "allo(1)" }, { "alloc", "alloc", "allo" }, { "x", "1x", "" },
      { "<free>", "7 free(1)", "xfree free_ free2 _free 9free Free" },
      { "<free>", "freefree free", "freefree" }, { "<free>", "free", "frees" },
      { "<_Zn", "->_Znwm", "a_Znwm" }, { "^--", "--", "a --" }, { "free>", "_free", "freed" },
      { "^--\nfree", "free", "a --fre" }, { "ab\nabcd", "xabx", "xaxbx" }, { "\255\254",
      "a\255\254",
        "\255 \254" }, { "a\rb", "xa\rb", "ab" },
    } do
      local words, found, other = table.unpack(case)
      assert.equal(0, skipped(words .. "\n", found), found)
      assert.equal(1, skipped(words .. "\n", other), other)
      assert.equal(2, skipped(words .. "\n", other .. "\n" .. other .. "\n" .. found), words)
    end
  end)

  it("are those without one before the first bracket", function()
    assert.equal(1, skipped("<free>\n", "puts(free)", true))
    assert.equal(0, skipped("<free>\n", "free(1)", true))
    assert.equal(0, skipped("<free>\n", "free", true))
    assert.equal(0, skipped("<free>\n", "puts(free)", false))
  end)

  it("are not skipped if no word is set", function()
    assert.equal(0, skipped("", "puts(free)"))
  end)

  it("are skipped if their process is known", function()
    local sink = core.trace.sink "malloc|%Pmalloc(%s) = %a\n"
    sink:words("<malloc>\n", true, true)
    local function is_skipped(line)
      local _, lines = sink:feed(line .. "\n", 1, true)
      return lines == 1
    end
    assert.is_false(is_skipped("7 puts()"))
    sink:process(7, true)
    sink:process(8, false)
    for line, expected in pairs { ["7 puts()"] = true, ["8 puts()"] = true, ["9 puts()"] = false,
      ["[pid  7] puts()"] = true, ["[pid 7]puts()"] = false, ["puts()"] = false,
      ["7.5 puts()"] = false, ["7 malloc(1) = 0x10"] = false, ["\v7 puts()"] = false } do
      assert.equal(expected, is_skipped(line), line)
    end
    sink:process(nil, true)
    for line, expected in pairs { ["puts()"] = true, ["7.5 puts()"] = true, ["7"] = false,
      ["12:00:01 puts()"] = true, ["[0x55] puts()"] = true, ["\v7 puts()"] = false,
      ["99999999999999999999 puts()"] = false, ["9 puts()"] = false, [""] = false } do
      assert.equal(expected, is_skipped(line), line)
    end
  end)

  it("need words that are neither empty nor too long, nor too many", function()
    local sink = core.trace.sink ""
    sink:words(("x"):rep(64) .. "\n")
    sink:words(("x\n"):rep(32))
    for _, words in ipairs { "\n", "<\n", "<>\n", "^\n", ">\n", ("x"):rep(65) .. "\n",
      ("x\n"):rep(33), "a\n\nb\n" } do
      assert.error_matches(function() sink:words(words) end, "a word is wrong")
    end
  end)

  it("are skipped for more processes than 64", function()
    local sink = core.trace.sink ""
    sink:words("x\n", false, true)
    local lines = {}
    for i = 1, 70000 do
      sink:process(i, true)
      lines[i] = i .. " puts()\n"
    end
    local _, taken = sink:feed(table.concat(lines), 1)
    assert.equal(65536, taken)
  end)
end)

describe("lines of any bytes", function()
  local import = require "pymalloc.import"

  local begins = { pymalloc = "a 1 8\n", malloclab = "5\n5\na 0 8\n", mtrace = "@ x + 0x10 0x8\n",
    valgrind = "--5-- malloc(8) = 0x10\n", ltrace = "7 malloc(8) = 0x10\n" }
  local prefixes = { "", "7 malloc(", "--5-- calloc(1,2)", "@ x ", "7 <... malloc resumed> ",
    "a 1 " }
  local parts = { "x", "1", " ", "\t", "(", ")", "0x", "= ", "<... ", "resumed> ", "@", "->", "- ",
    "+ 0x1 ", "operator new", "malloc(", "calloc(1,2)", "--5-- ", "--5-- calloc(1,2)", "::",
    "[pid 1] ", "<unfinished ...> ", "a 1 ", ") = ", "1.", "--- ", "==5== ", "r", "~", "@ x < " }
  local BYTES = 100000
  -- A time that grows with the square of the length would be more than 4 seconds, each time;
  -- one that grows with the length takes some hundredths of one.
  local SECONDS_MOST, TRIES = 1, 5

  local function is_quick(text, format)
    for _ = 1, TRIES do
      local began = os.clock()
      import.convert(text, { format = format, lenient = true })
      if os.clock() - began < SECONDS_MOST then
        return true
      end
    end
    return false
  end

  for _, format in ipairs(import.formats) do
    it("are read by " .. format .. " in a time that grows with their length", function()
      for _, prefix in ipairs(prefixes) do
        for _, part in ipairs(parts) do
          local line = prefix .. part:rep(BYTES // #part) .. ".\n"
          assert.is_true(is_quick((begins[format] or "") .. line, format), line:sub(1, 40))
        end
      end
    end)
  end

  it("are recognised, or not, in a time that grows with their length", function()
    for _, part in ipairs(parts) do
      local line = part:rep(BYTES // #part)
      assert.is_true(is_quick(line, nil), part)
      assert.is_true(is_quick((line:sub(1, 3000) .. "\n"):rep(10), nil), part)
    end
  end)
end)

describe("the lines of requests", function()
  -- A head, whose lines are read in Lua, and the lines of requests.
  local texts = {
    utrace = { "  1234 app      USER  malloc_init()\n", "  1234 app      USER  0x40 = malloc(24)\n"
      .. "  1234 app      USER  free(0x40)\n" },
    heaptrack = { "v 10500 3\nx 5 ./app\nt 401000 0\n", "+ 18 1 5600\n- 5600\n" },
    memray = { "HEADER magic=memray version=12\nFRAME_ID frame_id=1 function_name=f "
      .. "filename=a.py lineno=1 is_entry_frame=0\n", "FRAME_PUSH frame_id=1\n"
      .. "ALLOCATION address=0x40 size=24 allocator=pymalloc_malloc native_frame_id=0\n"
      .. "FRAME_POP count=1\n"
      .. "ALLOCATION address=0x40 size=0 allocator=pymalloc_free native_frame_id=0\n" },
  }

  for name, text in pairs(texts) do
    it(("of %s are not read one by one in Lua"):format(name), function()
      local format = require("pymalloc.import." .. name)
      local line, calls = format.line, 0
      finally(function() format.line = line end)
      format.line = function(...)
        calls = calls + 1
        return line(...)
      end
      local trace, notes = pymalloc.trace.parse(text[1] .. text[2]:rep(100), { format = name })
      assert.matches("a 1 24", trace.text)
      assert.equal(200, notes.requests)
      assert.is_true(calls <= 4, calls)
    end)
  end
end)

describe("a call in two lines", function()
  local core = require "pymalloc.core"

  local TEMPLATES = "malloc|%Pmalloc(%s) = %a\nmalloc_begins|%Pmalloc(%s <unfinished ...>\n"
    .. "call_ends|%P<... malloc resumed> ) = %a\nfree_begins|%Pfree(%a <unfinished ...>\n"
    .. "call_ends|%P<... free resumed> ) = %*\nrealloc_begins|%Prealloc(%o, %s <unfinished ...>\n"
    .. "call_ends|%P<... realloc resumed> ) = %a\n"

  local function sink_of(...)
    local sink = core.trace.sink(TEMPLATES)
    for _, process in ipairs { ... } do
      sink:process(process, true)
    end
    return sink
  end

  -- Feeds lines. Returns those that are left to Lua, and the trace.
  local function fed(sink, text)
    local left, at = {}, 1
    while true do
      at = sink:feed(text, at)
      local last = text:find("\n", at, true)
      if not last then
        return left, sink:text()
      end
      table.insert(left, text:sub(at, last - 1))
      at = last + 1
    end
  end

  it("is taken with calls of other processes between its lines", function()
    local sink = sink_of(7, 8)
    local left, trace = fed(sink, "7 malloc(5 <unfinished ...>\n8 malloc(6) = 0x20\n"
      .. "8 free(0x20 <unfinished ...>\n7 <... malloc resumed> ) = 0x10\n"
      .. "7 realloc(0x10, 7 <unfinished ...>\n8 <... free resumed> ) = <void>\n"
      .. "8 malloc(9) = 0x10\n7 <... realloc resumed> ) = 0x30\n")
    assert.same({}, left)
    assert.equal("a 1 6\nf 1\na 2 5\na 3 9\nr 2 7\n", trace)
  end)

  it("is left to Lua if the process begins another, or ends one that it did not begin", function()
    local sink = sink_of(7)
    local text = "7 malloc(5 <unfinished ...>\n7 malloc(6) = 0x20\n7 free(0x20 <unfinished ...>\n"
      .. "7 <... realloc resumed> ) = 0x10\n7 <... malloc resumed> ) = 0\n"
    assert.equal(3, #(fed(sink, text)))
    assert.equal(1, sink:calls_cut())
    assert.same({ 2, 5, 0, 0, 0, 1, n = 6 }, table.pack(sink:take_call(7)))
    assert.is_nil(sink:take_call(7))
    assert.equal(0, sink:calls_cut())
  end)

  it("counts the whole calls inside of it, of which a hundred are taken", function()
    local sink = sink_of(7)
    local text = "7 malloc(5 <unfinished ...>\n" .. ("7 malloc(6) = 0x20\n"):rep(101)
      .. "7 <... malloc resumed> ) = 0x10\n"
    assert.same({ { "7 malloc(6) = 0x20" }, "a 1 5\n" }, { fed(sink, text) })
    assert.equal(100, (select(5, sink:counts())))
  end)

  it("is left to Lua while its process is busy, and only then", function()
    local sink = sink_of(7, 8)
    local text = "7 malloc(5) = 0x10\n8 malloc(6) = 0x20\n"
    sink:busy(7, true)
    sink:busy(9, true)
    assert.same({ { "7 malloc(5) = 0x10" }, "a 1 6\n" }, { fed(sink, text) })
    sink:busy(7, false)
    assert.same({ {}, "a 2 5\nf 1\na 3 6\n" }, { fed(sink, text) })
  end)

  it("of another process is counted once", function()
    local sink = sink_of()
    sink:process(7, false)
    local left, trace = fed(sink, "7 malloc(5 <unfinished ...>\n7 <... malloc resumed> ) = 0x10\n")
    assert.same({ {}, "", 1, 0 }, { left, trace, select(4, sink:counts()) })
  end)

  it("gives the block away at its first line, and has it back if Lua says so", function()
    local sink = sink_of(7)
    fed(sink, "7 malloc(5) = 0x10\n7 realloc(0x10, 8 <unfinished ...>\n")
    assert.is_false(sink:has(16))
    assert.same({ 6, 8, 0, 16, 1, 0, n = 6 }, table.pack(sink:take_call(7)))
    sink:moved(1, 16)
    assert.is_true(sink:has(16))
  end)

  it("with a free is no part of a trace that is cut off", function()
    local sink = sink_of(7)
    fed(sink, "7 free(0x10 <unfinished ...>\n")
    assert.equal(0, sink:calls_cut())
  end)
end)
