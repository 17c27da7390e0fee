-- The requests of interpreter 0 of a trace, as a stream.

local text = require "pymalloc.text"
local trace_module = require "pymalloc.trace"

local M = {}

local letters = { malloc = "a", calloc = "c", realloc = "r", free = "f" }

-- The operands behind the id.
local function size_of(operation, size, count)
  if operation == "free" then
    return nil
  elseif operation == "calloc" then
    return text.unsigned(count) .. " " .. text.unsigned(size)
  end
  return size >= 0 and size or text.unsigned(size)
end

--- A stream of the requests and marks. The trace was read once without an error.
function M.stream(trace)
  local next_operation, state, control = trace_module.each(trace)
  local interpreter = 0
  return function()
    while true do
      local operation, id, size, count, _, words = next_operation(state, control)
      control = operation
      if not operation then
        return nil
      elseif operation == "interpreter" then
        interpreter = count
      elseif operation == "mark" then
        return "m", words
      elseif letters[operation] and interpreter == 0 then
        return letters[operation], id, size_of(operation, size, count)
      end
    end
  end
end

--- The number of requests and the name of a trace; or nil and a message.
function M.count(trace)
  local loaded <close>, problem = trace_module.loaded(trace)
  if not loaded then
    return nil, problem
  end
  return #loaded, loaded.name
end

return M
