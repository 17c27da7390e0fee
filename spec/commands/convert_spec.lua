-- 'pymalloc convert' on the logs that other tools write of the program spec/recorded/main.c,
-- whose requests are known.
local command = require "spec.support.command"
local import = require "pymalloc.import"
local pymalloc = require "pymalloc"

local DEBUG_LIBRARY = "libc_malloc_debug.so"

-- Runs a command without a sanitizer's library. Returns whether it succeeds.
local function succeeds(words)
  return (os.execute("LD_PRELOAD= " .. words .. " >/dev/null 2>&1"))
end

-- Returns requests as "a ID SIZE", with ids counted from 1 in the order of their first use.
local function numbered(requests)
  local list, numbers, count = {}, {}, 0
  for i, request in ipairs(requests) do
    local letter, id, rest = request:match("^(%a) (%d+) ?(.*)$")
    if not numbers[id] then
      count = count + 1
      numbers[id] = count
    end
    list[i] = ("%s %d %s"):format(letter, numbers[id], rest)
  end
  return list
end

local function requests_of(path)
  local list = {}
  for line in command.read(path):gmatch("[^\n]+") do
    if line:find("^[acrf] ") then
      table.insert(list, line)
    end
  end
  return numbered(list)
end

-- Returns the requests without those of some ids.
local function without(requests, ids)
  local list = {}
  for _, request in ipairs(requests) do
    if not ids[request:match("%d+")] then
      table.insert(list, request)
    end
  end
  return list
end

-- The requests of the program's case "family". Block 1 is allocated before main, 2 by
-- posix_memalign, 7 by calloc, 9 by strdup.
local FAMILY = {
  "a 1 70010", "f 1", "a 2 70001", "f 2", "a 3 70016", "f 3", "a 4 70003", "f 4", "a 5 70004",
  "f 5", "a 6 70707", "r 6 70714", "f 6", "c 7 3 23333", "f 7", "a 8 70005", "a 9 70005", "f 9",
  "f 8", "a 10 70006", "f 10", "a 11 70007", "f 11",
}

