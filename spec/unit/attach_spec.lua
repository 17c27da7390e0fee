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
    local name = ("gives the numbers of the own report of CPython %s, in %d states #long"):format(
      python.version, SEEDS)
    it(name, function()
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

  it("reads a process that runs, and says how many pools changed #long", function()
    local process <close> = live.start_python(any, BUSY)
    live.wait_for(function()
      return process:text() == "ready"
    end, "the process is ready")
    for _ = 1, 3 do
      live.wait_for(function() -- the system may let the process wait for the time of a reading
        local snapshot = assert(pymalloc.attach(process.pid))
        assert.same({}, snapshot:faults())
        assert.is_true(#pymalloc.view.text(snapshot) > 0)
        return snapshot.reading.changed > 0
      end, "a pool changes during a reading")
    end
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
      os.execute(("env -u LD_PRELOAD timeout 600 gcore -o %s %d </dev/null >/dev/null 2>&1"):format(
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
    while round < 3 or reads == 0 and round < 14 do
      round = round + 1
      local process <close> = live.start_python(any, ([[
        import time; x = [bytes(i %% 400) for i in range(%d)]; time.sleep(%g)
      ]]):gsub("^%s+", ""):format(round * 20000, 0.05 * 2 ^ round)) -- for a slow reader
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
