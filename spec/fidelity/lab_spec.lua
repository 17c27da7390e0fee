-- The simulator of csrc/lab, with the policies of CPython, gives each request the place that
-- the exact heap gives it: for each trace and geometry of golden.tsv, whose placements are
-- those of CPython's own code.

local core = require "pymalloc.core"
local lfs = require "lfs"
local pymalloc = require "pymalloc"

local DATA = "spec/fidelity/data/"

-- The traces of golden.tsv, each with its list of { profile, arena_offset }.
local function read_rows()
  local traces, of = {}, {}
  for line in io.lines(DATA .. "golden.tsv") do
    local trace, profile, offset = line:match("^(%S+)\t([^\t+]+)%+?(%d*)\t")
    assert(trace, "a bad line in golden.tsv: " .. line)
    if not of[trace] then
      of[trace] = { name = trace }
      table.insert(traces, of[trace])
    end
    table.insert(of[trace], { profile = profile, offset = tonumber(offset) or 0 })
  end
  return traces
end

local function path_of(trace)
  local path = DATA .. trace.name .. ".xz"
  return lfs.attributes(path, "mode") == "file" and path or "traces/" .. trace.name .. ".xz"
end

-- A function that collects text, and the list.
local function collector()
  local pieces = {}
  return function(text) table.insert(pieces, text) end, pieces
end

-- The first line in which two texts differ.
local function first_difference(expected, got)
  local wanted, number = expected:gmatch("[^\n]*\n"), 0
  for line in got:gmatch("[^\n]*\n") do
    number = number + 1
    local other = wanted()
    if line ~= other then
      return ("line %d: expected %sgot %s"):format(number, other or "the end\n", line)
    end
  end
  return "the simulator's text ends early"
end

-- The lines of a replay that are placements: the trace may ask for reports and states between
-- them.
local function placements_of(text)
  return (text:gsub("[^\n]*\n", function(line)
    return line:find("^%d+ [acrf] %d+ ") and line or ""
  end))
end

-- Compares the measures of a simulation with those of the heap, but those of time and memory
-- calls, which the simulator has not.
local function compare_measures(expected, got)
  local count = 0
  for name, value in pairs(got) do
    if not name:find("^utilisation_") then
      assert.equal(expected[name], value, name)
      count = count + 1
    end
  end
  assert.is_true(count >= 24)
end

describe("the simulator", function()
  local count = 0
  for _, trace in ipairs(read_rows()) do
    local path, loaded = path_of(trace), nil
    setup(function() loaded = assert(pymalloc.trace.loaded(path)) end)
    for _, row in ipairs(trace) do
      it(("places %s under %s at offset %d as the heap does"):format(trace.name, row.profile,
        row.offset), function()
        local options = { profile = row.profile, arena_offset = row.offset }
        local output, exact = collector()
        local summary = assert(pymalloc.trace.replay_file(path, { heap = options,
          placements = true, output = output }))
        local collect, simulated = collector()
        local result = assert(pymalloc.lab.simulate(loaded, options, { placements = collect }))
        local expected, got = table.concat(exact), table.concat(simulated)
        if expected ~= got and placements_of(expected) ~= got then
          error(first_difference(placements_of(expected), got), 0)
        end
        assert.equal(summary.requests, tonumber(got:match("(%d+) [^\n]*\n$")))
        compare_measures(assert(core.trace.measure(loaded, options, 0)), result)
        count = count + 1
      end)
    end
  end

  it("was compared in 54 replays", function()
    assert.equal(54, count)
  end)
end)
