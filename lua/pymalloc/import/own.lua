-- Traces in the library's own format. They need no conversion, but are checked.

local core = require "pymalloc.core"

local M = {}

-- Is the first line that is no comment an operation, or does a comment before it
-- name the format?
function M.fits(lines)
  for _, line in ipairs(lines) do
    if line:find("^# pymalloc trace") then
      return true
    elseif not line:find("^%s*#") then
      local _, _, problem = core.trace.scan(line, "line")
      return problem == nil
    end
  end
  return false
end

-- The text before the first wrong line, the number of its requests, and the
-- message on that line, or nil.
function M.convert(text, name)
  local requests, bytes, problem = core.trace.scan(text, name)
  return text:sub(1, bytes), requests, problem
end

return M
