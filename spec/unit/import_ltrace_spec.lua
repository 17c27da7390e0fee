-- Logs as ltrace writes them: of processes and threads, with calls that are split, refused or cut
-- off, and with names in each spelling.

local imports = require "spec.support.imports"

local describe_cases, imported = imports.describe_cases, imports.imported

describe_cases("ltrace", {
  { "leaves out the requests of a forked child", [[
100 malloc(66)                                 = 0x5500000002a0
100 fork()                                     = 101
101 <... fork resumed> )                       = 0
101 free(0x5500000002a0)                       = <void>
101 malloc(99)                                 = 0x5500000002a0
101 malloc(98)                                 = 0x550000000310
101 +++ exited (status 0) +++
100 free(0x5500000002a0)                       = <void>
100 +++ exited (status 0) +++
]], "a 1 66, f 1", { others = 3 } },
  { "leaves out a child that runs before fork returns in its parent", [[
100 malloc(66) = 0x5500000002a0
100 fork( <unfinished ...>
101 <... fork resumed> ) = 0
101 free(0x5500000002a0) = <void>
100 <... fork resumed> ) = 101
101 malloc(98) = 0x550000000310
100 free(0x5500000002a0) = <void>
]], "a 1 66, f 1", { others = 2 } },
  { "leaves out a child that replaces its program", [[
[pid 7] malloc(66) = 0x5500000002a0
[pid 8] --- Called exec() ---
[pid 8] malloc(9) = 0x5500000002a0
[pid 7] free(0x5500000002a0) = <void>
]], "a 1 66, f 1", { others = 1 } },
  { "takes the requests of all threads", [[
100 malloc(66) = 0x5500000002a0
101 malloc(67) = 0x5500000003a0
100 free(0x5500000003a0) = <void>
101 free(0x5500000002a0) = <void>
]], "a 1 66, a 2 67, f 2, f 1" },
  { "joins the split calls of threads", [[
100 malloc(66 <unfinished ...>
101 realloc(0, 67 <unfinished ...>
100 <... malloc resumed> ) = 0x5500000002a0
102 calloc(3, 4 <unfinished ...>
101 <... realloc resumed> ) = 0x5500000003a0
102 <... calloc resumed> ) = 0x5500000004a0
101 free(0x5500000002a0 <unfinished ...>
101 <... free resumed> ) = <void>
]], "a 1 66, a 2 67, c 3 3 4, f 1" },
  { "recognises a log in which each call is split", [[
100 malloc(66 <unfinished ...>
100 <... malloc resumed> ) = 0x5500000002a0
]], "a 1 66" },
  { "counts a call whose beginning is cut off", [[
7 <... malloc resumed> )                       = 0x550000000280
7 malloc(10)                                   = 0x5500000002a0
7 free(0x5500000002a0)                         = <void>
]], "a 1 10, f 1", { cut = 1 } },
  { "reads the names of C++ that ltrace -C writes", [[
malloc(10)                                     = 0x5500000002a0
operator new(unsigned long)(72, 1, 2, 3)       = 0x5500000002c0
operator new[](unsigned long, std::nothrow_t const&)(73, 0) = 0x5500000003c0
operator new(unsigned long, std::align_val_t)(74, 64) = 0x5500000004c0
operator delete(void*, unsigned long)(0x5500000002c0, 72, 0, 0) = 0
operator delete[](void*)(0x5500000003c0) = <void>
operator delete(void*, std::align_val_t)(0x5500000004c0, 64) = 1
free(0x5500000002a0)                           = <void>
]], "a 1 10, a 2 72, a 3 73, a 4 74, f 2, f 3, f 4, f 1" },
  { "reads a log that has only names of C++", [[
operator new(unsigned long)(72)       = 0x5500000002c0
operator delete(void*)(0x5500000002c0) = <void>
]], "a 1 72, f 1" },
  { "reads the mangled names of C++", [[
_Znwm(10, 0x5500000002c0) = 0x5500000002a0
_ZnamRKSt9nothrow_t(11) = 0x5500000003a0
_ZnwmSt11align_val_tRKSt9nothrow_t(12, 64) = 0x5500000004a0
_ZdlPvm(0x5500000002a0, 10) = 0
_ZdaPvRKSt9nothrow_t(0x5500000003a0) = 0
_ZdlPvmSt11align_val_t(0x5500000004a0, 12, 64) = 0
]], "a 1 10, a 2 11, a 3 12, f 1, f 2, f 3" },
  { "reads names with a library", [[
malloc@libc.so.6(5)                            = 0x5500000002a0
a.out->realloc@GLIBC_2.2.5(0x5500000002a0, 9)  = 0x5500000003a0
libfoo.so->malloc(7)                           = 0x5500000004a0
free@libc.so.6(0x5500000003a0)                 = <void>
]], "a 1 5, r 1 9, a 2 7, f 1" },
  { "takes no other function whose name ends like one of the allocator's", [[
malloc(5) = 0x5500000002a0
my_malloc(6) = 0x5500000003a0
xfree(0x5500000002a0) = 0
puts("free(0x5500000002a0)") = 5
]], "a 1 5" },
  { "leaves out calls that another call of the allocator makes", [[
calloc@libc.so.6(1, 24 <unfinished ...>
malloc@libc.so.6(24) = 0x5500000002a0
<... calloc resumed> ) = 0x5500000002a0
a.out->free(0x5500000002a0 <unfinished ...>
free@libc.so.6(0x5500000002a0 <unfinished ...>
<... free resumed> ) = <void>
<... free resumed> ) = <void>
malloc@libc.so.6(25) = 0x5500000002a0
]], "c 1 1 24, f 1, a 2 25", { nested = 2 } },
  { "reads a free without a result", [[
... #1: malloc(0x20)		=  0x5500000002a0
... #2: free(0x5500000002a0)
]], "a 1 32, f 1" },
  { "leaves out refused requests, frees of NULL, signals and exits", [[
10:11:12.123456 malloc(10) = 0x5500000002a0
10:11:12.123457 malloc(11) = 0
10:11:12.123458 realloc(0x5500000002a0, 1000) = nil
10:11:12.123459 free(nil) = <void>
10:11:12.123460 free(0) = <void>
10:11:12.123461 --- SIGCHLD (Child exited) ---
10:11:12.123462 +++ exited (status 0) +++
]], "a 1 10" },
  { "reads sizes of 2^63 and more", "malloc(18446744073709551615) = 0x5500000002a0\n",
    "a 1 18446744073709551615" },
  { "resumes a call that was interrupted by the exit of a thread", [[
7 malloc(10 <no return ...>
8 +++ exited (status 0) +++
7 <... malloc resumed> ) = 0x5500000002a0
7 free(0x5500000002a0 <no return ...>
9 +++ exited (status 0) +++
7 <... free resumed> ) = <void>
]], "a 1 10, f 1" },
  { "counts calls whose end is cut off", [[
7 malloc(10) = 0x5500000002a0
7 malloc(11 <unfinished ...>
8 calloc(1, 12 <no return ...>
8 +++ killed by SIGKILL +++
]], "a 1 10", { cut = 2 } },
  { "leaves out the threads of a forked child", [[
59 malloc(66) = 0x5500000002a0
59 fork() = 60
60 <... fork resumed> ) = 0
59 pthread_create(0x7fff, 0, 0x5627, 0 <unfinished ...>
60 pthread_create(0x7fff, 0, 0x5627, 500 <unfinished ...>
59 <... pthread_create resumed> ) = 0
61 malloc(1000) = 0x5500000003a0
62 malloc(1500) = 0x5500000003a0
60 <... pthread_create resumed> ) = 0
]], "a 1 66, a 2 1000", { others = 1 } },
  { "leaves out a child that is seen before its fork returns", [[
50 malloc(66) = 0x5500000002a0
50 fork( <unfinished ...>
50 SYS_clone(0x1200011, 0, 0, 0x7f821755aa10 <unfinished ...>
51 SYS_set_robust_list(0x7f821755aa20, 24) = 0
51 malloc(7) = 0x5500000003a0
50 <... fork resumed> ) = 51
51 <... fork resumed> ) = 0
51 free(0x5500000002a0) = <void>
]], "a 1 66", { others = 2 } },
  { "gives a new number to the first call that makes a thread or a process", [[
7 malloc(66) = 0x5500000002a0
8 malloc(67) = 0x5500000003a0
7 pthread_create(0x7fff, 0, 0x5627, 0 <unfinished ...>
8 fork( <unfinished ...>
9 malloc(68) = 0x5500000004a0
10 malloc(69) = 0x5500000004a0
8 <... fork resumed> ) = 10
7 <... pthread_create resumed> ) = 0
]], "a 1 66, a 2 67, a 3 68", { others = 1 } },
  { "ends the fork of the thread in which it returns", [[
7 malloc(66) = 0x5500000002a0
8 malloc(67) = 0x5500000003a0
9 malloc(68) = 0x5500000004a0
7 fork( <unfinished ...>
8 pthread_create(0x7fff, 0, 0x5627, 0 <unfinished ...>
9 fork( <unfinished ...>
9 <... fork resumed> ) = 20
21 malloc(69) = 0x5500000005a0
7 <... fork resumed> ) = 21
8 <... pthread_create resumed> ) = 0
22 malloc(70) = 0x5500000006a0
20 free(0x5500000002a0) = <void>
]], "a 1 66, a 2 67, a 3 68, a 4 70", { others = 2 } },
  { "says that threads may be children, where the log shows no fork", [[
69 f->malloc(66) = 0x5500000002a0
70 f->malloc(1) = 0x5500000003a0
70 f->free(0x5500000003a0) = <void>
69 --- SIGCHLD (Child exited) ---
]], "a 1 66, a 2 1, f 2", { unclear = 1 } },
  { "frees all blocks of a program that is replaced by another", [[
77 malloc(1) = 0x5500000002a0
77 malloc(2) = 0x5500000003a0
77 execve(0x5648, 0x5649, 0x564a <no return ...>
77 --- Called exec() ---
77 malloc(3) = 0x5500000002a0
]], "a 1 1, a 2 2, f 1, f 2, a 3 3" },
  { "keeps the order of a split realloc and of calls in other threads", [[
7 malloc(10) = 0x5500000002a0
7 realloc(0x5500000002a0, 1000 <unfinished ...>
8 malloc(11) = 0x5500000002a0
7 <... realloc resumed> ) = 0x5500000003a0
8 free(0x5500000002a0) = <void>
7 realloc(0x5500000003a0, 99999 <unfinished ...>
7 <... realloc resumed> ) = nil
7 realloc(0x5500000003a0, 0 <unfinished ...>
7 <... realloc resumed> ) = nil
]], "a 1 10, a 2 11, r 1 1000, f 2, f 1" },
  { "reads a reallocarray that is refused", [[
reallocarray(0, 10, 20, 0)    = 0x5500000002a0
reallocarray(0x5500000002a0, -1, 20, 3)    = 0
reallocarray(0x5500000002a0, 10, 2, 3)    = 0x5500000003a0
reallocarray(0x5500000003a0, 0, 2, 3)    = nil
]], "a 1 200, r 1 20, f 1" },
  { "leaves out the calls of libc itself, which ltrace 0.7.3 names wrongly", [[
libc.so.6->calloc(0, 1600)                       = 0x5593a0eeb4b0
libc.so.6->realloc(0x5593a0eea630, 6)            = 0x6
sort->malloc(5)                                  = 0x5593a0eec6d0
libc.so.6->malloc(24 <unfinished ...>
<... malloc resumed> ) = 0x5593a0eedce0
]], "a 1 5", { misnamed = 3, cut = 1 } },
  { "finds the end of a call by its name", [[
calloc(1, 24 <unfinished ...>
malloc@libc.so.6(24 <unfinished ...>
<... calloc resumed> ) = 0x5500000002a0
<... malloc resumed> ) = 0x5500000002a0
malloc(25) = 0x5500000003a0
]], "c 1 1 24, a 2 25", { nested = 1, cut = 1 } },
  { "takes calls inside a function that is not of the allocator", [[
strdup("hello" <unfinished ...>
malloc@libc.so.6(6) = 0x7feb640008e0
<... strdup resumed> ) = 0x7feb640008e0
free(0x7feb640008e0 <unfinished ...>
free@libc.so.6(0x7feb640008e0) = <void>
<... free resumed> ) = <void>
]], "a 1 6, f 1", { nested = 1 } },
})

