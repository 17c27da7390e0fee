-- The command pymalloc report, in lua/pymalloc/cli/report.lua. What it prints of a report is
-- tested in mallocstats_command_spec.lua.

local command = require "spec.support.command"
local dkjson = require "dkjson"

local SAMPLE = "spec/data/mallocstats/3.11.7.txt"

-- Runs pymalloc report. Returns its output, its standard error and its exit code.
local function report(arguments)
  return command.run(("%s report %s"):format(command.pymalloc, arguments))
end

-- A file with the sample, in which some numbers are changed: { [line] = number }.
local function changed(numbers)
  local text = command.read(SAMPLE)
  for label, number in pairs(numbers) do
    local count
    text, count = text:gsub("(" .. label .. "%s*=%s*)[%d,]+", "%1" .. number)
    assert.equal(1, count)
  end
  return command.file(text, ".txt")
end

describe("pymalloc report", function()
  it("explains a report without problems, and ends with 0", function()
    local output, errors, code = report(SAMPLE)
    assert.same({ "", 0 }, { errors, code })
    assert.matches("3.11", output, 1, true)
  end)

  it("ends with 1 where numbers contradict each other", function()
    local file <close> = changed { ["# arenas highwater mark"] = "1" }
    local output, _, code = report(file.path)
    assert.equal(1, code)
    assert.matches("arenas highwater mark: 1, expected", output, 1, true)
  end)

  for count, numbers in ipairs { { ["# arenas highwater mark"] = "1" },
    { ["# arenas highwater mark"] = "1", ["# arenas reclaimed"] = "999" } } do
    local expected = count == 1 and "1 number in the two reports contradicts others"
      or "2 numbers in the two reports contradict others"
    it("of two reports says that " .. expected, function()
      local file <close> = changed(numbers)
      local output, errors, code = report(SAMPLE .. " " .. file.path)
      assert.equal(1, code)
      assert.matches("change", output)
      assert.matches(expected .. "; pymalloc report FILE names them", errors, 1, true)
    end)
  end

  it("compares two reports, and names each class that changed", function()
    local output, errors, code = report("spec/data/mallocstats/3.10.13.txt " .. SAMPLE)
    assert.same({ "", 0 }, { errors, code })
    assert.matches("before +after +change", output)
    assert.matches("size +pools +change +in use", output)
    assert.matches("no class changed", (report(SAMPLE .. " " .. SAMPLE)))
  end)

  it("selects a report of several by its number", function()
    local both <close> = command.file(command.read("spec/data/mallocstats/3.7.16.txt")
      .. command.read(SAMPLE), ".txt")
    local _, errors = report(both.path)
    assert.matches("has 2 reports; this is report 2", errors, 1, true)
    local output, _, code = report("--number 1 --json " .. both.path)
    assert.equal(0, code)
    assert.equal(262144, dkjson.decode(output).arena_size)
    local _, problem, failed = report("--number 3 " .. both.path)
    assert.equal(1, failed)
    assert.matches("has 2 reports, and no report 3", problem, 1, true)
  end)

  it("says which file has no report, and which does not exist", function()
    local empty <close> = command.file("nothing\n", ".txt")
    local _, problem, code = report(empty.path)
    assert.equal(1, code)
    assert.matches(empty.path .. ": there is no report of sys._debugmallocstats() in it", problem,
      1, true)
    _, problem, code = report("/nowhere/a.txt")
    assert.equal(1, code)
    assert.matches("/nowhere/a.txt: No such file or directory", problem, 1, true)
  end)
end)
