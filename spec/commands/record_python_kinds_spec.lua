-- 'pymalloc record' of each kind of CPython: isolated sub-interpreters, versions that cannot be
-- recorded, and a CPython that is recorded without --python.
local command = require "spec.support.command"
local live_python = require "spec.support.live_python"
local pymalloc = require "pymalloc"

local has_library = package.searchpath("pymalloc.preload_python", package.cpath) ~= nil

-- A temporary file that the C compiler makes of a source.
local function compile(source, options)
  local file = command.file("", ".bin")
  assert(os.execute(("cc -O0 -w %s -o %s spec/recorded/%s"):format(options, file.path, source)))
  return file
end

local function record(path, words, options)
  local _, errors, code = command.run(("%s record %s -o %s -- %s")
    :format(command.pymalloc, options or "--python", path, words))
  return errors, code
end

describe("the sub-interpreters of a recorded CPython", function()
  if not has_library then
    return pending("the preloaded library was not built: it cannot stand beside a sanitizer's")
  end

  local pythons, path = {}, nil

  setup(function()
    pythons = live_python.interpreters(12, 13)
  end)

  before_each(function()
    path = os.tmpname()
  end)

  after_each(function()
    os.remove(path)
  end)

  local PREPARE = [[
import ctypes, sys
try:
    import _interpreters as interpreters
    run, shared = interpreters.exec, ("legacy",)
except ImportError:
    import _xxsubinterpreters as interpreters
    run, shared = interpreters.run_string, ()
]]

  local function lines_of(report)
    local lines = {}
    for line in report:gmatch("[^\n]+") do
      table.insert(lines, line)
    end
    return lines
  end

  it("have a heap each, so that the report of the main one is the real one", function()
    if #pythons == 0 then
      return pending("needs CPython 3.12 or 3.13")
    end
    local library <close> = compile("report.c", "-shared -fPIC")
    local report <close> = command.file("")
    local script <close> = command.file(PREPARE .. [[
isolated = interpreters.create()
run(isolated, "L = [(k, str(k)) for k in range(20000)]")
D = {k: str(k) * 3 for k in range(5000)}
run(isolated, "L = L[::3]")
assert ctypes.PyDLL(sys.argv[1]).report(sys.argv[2].encode())
run(isolated, "M = [[k] for k in range(20000)]")
]], ".py")
    for _, python in ipairs(pythons) do
      local errors, code = record(path, ("%s -S %s %s %s"):format(python.path, script.path,
        library.path, report.path), "--python --where")
      assert.equal(0, code, errors)
      local main <close> = assert(pymalloc.replay(path, { profile = python.version }))
      main:continue { mark = "report" }
      local real = lines_of(command.read(report.path))
      assert.is_true(#real > 30)
      assert.same(real, lines_of(main.heap:debugmallocstats()))
      local isolated <close> = assert(pymalloc.replay(path, { interpreter = 1 }))
      assert.equal(main.left_out, isolated.length)
      assert.is_true(isolated.length > 60000)
    end
  end)

  it("that share the allocator of the main one are recorded with it", function()
    if #pythons == 0 then
      return pending("needs CPython 3.12 or 3.13")
    end
    local script <close> = command.file(PREPARE .. [[
shared = interpreters.create(*shared) if shared else interpreters.create(isolated=False)
run(shared, "L = [(k, str(k)) for k in range(20000)]")
]], ".py")
    for _, python in ipairs(pythons) do
      local errors, code = record(path, python.path .. " -S " .. script.path)
      assert.equal(0, code, errors)
      local run <close> = assert(pymalloc.replay(path))
      assert.equal(0, run.left_out, python.version)
      assert.is_true(run.length > 60000)
    end
  end)
end)

describe("pymalloc record", function()
  if not has_library then
    return pending("the preloaded library was not built: it cannot stand beside a sanitizer's")
  end

  local path

  before_each(function()
    path = os.tmpname()
  end)

  after_each(function()
    os.remove(path)
  end)

  local function compile_version(version)
    return compile("other_python.c", ("-rdynamic -DVERSION='\"%s\"'"):format(version))
  end

  it("says of each CPython that it cannot record why that is", function()
    for version, reason in pairs {
      ["3.6.15 (default, May  9 2026)"] =
        "CPython 3.6.15 is too old: --python needs CPython 3.7 or later",
      ["2.7.18 (default)"] = "CPython 2.7.18 is too old: --python needs CPython 3.7 or later",
      ["3.13.0 experimental free-threading build (main)"] =
        "CPython 3.13.0t is free-threaded: mimalloc serves its objects, not pymalloc",
    } do
      local program <close> = compile_version(version)
      local errors, code = record(path, "x", "--python --interpreter " .. program.path)
      assert.same({ 1, "pymalloc: nothing was recorded: " .. reason .. "; " .. path
        .. " is unchanged\n" }, { code, errors })
    end
  end)

  it("records a CPython with unknown frames without call stacks, and says so", function()
    local program <close> = compile_version("3.99.1 (main)")
    local errors = record(path, "x", "--python --where --interpreter " .. program.path)
    assert.equal("pymalloc: 1 request recorded in " .. path .. "\npymalloc: --where: the call "
      .. "stacks of CPython 3.99.1 are not known, and were not recorded\n", errors)
    assert.matches("\na 1 24\n$", command.read(path))
    assert.equal("pymalloc: 1 request recorded in " .. path .. "\n",
      (record(path, "x", "--python --interpreter " .. program.path)))
  end)

  it("names what replaced the recorder", function()
    local python = live_python.any(7)
    if not python then
      return pending("needs a CPython")
    end
    local errors, code = record(path, python.path .. " -X dev -c pass")
    assert.same({ 1, ("pymalloc: nothing was recorded: CPython %s replaced the recorder by another "
      .. "allocator, as -X dev does; %s is unchanged\n"):format(python.version, path) },
      { code, errors })
  end)

  it("says of a CPython that is recorded without --python what that option adds", function()
    local python = live_python.any(7)
    if not python then
      return pending("needs a CPython")
    end
    local errors, code = record(path, python.path .. " -S -c pass", "")
    assert.equal(0, code)
    assert.matches("^pymalloc: %d+ requests recorded in [^\n]*\npymalloc: these are requests to "
      .. "malloc; %-%-python records those of Python's objects\n$", errors)
  end)

  it("--python takes a CPython as the first word of the command", function()
    local python = live_python.any(7)
    if not python then
      return pending("needs a CPython")
    end
    for words, exit in pairs {
      [python.path .. " -S -c 'raise SystemExit(3)'"] = 3,
      ["-S -c 'raise SystemExit(4)'"] = 4,
    } do
      local _, code = record(path, words)
      assert.equal(exit, code)
    end
    assert.matches("^# pymalloc trace 1\n# recorded by pymalloc record %-%-python: CPython 3%.",
      command.read(path))
  end)
end)
