-- Designs of kind "exact": the allocator itself, with the geometry of a profile or another.

local core = require "pymalloc.core"
local geometry_name = require "pymalloc.geometry_name"
local trace = require "pymalloc.trace"

local M = {}

local function arena_bytes_of(options)
  local heap <close> = assert(core.heap(options))
  return heap.geometry.arena_bytes
end

--- A design from the name of a profile or a table of options of a heap; its field name, if it
-- is given, is the name of the design.
function M.design(given)
  local options, name = { profile = given }, nil
  if type(given) == "table" then
    options = {}
    for field, value in pairs(given) do
      options[field] = value
    end
    name, options.name = options.name, nil
  end
  local usual = geometry_name(options)
  return { name = tostring(name or usual), kind = "exact", options = options,
    arena_bytes = arena_bytes_of(options) }
end

-- The summaries of all interpreters of a trace, by their numbers; or nil and a message. A trace
-- is replayed once for all of its interpreters.
local function summaries_of(design, source)
  local known = source.shared[design]
  if known then
    return known
  end
  local content, is_text = trace.source(source.trace, "experiment")
  local replay = is_text and trace.replay_text or trace.replay_file
  local summary, problem = replay(content, { heap = design.options })
  if not summary then
    return nil, problem
  end
  local found = { [0] = summary }
  for _, other in ipairs(summary.interpreters or {}) do
    found[other.interpreter] = other
  end
  source.shared[design] = found
  return found
end

local function merge(result, other)
  for name, value in pairs(other) do
    result[name] = value
  end
end

-- The measures of the vocabulary; or nil and a message.
local function measure(design, source, options)
  local result, problem = core.trace.measure(source.loaded, design.options, options.series or 0)
  if not result then
    return nil, problem
  end
  if options.costs then
    local costs, reason = core.trace.measure_cost(source.loaded, design.options)
    if not costs then
      return nil, reason
    end
    merge(result, costs)
  end
  return result
end

--- Measures the design on one interpreter of a trace.
function M.run(design, source, options)
  local result, problem = measure(design, source, options)
  if result and options.summary then
    local summaries
    summaries, problem = summaries_of(design, source)
    result.summary = summaries and summaries[source.interpreter or 0]
  end
  if problem then
    return nil, problem
  end
  return { result }
end

return M
