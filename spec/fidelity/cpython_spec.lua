-- Is a heap the real thing? The same requests in a live CPython and here: the
-- place of every block, and at every stop all eight fields of every pool
-- header and the free chains; at the end the report. Runs where the harness of
-- bindings/python was built; every comparison takes a process of its own.
local lfs = require "lfs"

local command = require "spec.support.command"
local requests = require "spec.support.requests"

local BESIDE = command.environment .. " lua5.4 bindings/python/beside_cpython.lua "
local TRACES = { "traces/cpython-startup.trace.xz", "traces/cpython-json.trace.xz" }

-- Those that take from the middle of a long list are shorter.
local COUNTS = { queue = 20000, pools = 30000, storms = 60000, refusals = 60000 }

local has_cpython = package.searchpath("pymalloc.cpython", package.cpath) ~= nil

local totals = { addresses = 0, headers = 0 }

-- Runs a comparison; returns what it counted.
local function compare(arguments)
  local output, errors, code = command.run(BESIDE .. arguments)
  assert.equal("", errors)
  assert(code == 0, output)
  local counts = {}
  for name, count in output:gmatch("(%w+)=(%d+)") do
    counts[name] = tonumber(count)
  end
  for name in pairs(totals) do
    totals[name] = totals[name] + counts[name]
  end
  return counts
end

local function compare_list(behaviour, seed, offset)
  local count = COUNTS[behaviour] or 40000
  local counts = compare(("list %s %d %d %s"):format(behaviour, seed, count, offset))
  assert.is_true(counts.requests >= 0.9 * count and counts.addresses > count // 3)
  assert.is_true(counts.stops >= 20 and counts.headers > 200)
  return counts
end

describe("a live CPython and a heap of ours", function()
  if not has_cpython then
    pending("agree: bindings/python was not built, for want of libpython")
    return
  end

  teardown(function()
    print(("\ncounted: %d places and %d headers side by side with CPython: no difference"):format(
      totals.addresses, totals.headers))
  end)

  for number, behaviour in ipairs(requests.names) do
    it("agree on " .. behaviour .. " requests in placed arenas, stale links too", function()
      compare_list(behaviour, number, number % 2 * 4096)
    end)

    it("agree on " .. behaviour .. " requests in arenas where CPython maps them", function()
      compare_list(behaviour, 100 + number, "mapped")
    end)
  end

  it("agree on which arenas are released", function()
    assert.is_true(compare_list("storms", 3, 4096).released > 0)
    assert.is_true(compare_list("pools", 3, 4096).released > 0)
  end)

  for _, path in ipairs(TRACES) do
    it("agree on the recorded " .. path, function()
      assert(lfs.attributes(path, "mode") == "file", path)
      assert.is_true(compare("trace " .. path .. " 4096").addresses > 10000)
    end)
  end
end)
