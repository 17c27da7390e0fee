-- Tests a check that fails, from the damage of the heap to the exit code.

local command = require "spec.support.command"
local lfs = require "lfs"

local CORRUPTION = (os.getenv("PYMALLOC_BUILD") or "build") .. "/pymalloc/corruption.so"

-- Returns a trace with `count` blocks of 512 bytes, more lines, and a check. A
-- pool holds 7 of the blocks, an arena 448.
local function trace_of(count, more)
  local lines = {}
  for id = 1, count do
    lines[id] = ("a %d 512\n"):format(id)
  end
  return table.concat(lines) .. more .. "k\n"
end

local function replay(count, more)
  local file <close> = command.file(trace_of(count, more or ""), ".trace")
  return command.run(("LD_PRELOAD=%s %s replay %s"):format(CORRUPTION, command.pymalloc, file.path))
end

describe("a check that fails in pymalloc replay", function()
  if not lfs.attributes(CORRUPTION) then
    pending("the library that damages heaps is not built with sanitizers")
    return
  end

  it("is reported with its line and the invariant, and the exit code is 1", function()
    local output, errors, code = replay(449)
    assert.equal("", output)
    assert.matches("%.trace:450: check failed: pool%.%a+: ", errors)
    assert.equal(1, code)
  end)

  it("ends the check of all interpreters", function()
    local output, errors, code = replay(449, "i 1\na 1000 8\n")
    assert.equal("", output)
    assert.matches("^[^\n]*%.trace:452: check failed: pool%.%a+: [^\n]*\n$", errors)
    assert.equal(1, code)
  end)

  it("is not reported while no heap is damaged", function()
    local output, errors, code = replay(448)
    assert.equal("", errors)
    assert.matches("448", output)
    assert.equal(0, code)
  end)
end)
