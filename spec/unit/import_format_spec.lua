-- The formats of other tools: a small text of each, as the tool writes it.

local pymalloc = require "pymalloc"
local command = require "spec.support.command"
local imported = require("spec.support.imports").imported

local function assert_imports(format, text, expected, counts)
  local lines, notes = imported(text)
  assert.equal(expected, lines, notes)
  assert.equal(format, notes.format)
  for name, count in pairs(counts or {}) do
    assert.equal(count, notes[name], name)
  end
end

describe("the importer of Android's memory_replay", function()
  it("reads each kind of call, with and without time stamps", function()
    assert_imports("android", [[
100: malloc 0xb48390a0 48
200: calloc 0xb48c1100 32 8
300: realloc 0x96b90920 0xb48390a0 150
300: realloc 0x96b90a20 0x0 15
400: memalign 0xae42d080 16 104
500: free 0xb48c1100 1234 5678
500: free 0x0
100: malloc 0x0 77
600: malloc 0xb48c1100 9 1234 5678
600: thread_done 0x0
]], "a 1 48, c 2 32 8, r 1 150, a 3 15, a 4 104, f 2, a 5 9")
  end)
end)

describe("the importer of FreeBSD's kdump", function()
  it("reads jemalloc's requests of the first process", function()
    assert_imports("utrace", [[
  1234 ls       USER  malloc_init()
  1234 ls       USER  0x800e1b060 = malloc(1024)
  1234 ls       CALL  write(1,0x800,5)
  1234 ls       USER  0x800e1c060 = realloc(0x800e1b060, 2048)
  1234 ls       USER  0x800e1d060 = realloc(0x0, 7)
  1235 cat      USER  free(0x800e1c060)
  1235 cat      USER  0x800e1c060 = malloc(1)
  1234 ls       USER  free(0x800e1c060)
]], "a 1 1024, r 1 2048, a 2 7, f 1", { others = 2 })
  end)
end)

describe("the importer of bcc's memleak", function()
  it("reads its output and that of the trace pipe", function()
    assert_imports("memleak", [[
Attaching to pid 5193, Ctrl+C to quit.
(b'main', 5193, 10, b'd...1', 20299.252437, b'alloc entered, size = 2048')
(b'main', 5193, 10, b'd...1', 20299.252439, b'alloc exited, size = 2048, result = 55822e845800')
(b'main', 5193, 10, b'd...1', 20299.252440, b'free entered, address = 55822e845800, size = 2048')
 main-5193 [010] d...1 20299.252441: bpf_trace_printk: alloc entered, size = 24
 main-5193 [010] d...1 20299.252442: bpf_trace_printk: alloc exited, size = 24, result = 55822e84
 main-5193 [010] d...1 20299.252443: bpf_trace_printk: alloc exited, size = 25, result = 0
]], "a 1 2048, f 1, a 2 24")
  end)
end)

describe("the importer of pwndbg's track-heap", function()
  it("reads the calls among other output, with and without colours", function()
    assert_imports("pwndbg", [[
Heap tracker installed.
[*] malloc(24) -> 0x5555555592a0, 0x20 bytes real size
[*] calloc(3, 8) -> ]] .. "\27[34m0x5555555592c0\27[0m" .. [[, 0x20 bytes real size
[*] realloc(0x5555555592a0, 48) -> 0x5555555592e0, 0x40 bytes real size
[*] realloc(0x0, 5) -> 0x555555559320, 0x20 bytes real size
[*] free(0x0)
[*] free(0x5555555592c0)
[!] free() with previously unknown pointer 0x123456
[!] realloc() to 9 bytes with previously unknown pointer 0x123457
pwndbg> c
]], "a 1 24, c 2 3 8, r 1 48, a 3 5, f 2", { unknown_frees = 1, cut = 1 })
  end)
end)

describe("the importer of uftrace", function()
  it("reads whole calls, and calls with others inside", function()
    assert_imports("uftrace", [[
# DURATION     TID     FUNCTION
            [  1234] | main() {
   0.123 us [  1234] |   malloc(24) = 0x5600;
            [  1234] |   calloc(3, 8) {
            [  1235] |   malloc(7) {
   0.100 us [  1234] |     malloc(24) = 0x5620;
   1.012 us [  1234] |   } = 0x5620; /* calloc */
   1.012 us [  1235] |   } = 0x5700; /* malloc */
   0.098 us [  1234] |   free(0x5600);
   0.098 us [  1234] |   realloc(0x5620, 100) = 0x5800;
   9.001 us [  1234] | } /* main */
]], "a 1 24, c 2 3 8, a 3 7, f 1, r 2 100", { nested = 1 })
  end)

  it("ends a call with others inside at its own end", function()
    assert_imports("uftrace", [[
            [  1234] | calloc(3, 8) {
            [  1234] |   realloc(0x0, 24) {
            [  1234] |     malloc(24) {
   0.100 us [  1234] |     } = 0x5620; /* malloc */
   0.200 us [  1234] |   } = 0x5620; /* realloc */
   0.300 us [  1234] | } = 0x5640; /* calloc */
   0.123 us [  1234] | aligned_alloc(64, 128) = 0x5680;
   0.098 us [  1234] | free(0x5640);
]], "c 1 3 8, a 2 128, f 1", { nested = 2, cut = 0 })
  end)

  it("reads a log with the colours of a terminal", function()
    assert_imports("uftrace",
      "\27[90m   1.003\27[0m us [ 28141] | \27[32mmalloc\27[0m(16) = 0x55d1;\n"
      .. "   0.2 us   [ 28141] | \27[1;31mcalloc\27[0m(2, 8) {\n"
      .. "   1.2 us   [ 28141] | } = 0x55e1; \27[90m/* calloc */\27[0m\n"
      .. "   0.5 us   [ 28141] | \27[32mfree\27[0m(0x55d1);\n", "a 1 16, c 2 2 8, f 1")
  end)

  it("says how to record if there are no results", function()
    local lines, problem = imported("   0.123 us [  1234] |   free(0x5600);\n"
      .. "   0.123 us [  1234] |   malloc(24);\n")
    assert.is_nil(lines)
    assert.matches("^text:2: the call has no result: record with %-A malloc@arg1", problem)
  end)
end)

