-- Compares a heap with the allocator of a live CPython that gets the same requests: the place
-- of each block; at each stop the eight fields and the free chain of each pool header; at the
-- end the report. It needs the harness of bindings/python. Each comparison runs in a process
-- of its own.
local lfs = require "lfs"

local command = require "spec.support.command"
local requests = require "spec.support.requests"

local BESIDE = command.environment .. " lua5.4 bindings/python/beside_cpython.lua "
local TRACES = { "traces/cpython-startup.trace.xz", "traces/cpython-json.trace.xz" }

-- The lists are shorter for behaviours that remove elements from the middle of a long list.
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

describe("a live CPython and a heap", function()
  if not has_cpython then
    pending("agree: bindings/python was not built, because libpython is missing")
    return
  end

  teardown(function()
    print(("\ncounted: %d places and %d headers beside a live CPython: no difference"):format(
      totals.addresses, totals.headers))
  end)

  for number, behaviour in ipairs(requests.names) do
    it("agree for " .. behaviour .. " requests in placed arenas, also on stale links", function()
      compare_list(behaviour, number, number % 2 * 4096)
    end)

    it("agree for " .. behaviour .. " requests in arenas that CPython itself maps", function()
      compare_list(behaviour, 100 + number, "mapped")
    end)
  end

  it("agree on which arenas are released", function()
    assert.is_true(compare_list("storms", 3, 4096).released > 0)
    assert.is_true(compare_list("pools", 3, 4096).released > 0)
  end)

  for _, path in ipairs(TRACES) do
    it("agree for the recording " .. path, function()
      assert(lfs.attributes(path, "mode") == "file", path)
      assert.is_true(compare("trace " .. path .. " 4096").addresses > 10000)
    end)
  end
end)
