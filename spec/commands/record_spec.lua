-- 'pymalloc record': a program of the specs whose requests have sizes of their
-- own (spec/recorded/main.c), and programs of the system.
local command = require "spec.support.command"
local pymalloc = require "pymalloc"

local MARK = 70001

local has_library = package.searchpath("pymalloc.preload", package.cpath) ~= nil

-- The requests of a trace without the ids, and how often each is in it.
local function requests_of(path)
  local list, counts = {}, {}
  for operation, id, bytes, count in pymalloc.trace.each(path) do
    if id then
      local sizes = count and (" %d %d"):format(count, bytes) or bytes and " " .. bytes or ""
      local request = operation .. sizes
      table.insert(list, request)
      counts[request] = (counts[request] or 0) + 1
    end
  end
  return list, counts
end

-- Blocks of the program's own sizes that are live at the end.
local function live_marked(path)
  local size_of, live = {}, {}
  for operation, id, bytes in pymalloc.trace.each(path) do
    if id then
      size_of[id] = operation ~= "free" and bytes or nil
    end
  end
  for _, size in pairs(size_of) do
    if size >= MARK and size < MARK + 100 then
      table.insert(live, size)
    end
  end
  return live
end

describe("pymalloc record", function()
  if not has_library then
    return pending("the preloaded library was not built: it cannot stand beside a sanitizer's")
  end

  local program, path

  setup(function()
    program = os.tmpname()
    assert(os.execute(("cc -O0 -w -pthread spec/recorded/main.c -o %s"):format(program)))
  end)

  teardown(function()
    os.remove(program)
  end)

  before_each(function()
    path = os.tmpname()
  end)

  after_each(function()
    os.remove(path)
  end)

  -- Records a command; returns its exit code and the messages.
  local function record(words, options)
    local _, errors, code = command.run(("%s record -o %s %s -- %s >/dev/null")
      :format(command.pymalloc, path, options or "", words))
    return code, errors
  end

  -- Records a case of the program, all of whose requests are written.
  local function record_case(name)
    local code, errors = record(program .. " " .. name)
    assert.matches("^pymalloc: %d+ requests recorded in [^\n]*\n$", errors)
    return code
  end

  -- The trace that was recorded runs to its end, and leaves the heap whole.
  local function assert_replays()
    local run = assert(pymalloc.replay(path))
    assert.equal(run.length, run:step(run.length))
    assert(run.heap:check())
    local output, errors, code = command.run(command.pymalloc .. " replay --stats " .. path)
    assert.same({ "", 0 }, { errors, code })
    assert.matches("Small block threshold", output)
    return run.length
  end

  it("records all requests of a program, from before main, and none of its own", function()
    assert.equal(5, record_case("_exit"))
    assert.same({ "malloc 70010", "free", "malloc 70001" }, (requests_of(path)))
    assert.equal(("# pymalloc trace 1\n# recorded by pymalloc record: %s _exit\n")
      :format(program), command.read(path):match("^[^\n]*\n[^\n]*\n"))
  end)

  it("calls no function of the malloc family itself", function()
    local pipe = io.popen("nm -D --undefined-only "
      .. package.searchpath("pymalloc.preload", package.cpath))
    local names = pipe:read("a")
    pipe:close()
    assert.matches(" U dlsym[@\n]", names)
    for _, name in ipairs { "malloc", "calloc", "realloc", "free", "strdup", "fopen", "fprintf" } do
      assert.is_nil(names:find(" U " .. name .. "[@\n]"), name)
    end
  end)

  it("records all functions of the malloc family", function()
    assert.equal(0, record_case("family"))
    local _, counts = requests_of(path)
    for _, request in ipairs { "malloc 70001", "malloc 70016", "malloc 70003",
      "malloc 70004", "malloc 70707", "realloc 70714",
      "calloc 3 23333", "malloc 70006", "malloc 70007" } do
      assert.equal(1, counts[request], request)
    end
    assert.equal(2, counts["malloc 70005"], "malloc and strdup")
    assert.same({}, live_marked(path))
    assert_replays()
  end)

  it("records threads that free each other's blocks in a valid order", function()
    -- one arena and no caches of threads: an address goes at once to another
    local code, errors = record("env GLIBC_TUNABLES=glibc.malloc.tcache_count=0 MALLOC_ARENA_MAX=1 "
      .. program .. " threads")
    assert.equal(0, code)
    assert.matches("^pymalloc: %d+ requests recorded in [^\n]*\n$", errors)
    local lines = requests_of(path)
    assert.is_true(#lines > 400000)
    assert_replays()
  end)

  it("records the parent, and not a forked child", function()
    assert.equal(0, record_case("fork"))
    local _, counts = requests_of(path)
    assert.same({ 1000, 1 }, { counts["malloc " .. MARK + 1], counts["malloc " .. MARK + 2] })
    assert.is_nil(counts["malloc " .. MARK + 7])
    assert.same({}, live_marked(path))
    assert_replays()
  end)

  it("starts again if the program replaces itself by exec", function()
    assert.equal(0, record_case("exec"))
    local _, counts = requests_of(path)
    assert.equal(1, counts["malloc " .. MARK], "posix_memalign of the second")
    assert.equal(1, counts["calloc 3 23333"])
  end)

  it("keeps all requests before a signal that ends the program", function()
    assert.equal(128 + 11, record_case("signal"))
    assert.same({ "malloc 70010", "free", "malloc 70001" }, (requests_of(path)))
    local code = record("sh -c 'kill -9 $$'")
    assert.equal(128 + 9, code)
    assert.is_true(assert_replays() > 10)
  end)

  it("records a program that has a limit on its addresses, or sets one and uses all", function()
    assert.equal(0, record_case("addresses"))
    local _, counts = requests_of(path)
    assert.same({ 100000, 1 }, { counts["malloc " .. MARK], counts["malloc " .. (100 << 20)] })
    assert.is_true(counts["malloc " .. (1 << 20)] > 800)
    local _, errors, code = command.run(("ulimit -v 4000000; %s record -o %s -- ls / >/dev/null")
      :format(command.pymalloc, path))
    assert.equal(0, code)
    assert.matches("^pymalloc: %d+ requests recorded in [^\n]*\n$", errors)
  end)

  it("records a program that can open no more files, while its log has room", function()
    assert.equal(0, record_case("files"))
    assert.equal(100000, select(2, requests_of(path))["malloc " .. MARK])
    local code, errors = record(program .. " many_files")
    assert.equal(0, code)
    assert.matches("ends early: the program can no longer open the log of its requests\n$", errors)
    assert.is_true(tonumber(errors:match("(%d+) requests")) > 2000000)
  end)

  it("ends the recording, not the program, where it may not write large files", function()
    local _, errors, code = command.run(("ulimit -f 16384; %s record -o %s -- %s threads")
      :format(command.pymalloc, path, program))
    assert.equal(0, code)
    assert.matches("ends early: the program may not write so large a file %(ulimit %-f%)\n$",
      errors)
    local requests = tonumber(errors:match("(%d+) requests"))
    assert.is_true(requests > 150000 and requests <= 196608) -- 6 MiB behind the head
    local _, output, ended = command.run(("ulimit -f 8; %s record -o %s -- ls / >/dev/null")
      :format(command.pymalloc, path))
    assert.same({ 1, ("pymalloc: nothing was recorded: the program may not write so large a file "
      .. "(ulimit -f); %s is unchanged\n"):format(path) }, { ended, output })
  end)

  it("ends the recording, not the program, where a thread never writes its record", function()
    local code, errors = record(program .. " stalled")
    assert.equal(0, code)
    assert.matches("ends early: a thread of the program stopped while it wrote to the log\n$",
      errors)
    -- all requests of the first two chunks, of 65,536 records each
    assert.is_true(tonumber(errors:match("(%d+) requests")) > 65536 * 2 - 10)
  end)

  it("records the requests of a signal handler", function()
    assert.equal(0, record_case("signals"))
    local _, counts = requests_of(path)
    assert.equal(30000, counts["malloc " .. MARK])
    assert.is_true(counts["malloc " .. MARK + 1] > 10)
    assert.same({}, live_marked(path))
  end)

  it("begins with a log of at most 64 MiB", function()
    local size_file <close> = command.file("")
    record(("sh -c 'stat -c %%s $PYMALLOC_RECORD >%s'"):format(size_file.path))
    local size = tonumber(command.read(size_file.path))
    assert.is_true(size <= 64 << 20, size)
  end)

  it("records real programs, which replay without a warning", function()
    for _, words in ipairs { "lua5.4 -e 'local t = {} for i = 1, 1000 do t[i] = { i } end'",
      "sort README.md", "git --version", "ls -l /", "cmake --version",
      "sh -c 'echo $(ls)'" } do
      local code, errors = record(words)
      assert.equal(0, code)
      assert.matches("^pymalloc: %d+ requests recorded in [^\n]*\n$", errors, words)
      assert.is_true(assert_replays() > 20, words)
    end
  end)

  it("compresses the trace if its name has such an ending", function()
    local packed <close> = command.file("", ".trace.xz")
    local _, errors, code = command.run(("%s record -o %s -- sh -c 'exit 3'")
      :format(command.pymalloc, packed.path))
    assert.equal(3, code)
    assert.matches("requests recorded", errors)
    assert.is_true(assert(pymalloc.replay(packed.path)).length > 10)
  end)

  it("says before it runs the program that the trace cannot be written", function()
    local _, errors, code =
      command.run(command.pymalloc .. " record -o /nonexistent/t -- sh -c 'echo ran >&2'")
    assert.same({ 1, "pymalloc: /nonexistent/t: No such file or directory\n" }, { code, errors })
  end)

  it("refuses invalid options", function()
    for _, case in ipairs {
      { "record -o - -- ls", "--output cannot be -: standard output is the program's" },
      { "record --interpreter x -o y -- ls", "--interpreter needs --python" },
      { "record --python -o y -- /bin/true", "--python runs python3 with /bin/true, which is a "
        .. "program and no script: leave out --python, or name a CPython by --interpreter" },
      { "record -- ls", "missing option '-o'" },
    } do
      local _, errors, code = command.run(command.pymalloc .. " " .. case[1])
      assert.same({ 2, "pymalloc: " .. case[2] }, { code, errors:match("^[^\n]*") })
    end
  end)

  -- The sizes mark the requests of the script: no library of Python requests them.
  local SCRIPT = [[
import ctypes, os
api = ctypes.pythonapi
for name in ("PyMem_Malloc", "PyObject_Malloc", "PyObject_Realloc", "PyMem_Calloc"):
    getattr(api, name).restype = ctypes.c_void_p
def free(f, block): f(ctypes.c_void_p(block))
a = api.PyMem_Malloc(70001)
b = api.PyObject_Malloc(501)
b = api.PyObject_Realloc(ctypes.c_void_p(b), 70003)
c = api.PyMem_Calloc(3, 23333)
free(api.PyMem_RawFree, api.PyMem_RawMalloc(70004))
if os.fork() == 0:
    free(api.PyMem_Free, api.PyMem_Malloc(70007))
    os._exit(0)
os.wait()
free(api.PyMem_Free, a); free(api.PyObject_Free, b); free(api.PyMem_Free, c)
]]

  local PYTHON = "--python --interpreter /usr/bin/python3"
  local has_python = os.execute("/usr/bin/python3 -c 'import ctypes' 2>/dev/null")

  it("--python records the object and memory domains of a CPython, not the raw one", function()
    if not has_python then
      return pending("needs /usr/bin/python3")
    end
    local script <close> = command.file(SCRIPT, ".py")
    local code, errors = record(script.path, PYTHON)
    assert.equal(0, code)
    assert.matches("^pymalloc: %d+ requests recorded in [^\n]*\n$", errors)
    local _, counts = requests_of(path)
    for _, request in ipairs { "malloc 70001", "realloc 70003", "calloc 3 23333" } do
      assert.equal(1, counts[request], request)
    end
    assert.is_nil(counts["malloc 70004"], "the raw domain")
    assert.is_nil(counts["malloc 70007"], "the child")
    assert.same({}, live_marked(path))
    assert.matches("^# pymalloc trace 1\n# recorded by pymalloc record %-%-python: "
      .. "CPython 3%.%d+%.%w+: " .. script.path:gsub("%p", "%%%0") .. "\n", command.read(path))
    assert.is_true(assert_replays() > 20000)
  end)

  it("--python records all requests up to os._exit, and returns the exit code", function()
    if not has_python then
      return pending("needs /usr/bin/python3")
    end
    assert.equal(7, (record("-c 'import os; os._exit(7)'", PYTHON)))
    assert.is_true(assert_replays() > 20000)
    assert.equal(128 + 9, (record("-c 'import os; os.kill(os.getpid(), 9)'", PYTHON)))
    assert.is_true(assert_replays() > 20000)
  end)

  it("--python refuses a program that is not a CPython", function()
    local code, errors = record("/dev/null", "--python --interpreter cat")
    assert.equal(1, code)
    assert.equal("pymalloc: nothing was recorded: --python needs a CPython whose functions other "
      .. "libraries can call, 3.7 or later; " .. path .. " is unchanged\n", errors)
  end)
end)
