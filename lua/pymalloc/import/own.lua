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

local WRONG_MOST = 100 -- wrong lines that are left out one by one

-- Without the line that begins at this offset. "" stands in its place, so that the numbers of
-- the lines after it stay the same.
local function without_line(text, offset)
  local last = text:find("\n", offset + 1, true)
  return text:sub(1, offset) .. (last and text:sub(last) or "")
end

-- The text without wrong lines, the number of its requests, the messages on wrong lines, and
-- their number. Unless `is_lenient`, the text ends before the first of them. After WRONG_MOST
-- it ends in any case: it is probably no trace.
function M.convert(text, name, is_lenient)
  local problems = {}
  while true do
    local requests, bytes, problem = core.trace.scan(text, name)
    table.insert(problems, problem)
    if not problem or not is_lenient or #problems > WRONG_MOST then
      return text:sub(1, bytes), requests, problems, is_lenient and #problems or 0
    end
    text = without_line(text, bytes)
  end
end

return M
