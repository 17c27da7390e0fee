-- Runs a CPython with the witness, which records its requests from the first to the last, and
-- compares every address, the releases of arenas by request, and at marks all headers and the
-- report. Changed records show that each of these comparisons can fail.
local command = require "spec.support.command"
local live_python = require "spec.support.live_python"
local pymalloc = require "pymalloc"

local BUILD = os.getenv("PYMALLOC_BUILD") or "build"
local RECORD = "env -u PYTHONMALLOC -u PYTHONDEVMODE PYMALLOC_WITNESS=%s "
  .. "PYMALLOC_WITNESS_MARKS=%d LD_PRELOAD=%s/pymalloc/witness.so %s %s"

local python = package.searchpath("pymalloc.witness", BUILD .. "/?.so") and live_python.any(7)

local function record(path, marks, program)
  return RECORD:format(path, marks, BUILD, python.path, program)
end

describe("a whole run of CPython", function()
  if not python then
    pending("is compared: there is no CPython 3.7 or later, or no witness")
    return
  end

  it("has more than two million places, all equal to those of a heap", function()
    local output, errors, code = command.run(("%s 3>&1 >/dev/null | %s/pymalloc-verify -"):format(
      record("/dev/fd/3", 250000, "bindings/python/workload.py"), BUILD))
    assert(code == 0, errors)
    assert.matches("no difference", output)
    print(("\ncounted: a whole run of CPython %s%s"):format(python.version,
      output:match(":.*"):gsub("\n", "")))
    local function count(what)
      return tonumber(output:match("(%d+) " .. what))
    end
    assert.is_true(count("places") > 2000000)
    assert.is_true(count("released") > 20)
    assert.is_true(count("headers") > 1000 and count("reports") > 10)
  end)
end)

describe("a run of CPython whose arenas lie where it maps them", function()
  local large = package.searchpath("pymalloc.witness", BUILD .. "/?.so") and live_python.any(10)
  if not large then
    pending("is compared: there is no CPython 3.10 or later, or no witness")
    return
  end

  local path, text

  setup(function()
    path = os.tmpname()
    local _, errors, code = command.run(("env PYMALLOC_WITNESS_OFFSET=mapped %s"):format(RECORD
      :format(path, 10000, BUILD, large.path, [[-c "
lists = []
for _ in range(3):
    lists.append([str(k) for k in range(60000)])
    del lists[0][::2]
"]])))
    assert(code == 0, errors)
    text = command.read(path)
  end)

  teardown(function()
    os.remove(path)
  end)

  local function verify(changed)
    local file <close> = command.file(changed)
    local output, errors, code = command.run(BUILD .. "/pymalloc-verify " .. file.path)
    return code, output .. errors
  end

  it("has the places, headers and whole reports of a heap", function()
    local code, said = verify(text)
    assert(code == 0, said)
    assert.is_true(tonumber(said:match("(%d+) arenas obtained")) > 6)
    assert.is_true(tonumber(said:match("(%d+) reports")) > 10)
  end)

  -- Without a line o, all arenas have 64 pools.
  it("differs if the record has other offsets", function()
    local other = text:find("\no [1-9]") and text:gsub("\no %d+", "")
      or text:gsub("\na ", "\no 4096\na ", 1)
    local code, said = verify(other)
    assert.equal(1, code)
    assert.matches("CPython .*the heap ", said)
  end)

  it("is replayed with the same reports", function()
    local before, report = text:match("^(.*\n)s\n(#|.*)$")
    local lines = {}
    for line in report:gmatch("#|([^\n]*\n)") do
      table.insert(lines, line)
    end
    local run <close> = assert(pymalloc.replay({ text = before }, { profile = large.version }))
    run:seek(run.length)
    assert.equal(table.concat(lines), run.heap:debugmallocstats { arena_map = false })
  end)
end)

describe("a record of CPython of which one line is changed", function()
  if not python then
    pending("is refused: there is no CPython 3.7 or later, or no witness")
    return
  end

  local path, text

  setup(function()
    path = os.tmpname()
    local _, errors, code = command.run(record(path, 10000,
      "-c 'list(map(str, range(30000)))' >/dev/null"))
    assert(code == 0, errors)
    local file <close> = assert(io.open(path))
    text = file:read("a")
  end)

  teardown(function()
    os.remove(path)
  end)

  -- What pymalloc-verify says of a text.
  local function verify(changed)
    local file <close> = assert(io.open(path, "w"))
    file:write(changed)
    file:close()
    local output, errors, code = command.run(BUILD .. "/pymalloc-verify " .. path)
    return code, output .. errors
  end

  -- Replaces the last text that matches a pattern, which is anchored at its line.
  local function change(pattern, replacement)
    local at, last, position = nil, nil, 1
    while true do
      local first, final = text:find("\n" .. pattern, position)
      if not first then
        break
      end
      at, last, position = first, final, final
    end
    assert(at, pattern)
    return text:sub(1, at) .. text:sub(at + 1, last):gsub(pattern, replacement)
      .. text:sub(last + 1)
  end

  -- The change of a line has to be seen, and the message has to name both sides.
  local function refused(pattern, replacement, message)
    local code, said = verify(change(pattern, replacement))
    assert.equal(1, code)
    assert.matches(message, said)
  end

  it("is accepted without a change", function()
    local code, said = verify(text)
    assert(code == 0, said)
  end)

  it("is refused for another place", function()
    refused("#= (%d+):(%d+):%d+", "#= %1:%2:7",
      "CPython did\n#= %d+:%d+:7\nthe heap did\n#= %d+:%d+:%d+")
  end)

  it("is refused for an arena that was not obtained", function()
    refused("#%+\n", "", "CPython did\n#= [%d:]+\nthe heap did\n#%+\n#= [%d:]+")
  end)

  it("is refused for the release of another arena", function()
    refused("#%- %d+", "#- 99", "CPython did\n#%- 99\nthe heap did\n#%- %d")
  end)

  it("is refused for another line of the report", function()
    refused("(#|# bytes in available blocks +=) +[%d,]+", "%1 17",
      "CPython has\n# bytes in available blocks += 17\nthe heap has\n# bytes in avail")
  end)

  it("is refused for another field of a header", function()
    refused("(#: pool [^\n]*) count=%d+", "%1 count=999",
      "CPython has\npool %S+ [. ]*count=999[^\n]+\nthe heap has\npool %S+[. ]* count=[0-9]")
  end)

  it("is refused for another link of a free chain", function()
    refused("(#: pool [^\n]* free %d+ )%d+", "%17", "CPython has\npool .-\nthe heap has\npool ")
  end)

  it("is refused without a header", function()
    refused("#: pool [^\n]*\n", "", "CPython has no such line:\npool ")
  end)

  it("is refused without its end", function()
    refused("#%. %d+\n", "", "the record has no end")
  end)

  it("is refused for another number of requests", function()
    refused("#%. %d+", "#. 7", "CPython made 7 requests")
  end)
end)
