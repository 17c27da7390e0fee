local pymalloc = require "pymalloc"
local command = require "spec.support.command"
local live = require "spec.support.live_python"

local PAUSE = [[
import signal, sys
kept = [bytes(i % 400) for i in range(3000)]
signal.signal(signal.SIGUSR1, lambda *_: kept.append([bytes(i % 400) for i in range(500)]))
sys.stderr.write("ready")
while True:
    signal.pause()
    sys.stderr.write("again")
]]

local function attach(arguments)
  return command.run(("%s attach %s"):format(command.pymalloc, arguments))
end

describe("pymalloc attach", function()
  local python = live.any(7)
  if not python then
    return pending("needs a python3 from 3.7 to 3.14, in PYTHON, on PATH or in ~/.pyenv/versions")
  end
  local process

  setup(function()
    process = live.run(python, PAUSE)
  end)

  teardown(function()
    getmetatable(process).__close(process)
  end)

  it("prints the process, its arenas and the kinds of their bytes", function()
    local output, errors, code = attach(process.pid)
    assert.same({ "", 0 }, { errors, code })
    local stats = assert(pymalloc.attach(process.pid)):stats()
    assert.equal(("process %d (%s): CPython %s, interpreter 0"):format(process.pid,
      command.read(("/proc/%d/comm"):format(process.pid)):match("[^\n]*"), python.version),
      output:match("^[^\n]-interpreter 0"))
    assert.equal(tostring(stats.arenas_current), output:match("\narenas +(%d+)"))
    local sum = 0
    for _, name in ipairs { "live blocks", "2 headers and quantization",
      "3 free blocks in used pools", "4 unused pools" } do
      sum = sum + math.tointeger((output:match("\n  " .. name .. " +([%d,]+) "):gsub(",", "")))
    end
    assert.equal(stats.arena_bytes, sum)
  end)

  -- The words of a text: numbers, names of programs and blanks may differ.
  local function words_of(text)
    return (text:gsub("%(python[%w.]*%)", "(python)"):gsub("unknown", "1"):gsub("[%d,.]+", "1")
      :gsub(" +", " "):gsub("pool:offset [^\n]*.*", ""))
  end

  it("prints what docs/live-process.md shows", function()
    local page = command.read("docs/live-process.md")
    local program, shown = page:match("```python\n(.-)\n```"), page:match("```\n(process .-)```")
    local shower <close> = live.run(python, "import sys\n"
      .. program:gsub("time.sleep", 'sys.stderr.write("ready")\n%0'))
    assert.equal(words_of(shown), words_of((attach(shower.pid))))
  end)

  it("prints the map, the pins, the report and the check", function()
    local snapshot = assert(pymalloc.attach(process.pid))
    assert.equal(pymalloc.view.text(snapshot) .. "\n", (attach(process.pid .. " --map")))
    assert.equal(snapshot:debugmallocstats(), (attach(process.pid .. " --stats")))
    assert.equal("all invariants hold\n", (attach(process.pid .. " --check")))
    local first = snapshot:release_candidates()[1]
    assert.equal(("%d %d"):format(first.arena, first.blocks),
      attach(process.pid .. " --pins"):match("bytes%)\n *(%d+ +[%d,]+)"):gsub(" +", " ")
        :gsub(",", ""))
  end)

  it("saves a snapshot, and prints what changed since", function()
    local saved <close> = command.file("", ".json.gz")
    local picture <close> = command.file("", ".svg")
    local _, errors, code = attach(("%d --save %s --svg %s"):format(process.pid, saved.path,
      picture.path))
    assert.same({ "", 0 }, { errors, code })
    assert.matches("^<svg ", command.read(picture.path))
    assert.equal("nothing changed\n", (attach(("%d --since %s"):format(process.pid, saved.path))))
    assert.equal((attach(process.pid .. " --stats")), (attach(saved.path .. " --stats")))
    process:signal "USR1"
    process:wait "again"
    assert.matches("\nallocated %(%d+%): ", "\n" .. attach(("%d --since %s"):format(process.pid,
      saved.path)))
  end)

  it("prints a snapshot as JSON", function()
    local snapshot = assert(pymalloc.snapshot.parse((attach(process.pid .. " --json"))))
    assert.equal(process.pid, snapshot.process.pid)
    assert.is_true(snapshot:check())
  end)

  it("refuses a saved snapshot whose origin was changed", function()
    for _, change in ipairs {
      function(snapshot) snapshot.process = 5 end,
      function(snapshot) snapshot.process.python = nil end,
      function(snapshot) snapshot.process.interpreters = { "a" } end,
      function(snapshot) snapshot.reading.changed = "x" end,
      function(snapshot) snapshot.arenas[1].pools[1].fault = {} end,
    } do
      local snapshot = assert(pymalloc.attach(process.pid))
      change(snapshot)
      local text = require("pymalloc.json").line(snapshot)
      local changed <close> = command.file(text, ".json")
      local _, errors, code = attach(changed.path .. " --check")
      assert.equal(1, code)
      assert.matches("^pymalloc: .* cannot be read as a snapshot: [%w%[%].]+ must be ", errors)
    end
  end)

  it("prints the name of a process without control characters", function()
    local snapshot = assert(pymalloc.attach(process.pid))
    snapshot.process.name = "py\27[31m"
    local renamed <close> = command.file(snapshot:json(), ".json")
    assert.matches("^process %d+ %(py%?%[31m%): CPython", (attach(renamed.path)))
  end)

  it("exits with 1 for a snapshot whose invariants are broken", function()
    local snapshot = assert(pymalloc.attach(process.pid))
    snapshot.usable_arenas[1] = nil
    local damaged <close> = command.file(snapshot:json(), ".json")
    local output, _, code = attach(damaged.path .. " --check")
    assert.equal(1, code)
    assert.matches("\n1 invariant is broken\n$", output)
  end)
end)

