-- Logs of mtrace, valgrind and malloclab as these tools write them, and rules for the lines of all
-- formats.

local pymalloc = require "pymalloc"

local imports = require "spec.support.imports"

local describe_cases, imported = imports.describe_cases, imports.imported

describe_cases("mtrace", {
  { "leaves out a malloc that was refused", [[
= Start
@ ./a.out:[0x1212] + 0x5500000002a0 0xa
@ ./a.out:[0x1316] + (nil) 0x7fffffffffffffff
@ ./a.out:[0x1320] - 0x5500000002a0
= End
]], "a 1 10, f 1" },
  { "leaves out a realloc that was refused", [[
= Start
@ ./a.out:[0x1212] + 0x5500000002a0 0xa
@ ./a.out:(main+0x12)[0x1316] ! 0x5500000002a0 0x7fffffffffffffff
@ ./a.out:[0x1317] < 0x5500000002a0
@ ./a.out:[0x1317] > 0x5500000003a0 0x14
@ ./a.out:[0x1320] - 0x5500000003a0
]], "a 1 10, r 1 20, f 1" },
  { "reads callers with blanks, signs and brackets", [[
@ ./my prog - 0x1 + (x):(f+0x1)[0x401234] + 0x5500000002a0 0xa
@ ./my prog - 0x1 + (x):(f+0x1)[0x401234] - 0x5500000002a0
]], "a 1 10, f 1" },
  { "takes the second half of a realloc whose first half is cut off", [[
@ ./a.out:[0x1317] > 0x5500000003a0 0x14
@ ./a.out:[0x1320] - 0x5500000003a0
]], "a 1 20, f 1", { cut = 1 } },
  { "leaves out the first half of a realloc whose second half is missing", [[
@ ./a.out:[0x1317] + 0x5500000003a0 0x14
@ ./a.out:[0x1317] < 0x5500000003a0
@ ./a.out:[0x1317] < 0x5500000003a0
@ ./a.out:[0x1317] > 0x5500000004a0 0x28
]], "a 1 20, r 1 40", { cut = 1 } },
})

describe_cases("valgrind", {
  { "goes on behind a calloc that overflows", [[
--42-- calloc(1099511627776,1073741824)malloc(24) = 0x4A42040
--42-- free(0x4A42040)
]], "a 1 24, f 1" },
  { "goes on behind several refused calls", [[
--42-- malloc(8) = 0x4A42000
--42-- calloc(1099511627776,1073741824)calloc(1099511627776,1073741824)--42-- malloc(24) = 0x4A42040
--42-- calloc(1099511627776,1073741824)==42== HEAP
--42-- free(0x4A42040)
]], "a 1 8, a 2 24, f 2" },
  { "leaves out the requests of a forked child", [[
--42-- malloc(8) = 0x4A42000
--43-- free(0x4A42000)
--43-- malloc(9) = 0x4A42000
--42-- free(0x4A42000)
]], "a 1 8, f 1", { others = 2 } },
  { "reads the forms of newer versions and of other systems", [[
--42-- posix_memalign(al 64, size 100)
--42-- posix_memalign(0x1ffe, 64, 101) = 0x4A42040
--42-- aligned_alloc(64, 128) = 0x4A42140
--42-- _ZnwmSt11align_val_t(size 72, al 64) = 0x4A42240
--42-- _ZnamSt11align_val_t(73, 64) = 0x4A42340
--42-- _ZdlPvm(0x4A42240, 72)
--42-- free_sized(0x4A42140, 128)
--42-- reallocarray(0x4A42040,3,50) = 0x4A42440
--42-- reallocarray(0x4A42440,18446744073709551615,50) = 0x0
--42-- reallocf(0x4A42440,99999999999) = 0x0
--42-- builtin_new(5) = 0x4A42540
]], "a 1 101, a 2 128, a 3 72, a 4 73, f 3, f 2, r 1 150, f 1, a 5 5" },
  { "frees all blocks when the process runs another program", [[
==42== Command: sh
--42-- malloc(8) = 0x4A42000
==42== Command: ./a.out
--42-- malloc(9) = 0x4A42000
]], "a 1 8, f 1, a 2 9" },
  { "reads reallocs that are a malloc or a free, and those that are refused", [[
--42-- realloc(0x0,8)malloc(8) = 0x4A42000
--42-- realloc(0x4A42000,9223372036854775807) = 0x0
--42-- realloc(0x4A42000,0)free(0x4A42000)
--42--  = 0
--42-- malloc(9223372036854775807) = 0x0
**42** Program aborting because of call to pvalloc
]], "a 1 8, f 1" },
  { "reads aligned requests and names of C++", [[
--42-- memalign(al 64, size 100) = 0x4A42040
--42-- _Znwm(72) = 0x4A42140
--42-- _ZnamRKSt9nothrow_t(73) = 0x4A42240
--42-- malloc_usable_size(0x4A42140) = 72
--42-- _ZdlPvm(0x4A42140)
--42-- _ZdaPv(0x4A42240)
--42-- free(0x4A42040)
]], "a 1 100, a 2 72, a 3 73, f 2, f 3, f 1" },
})

