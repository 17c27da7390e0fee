-- Names in a narrow column: long ones are cut, and different names stay different.

local text = require "pymalloc.text"

local M = {}

local MARK = ".."

-- The characters of a text from number `first` to number `last`.
local function part(name, first, last)
  if last < first then
    return ""
  end
  return name:sub(utf8.offset(name, first), utf8.offset(name, last + 1) - 1)
end

-- Cuts the end off; or the middle out, so that `tail` characters of the end remain.
local function cut(name, columns, tail)
  local length = utf8.len(name)
  if length <= columns then
    return name
  end
  local head = columns - #MARK - tail
  return part(name, 1, head) .. MARK .. part(name, length - tail + 1, length)
end

local function are_different(names, shorter)
  local name_of = {}
  for i, short in ipairs(shorter) do
    if name_of[short] and name_of[short] ~= names[i] then
      return false
    end
    name_of[short] = names[i]
  end
  return true
end

local function cut_all(names, columns, tail)
  local shorter = {}
  for i, name in ipairs(names) do
    shorter[i] = cut(name, columns, tail)
  end
  return shorter
end

-- Cut names whose end is the number of the name among the different ones.
local function numbered(names, columns)
  local number_of, count, shorter = {}, 0, {}
  for i, name in ipairs(names) do
    if not number_of[name] then
      count = count + 1
      number_of[name] = count
    end
    local number = ("#%d"):format(number_of[name])
    local room = math.max(1, columns - #MARK - #number)
    shorter[i] = utf8.len(name) <= columns and name or part(name, 1, room) .. MARK .. number
  end
  return shorter
end

--- The names in at most that many columns; different names have different texts.
-- @param columns at least 8
function M.fit(names, columns)
  local plain = {}
  for i, name in ipairs(names) do
    plain[i] = text.printable(name)
  end
  for _, tail in ipairs { 0, columns // 2 - #MARK // 2, columns - #MARK - 1 } do
    local shorter = cut_all(plain, columns, tail)
    if are_different(names, shorter) then
      return shorter
    end
  end
  return numbered(plain, columns)
end

return M
