-- The wrong lines of a text. Unless they are to be left out, the first ends reading.

local M = {}
M.__index = M

local TOLD_MOST = 3 -- messages that are kept

M.NO_MEMORY = "not enough memory" -- Lua's message

-- Is an error a lack of memory? In front of that of a C function stands the place of its call.
function M.is_short(problem)
  return type(problem) == "string" and problem:sub(-#M.NO_MEMORY) == M.NO_MEMORY
end

function M.new(is_lenient)
  return setmetatable({ is_lenient = is_lenient, count = 0, told = {} }, M)
end

-- Keeps a message.
function M:tell(problem)
  if #self.told < TOLD_MOST then
    table.insert(self.told, problem)
  end
end

-- Notes a wrong line. Returns the message if reading ends with it.
function M:add(problem)
  if not self.is_lenient then
    return problem
  end
  self.count = self.count + 1
  self:tell(problem)
end

return M
