-- bench/lab.lua [--instructions]: measures how fast the simulator of pymalloc.lab runs, for
-- script/bench --lab.
--
-- Six copies of the recorded run of CPython, each with its own ids, are in memory:
-- 5,493,852 requests. They are replayed on the heap and simulated with several
-- policies, in turns. The least processor time of nine rounds, and the ratio to the
-- replay. With --instructions, callgrind counts the instructions of one request: those of
-- a process that simulates one copy, without those of one that only reads it.

local RECORDING, TIMES, ROUNDS = "traces/cpython-json.trace.xz", 6, 9

package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
package.cpath = "build-release/?.so;" .. package.cpath
local pymalloc = require "pymalloc"
local markdown = dofile("bench/markdown.lua")
local repeated = dofile("bench/repeated.lua")

local DESIGNS = {
  { name = "3.6", profile = "3.6" },
  { name = "3.11" },
  { name = "next pool: fullest", next_pool = "fullest" },
  { name = "next pool: emptiest", next_pool = "emptiest" },
  { name = "next pool: lowest address", next_pool = "lowest address" },
  { name = "next arena: random", next_arena = "random" },
  { name = "next block: first in, first out", next_block = "first in, first out" },
  { name = "next block: lowest address", next_block = "lowest address" },
  { name = "release: after 1000", release = "after 1000" },
  { name = "cache: 64", cache = 64 },
}

-- {=== Times

local function seconds(action)
  local begin = os.clock()
  action()
  return os.clock() - begin
end

-- The least time of a replay on the heap, which has the requests in memory.
local function replay_seconds(trace)
  local run <close> = pymalloc.replay(trace, { profile = "3.11" })
  return seconds(function() run:step(trace.requests) end)
end

local function print_times()
  local trace = repeated(RECORDING, TIMES)
  local loaded = assert(pymalloc.trace.loaded(trace))
  local least = { [0] = math.huge }
  for _ = 1, ROUNDS do
    least[0] = math.min(least[0], replay_seconds(trace))
    for i, design in ipairs(DESIGNS) do
      least[i] = math.min(least[i] or math.huge, seconds(function()
        assert(pymalloc.lab.simulate(loaded, design))
      end))
    end
  end
  markdown.header { "requests from memory", "million a second", "ratio to the replay" }
  local function row(name, time)
    markdown.row { name, ("%.1f"):format(#loaded / time / 1e6), ("%.2f"):format(least[0] / time) }
  end
  row("replay on the heap, 3.11", least[0])
  for i, design in ipairs(DESIGNS) do
    row("simulated, " .. design.name, least[i])
  end
end

-- {=== Instructions

-- The instructions of a process that simulates a design on this many copies.
local function instructions(number)
  local command = ("valgrind --tool=callgrind --callgrind-out-file=/dev/null "
    .. "lua5.4 bench/lab.lua --run %d 2>&1"):format(number)
  local pipe <close> = assert(io.popen(command))
  local text = pipe:read("a")
  return tonumber(text:match("Collected : (%d+)")) or error(text)
end

-- Number 0 loads the requests and simulates nothing.
local function print_instructions()
  local count = #assert(pymalloc.trace.loaded(RECORDING))
  local none = instructions(0)
  markdown.header { "requests from memory", "instructions a request" }
  for i, design in ipairs(DESIGNS) do
    local all = instructions(i)
    markdown.row { "simulated, " .. design.name, ("%.0f"):format((all - none) / count) }
  end
end

local function run(number)
  local loaded = assert(pymalloc.trace.loaded(RECORDING))
  if number > 0 then
    assert(pymalloc.lab.simulate(loaded, DESIGNS[number]))
  end
end

if arg[1] == "--run" then
  run(tonumber(arg[2]))
elseif arg[1] == "--instructions" then
  print_instructions()
else
  print_times()
end
