-- The output of 'pymalloc record': the trace, the log, and the file of that name before.

local core = require "pymalloc.core"
local lfs = require "lfs"
local pymalloc = require "pymalloc"
local scratch = require "spec.support.scratch"
local signalled = require "spec.support.signalled"

local OLDER = "older\n"
local root = lfs.currentdir()
local has_library = package.searchpath("pymalloc.preload", package.cpath) ~= nil

local put, get, names, run = scratch.put, scratch.get, scratch.names, scratch.run

before_each(scratch.make)
after_each(scratch.remove)

describe("pymalloc record", function()
  if not has_library then
    return pending("the preloaded library was not built: it cannot stand beside a sanitizer's")
  end

  local RECORD = "mkdir tmp; export TMPDIR=$PWD/tmp; exec $P record -o t.trace -- "
  local READY = "[ -e ready ]"

  local function record(signal, program)
    local line = (RECORD .. program):gsub("%$P ", root .. "/script/pymalloc ")
    return signalled.run(scratch.path, line, signal, READY)
  end

  local function assert_is_recorded()
    assert.is_true(assert(pymalloc.replay(scratch.path .. "/t.trace")).length > 5)
    assert.matches("^errors input output ready t.trace tmp$", names())
    assert.equal("", (run "ls -A tmp"))
  end

  it("is packed where the name ends in .ptrace, also of each process", function()
    local _, errors = run "$P record --follow-fork -o t.ptrace -- sh -c '(ls); (ls)'"
    local traces = {}
    for name in names():gmatch("t%S*") do
      assert.matches("%.ptrace$", name)
      assert.equal(core.trace.PACKED_MAGIC, get(name):sub(1, 8))
      assert.is_true(assert(pymalloc.replay(scratch.path .. "/" .. name)).length > 5)
      table.insert(traces, name)
    end
    assert.is_true(#traces >= 2, errors)
    assert.matches("\n# recorded by pymalloc record: sh", (run "$P convert t.ptrace -"))
  end)

  for _, signal in ipairs(signalled.SIGNALS) do
    it(("passes %s on to the program, and keeps the requests until then"):format(signal[1]),
      function()
        put("t.trace", OLDER)
        local code, errors = record(signal[1], "sh -c \"echo >ready; read line\"")
        assert.equal(signal[2], code)
        assert.matches("^pymalloc: interrupted; %d+ requests recorded in t.trace\n$", errors)
        assert_is_recorded()
      end)
  end

  it("leaves an older file if a signal ends the program before its first request", function()
    put("t.trace", OLDER)
    put("main.c", [[
      #include <fcntl.h>
      #include <unistd.h>
      int main(void) { open("ready", O_CREAT | O_WRONLY, 0600); pause(); return 0; }]])
    assert.equal("", select(2, run "cc main.c -o waiting"))
    local code, errors = record("TERM", "./waiting")
    assert.same({ 143, "pymalloc: nothing was recorded: a signal ended the program; t.trace is "
      .. "unchanged\n" }, { code, errors })
    assert.equal(OLDER, get "t.trace")
  end)

  it("has the exit code of a program that handles the signal", function()
    local code, errors = record("TERM",
      "sh -c \"trap \\\"exit 5\\\" TERM; echo >ready; read line\"")
    assert.equal(5, code)
    assert.matches("^pymalloc: %d+ requests recorded in t.trace\n$", errors)
    assert_is_recorded()
  end)

  it("starts the program with the standard descriptors that are closed here", function()
    run("$P record -o t.trace -- sh -c 'for i in 0 1 2; do [ -e /proc/$$/fd/$i ] || echo $i; "
      .. "done >closed' 2>&- <&-")
    assert.equal("0\n2\n", get "closed")
  end)

  it("names the folder of temporary files where the log cannot be made", function()
    local _, errors, code = run "TMPDIR=/none $P record -o t -- true"
    assert.same({ 1, "pymalloc: the log of requests cannot be made: /none: No such file or "
      .. "directory\n" }, { code, errors })
    assert.equal("", names())
  end)

  it("writes to a named pipe and to an open file, and keeps a device", function()
    run "mkfifo pipe; cat pipe >got & $P record -o pipe -- ls; wait"
    assert.is_true(assert(pymalloc.replay(scratch.path .. "/got")).length > 0)
    run "$P record -o /dev/fd/5 -- ls 5>got"
    assert.is_true(assert(pymalloc.replay(scratch.path .. "/got")).length > 0)
    local _, problem = run "mknod null c 1 3"
    if problem ~= "" then
      return pending("needs the right to make a device")
    end
    for _, program in ipairs { "ls", "no-such-program" } do
      run("$P record -o null -- " .. program)
      assert.equal("char device", lfs.attributes(scratch.path .. "/null", "mode"))
    end
  end)

  it("leaves an older file where nothing is recorded", function()
    put("t.trace", OLDER)
    put("main.c", "int main(void) { return 0; }")
    assert.equal("", select(2, run "cc -static main.c -o static"))
    put("own.c", "void *malloc(unsigned long bytes) { return 0; } int main(void) { return 0; }")
    assert.equal("", select(2, run "cc -w own.c -o own"))
    for line, message in pairs {
      ["no-such-program"] = "^pymalloc: no%-such%-program: [^\n]*\n$",
      ["./static"] = "^pymalloc: %./static cannot be recorded: it is statically linked\n$",
      ["./own"] = "^pymalloc: nothing was recorded: [^\n]*; t.trace is unchanged\n$",
    } do
      local _, errors, code = run("mkdir -p tmp; TMPDIR=$PWD/tmp $P record -o t.trace -- " .. line)
      assert.equal(line == "no-such-program" and 127 or 1, code)
      assert.matches(message, errors)
      assert.equal(OLDER, get("t.trace"))
    end
  end)
end)
