-- Designs of kind "lab": an allocator that is simulated.

local designs = require "pymalloc.lab.design"
local lab = require "pymalloc.lab"

local M = { field = "lab" }

--- A design from { lab = a pymalloc.Design or the name of a profile, name = }.
function M.design(given)
  for name in pairs(given) do
    if name ~= "lab" and name ~= "name" then
      error(("pymalloc: experiment: unknown field %s beside lab (allowed: name)"):format(
        tostring(name)), 0)
    end
  end
  local design = designs.read(given.lab)
  return { name = tostring(given.name or design.name), kind = "lab", design = design }
end

--- Simulates the design on one interpreter of a trace.
function M.run(design, source, options)
  local result, problem = lab.run(source.loaded, design.design, { series = options.series })
  if not result then
    return nil, problem
  end
  return { result }
end

return M
