-- Tests making heaps (bindings/lua/heap.c) where the system grants few addresses: spec/limit
-- runs in processes of their own, because the limit is that of a process.

local command = require "spec.support.command"

-- Makes heaps that are garbage at once, and prints the fewest addresses that one got, in MiB.
local PROGRAM = [[
  local pymalloc = require "pymalloc"
  collectgarbage(%q)
  local least, live = math.huge, {}
  for i = 1, 300000 do -- so that the collector takes long to find the heaps
    live[i] = {}
  end
  for _ = 1, 20 do
    local heap = pymalloc.heap { reserve_bytes = 1 << 28 }
    least = math.min(least, heap:stats().reserved_bytes >> 20)
  end
  print(least)
]]

local function least_mib(collector)
  local program <close> = command.file(PROGRAM:format(collector), ".lua")
  local out, errors = command.run(("ulimit -v 2400000; %s lua5.4 %s"):format(command.environment,
    program.path))
  assert.equal("", errors)
  return tonumber(out)
end

-- A process with a sanitizer needs more addresses than the limit.
local is_sanitized = package.searchpath("pymalloc.preload", package.cpath) == nil
local check = is_sanitized and pending or it

describe("a heap, where the system grants few addresses", function()
  check("gets those that heaps kept which are garbage", function()
    assert.equal(256, least_mib "incremental")
  end)

  check("says by a warning that it has no arenas", function()
    local program <close> = command.file([[
      local heap <close> = require("pymalloc").heap { arena_bytes = 1 << 24 }
      heap:malloc(20)
      print(heap:stats().reserved_bytes, heap:stats().raw_blocks)
    ]], ".lua")
    local out, errors = command.run(("ulimit -v 30000; %s lua5.4 -W %s"):format(
      command.environment, program.path))
    assert.same({ "0\t1\n", "Lua warning: pymalloc: the system grants addresses for no arena: raw "
      .. "serves every request\n" }, { out, errors })
  end)

  check("gets what is left where the collector is stopped", function()
    assert.is_true(least_mib "stop" < 256)
  end)
end)