describe("the importer of ltrace", function()
  it("goes on after a call whose end is missing", function()
    local lines = { "7 malloc(1 <unfinished ...>" }
    for i = 1, 200 do
      lines[i + 1] = ("7 malloc(%d) = 0x%x0"):format(i, i)
    end
    local requests, notes = imported(table.concat(lines, "\n") .. "\n")
    assert.equal("a 1 101, a 2 102, ", requests:sub(1, 18))
    assert.same({ 100, 100, 1 }, { notes.requests, notes.nested, notes.cut })
  end)

  -- With each option of ltrace, what stands before and behind "malloc(1) = 0x10".
  for option, around in pairs {
    ["-f"] = { "1234 ", "" }, ["-f to the terminal"] = { "[pid 1234] ", "" },
    ["-t"] = { "13:59:53 ", "" }, ["-tt"] = { "13:59:53.248927 ", "" },
    ["-ttt"] = { "1795874393.320355 ", "" }, ["-r"] = { "  0.000023 ", "" },
    ["-T"] = { "", " <0.000153>" }, ["-i"] = { "[0x55c7f48dc269] ", "" },
    ["-e"] = { "lua5.4->", "" }, ["-n 2"] = { "    ", "" },
    ["-f -r -i -e -T"] = { "1234   0.002580 [0x5627dd2a8269] libfoo-1.2.so->", " <0.000247>" },
  } do
    it("reads plain and other lines of ltrace " .. option .. " alike", function()
      local lines = {}
      for i, call in ipairs { "malloc(10) = 0x10", "calloc(2, 20)        = 0x20",
        "realloc(0x10, 30) = 0x30", "free(0x20) = <void>", "operator new(unsigned long)(40) = 0x40",
        "operator delete(void*, unsigned long)(0x40, 40) = 1", "_Znam(50, 1) = 0x50",
        "_ZdaPv(0x50) = 0", "malloc@libc.so.6(60) = 0x60" } do
        lines[i] = around[1] .. call .. around[2] .. "\n"
      end
      local text = table.concat(lines)
      local expected = "a 1 10, c 2 2 20, r 1 30, f 2, a 3 40, f 3, a 4 50, f 4, a 5 60"
      assert.equal(expected, (imported(text)))
      local sink = require("pymalloc.import.sink").new()
      local ltrace = require "pymalloc.import.ltrace"
      for line in text:gmatch("[^\n]+") do
        assert.is_true(ltrace.line(sink, line))
      end
      assert.equal(expected, (sink.core:text():gsub("\n$", ""):gsub("\n", ", ")))
      sink = require("pymalloc.import.sink").new(ltrace)
      sink.core:process(1234, true)
      sink.core:process(nil, true)
      local at, count = sink.core:feed(text, 1)
      assert.same({ #text + 1, #lines }, { at, count })
    end)
  end
end)
