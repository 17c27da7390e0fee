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

-- The text of a trace without the operations that write reports or states or check the heap.
local function requests_of(path)
  local text = "\n" .. assert(pymalloc.trace.load(path)).text
  return (text:gsub("\n[dsk]%f[\r\n]", ""):gsub("^\n", ""))
end

-- The number of the request in the last line.
local function last_number(lines)
  return tonumber(lines:sub(-200):match("(%d+) [^\n]*\n$"))
end

-- Compares the measures of a simulation with those of the heap, except those of time, which the
-- simulator has not.
local function compare_measures(expected, got)
  local count = 0
  for name, value in pairs(got) do
    if not name:find("^utilisation_") then
      assert.equal(expected[name], value, name)
      count = count + 1
    end
  end
  assert.is_true(count >= 25)
end

describe("the simulator", function()
  local count = 0
  for _, trace in ipairs(read_rows()) do
    local text, loaded
    lazy_setup(function()
      text = requests_of(path_of(trace))
      loaded = assert(pymalloc.trace.loaded { text = text })
    end)
    for _, row in ipairs(trace) do
      it(("places %s under %s at offset %d as the heap does"):format(trace.name, row.profile,
        row.offset), function()
        local options = { profile = row.profile, arena_offset = row.offset }
        local output, exact = collector()
        local summary = assert(pymalloc.trace.replay_text(text, { heap = options,
          placements = true, output = output }))
        local collect, simulated = collector()
        local result = assert(pymalloc.lab.simulate(loaded, options, { placements = collect }))
        local expected, got = table.concat(exact), table.concat(simulated)
        if expected ~= got then
          error(first_difference(expected, got), 0)
        end
        assert.equal(summary.requests, last_number(got))
        compare_measures(assert(core.trace.measure(loaded, options, 0)), result)
        count = count + 1
      end)
    end
  end

  it("was compared in 54 replays", function()
    assert.equal(54, count)
  end)
end)