describe("the importer of wee_alloc's traces", function()
  it("counts the allocations", function()
    assert_imports("wee_alloc", "Alloc(24),\nAlloc(8),\nFree(0),\nAlloc(5),\nFree(2),\nFree(1),\n",
      "a 1 24, a 2 8, f 1, a 3 5, f 3, f 2")
    local _, problem = imported("Alloc(24),\nFree(0),\nFree(0),\n")
    assert.equal("text:3: this line is not of format wee_alloc: 'Free(0),' "
      .. "(allocation 0 is not live)", problem)
  end)
end)

describe("the importer of heaptrack", function()
  local INTERPRETED = [[
v 10500 3
X ./app
I 1000 3e8
s 5 app.c
s 4 main
s 4 load
i 401000 1 2 1 c
i 401020 1 3 1 1f
i 401040 1
t 1 0
t 2 1
t 3 0
a 18 2
a 20 3
+ 0
+ 0
+ 1
c 10
- 0
R 100
- 1
]]
  local SITES = "w 1 0 app.c:12 main, w 2 1 app.c:31 load, w 3 0 0x401040, "

  it("reads interpreted files with their stacks, and frees the last block of a kind", function()
    assert_imports("heaptrack", INTERPRETED, SITES .. "a 1 24 @2, a 2 24 @2, a 3 32 @3, f 2, f 3")
  end)

  it("reads packed files", function()
    local packed <close> = command.file("", ".heaptrack.gz")
    local plain <close> = command.file(INTERPRETED)
    assert(os.execute(("gzip -c %s > %s"):format(plain.path, packed.path)))
    local trace, notes = pymalloc.trace.load(packed.path)
    assert.equal(5, notes.requests)
    assert.matches("a 3 32 @3\n", trace.text)
  end)

  it("reads raw files and those of version 0, which have addresses", function()
    local raw = "v 10500 3\nx 5 ./app\nt 401000 0\n+ 18 1 5600\n+ 20 1 5620\n- 5600\n- 9999\n"
    assert_imports("heaptrack", raw, "w 1 0 0x401000, a 1 24 @1, a 2 32 @1, f 1",
      { unknown_frees = 1 })
  end)

  it("reads strings without a length before version 3", function()
    assert_imports("heaptrack", "v 10200 2\ns add.c\ns add one\ni 401000 0 2 1 c\nt 1 0\n"
      .. "a 18 1\n+ 0\n", "w 1 0 add.c:12 add one, a 1 24 @1")
  end)

  it("refuses unknown versions and kinds", function()
    local _, problem = imported("v 10500 9\n+ 1 1 1\n")
    assert.equal("text:1: version 9 of heaptrack files is unknown (the last known: 3)", problem)
    _, problem = imported("v 10500 3\na 18 0\n+ 1\n")
    assert.equal("text:3: this line is not of format heaptrack: '+ 1' (allocation kind 1 is not "
      .. "defined)", problem)
    _, problem = imported("v 10500 3\na 18 0\n- 0\n")
    assert.matches("no block of kind 0 is live", problem)
  end)
end)

describe("pymalloc convert --to malloclab", function()
  local function exported(text)
    local from <close> = command.file(text)
    return command.run(("%s convert --to malloclab %s -"):format(command.pymalloc, from.path))
  end

  it("writes what the importer of malloclab reads as the same requests", function()
    local output, errors, code = exported("# pymalloc trace 1\nm load\na 7 24\nc 9 3 8\nr 7 100\n"
      .. "f 9\na 8 5\nf 7\nf 7\nr 6 1\nk\nf 8\nf 6\n")
    assert.equal(0, code, errors)
    assert.equal("0\n2\n9\n1\na 0 24\na 1 24\nr 0 100\nf 1\na 1 5\nf 0\na 0 1\nf 1\nf 0\n", output)
    local lines = imported(output)
    assert.equal("a 1 24, a 2 24, r 1 100, f 2, a 2 5, f 1, a 1 1, f 2, f 1", lines)
  end)

  it("refuses sizes that malloclab cannot have", function()
    local output, errors, code = exported("a 1 18446744073709551615\n")
    assert.same({ "", 1 }, { output, code })
    assert.equal("pymalloc: malloclab has no sizes of 2^63 bytes and more\n", errors)
  end)
end)
