-- The memory of a replay grows with the number of live ids, not with the length of the trace
-- or the number of all ids.
local command = require "spec.support.command"

local LIVE_COUNT = 50

-- Writes a trace of `request_count` requests. Each block gets a new id; LIVE_COUNT blocks are
-- live at any time.
local function write_trace(path, request_count)
  local file <close> = assert(io.open(path, "w"))
  for id = 1, request_count // 2 do
    file:write(("a %d %d\n"):format(id, id % 512 + 1))
    file:write(("f %d\n"):format(math.max(1, id - LIVE_COUNT)))
  end
end

local script = [[
local core = require "pymalloc.core"
local path, count = ...
local summary = assert(core.trace.replay_file(path, {
  placements = true,
  output = assert(io.open("/dev/null", "w")),
}))
assert(summary.requests == tonumber(count), "all requests were run")
print(io.open("/proc/self/status"):read("a"):match("VmHWM:%s*(%d+) kB"))
]]

-- AddressSanitizer, if it is in use, must not keep freed memory in its quarantine.
local ASAN = "ASAN_OPTIONS=quarantine_size_mb=0:thread_local_quarantine_size_kb=0:detect_leaks=0"

-- The peak of resident memory, in KiB, of a process that replays the trace.
local function peak_memory(path, request_count)
  local runner <close> = command.file(script)
  local output, errors = command.run(("%s %s lua5.4 %s %s %d"):format(
    command.environment, ASAN, runner.path, path, request_count))
  assert.equal("", errors)
  return tonumber(output)
end

local function peak_of_length(request_count)
  local trace <close> = command.file("")
  write_trace(trace.path, request_count)
  return peak_memory(trace.path, request_count)
end

describe("the memory of a replay", function()
  it("does not grow with the length of the trace", function()
    local short, long = peak_of_length(4000), peak_of_length(600000)
    -- the long trace has 8 MiB of text, 13 MiB of output and 300,000 ids
    assert.is_true(long - short < 1024,
      ("%d KiB for 4,000 requests, %d KiB for 600,000"):format(short, long))
  end)

  it("grows with the number of live ids", function()
    local trace <close> = command.file("")
    local file = assert(io.open(trace.path, "w"))
    for id = 1, 300000 do
      file:write(("a %d 8\n"):format(id))
    end
    file:close()
    assert.is_true(peak_memory(trace.path, 300000) - peak_of_length(4000) > 10 * 1024)
  end)

  it("does not grow with the distance between ids", function()
    local trace <close> = command.file("")
    local file = assert(io.open(trace.path, "w"))
    for shift = 0, 62 do
      file:write(("a %d 8\n"):format(1 << shift))
    end
    file:close()
    assert.is_true(peak_memory(trace.path, 63) - peak_of_length(4000) < 1024)
  end)
end)