describe("pymalloc convert", function()
  local program, log, path

  setup(function()
    program = os.tmpname()
    assert(os.execute(("cc -O0 -w -pthread spec/recorded/main.c -o %s"):format(program)))
  end)

  teardown(function()
    os.remove(program)
  end)

  before_each(function()
    log, path = os.tmpname(), os.tmpname()
  end)

  after_each(function()
    os.remove(log)
    os.remove(path)
  end)

  -- Converts a file; returns its messages and the exit code.
  local function convert(options, from)
    local _, errors, code = command.run(("%s convert %s %s %s"):format(command.pymalloc,
      options or "", from or log, path))
    return errors, code
  end

  local function assert_converts(format, requests, said)
    local errors, code = convert()
    local expected = numbered(requests)
    assert.same({ 0, (said or "") .. ("pymalloc: %d requests of format %s written to %s\n")
      :format(#expected, format, path) }, { code, errors })
    assert.same(expected, requests_of(path))
    local run = assert(pymalloc.replay(path))
    assert.equal(run.length, run:step(run.length))
  end

  it("recognises a log that it has just recorded", function()
    if not package.searchpath("pymalloc.preload", package.cpath) then
      return pending("the preloaded library was not built: it cannot stand beside a sanitizer's")
    end
    command.run(("%s record -o %s -- %s family"):format(command.pymalloc, path, program))
    assert.same(numbered(FAMILY), requests_of(path))
  end)

  it("reads what valgrind writes", function()
    if not succeeds("valgrind true") then
      return pending("needs valgrind")
    end
    assert(succeeds(("valgrind --trace-malloc=yes --log-file=%s %s family"):format(log, program)))
    assert_converts("valgrind", FAMILY)
  end)

  it("reads what glibc's mtrace writes: from main on, and calloc as malloc", function()
    local has_library = "env LD_PRELOAD=" .. DEBUG_LIBRARY .. " cat /proc/self/maps | grep -q "
      .. DEBUG_LIBRARY
    if not succeeds(has_library) then
      return pending("needs " .. DEBUG_LIBRARY .. ", of glibc 2.34 or later")
    end
    assert(succeeds(("env LD_PRELOAD=%s MALLOC_TRACE=%s %s family"):format(DEBUG_LIBRARY, log,
      program)))
    local expected = without(FAMILY, { ["1"] = true })
    for i, request in ipairs(expected) do
      expected[i] = request == "c 7 3 23333" and "a 7 69999" or request
    end
    assert_converts("mtrace", expected)
  end)

  it("reads what ltrace writes, which shows no block of posix_memalign and strdup", function()
    if not succeeds("ltrace -o /dev/null true") then
      return pending("needs ltrace, and the right to trace")
    end
    assert(succeeds(("ltrace -f -o %s %s family"):format(log, program)))
    assert_converts("ltrace", without(FAMILY, { ["2"] = true, ["9"] = true }),
      "pymalloc: 2 frees of unknown blocks left out\n")
  end)

  local REP = "20000\r\n2\r\n4\r\n1\r\na 0 512\r\na 1 128\r\nr 0 640\r\nf 0\r\n"

  it("reads malloclab's traces, and packs and unpacks", function()
    local rep <close> = command.file(REP, ".rep")
    local from <close> = command.file("", ".rep.gz")
    local to <close> = command.file("", ".trace.xz")
    assert(os.execute(("gzip -c %s > %s"):format(rep.path, from.path)))
    local _, errors, code = command.run(("%s convert %s %s"):format(command.pymalloc, from.path,
      to.path))
    assert.same({ 0, "pymalloc: 4 requests of format malloclab written to " .. to.path .. "\n" },
      { code, errors })
    local text = command.run("xz -dc " .. to.path)
    assert.equal("# pymalloc trace 1\n# imported from malloclab\n"
      .. "a 1 512\na 2 128\nr 1 640\nf 1\n", text)
  end)

  it("reads standard input and writes to standard output", function()
    local output, errors, code = command.run(("printf 'malloc(10) = 0x55d0\\n' | %s convert - -")
      :format(command.pymalloc))
    assert.same({ 0, "# pymalloc trace 1\n# imported from ltrace\na 1 10\n",
      "pymalloc: 1 request of format ltrace written to standard output\n" },
      { code, output, errors })
  end)

  it("names the line of a damaged file, and with --lenient keeps the other lines", function()
    local bad <close> = command.file("= Start\n@ a + 0x55d0 0xa\n@ a + 0x\n@ a - 0x55d0\n")
    local problem = bad.path .. ":3: this line is not of format mtrace: '@ a + 0x'"
    local errors, code = convert("", bad.path)
    assert.same({ 1, ("pymalloc: %s\n--lenient leaves out wrong lines\n"):format(problem) },
      { code, errors })
    errors, code = convert("--lenient", bad.path)
    assert.same({ 0, ("pymalloc: %s\npymalloc: 1 wrong line left out\npymalloc: 2 requests of "
      .. "format mtrace written to %s\n"):format(problem, path) }, { code, errors })
    assert.same({ "a 1 10", "f 1 " }, requests_of(path))
  end)

  it("keeps with --lenient what a short packed file has before it is cut off", function()
    local packed <close> = command.file("", ".gz")
    assert(os.execute(([[seq 1 2000 | sed 's/.*/@ a + 0x&0 0x&/; 1i = Start' | gzip -c | ]]
      .. "head -c 4000 > %s"):format(packed.path)))
    local errors, code = convert("", packed.path)
    local said, count = errors:match("pymalloc: ([^\n]*)\n%-%-lenient keeps the (%d+) requests "
      .. "before that\n$")
    assert.same({ 1, packed.path .. " cannot be unpacked: gzip fails" }, { code, said })
    errors, code = convert("--lenient", packed.path)
    assert.same({ 0, "pymalloc: " .. packed.path .. " cannot be unpacked: gzip fails" },
      { code, errors:match("pymalloc: [^\n]*unpacked[^\n]*") })
    local kept = requests_of(path)
    assert.equal("a 1 1", kept[1])
    assert.equal(tonumber(count), #kept)
    assert.is_true(#kept > 500 and #kept < 2000)
  end)

  it("keeps with --lenient the blocks of a packed trace before it is cut off", function()
    local whole <close> = command.file("", ".ptrace")
    assert(os.execute(("%s workload uniform %s --requests 70000 2>/dev/null"):format(
      command.pymalloc, whole.path)))
    local bytes = command.read(whole.path)
    local cut <close> = command.file(bytes:sub(1, -1000), ".ptrace")
    local problem = ("%s: block 1, before byte %d of the packed trace: the file is cut off"):format(
      cut.path, #bytes - 999)
    for _, to in ipairs { "pymalloc", "malloclab" } do
      assert.same({ "pymalloc: " .. problem .. "\n--lenient keeps the 65536 requests before that\n",
        1 }, { convert("--to " .. to, cut.path) })
    end
    local errors, code = convert("--lenient", cut.path)
    assert.same({ "pymalloc: " .. problem .. "\npymalloc: 65536 requests of format packed written "
      .. "to " .. path .. "\n", 0 }, { errors, code })
    assert.equal(65536, #requests_of(path))
    local first <close> = command.file(bytes:sub(1, 1000), ".ptrace") -- no block is whole
    assert.same({ ("pymalloc: %s: block 0, before byte 1000 of the packed trace: the file is "
      .. "cut off\n"):format(first.path), 1 }, { convert("", first.path) })
  end)

  it("takes the format that is named", function()
    local text <close> = command.file("malloc(10) = 0x55d0\n")
    local errors, code = convert("--format mtrace", text.path)
    assert.equal(1, code)
    assert.matches("this line is not of format mtrace", errors)
    errors, code = convert("--format strace", text.path)
    assert.equal(2, code)
    assert.matches("must be one of '" .. table.concat(import.formats, "', '") .. "'", errors)
  end)

  it("names a file that it cannot read", function()
    local empty <close> = command.file("", ".log")
    local empty_packed <close> = command.file("", ".gz")
    assert(os.execute("printf '' | gzip -c > " .. empty_packed.path))
    local broken <close> = command.file("no gzip", ".gz")
    local binary <close> = command.file("\127ELF\0\0\0\1", ".log")
    local words <close> = command.file("hello\nworld\n")
    for _, case in ipairs {
      { "/nonexistent", "/nonexistent: No such file or directory" },
      { empty.path, empty.path .. " is empty" },
      { empty_packed.path, empty_packed.path .. " is empty" },
      { broken.path, broken.path .. " cannot be unpacked: gzip fails" },
      { binary.path, binary.path .. " is not text: it has zero bytes" },
      { words.path, words.path .. ": the format is none of "
        .. table.concat(import.formats, ", ") },
      { "/tmp", "/tmp cannot be read: Is a directory" },
    } do
      local errors, code = convert("", case[1])
      local said = errors:match("(pymalloc: [^\n]*)\n$")
      assert.same({ 1, "pymalloc: " .. case[2] }, { code, said })
    end
  end)

  it("reports an output that cannot be written", function()
    local rep <close> = command.file(REP, ".rep")
    for _, case in ipairs { { "/dev/full", "No space left on device" },
      { "/nonexistent/t", "No such file or directory" } } do
      local _, errors, code = command.run(("%s convert %s %s"):format(command.pymalloc, rep.path,
        case[1]))
      assert.equal(1, code)
      assert.matches(case[2] .. "\n$", errors)
    end
    local _, errors = command.run(("%s convert %s - >/dev/full"):format(command.pymalloc, rep.path))
    assert.equal("pymalloc: standard output cannot be written: No space left on device\n", errors)
    _, errors = command.run(command.pymalloc .. " convert - /dev/null </tmp")
    assert.equal("pymalloc: standard input cannot be read: Is a directory\n", errors)
  end)
end)
