-- From a Python program to the line that pins its arenas: examples/scattered.py is recorded with
-- call stacks, converted and packed, and 'pymalloc pins' names the line that keeps objects.
local command = require "spec.support.command"
local live_python = require "spec.support.live_python"

local PROGRAM = "examples/scattered.py"

-- The number of the line of the program that makes the objects that are kept.
local function leaking_line()
  local number = 0
  for line in io.lines(PROGRAM) do
    number = number + 1
    if line:find("self.entries.append", 1, true) then
      return number
    end
  end
end

describe("the line of a Python program that pins arenas", function()
  if not package.searchpath("pymalloc.preload_python", package.cpath) then
    return pending("the preloaded library was not built: it cannot stand beside a sanitizer's")
  end

  local python

  setup(function()
    python = live_python.interpreters(7, 13)[1]
  end)

  local function run(line)
    local output, errors, code = command.run(command.pymalloc .. " " .. line)
    assert.equal(0, code, errors)
    return output
  end

  local function record(path, count)
    run(("record --python --where -o %s -- %s -S %s %d"):format(path, python.path, PROGRAM, count))
  end

  -- Who asked, in the first row of the table.
  local function first_row(path, options)
    local output = run(("pins --profile %s %s %s"):format(python.version, options or "", path))
    return output:match("who asked\n[%d, ]+([^\n]*)"), output
  end

  it("is the first of the table, before and after it is converted and packed", function()
    if not python then
      return pending("needs a CPython of 3.7 to 3.13")
    end
    local trace <close> = command.file("", ".trace")
    local packed <close> = command.file("", ".trace.gz")
    record(trace.path, 400000)
    local where, output = first_row(trace.path, "--at dropped")
    assert.matches(("scattered%%.py:%d %%S*note$"):format(leaking_line()), where)
    -- 4,000 strings pin nearly all of the arenas
    local arenas = tonumber(output:match("(%d+) arenas of"))
    local pinned, alone, blocks = output:match("who asked\n *(%d+) +(%d+) +([%d,]+)")
    assert.equal("4,000", blocks)
    assert.is_true(tonumber(pinned) >= arenas - 2 and tonumber(alone) >= arenas - 4, output)
    run(("convert %s %s"):format(trace.path, packed.path))
    assert.equal(where, (first_row(packed.path, "--at dropped")))
    assert.equal(where, (first_row(packed.path))) -- when the most bytes of arenas are not live
  end)

  it("is found in a trace that was packed by xz while it was recorded", function()
    if not python then
      return pending("needs a CPython of 3.7 to 3.13")
    end
    local packed <close> = command.file("", ".trace.xz")
    record(packed.path, 60000)
    assert.matches(("scattered%%.py:%d %%S*note$"):format(leaking_line()),
      (first_row(packed.path, "--at dropped --pool-bytes 4K --arena-bytes 256K")))
  end)
end)
