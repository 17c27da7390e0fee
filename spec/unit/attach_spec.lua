local pymalloc = require "pymalloc"
local command = require "spec.support.command"
local live = require "spec.support.live_python"

local SEEDS = 20

-- Allocates and frees at random by the seeds 1, 2, ...; after each it prints its own report
-- and waits for a signal. Nothing is allocated between the report and the wait.
local CHURN = [[
import random, signal, sys
pause, report, write = signal.pause, sys._debugmallocstats, sys.stderr.write
signal.signal(signal.SIGUSR1, lambda *_: None)
kept = []
def churn(seed):
    chance = random.Random(seed)
    for _ in range(chance.randrange(500, 8000)):
        kept.append(bytes(chance.randrange(480)))
    chance.shuffle(kept)
    del kept[:int(len(kept) * chance.random())]
seed = 0
while True:
    seed += 1
    churn(seed)
    write("seed %d\n" % seed)
    report()
    pause()
]]

local PAUSE = [[
import signal, sys
sys.stderr.write("ready")
signal.pause()
]]

-- Changes its pools as fast as it can.
local BUSY = [[
import random, sys
chance, live = random.Random(1), {}
sys.stderr.write("ready")
while True:
    if chance.random() < 0.5:
        live[chance.randrange(40000)] = bytes(chance.randrange(480))
    else:
        live.pop(chance.randrange(40000), None)
]]

local INTERPRETERS = [[
import signal, sys
try:
    import _interpreters as interpreters
    other = interpreters.create()
    shared = interpreters.create("legacy")
except ImportError:
    import _xxsubinterpreters as interpreters
    other = interpreters.create()
    shared = interpreters.create(isolated=False)
interpreters.run_string(other, """
x = [bytes(i % 400) for i in range(30000)]
import sys
sys._debugmallocstats()
""")
sys.stderr.write("ready")
signal.pause()
]]

