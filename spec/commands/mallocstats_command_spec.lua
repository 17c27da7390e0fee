-- Tests the command 'pymalloc report' on reports that live interpreters have printed.

local pymalloc = require "pymalloc"
local command = require "spec.support.command"

local DATA = "spec/data/mallocstats/%s.txt"

local function recorded(name)
  return command.read(DATA:format(name))
end

describe("pymalloc report", function()
  local function report(arguments)
    return command.run(("%s report %s"):format(command.pymalloc, arguments))
  end

  it("explains a file", function()
    local output, errors, code = report(DATA:format("3.9.18"))
    assert.same({ "", 0 }, { errors, code })
    assert.equal(pymalloc.report.parse(recorded("3.9.18")):explain() .. "\n", output)
  end)

  it("prints what docs/live-process.md shows", function()
    local page = command.read("docs/live-process.md")
    assert.equal((report(DATA:format("3.9.18"))), page:match("```\n(Printed by .-)```"))
  end)

  it("exits with 1 for numbers that do not fit together", function()
    local wrong <close> = command.file((recorded("3.9.18"):gsub("(\n    1     32 +)%d+", "%177")))
    local output, _, code = report(wrong.path)
    assert.equal(1, code)
    assert.matches("Numbers that do not fit together:\n  class 1, blocks: ", output)
  end)

  it("compares two files", function()
    local output, errors, code = report(DATA:format("3.8.18") .. " " .. DATA:format("3.9.18"))
    assert.same({ "", 0 }, { errors, code })
    local one, other = pymalloc.report.parse(recorded("3.8.18")),
      pymalloc.report.parse(recorded("3.9.18"))
    local live = output:match("\nbytes in allocated blocks +[%d,]+ +[%d,]+ +([%d,+-]+)\n")
    assert.equal(other.allocated_bytes - one.allocated_bytes,
      math.tointeger(tonumber((live:gsub("[,+]", "")))))
    assert.equal("no class changed",
      report(DATA:format("3.9.18") .. " " .. DATA:format("3.9.18")):match("([^\n]*)\n$"))
  end)

  it("prints JSON", function()
    local decode = require("dkjson").decode
    local record = decode((report("--json " .. DATA:format("3.9.18"))))
    assert.same({ "3.9" }, record.versions)
    assert.equal(4, #record.kinds)
    local difference = decode((report(("--json %s %s"):format(DATA:format("3.9.18"),
      DATA:format("3.8.18")))))
    assert.is_true(#difference.numbers > 10)
  end)

  it("takes one of several reports by --number", function()
    local several <close> = command.file(recorded("3.8.18") .. recorded("3.9.18"))
    local output, errors = report(several.path .. " --number 1")
    assert.equal(("pymalloc: %s has 2 reports; this is report 1\n"):format(several.path), errors)
    assert.matches("^Printed by CPython 3.7.4 to 3.8 ", output)
    local _, problem, code = report(several.path .. " --number 3")
    assert.same({ ("pymalloc: %s has 2 reports, and no report 3\n"):format(several.path), 1 },
      { problem, code })
  end)

  it("refuses what has no report", function()
    local none <close> = command.file("nothing")
    local _, errors, code = report(none.path)
    assert.same({ ("pymalloc: %s: there is no report of sys._debugmallocstats() in it\n")
      :format(none.path), 1 }, { errors, code })
    _, errors, code = report("- -")
    assert.same({ "pymalloc: FILE and FILE2 cannot both be standard input\n", 2 },
      { errors, code })
    _, errors, code = report("/dev/zero")
    assert.same({ "pymalloc: /dev/zero has more than 67108864 bytes\n", 1 }, { errors, code })
    _, errors, code = report("/nonexistent")
    assert.same({ "pymalloc: /nonexistent: No such file or directory\n", 1 }, { errors, code })
  end)
end)
