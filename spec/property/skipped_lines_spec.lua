-- Random logs, with lines that are no requests, wrong lines and lines that are cut off: reading
-- them gives the same trace, the same notes and the same messages, whether or not lines without
-- the words of the format are skipped in C. If no line is damaged, it gives the same if no line is
-- read in C. The environment variable PYMALLOC_SEED selects other logs.

local import = require "pymalloc.import"
local requests = require "spec.support.requests"

local SEED = tonumber(os.getenv("PYMALLOC_SEED") or 1)
local ROUNDS, LINES_MOST = 300, 60

-- For each format: what may stand in front of a line, lines of requests, and other lines. %A is
-- an address, %N a number.
local samples = {
  ltrace = {
    first = "7 malloc(5) = 0x10\n",
    before = { "7 ", "7 ", "7 ", "8 ", "", "9 ", "[pid 7] ", "[pid  8] ", "007 ", "0 ", "  7\t",
      "\v7 ", "7\v", "12:00:01.5 ", "7 0.000123 ", "123456789012345678901 ", "[pid 8", "[pid] ",
      "7 [0x55d0] a.out->", "8 libfree.so->", "7 libc.so.6->", "[0x55d0] ", "7.5 ", "é " },
    requests = { "malloc(%N) = %A", "free(%A) = <void>", "realloc(%A, %N) = %A",
      "calloc(2, %N)      = %A", "malloc(%N <unfinished ...>", "<... malloc resumed> ) = %A",
      "realloc(%A, %N <unfinished ...>", "<... realloc resumed> ) = %A", "free(%A <unfinished ...>",
      "calloc(%N, 3 <unfinished ...>", "<... calloc resumed> )  = %A",
      "<... realloc resumed> ) = 0",
      "<... malloc resumed> ) = nil", "_Znwm(%N, 2 <unfinished ...>", "<... _Znwm resumed> ) = %A",
      "operator delete(void*)(%A <unfinished ...>", "<... operator delete(void*) resumed> ) = 1",
      "operator new[](unsigned long)(%N <unfinished ...>",
      "realloc(%A, 0 <unfinished ...>",
      "<... operator new[](unsigned long) resumed> ) = %A", "free(nil <unfinished ...>",
      "<... free resumed> ) = <void>", "malloc@libc.so.6(%N) = %A", "free(nil) = <void>",
      "operator new(unsigned long)(%N) = %A", "operator delete(void*)(%A) = <void>",
      "_ZnwmRKSt9nothrow_t(%N) = %A", "_ZdlPvmSt11align_val_t(%A) = 0",
      "reallocarray(0, 2, 3) = %A", "fork() = 8", "fork( <unfinished ...>",
      "<... fork resumed> ) = 9", "<... fork resumed> ) = 0", "pthread_create(%A, 0, 0) = 0",
      "pthread_create(%A, 0 <unfinished ...>",
      "<... pthread_create resumed> ) = 0", "daemon(0, 0) = 0", "+++ exited (status 0) +++",
      "--- SIGCHLD (Child exited) ---", "--- Called exec() ---", "malloc(x) = %A",
      "malloc(%N", "free(%A" },
    others = { "strlen(\"free(%A)\") = 3", "puts(\"malloc\" <unfinished ...>",
      "<... puts resumed> ) = 2", "g_malloc(%N) = %A", "x_free(%A)", "mallocx(%N) = %A",
      "freeaddrinfo(%A) = <void>", "strdup@libc.so.6(\"x\") = %A", "memcpy(%A, %A, %N) = %A",
      "std::operator<< (%A) = %A", "no call", "malloc", "= 5", "-+- (x", "qsort(", "<... ",
      "<... strlen", "->free->puts() = 0", "__libc_start_main(%A, 1)", "SYS_brk(0) = %A" },
  },
  uftrace = {
    first = "[1] | malloc(5) = 0x10;\n",
    before = { "   0.123 us [  1] | ", "            [  2] |   ", "[1]|", "[ 1 ] | ",
      "# ", "" },
    requests = { "malloc(%N) = %A;", "free(%A);", "realloc(%A, %N) = %A;", "calloc(2, %N) = %A;",
      "malloc(%N) {", "calloc(3, %N) {", "} = %A; /* malloc */", "} = %A; /* calloc */",
      "} /* free */", "free(%A) {", "memalign(64, %N) = %A;", "malloc(%N);", "malloc" },
    others = { "strlen(\"free\") = 3;", "main() {", "} /* main */", "}", "} = 0; /* */",
      "xmalloc(%N) = %A;", "std::free() {", "/* linux:sched-out */", "} = \"(\"; /* malloc */",
      "} /* f(malloc) */", "/* free */", "DURATION" },
  },
  utrace = {
    first = "  7 app USER  0x10 = malloc(5)\n",
    before = { "  7 app      USER  ", "  8 app      USER  ", "7 USER ", "  7 app      CALL  ",
      "  7 app      _USER  ", "  7 app      RET   ", "USER ", "" },
    requests = { "%A = malloc(%N)", "free(%A)", "%A = realloc(%A, %N)", "malloc_init()",
      "malloc(%N)", "0 = malloc(%N)" },
    others = { "madvise(%A,0x1000,MADV_FREE)", "\"/etc/malloc.conf\"", "RTLD: loaded",
      "xUSER free" },
  },
  valgrind = {
    first = "--7-- malloc(5) = 0x10\n",
    before = { "--7-- ", "--7-- ", "--8-- ", "==7== ", "==8== ", "**7** ", "", " --7-- " },
    requests = { "malloc(%N) = %A", "free(%A)", "realloc(%A,%N) = %A", "calloc(9,9)malloc(%N) = %A",
      "realloc(%A,0)free(%A)", "_Znwm(%N) = %A", "Command: ./a.out", "malloc(%N", "malloc(x) = %A",
      "calloc(9,9)--7-- free(%A)" },
    others = { "   at 0x4848899: malloc (vg_replace_malloc.c:381)", "HEAP SUMMARY:", "hello",
      "REDIR: 0x4 (libc.so.6:free) redirected to 0x4 (free)", "Command", "-- malloc(1) = 0x10" },
  },
  memleak = {
    first = "alloc exited, size = 5, result = 10\n",
    before = { "", "(b'app', 5, 10, b'd...1', 2.5, b'", "app-1 [001] 1.5: bpf_trace_printk: " },
    requests = { "alloc exited, size = %N, result = %H", "free entered, address = %H",
      "alloc exited, size = x", "free entered", "free entered, address = %H, size = %N')" },
    others = { "alloc entered, size = %N", "[11:16:33] Top 2 stacks with outstanding allocations:",
      "\t\tmain+0x6d [allocs]", "alloc  exited", "free" },
  },
  pwndbg = {
    first = "[*] malloc(5) -> 0x10, 0x20 bytes real size\n",
    before = { "[*] ", "[*] ", "[!] ", "[", "\27[31m[*] ", "[\27[1m*] ", "", "pwndbg> [*] " },
    requests = { "malloc(%N) -> %A, 0x20 bytes real size", "free(%A)",
      "realloc(%A, %N) -> %A, 0x30",
      "calloc(2, %N) -> %A, 0x20", "malloc(%N)", "free(%A) -> x", "realloc(%A, %N)" },
    others = { "Breakpoint 2, %A in malloc () from /lib/libc.so.6", "*] free(%A)", "Continuing.",
      "[*]", "memalign(64, %N) -> %A" },
  },
  heaptrack = {
    first = "v 10500 3\n+ 5 0 10\n",
    before = { "" },
    requests = { "+ %H 1 %H", "+ %H 0 %H", "- %H", "t 401000 %N", "a 18 1", "s 4 main", "i 1 0",
      "- x", "+ %H", "v 10500 9", "t %N %N", "t %N", "t x 1", "a %N %N", "i 5 0 1", "+ %H %N %H",
      "i 5 0 1 1 7" },
    others = { "c 12d", "R 3f0", "c", "R", "c5", "c 12d ", "# x", "X ./app", "z", "C", "\rc 5" },
  },
  memray = {
    first = "HEADER magic=memray\nALLOCATION address=0x10 size=5 allocator=malloc\n",
    before = { "", "", "", " " },
    requests = { "ALLOCATION address=%A size=%N allocator=malloc native_frame_id=0",
      "ALLOCATION address=%A size=0 allocator=free native_frame_id=0", "FRAME_PUSH frame_id=%N",
      "ALLOCATION_WITH_NATIVE address=%A size=%N allocator=malloc native_frame_id=3",
      "FRAME_POP count=1", "CONTEXT_SWITCH tid=%N", "ALLOCATION address=%A",
      "FRAME_ID frame_id=%N function_name=f filename=/a/b.py lineno=3 is_entry_frame=1" },
    others = { "NATIVE_FRAME_ID ip=%A index=%N", "MEMORY_RECORD time=17571 memory=%N", "THREAD x",
      "MEMORY_RECORD", "NATIVE_FRAME_ID  x", "hello", "MEMORY_RECORDS x", "TRAILER" },
  },
}