-- Adds one to ref.count of a pool with a block of 480 bytes.
local DAMAGE = [[
import ctypes, signal, sys
block = bytes(440)
pool_bytes = 16384 if sys.version_info >= (3, 10) else 4096
count = ctypes.c_uint.from_address(id(block) // pool_bytes * pool_bytes)
count.value += 1
sys.stderr.write("ready")
signal.pause()
]]

local any = live.any(7)
local NONE = "needs a python3 from 3.7 to 3.14, in PYTHON, on PATH or in ~/.pyenv/versions"

-- A report from its first line to its last sum, without the free lists of types.
local function report_in(text)
  local report = text:match("Small block threshold.*")
  return (report:gsub("(\nTotal +=[^\n]*\n).*", function(total)
    local map = report:match("\narena map counts\n.-\nTotal[^\n]*\n")
    return total .. (map or "")
  end, 1))
end

describe("pymalloc.attach", function()
  if not any then
    return pending(NONE)
  end

  local function gives_own_report(python)
    local process <close> = live.run(python, CHURN, "seed 1\n")
    for seed = 1, SEEDS do
      process:wait(("seed %d\n"):format(seed))
      local own = report_in(process:text():match(("seed %d\n(.*)"):format(seed)))
      local snapshot = assert(pymalloc.attach(process.pid, { symbols = seed % 2 == 0 }))
      assert.equal(own, snapshot:debugmallocstats())
      assert.same({}, snapshot:faults())
      assert.equal(0, snapshot.reading.changed)
      process:signal "USR1"
    end
  end

  -- With PYTHONS=all in the environment, every installed interpreter is tested.
  for _, python in ipairs(os.getenv("PYTHONS") == "all" and live.interpreters() or { any }) do
    it(("gives the numbers of the own report of CPython %s, in %d states"):format(python.version,
      SEEDS), function()
      gives_own_report(python)
    end)
  end

  it("names the process, and takes its snapshot through JSON, views and diffs", function()
    local process <close> = live.run(any, PAUSE)
    local snapshot = assert(pymalloc.attach(process.pid))
    assert.equal(process.pid, snapshot.process.pid)
    assert.equal(any.version, snapshot.process.python)
    assert.is_false(snapshot.process.debug_hooks)
    local loaded = assert(pymalloc.snapshot.parse(snapshot:json()))
    assert.equal("nothing changed", tostring(pymalloc.diff(snapshot, loaded)))
    assert.equal(pymalloc.view.text(snapshot), pymalloc.view.text(loaded))
    assert.equal(pymalloc.view.svg(snapshot), pymalloc.view.svg(loaded))
    local candidate = snapshot:release_candidates()[1]
    assert.same(candidate.pinned, loaded:pinned_by(candidate.arena))
  end)

  it("reads a process that runs, and says how many pools changed", function()
    local process <close> = live.start_python(any, BUSY)
    repeat
      os.execute("sleep 0.05")
    until process:text() == "ready"
    os.execute("sleep 0.2")
    local moving = 0
    for _ = 1, 50 do -- the system may let the process wait for the time of a reading
      local snapshot = assert(pymalloc.attach(process.pid))
      assert.same({}, snapshot:faults())
      assert.is_true(#pymalloc.view.text(snapshot) > 0)
      moving = moving + (snapshot.reading.changed > 0 and 1 or 0)
      if moving == 3 then
        break
      end
    end
    assert.equal(3, moving)
  end)

  it("finds what is damaged", function()
    local process <close> = live.run(any, DAMAGE)
    local snapshot = assert(pymalloc.attach(process.pid))
    local faults = snapshot:faults()
    assert.equal(1, #faults)
    assert.equal("pool.count", faults[1].invariant)
    assert.matches("^%d+ live and %d+ free blocks, but %d+ were carved$", faults[1].message)
    assert.error_matches(function() snapshot:check() end, "pool.count: pool %d+:%d+: ")
  end)

  it("tells debug hooks by their guard bytes", function()
    local process <close> = live.run(any, PAUSE, "ready", "PYTHONMALLOC=debug")
    assert.is_true(assert(pymalloc.attach(process.pid)).process.debug_hooks)
  end)

  it("reads isolated interpreters, and says which share the main one's arenas", function()
    local python = live.any(12)
    if not python then
      return pending("needs a python3 from 3.12 on")
    end
    local process <close> = live.run(python, INTERPRETERS)
    local snapshot = assert(pymalloc.attach(process.pid, { interpreter = 1 }))
    assert.same({ 0, 1 }, snapshot.process.interpreters)
    local own = report_in(process:text())
    assert.equal(own:match("# arenas allocated total[^\n]*"),
      snapshot:debugmallocstats():match("# arenas allocated total[^\n]*"))
    assert.same({}, snapshot:faults())
    local shared = assert(pymalloc.attach(process.pid, { interpreter = 2 }))
    assert.is_true(shared.process.is_shared)
    local _, problem = pymalloc.attach(process.pid, { interpreter = 9 })
    assert.equal(("process %d has no interpreter 9; it has: 0, 1, 2"):format(process.pid), problem)
  end)

  describe("of a core file", function()
    local process, path

    setup(function()
      process = live.run(any, PAUSE)
      local base <close> = command.file("")
      os.execute(("env -u LD_PRELOAD timeout 60 gcore -o %s %d </dev/null >/dev/null 2>&1"):format(
        base.path, process.pid))
      path = ("%s.%d"):format(base.path, process.pid)
    end)

    teardown(function()
      getmetatable(process).__close(process)
      os.remove(path)
    end)

    local function has_core()
      local file <close> = io.open(path)
      return file ~= nil
    end

    it("gives the state of the process", function()
      if not has_core() then
        return pending("needs gcore, of gdb")
      end
      local from_core = assert(pymalloc.attach(path))
      local from_process = assert(pymalloc.attach(process.pid))
      assert.equal("nothing changed", tostring(pymalloc.diff(from_core, from_process)))
      assert.equal(process.pid, from_core.process.pid)
      assert.equal(any.version, from_core.process.python)
    end)

    it("raises no error if the file is damaged or cut", function()
      if not has_core() then
        return pending("needs gcore, of gdb")
      end
      math.randomseed(7)
      local whole = command.read(path)
      local heads = string.unpack("<I8", whole, 33) -- of the segments
      local damaged <close> = command.file("")
      for round = 1, 12 do
        local places = { math.random(64), heads + math.random(56 * 20), math.random(20000) }
        local at = places[round % 3 + 1]
        local text = whole:sub(1, at - 1) .. string.char(math.random(0, 255)) .. whole:sub(at + 1)
        text = round % 4 == 0 and text:sub(1, math.random(#text)) or text
        local file <close> = assert(io.open(damaged.path, "wb"))
        file:write(text)
        file:close()
        local snapshot, problem = pymalloc.attach(damaged.path)
        assert.is_true(snapshot ~= nil and pcall(snapshot.faults, snapshot)
          or type(problem) == "string")
      end
    end)
  end)

  it("reads a process that ends meanwhile, or says that it has ended", function()
    local reads, round = 0, 0
    while round < 3 or reads == 0 and round < 20 do
      round = round + 1
      local process <close> = live.start_python(any, ([[
        x = [bytes(i %% 400) for i in range(%d)]
      ]]):gsub("^%s+", ""):format(round * 20000))
      repeat
        local snapshot, problem = pymalloc.attach(process.pid)
        reads = reads + (snapshot and 1 or 0)
        assert.is_true(snapshot ~= nil or problem:find(("^process %d "):format(process.pid)) == 1
          or problem == "there is no process " .. process.pid, problem)
      until problem and (problem:find("ended") or problem:find("there is no"))
    end
    assert.is_true(reads > 0)
  end)
end)

describe("pymalloc.attach refuses", function()
  local function refuses(process, message)
    local snapshot, problem = pymalloc.attach(process.pid)
    assert.is_nil(snapshot)
    assert.equal(("process %d %s"):format(process.pid, message), problem)
  end

  -- A program with the symbols by which a CPython is found, but without the rest of a CPython.
  local function pretender(version, is_free_threaded)
    local folder = os.tmpname()
    os.remove(folder)
    local source <close> = command.file(([[
      #include <unistd.h>
      const unsigned long Py_Version = %s;
      struct { char cookie[8]; unsigned long words[64]; } _PyRuntime =
        { "xdebugpy", { %s, %d } };
      int main(void) { for (;;) pause(); }
    ]]):format(version, version, is_free_threaded), ".c")
    local program = source.path:gsub("%.c$", ".program")
    assert(os.execute(("env -u LD_PRELOAD cc -o %s %s"):format(program, source.path)))
    local process = live.start("env -u LD_PRELOAD " .. program)
    process:wait_for_name(program:match("[^/]*$"):sub(1, 15))
    os.remove(program)
    return process
  end

  it("a process that is not there", function()
    local _, problem = pymalloc.attach(1 << 30)
    assert.equal("there is no process 1073741824", problem)
  end)

  it("a process that is no CPython", function()
    local process <close> = live.start("env -u LD_PRELOAD sleep 60")
    process:wait_for_name "sleep"
    local _, problem = pymalloc.attach(process.pid)
    assert.matches("^process %d+ is no CPython: its program is /.*$", problem)
  end)

  it("a process that has ended", function()
    local process <close> =
      live.start("env -u LD_PRELOAD sh -c 'sleep 0.3 & echo $! >&2; exec sleep 60'")
    process:wait_for_name "sleep"
    local pid = math.tointeger(process:text():match("%d+"))
    live.wait_for_state(pid, "Z")
    local _, problem = pymalloc.attach(pid)
    assert.equal(("process %d has ended and only waits for its parent: it has no memory")
      :format(pid), problem)
  end)

  it("a process with another allocator", function()
    if not any then
      return pending(NONE)
    end
    local process <close> = live.run(any, PAUSE, "ready", "PYTHONMALLOC=malloc")
    refuses(process, "has no arenas: it was started with PYTHONMALLOC=malloc, which does not use "
      .. "them")
  end)

  it("a version that is too old or too new", function()
    local old <close> = pretender("0x030500f0", 0)
    refuses(old, "is CPython 3.5.0, which is too old: 3.6 to 3.14 are supported")
    local new <close> = pretender("0x030f00a2", 0)
    refuses(new, "is CPython 3.15.0a2, which is too new: 3.6 to 3.14 are supported")
  end)

  it("a build without the global interpreter lock", function()
    local process <close> = pretender("0x030d00f0", 1)
    refuses(process, "is CPython 3.13.0 built without the global interpreter lock: such a build "
      .. "uses mimalloc, and has no arenas of pymalloc")
  end)

  it("a CPython without the state of the allocator", function()
    local process <close> = pretender("0x030b00f0", 0)
    refuses(process, "is CPython 3.11.0, but its allocator's state was not found; it may have been "
      .. "built without pymalloc")
  end)

  it("the process of another user", function()
    if not any or not os.execute("setpriv --reuid=65534 --clear-groups true 2>/dev/null") then
      return pending("needs setpriv, and the right to use it")
    end
    local process <close> = live.run(any, PAUSE)
    local _, errors, code = command.run(("setpriv --reuid=65534 --clear-groups %s attach %d")
      :format(command.pymalloc, process.pid))
    assert.equal(1, code)
    assert.matches("^pymalloc: process %d+ belongs to another user %(user id %d+%): permission is "
      .. "denied; run this command as that user or as root\n$", errors)
  end)

  it("files that are no core file", function()
    local _, problem = pymalloc.attach("/nonexistent")
    assert.equal("/nonexistent cannot be read as a core file: /nonexistent: No such file or "
      .. "directory", problem)
    local text <close> = command.file("no core")
    _, problem = pymalloc.attach(text.path)
    assert.equal(text.path .. " cannot be read as a core file: it is not an ELF file", problem)
    for head, message in pairs {
      ["\127ELF\1\1"] = "it is of a 32-bit machine, which is not supported",
      ["\127ELF\2\2"] = "it is of a big-endian machine, which is not supported",
    } do
      local other <close> = command.file(head .. ("\0"):rep(100))
      _, problem = pymalloc.attach(other.path)
      assert.equal(("%s cannot be read as a core file: %s"):format(other.path, message), problem)
    end
    _, problem = pymalloc.attach("/bin/sh")
    assert.equal("/bin/sh cannot be read as a core file: it is an ELF file, but not a core file",
      problem)
  end)

  it("wrong arguments", function()
    assert.error_matches(function() pymalloc.attach(nil) end,
      "attach: target must be the number of a process or the path of a core file, got nil")
    assert.error_matches(function() pymalloc.attach(1, 2) end, "options must be a table, got 2")
    assert.error_matches(function() pymalloc.attach(1, { progress = 2 }) end,
      "attach: progress must be a function, got 2")
    assert.error_matches(function() pymalloc.attach(1, { interpreter = -1 }) end,
      "interpreter must be an integer, 0 or more, got %-1")
  end)
end)
