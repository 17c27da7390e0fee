-- Traces in our own format, which need no conversion but have to be right.

local core = require "pymalloc.core"

local M = {}

local REQUESTS = { a = true, c = true, r = true, f = true }
local FORMS = {
  "^[ar]%s+%d+%s+%d+%s*$", "^c%s+%d+%s+%d+%s+%d+%s*$", "^f%s+%d+%s*$", "^x%s+%-?%d+%s*$",
  "^[dsk]%s*$",
}

local function is_line(line)
  for _, form in ipairs(FORMS) do
    if line:find(form) then
      return true
    end
  end
  return false
end

-- Does it name the format, or begin as one of its lines?
function M.fits(lines)
  for _, line in ipairs(lines) do
    if line:find("^# pymalloc trace") then
      return true
    elseif not line:find("^%s*#") then
      return is_line(line)
    end
  end
  return false
end

-- The lines before a number.
local function lines_before(text, number)
  local from = 1
  for _ = 2, number do
    from = (text:find("\n", from, true) or #text) + 1
  end
  return text:sub(1, from - 1)
end

local function count_requests(text)
  local count = 0
  for letter in ("\n" .. text):gmatch("\n(%a)") do
    count = count + (REQUESTS[letter] and 1 or 0)
  end
  return count
end

-- What is wrong with the text, and the number of the line, or nil.
local function problem_of(text)
  local run, problem = core.run.open(text, true, {})
  if run then
    run:close()
    return nil
  end
  local number, what = problem:match("^text:(%d+): (.*)$")
  return what or problem, math.tointeger(tonumber(number))
end

-- The text as far as it is right, how many requests it has, and what is wrong
-- with the next line: as the other formats say it.
function M.convert(text, name)
  local problem, number = problem_of(text)
  if problem and number then
    problem = ("%s:%d: %s"):format(name, number, problem)
    text = lines_before(text, number)
  end
  return text, count_requests(text), problem
end

return M
