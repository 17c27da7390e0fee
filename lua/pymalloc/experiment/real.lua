-- Designs of kind "real": the allocator of another process (pymalloc.real). A row of one that
-- cannot be measured has the reason in its field problem.

local check = require "pymalloc.check"
local known = require "pymalloc.real.known"
local real = require "pymalloc.real"

local M = { field = "real" }

local LEAST_SAMPLES = 200

local fields = { "environment", "huge_pages", "name", "real", "samples", "timeout", "touch" }

--- A design from { real = an allocator, name =, and options of pymalloc.real.replay }.
function M.design(given)
  check.keys("experiment", "field", given, fields, " of a design with the field real")
  local options = {}
  for field, value in pairs(given) do
    options[field] = value
  end
  options.real, options.name = nil, nil
  known.read(given.real)
  real.options(options)
  return { name = tostring(given.name or given.real), kind = "real", real = given.real,
    options = options }
end

-- Every n-th sample, and so at most that many: the arrays of a series.
local function thin(series, wanted)
  local step = (#series.requests + wanted - 1) // wanted
  local thinned = { requests = {}, total = {}, total_live = {} }
  for i = step, #series.requests, step do
    for name, values in pairs(thinned) do
      table.insert(values, series[name][i])
    end
  end
  return thinned
end

--- Measures the design on one interpreter of a trace.
function M.run(design, source, options)
  local own = real.options(design.options)
  if options.series then
    own.samples = math.max(options.series, own.samples, LEAST_SAMPLES)
  end
  local result, problem = real.measure(source.loaded, known.read(design.real), own)
  if not result then
    return { { problem = problem } }
  end
  result.series = options.series and thin(result.series, options.series) or nil
  return { result }
end

return M
