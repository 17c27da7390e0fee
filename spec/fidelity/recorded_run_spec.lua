-- Replays a whole run of CPython, recorded from its first request to its last, and compares
-- every address, the releases of arenas by request, and at marks all headers and the report.
local command = require "spec.support.command"

local BUILD = os.getenv("PYMALLOC_BUILD") or "build"
local RUN = ("%s/pymalloc-record - bindings/python/workload.py | %s/pymalloc-verify -")
  :format(BUILD, BUILD)

local has_cpython = package.searchpath("pymalloc.cpython", package.cpath) ~= nil

describe("a whole run of CPython", function()
  if not has_cpython then
    pending("is replayed: bindings/python was not built, because libpython is missing")
    return
  end

  it("has more than two million addresses, all equal to those of a heap", function()
    local output, errors, code = command.run(RUN)
    assert(code == 0, errors)
    assert.matches("no difference", output)
    print("\ncounted: a whole run of CPython" .. output:match(":.*"):gsub("\n", ""))
    local function count(what)
      return tonumber(output:match("(%d+) " .. what))
    end
    assert.is_true(count("addresses") > 2000000)
    assert.is_true(count("released") > 20)
    assert.is_true(count("headers") > 1000 and count("reports") > 10)
  end)
end)
