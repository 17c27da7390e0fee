-- Tests replays on other allocators whose process ends or hangs, and wrong calls of them.

local command = require "spec.support.command"
local fake_real = require "spec.support.fake_real"
local known = require "pymalloc.real.known"
local lfs = require "lfs"
local live_python = require "spec.support.live_python"
local pymalloc = require "pymalloc"
local text = require "pymalloc.text"

local library, trace_of = fake_real.library, fake_real.trace_of

local function count_of(shell)
  local pipe <close> = io.popen(shell)
  return tonumber(pipe:read("a"))
end

-- This process counts its files itself: a shell may count them before popen has closed its end of
-- the pipe.
local function open_files()
  local count = 0
  for _ in lfs.dir "/proc/self/fd" do
    count = count + 1
  end
  return count
end

local function processes()
  return count_of("cat /proc/$PPID/task/*/children | wc -w")
end

describe("a process that fails in a replay", function()
  if not fake_real.is_built then
    return pending("the library real.so was not built: there is no GNU C library")
  end

  local odd = trace_of { "a 1 10", "a 2 777", "a 3 10" }

  local function fails(flags, options)
    local fake <close> = library(flags)
    local result, problem = pymalloc.real.replay(odd, fake.path, options)
    assert.is_nil(result)
    return (problem:gsub("^.*%.so: ", "", 1))
  end

  it("is described with the signal, the request and its own words", function()
    assert.equal("the process was ended by signal 11 (SIGSEGV) at request 2 of 3",
      fails "-DODD_EFFECT='*(volatile int *)8=1'")
    assert.equal("the process was ended by signal 6 (SIGABRT) at request 2 of 3 (it wrote: "
      .. "fake: the heap is damaged)", fails "-DODD_EFFECT='complain()'")
  end)

  it("is described with its exit code", function()
    assert.equal("the process ended with exit code 7 at request 2 of 3",
      fails "-DODD_EFFECT='_exit(7)'")
  end)

  it("is killed when its time is up", function()
    local found, wanted
    for _, seconds in ipairs { 1, 10, 100 } do -- a busy machine may not come to the request in time
      found = fails("-DODD_EFFECT='hang()'", { timeout = seconds })
      wanted = ("the process did not end within %s, and was killed at request 2 of 3"):format(
        text.count(seconds, "second"))
      if found == wanted then
        break
      end
    end
    assert.equal(wanted, found)
  end)

  it("cannot make this process read behind its results", function()
    local fake <close> = library("-DODD_EFFECT='damage()'")
    local result = pymalloc.real.replay(odd, fake.path, { samples = 3 })
    assert.equal(3, result.requests)
    assert.equal(3, #result.series.total)
  end)

  it("leaves no file open and no process", function()
    local hanging <close> = library("-DODD_EFFECT='hang()'")
    local crashing <close> = library("-DODD_EFFECT='abort()'")
    local files, children = open_files(), processes()
    for _ = 1, 3 do
      assert.is_nil(pymalloc.real.replay(odd, crashing.path))
      assert(pymalloc.real.replay(odd, "glibc"))
    end
    assert.is_nil(pymalloc.real.replay(odd, hanging.path, { timeout = 1 }))
    -- the collector may have closed files of other specs meanwhile
    assert.is_true(open_files() <= files)
    assert.equal(children, processes())
  end)

  it("ends when the process that waits is killed", function()
    local fake <close> = library("-DODD_EFFECT='hang()'")
    local number <close> = command.file("")
    local child
    do -- the end of this block kills the process that waits
      local _ <close> = live_python.start(("env FAKE_PID_FILE=%s %s lua5.4 -e '"
        .. "require(\"pymalloc\").real.replay(require(\"pymalloc\").trace.parse(\"a 1 777\\n\"), "
        .. "\"%s\")'"):format(number.path, command.environment, fake.path))
      child = live_python.wait_for(function()
        return command.read(number.path):match("^(%d+)\n")
      end, "the child hangs")
    end
    live_python.wait_for(function()
      return not os.execute("test -e /proc/" .. child)
    end, "the child ends")
  end)

  it("is not started where the library cannot be loaded", function()
    local other <close> = command.file("no library", ".so")
    local partial <close> = library("-DPARTIAL")
    local function problem(path)
      local result, reason = pymalloc.real.replay(odd, path)
      assert.is_nil(result)
      return reason:gsub("^.*%.so[.%d]*: ", "", 1)
    end
    assert.equal("No such file or directory", (problem "/nowhere/none.so"))
    assert.equal("the library was not loaded or has no malloc (file too short)",
      (problem(other.path)))
    assert.equal("the library has malloc but not realloc", (problem(partial.path)))
    assert.equal("the library was not loaded or has no malloc", (problem "libc.so.6"))
    assert.equal("cpython3.99: the command python3.99 is not found", (problem "cpython3.99"))
  end)

  it("is a row with a reason in an experiment, where none of its libraries is installed", function()
    local names = known.read("jemalloc").libraries
    local name = names[1]
    finally(function() names[1] = name end)
    names[1] = "libnone.so.9"
    local result = assert(pymalloc.experiment { traces = { odd }, designs = { "3.6",
      { real = "jemalloc" } }, measure = { "total_end" } })
    local reason = "jemalloc: no library of it is installed: looked for libnone.so.9; Debian's "
      .. "package is libjemalloc2"
    assert.equal(reason, result.rows[2].problem)
    assert.is_nil(result.rows[2].total_end)
    assert.is_number(result.rows[1].total_end)
    assert.matches(reason, result:text(200), 1, true)
  end)
end)

describe("a wrong call of pymalloc.real.replay", function()
  local function refused(...)
    local ok, problem = pcall(pymalloc.real.replay, ...)
    assert.is_false(ok)
    return problem
  end

  it("names what was got and what is allowed", function()
    assert.matches("an allocator must be one of glibc, jemalloc, mimalloc, tcmalloc, cpython, "
      .. "cpython with a version, or the path of a library, got 'gibc'",
      refused("x.trace", "gibc"), 1, true)
    assert.matches("got nil", refused("x.trace"), 1, true)
    assert.matches("unknown option speed (allowed: environment, huge_pages, interpreter, "
      .. "samples, timeout, touch)", refused("x.trace", "glibc", { speed = 1 }), 1, true)
    assert.matches("samples must be an integer from 1 to 1000000, got 0",
      refused("x.trace", "glibc", { samples = 0 }), 1, true)
    assert.matches("environment has a variable whose name is 'A='",
      refused("x.trace", "glibc", { environment = { ["A="] = "b" } }), 1, true)
    assert.matches("environment: the value of A must be a string without zero bytes, got 1",
      refused("x.trace", "glibc", { environment = { A = 1 } }), 1, true)
    assert.matches("touch must be 'pages', 'all' or 'none', got a string",
      refused("x.trace", "glibc", { touch = "some" }), 1, true)
    local _, problem = pcall(function()
      pymalloc.real.replay("x.trace", "gibc")
    end)
    assert.matches("real_failures_spec.lua:%d+: pymalloc: real: ", problem)
  end)

  it("returns the reason where there is no trace", function()
    local result, problem = pymalloc.real.replay("/nowhere/x.trace", "glibc")
    assert.is_nil(result)
    assert.matches("/nowhere/x.trace", problem, 1, true)
  end)
end)
