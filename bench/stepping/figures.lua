-- figures.lua TRACE STOPS: proves that moving a run is exact, and measures its
-- speed, for script/stepping, which explains the figures. Fails at the first
-- difference.

local pymalloc = require "pymalloc"
local text = require "pymalloc.text"

local repeated = dofile("bench/repeated.lua")

local trace, stops = arg[1], math.tointeger(tonumber(arg[2]))

local COPIES = 6 -- of the trace, one after the other, make a long one
local SEEKS = 300
local STEPS_MOST = 2000

local function print_line(...)
  print((...):format(select(2, ...)))
  io.stdout:flush()
end

local function clocked(f, ...)
  local began = os.clock()
  f(...)
  return os.clock() - began
end

-- Random request numbers from 0 to the length, sorted.
local function random_times(run, count)
  local times = {}
  for i = 1, count do
    times[i] = math.random(0, run.length)
  end
  table.sort(times)
  return times
end

-- The hashes of the states after these requests, from one pass that only goes forwards.
local function hashes_forward(times)
  local run, hashes = assert(pymalloc.replay(trace)), {}
  for _, op in ipairs(times) do
    run:seek(op)
    hashes[op] = run.heap:hash()
  end
  run:close()
  return hashes
end

local function differ(op, what)
  error(("request %d: %s differs"):format(op, what), 0)
end

-- Compares the state at a stop with that of a pass forwards; then moves n forwards, n back
-- and n forwards again.
local function prove(run, op, hash)
  run:seek(op)
  if run.heap:hash() ~= hash then
    differ(op, "the state after a seek")
  end
  local steps = math.random(STEPS_MOST)
  local before = run.heap:dump()
  steps = run:step(steps)
  local after = run.heap:dump()
  run:back(steps)
  if run.heap:dump() ~= before then
    differ(op, ("the state after %d requests forwards and back"):format(steps))
  end
  run:step(steps)
  if run.heap:dump() ~= after then
    differ(op, ("the state after %d requests forwards again"):format(steps))
  end
  return steps
end

local function exactness()
  local run = assert(pymalloc.replay(trace))
  local times = random_times(run, stops)
  local hashes, moved = hashes_forward(times), 0
  for _ = 1, stops do
    local op = times[math.random(stops)]
    moved = moved + 3 * prove(run, op, hashes[op])
  end
  print_line("exact: %s, of %s requests: no difference at %s random stops, after %s requests "
    .. "forwards and back", trace, text.group(run.length), text.group(stops),
    text.group(moved))
  run:close()
end

local function speed()
  local run
  local trace_long = repeated(trace, COPIES)
  local reading = clocked(function() run = assert(pymalloc.replay(trace_long)) end)
  local whole = clocked(function() run:seek(run.length) end)
  print_line("fast: %s requests forwards without a listener, in %.3f s of processor time; "
    .. "reading the trace took %.3f s", text.group(run.length), whole, reading)
  local worst, sum = 0, 0
  for _ = 1, SEEKS do
    local seconds = clocked(run.seek, run, math.random(0, run.length))
    worst, sum = math.max(worst, seconds), sum + seconds
  end
  print_line("seek: %d random ones: the slowest took %.1f %% of the time of the whole pass, the "
    .. "mean %.1f %%", SEEKS,
    100 * worst / whole, 100 * sum / SEEKS / whole)
end

exactness()
speed()
