-- Designs of kind "oracle": bounds and placements that are computed from the whole trace.
--
--     { oracle = "live" }
--     { oracle = "live", granularity = "pools", profile = "3.11" }
--     { oracle = "lifetimes", profile = "3.11", pool_bytes = 4096 }

local oracles = require "pymalloc.lab.oracle"

local M = { field = "oracle" }

--- A design from a table; its field name, if it is given, is the name of the design.
function M.design(given)
  local checked = oracles.read(given.oracle, given, { "oracle", "name" })
  return { name = tostring(given.name or checked.name), kind = "oracle", which = checked.which,
    options = checked.options }
end

--- Runs the oracle on one interpreter of a trace.
function M.run(design, source, options)
  local result, problem = oracles.run(design, source.loaded, { series = options.series })
  if not result then
    return nil, problem
  end
  return { result }
end

return M
