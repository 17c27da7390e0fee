-- bench/replay.lua: measures how fast traces are replayed, for script/bench
-- --replay.
--
-- Six copies of the recorded run of CPython, each with its own ids, are written to
-- a file: 5,493,852 requests. It is replayed while it is read from the file, and
-- then as a run that has it in memory. Processor time, the median of five.

local RECORDING, TIMES, ROUNDS = "traces/cpython-json.trace.xz", 6, 5

package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
package.cpath = "build-release/?.so;" .. package.cpath
local pymalloc = require "pymalloc"
local markdown = dofile("bench/markdown.lua")
local repeated = dofile("bench/repeated.lua")

local function write_trace(path)
  local trace = repeated(RECORDING, TIMES)
  assert(pymalloc.trace.save(trace, path))
  return trace.requests
end

-- The median of the processor time of `action`, in seconds.
local function seconds(action)
  local times = {}
  for round = 1, ROUNDS do
    local begin = os.clock()
    action()
    times[round] = os.clock() - begin
  end
  table.sort(times)
  return times[(ROUNDS + 1) // 2]
end

local function row(what, count, time)
  markdown.row { what, count, ("%.3f"):format(time), ("%.1f"):format(count / time / 1e6) }
end

local path = os.tmpname()
local count = write_trace(path)
markdown.header { "replay", "requests", "seconds", "million a second" }
row("from a file, while it is read", count, seconds(function()
  assert(pymalloc.trace.replay_file(path))
end))

local trace = assert(pymalloc.trace.load(path))
for _, profile in ipairs { "3.6", "3.11" } do
  local spent = {}
  for round = 1, ROUNDS do
    local run <close> = pymalloc.replay(trace, { profile = profile })
    local begin = os.clock()
    run:step(count)
    spent[round] = os.clock() - begin
    assert(run.op == count, "the run has not done all requests")
  end
  table.sort(spent)
  row(("from memory, profile %s"):format(profile), count, spent[(ROUNDS + 1) // 2])
end
os.remove(path)