describe_cases("malloclab", {
  { "stops after the declared number of operations", "1\n2\n2\n1\na 0 24\nf 0\na 1 30\n",
    "a 1 24, f 1", { beyond = 1 } },
  { "takes a realloc of an id that is not live for a malloc",
    "0\n2\n4\n1\nr 0 16\na 1 24\nf 0\nf 1\n", "a 1 16, a 2 24, f 1, f 2" },
  { "takes f -1 for free(NULL), which is an operation",
    "0\n2\n5\n1\na 0 16\nf -1\nf 0\na 1 24\nf -1\na 0 1\n", "a 1 16, f 1, a 2 24",
    { beyond = 1 } },
})

describe("the importers", function()
  -- A text of a format: `count` pairs of a malloc and a free.
  local makers = {
    ltrace = function(i) return ("malloc(%d) = 0x%x0\nfree(0x%x0) = <void>\n"):format(i, i, i) end,
    valgrind = function(i)
      return ("--5-- malloc(%d) = 0x%X0\n--5-- free(0x%X0)\n"):format(i, i, i)
    end,
    mtrace = function(i) return ("@ x + 0x%x0 0x%x\n@ x - 0x%x0\n"):format(i, i, i) end,
  }

  for format, make in pairs(makers) do
    it("read the same from plain lines of " .. format .. " as from lines with blanks", function()
      local plain, odd, expected = {}, {}, {}
      for i = 1, 500 do
        plain[i] = make(i)
        odd[i] = plain[i]:gsub("\n", i < 3 and "  \r\n" or " \n")
        expected[i] = ("a %d %d, f %d"):format(i, i, i)
      end
      expected = table.concat(expected, ", ")
      assert.is_true(expected == imported(table.concat(plain)))
      assert.is_true(expected == imported(table.concat(odd)))
    end)
  end

  it("leave out wrong lines anywhere, and tell the first three", function()
    local lines = {}
    for i = 1, 10 do
      table.insert(lines, ("--5-- malloc(%d) = 0x%X0\n--5-- malloc(x%d) = 0x%X1\n"):format(i, i, i,
        i))
    end
    local requests, notes = imported(table.concat(lines), { lenient = true })
    assert.equal("a 1 1, a 2 2, a 3 3, a 4 4, a 5 5, a 6 6, a 7 7, a 8 8, a 9 9, a 10 10", requests)
    assert.equal(10, notes.skipped)
    assert.equal(3, #notes.problems)
    assert.matches("^text:6: .*'%-%-5%-%- malloc%(x3%) = 0x31'$", notes.problems[3])
  end)

  it("take no number of more than 64 bits", function()
    for _, case in ipairs { { "malloc(0x%s) = 0x30", "ltrace" }, { "malloc(8) = 0x%s", "ltrace" },
      { "--5-- malloc(8) = 0x%s", "valgrind" }, { "@ x + 0x%s 0x8", "mtrace" } } do
      local whole = case[1]:format(("f"):rep(16)) .. "\n"
      local longer = case[1]:format("1" .. ("0"):rep(15) .. "20") .. "\n"
      local requests, notes = imported(whole .. longer, { lenient = true })
      assert.matches("^a 1 %d+$", requests)
      assert.same({ case[2], 1, 1 }, { notes.format, notes.requests, notes.skipped }, case[1])
    end
  end)

  it("refuse a line that does not end", function()
    local _, problem = imported("malloc(1) = 0x10\n" .. ("x"):rep((1 << 20) + 1))
    assert.equal("text:2: a line is longer than 1048576 bytes", problem)
  end)

  it("let a trace that was parsed or loaded be replayed in one expression", function()
    local run <close> = assert(pymalloc.replay(pymalloc.trace.parse("malloc(10) = 0x10\n")))
    assert.equal(1, run.length)
    local path = "traces/cpython-startup.trace.xz"
    local startup <close> = assert(pymalloc.replay(pymalloc.trace.load(path)))
    assert.is_true(startup.length > 40000)
    local parse, trace = pymalloc.trace.parse, pymalloc.trace
    assert.equal(1, trace.replay_text(parse("a 1 10\n")).requests)
    assert.equal(1, trace.replay_file(parse("a 1 10\n")).requests)
  end)
end)
