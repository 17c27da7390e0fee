-- Logs of other tools where commands and functions expect a trace.

local command = require "spec.support.command"
local pymalloc = require "pymalloc"

local LOG = "7 malloc(24) = 0x10\n8 malloc(600) = 0x20\n7 fork() = 9\n9 free(0x10) = <void>\n"
  .. "7 realloc(0x10, 40) = 0x30\n7 free(0x99) = <void>\n"
local SAID = " is read as format ltrace\npymalloc: 1 free of unknown blocks left out\n"
  .. "pymalloc: 1 request of other processes left out\n"

describe("the log of another tool", function()
  local log

  before_each(function()
    log = command.file(LOG, ".log")
  end)

  after_each(function()
    getmetatable(log).__close()
  end)

  local function run(words)
    local output, errors, code = command.run(("%s %s"):format(command.pymalloc, words))
    return code, output, errors
  end

  it("is replayed as the trace that it is converted to, with the remarks of convert", function()
    local converted <close> = command.file("", ".trace")
    assert.equal(0, (run(("convert %s %s"):format(log.path, converted.path))))
    local _, expected = run("replay --placements " .. converted.path)
    assert.matches("^1 a 1 0:", expected)
    assert.same({ 0, expected, "pymalloc: " .. log.path .. SAID },
      { run("replay --placements " .. log.path) })
  end)

  it("leaves no temporary file", function()
    local folder = os.tmpname()
    assert(os.remove(folder))
    assert(os.execute("mkdir " .. folder))
    assert.equal(0, (select(3, command.run(("TMPDIR=%s %s replay %s"):format(folder,
      command.pymalloc, log.path)))))
    assert(os.execute("rmdir " .. folder)) -- it is empty
  end)

  it("is a trace for pins", function()
    local code, output = run("pins --at end " .. log.path)
    assert.equal(0, code)
    assert.matches("1 block live", output)
  end)

  it("is a trace for the functions that take a path", function()
    local replayed <close> = assert(pymalloc.replay(log.path))
    assert.equal(3, replayed.length)
    assert.equal(3, replayed:step(3))
    assert.equal(3, assert(pymalloc.trace.replay_file(log.path)).requests)
    local compared = pymalloc.experiment { traces = { log.path }, geometries = { "3.6" },
      measure = { "requests" } }
    assert.equal(3, compared.rows[1].requests)
  end)

  it("names its wrong line", function()
    local bad <close> = command.file(LOG .. "malloc(\n", ".log")
    local problem = bad.path .. ":7: this line is not of format ltrace: 'malloc('\n"
      .. "'pymalloc convert --lenient' leaves out wrong lines"
    assert.same({ 1, "", "pymalloc: " .. problem .. "\n" }, { run("replay " .. bad.path) })
    local replayed, why, kind = pymalloc.replay(bad.path)
    assert.same({ problem, "trace" }, { why, kind })
    assert.is_nil(replayed)
  end)

  it("is not expected in a trace with a wrong line, nor in a text of no known format", function()
    for text, problem in pairs { ["a 1 5\nf x\n"] = ":2: expected 'f ID', found 'f x'",
      ["hello\n"] = ":1: expected a line that begins with" } do
      local file <close> = command.file(text)
      local _, why = pymalloc.replay(file.path)
      assert.is_truthy(why:find(file.path .. problem, 1, true), why)
    end
  end)

  it("cannot be read from a pipe: the message has the command that converts it", function()
    local _, errors, code = command.run(("cat %s | %s replay -"):format(log.path,
      command.pymalloc))
    assert.equal(1, code)
    assert.matches("^pymalloc: stdin:1: .*\nFor the log of another tool: "
      .. "pymalloc convert %- %- | pymalloc replay %-\n$", errors)
    local named = os.tmpname()
    assert(os.remove(named))
    assert(os.execute("mkfifo " .. named))
    _, errors, code = command.run(("cat %s > %s & timeout 600 %s replay %s"):format(log.path, named,
      command.pymalloc, named))
    os.remove(named)
    assert.equal(1, code)
    assert.matches(":1: expected a line that begins with", errors)
  end)
end)
