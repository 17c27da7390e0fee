-- Tests what pymalloc.attach refuses: processes and files without a heap that it can read.

local pymalloc = require "pymalloc"
local command = require "spec.support.command"
local live = require "spec.support.live_python"

local PAUSE = [[
import signal, sys
sys.stderr.write("ready")
signal.pause()
]]

local any = live.any(7)
local NONE = "needs a python3 from 3.7 to 3.14, in PYTHON, on PATH or in ~/.pyenv/versions"

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

  it("a process that is not a CPython", function()
    local process <close> = live.start("env -u LD_PRELOAD sleep 600")
    process:wait_for_name "sleep"
    local _, problem = pymalloc.attach(process.pid)
    assert.matches("^process %d+ is not a CPython: its program is /.*$", problem)
  end)

  it("a process that has ended", function()
    local process <close> =
      live.start("env -u LD_PRELOAD sh -c 'sleep 0.3 & echo $! >&2; exec sleep 600'")
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

  it("files that are not core files", function()
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