describe("pymalloc attach refuses", function()
  local function refuses(code, arguments, message)
    local output, errors, got = attach(arguments)
    assert.same({ "", message, code }, { output, errors:match("^[^\n]*"), got })
  end

  it("targets that cannot be read", function()
    refuses(1, "1073741824", "pymalloc: there is no process 1073741824")
    refuses(1, "/nonexistent", "pymalloc: /nonexistent: No such file or directory")
    local empty <close> = command.file("")
    refuses(1, empty.path, "pymalloc: " .. empty.path .. " is empty")
    local other <close> = command.file("{}")
    refuses(1, other.path, ("pymalloc: %s cannot be read as a snapshot: its format is not 1, that "
      .. "of snapshots"):format(other.path))
    local text <close> = command.file("some text")
    refuses(1, text.path, ("pymalloc: %s is neither a core file nor a snapshot that was saved")
      :format(text.path))
    refuses(1, "/dev/zero", "pymalloc: /dev/zero is neither a core file nor a snapshot that was "
      .. "saved")
    local cut <close> = command.file('{"format":1,')
    refuses(1, cut.path,
      ("pymalloc: %s cannot be read as a snapshot: it is not the JSON of a snapshot"):format(
        cut.path))
    refuses(1, "/", "pymalloc: / cannot be read: Is a directory")
  end)

  it("wrong arguments", function()
    refuses(2, "0", "pymalloc: PID must be a whole number, 1 or more, got '0'")
    refuses(2, "99999999999999999999",
      "pymalloc: PID must be a whole number, 1 or more, got '99999999999999999999'")
    refuses(2, "1 --interpreter x",
      "pymalloc: option '--interpreter' takes a whole number, 0 or more, got 'x'")
    refuses(2, "1 --json --stats", "pymalloc: --json prints the snapshot and cannot be combined "
      .. "with --map, --pins, --stats, --check, --since or a file named -")
  end)
end)
