-- Methods of userdata that are written in Lua. A method that is set through this module
-- checks its self first, so that a wrong self, or one that is closed, is an error at the
-- line that calls the method.

local core = require "pymalloc.core"

local M = {}

-- For each type, a function of the core that refuses a self of another type and one that is
-- closed, and the argument after self. It is called by pcall alone: a Lua function between
-- the two would add its own place to the message.
local probes = {
  Heap = { core.methods.Heap.size_class, 1 },
  Run = { core.run.mark_before, 0 },
}

local function checked(probe, method)
  local refuse, argument = table.unpack(probe)
  return function(self, ...)
    local ok, problem = pcall(refuse, self, argument)
    if not ok then
      error(problem, 2)
    end
    return method(self, ...)
  end
end

--- A table whose fields become methods of a type.
-- @tparam string name "Heap" or "Run"
-- @treturn table to be written only
function M.of(name)
  local probe, methods = probes[name], core.methods[name]
  return setmetatable({}, {
    __newindex = function(_, field, method)
      methods[field] = checked(probe, method)
    end,
  })
end

return M
