-- Tests 'pymalloc classes TRACE --best COUNT': the best size classes for a trace.

local dkjson = require "dkjson"

local command = require "spec.support.command"
local lab = require("pymalloc").lab

local function cli(arguments)
  return command.run(("%s classes %s"):format(command.pymalloc, arguments))
end

describe("pymalloc classes --best", function()
  it("prints the classes, and their waste beside that of 3.6 and 3.11", function()
    local found = lab.best_classes("@startup", 5)
    local output, errors, code = cli("@startup --best 5 --profile 3.11")
    assert.same({ "", 0 }, { errors, code })
    local sizes = {}
    for number, size in output:gmatch("\n +(%d+) +(%d+)") do
      sizes[number + 1] = math.tointeger(size)
    end
    assert.same(found.classes, sizes)
    local printed = output:gsub(",", "")
    for _, waste in ipairs { found.waste, found.profiles["3.6"], found.profiles["3.11"] } do
      assert.matches((" %d bytes %%("):format(waste), printed)
    end
  end)

  it("prints JSON, weighted by the peak", function()
    local found = lab.best_classes("@startup", 3, { alignment = 32, threshold = 256,
      weight = "peak" })
    local printed = dkjson.decode((cli("@startup --best 3 --weight peak --json --alignment 32 "
      .. "--threshold 256")))
    assert.same(found.classes, printed.classes)
    assert.same({ found.waste, found.requests, "peak" }, { printed.waste, printed.requests,
      printed.weight })
  end)

  it("says that a trace has no small request", function()
    local large <close> = command.file("a 1 600\n")
    assert.matches("The trace has no request up to the threshold%.\n$",
      (cli(large.path .. " --best 3")))
  end)

  for _, case in ipairs {
    { "--best 3", 2, "missing argument 'TRACE' for %-%-best" },
    { "@startup", 2, "TRACE, %-%-weight and %-%-json need %-%-best" },
    { "--json", 2, "TRACE, %-%-weight and %-%-json need %-%-best" },
    { "@startup --best 0", 2, "option '%-%-best' takes a whole number, 1 or more, got '0'" },
    { "@startup --best 65", 2, "is at most .*, 64, got 65" },
    { "@startup --best 3 --weight most", 2, "weight" },
    { "/no/such.trace --best 3", 1, "/no/such.trace cannot be opened" },
  } do
    it("says what is wrong: " .. case[1], function()
      local output, errors, code = cli(case[1])
      assert.same({ "", case[2] }, { output, code })
      assert.matches("^pymalloc: .*" .. case[3], errors)
    end)
  end
end)