local BYTES = { "\r", "\0", " ", "\t", "(", "\xff", "'", "=", "free", "<malloc>", "--", "USER",
  "\27[" }

local function filled(random, text)
  return (text:gsub("%%(%u)", function(letter)
    local number = random(1, 12)
    return letter == "A" and ("0x%x0"):format(number) or letter == "H" and ("%x0"):format(number)
      or tostring(number)
  end))
end

local function damaged(random, line)
  local at, piece = random(0, #line), BYTES[random(1, #BYTES)]
  local way = random(1, 12)
  if way == 1 then
    return line .. (piece ~= "\r" and piece or " "):rep(random(1, 3000))
  elseif way < 5 then
    return line:sub(1, at)
  end
  return line:sub(1, at) .. piece .. line:sub(at + (way > 8 and 1 or 2))
end

-- A log, and whether it has damaged lines. Its share of lines of requests, and that of damaged
-- lines, differ from log to log.
local function log_of(random, sample)
  local lines, requests_of_10, damaged_of_20 = {}, random(1, 8), random(0, 2)
  local has_returns = random(1, 5) == 1
  for i = 1, random(1, LINES_MOST) do
    local list = random(1, 10) <= requests_of_10 and sample.requests or sample.others
    local line = filled(random, sample.before[random(1, #sample.before)] .. list[random(1, #list)])
    if random(1, 20) <= damaged_of_20 then
      line = damaged(random, line)
    end
    lines[i] = line .. (has_returns and "\r" or "")
  end
  return sample.first .. table.concat(lines, "\n") .. (random(1, 4) > 1 and "\n" or ""),
    damaged_of_20 > 0
end

-- Zero bytes behind the head of a text are not refused.
local function input_of(sample, text)
  local piece = text
  return {
    head = function() return sample.first end,
    piece = function()
      local given = piece
      piece = nil
      return given
    end,
  }
end

-- Reads a log. Returns the trace, the notes and the message; and how many lines Lua has read.
local function imported(name, sample, text, is_lenient)
  local format, calls, written = require("pymalloc.import." .. name), 0, {}
  local line = format.line
  format.line = function(...)
    calls = calls + 1
    return line(...)
  end
  local ok, notes, problem = pcall(import.run, input_of(sample, text), "text",
    { format = name, lenient = is_lenient }, function(piece) table.insert(written, piece) end)
  format.line = line
  assert(ok, notes)
  return { table.concat(written), notes or false, problem or false }, calls
end

-- The same without some fields of the format.
local function imported_without(fields, name, ...)
  local format, kept = require("pymalloc.import." .. name), {}
  for _, field in ipairs(fields) do
    kept[field], format[field] = format[field], nil
  end
  local ok, result, calls = pcall(imported, name, ...)
  for _, field in ipairs(fields) do
    format[field] = kept[field]
  end
  assert(ok, result)
  return result, calls
end

for name, sample in pairs(samples) do
  describe("a log of format " .. name, function()
    it("is read in C as it is in Lua", function()
      local random = requests.random(SEED)
      local read, unskipped, all = 0, 0, 0
      for round = 1, ROUNDS do
        local text, is_damaged = log_of(random, sample)
        local is_lenient = round % 3 ~= 0
        local about = ("%s, round %d: %q"):format(name, round, text)
        local result, calls = imported(name, sample, text, is_lenient)
        local without_words, more = imported_without({ "words" }, name, sample, text, is_lenient)
        assert.same(without_words, result, about)
        local in_lua, most = imported_without({ "words", "templates" }, name, sample, text,
          is_lenient)
        assert.same(is_damaged and result or in_lua, result, about)
        read, unskipped, all = read + calls, unskipped + more, all + most
      end
      assert.is_true(read < all, read .. " of " .. all)
      assert.is_true(read <= unskipped
        and (require("pymalloc.import." .. name).words == nil or read < unskipped))
    end)
  end)
end
