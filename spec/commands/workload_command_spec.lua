-- pymalloc workload.

local command = require "spec.support.command"
local pymalloc = require "pymalloc"

-- Runs pymalloc workload. Returns its output, its standard error and its exit code.
local function make(arguments)
  return command.run(("%s workload %s"):format(command.pymalloc, arguments))
end

describe("pymalloc workload", function()
  it("writes the trace of a generator with its options", function()
    local wanted = pymalloc.workload.queue { requests = 20, seed = 9, live = 5, most = 64 }
    local output, errors, code = make "queue --requests 20 --seed 9 --set live=5 --set most=64 -"
    assert.equal(wanted.text, output)
    assert.equal("pymalloc: 20 requests of queue, live 5, most 64, seed 9 written to standard "
      .. "output\n", errors)
    assert.equal(0, code)
  end)

  it("writes a file that is packed", function()
    local file <close> = command.file("", ".trace.xz")
    local _, _, code = make("ramps --requests 5000 " .. file.path)
    assert.equal(0, code)
    assert.equal(pymalloc.workload.ramps { requests = 5000 }.text,
      pymalloc.trace.load(file.path).text)
  end)

  it("writes the packed form of a trace", function()
    local file <close> = command.file("", ".ptrace")
    local _, _, code = make("storms --requests 5000 " .. file.path)
    assert.equal(0, code)
    assert.is_nil(command.read(file.path):find("a 1 ", 1, true))
    assert.equal(pymalloc.analyse(pymalloc.workload.storms { requests = 5000 }):csv("curve"),
      pymalloc.analyse(file.path):csv("curve"))
  end)

  it("writes a trace that is like another", function()
    local output, _, code = make "like --of @startup --requests 3000 --seed 2 -"
    assert.equal(0, code)
    assert.equal(pymalloc.workload.like("@startup", 3000, { seed = 2 }).text, output)
  end)

  it("lists the generators within 80 columns", function()
    local output, errors, code = make "--list"
    assert.same({ "", 0 }, { errors, code })
    for _, generator in ipairs(pymalloc.workload.names()) do
      assert.matches("\n" .. generator.name .. " +%S", "\n" .. output)
      for name, limits in pairs(generator.options) do
        assert.matches(("%s=%d"):format(name, limits.default), output, 1, true)
      end
    end
    for line in output:gmatch("[^\n]+") do
      assert.is_true(#line <= 80, line)
    end
  end)

  for arguments, message in pairs {
    [""] = "NAME and OUT are needed; --list prints the names",
    ["queue"] = "NAME and OUT are needed",
    ["quee -"] = "there is no generator 'quee' (known: uniform, exponential, ",
    ["names -"] = "there is no generator 'names'",
    ["queue --of @json -"] = "like needs --of TRACE, and no other generator takes it",
    ["like -"] = "like needs --of TRACE",
    ["like --of @json --set live=1 -"] = "like takes no option by --set",
    ["queue --set live -"] = "option '--set' takes KEY=VALUE, such as live=50, got 'live'",
    ["queue --set live=0 -"] = "option '--set': live must be an integer from 1 to 16777216, got 0",
    ["queue --set lives=1 -"] = "option '--set': unknown option lives (allowed: least, live, most, "
      .. "requests, seed)",
    ["queue --requests 0 -"] = "option '--requests' takes a whole number from 1 to 1073741824",
  } do
    it("refuses '" .. arguments .. "'", function()
      local output, errors, code = make(arguments)
      assert.same({ "", 2 }, { output, code })
      assert.matches(message, errors, 1, true)
    end)
  end

  it("says why a trace cannot be read, and why a file cannot be written", function()
    local _, errors, code = make "like --of /nowhere/x.trace -"
    assert.same({ 1, "pymalloc: /nowhere/x.trace cannot be opened: No such file or directory\n" },
      { code, errors })
    _, errors, code = make "queue --requests 1 /nowhere/x.trace"
    assert.equal(1, code)
    assert.matches("/nowhere/x.trace", errors, 1, true)
  end)
end)
