-- The names that the texts of a sandbox can use.
--
-- Only instructions of Lua are counted. So each function here does a bounded amount of work in
-- C: those that could loop without a bound are written in Lua, or refuse what would take long.
-- Tables whose length is not a measure of their size (a table may have a border at 2^62, or a
-- metamethod __len) are the reason for the functions of `table`; a pattern such as
-- ".-.-.-x" is that for those of `string`.

local copy = require "pymalloc.copy"

local M = {}

local REP_BYTES = 1 << 20  -- the longest result of string.rep
local MATCH_STEPS = 1e7    -- the most that the search for a pattern may need
local FIND_STEPS = 1e9     -- the same for a plain text, which is compared many bytes at a time

local concat, sort = table.concat, table.sort

-- {=== Tables

local tables = { pack = table.pack, unpack = table.unpack }

function tables.concat(list, separator, first, last)
  local parts, count = {}, 0
  for i = first or 1, last or #list do
    count = count + 1
    parts[count] = list[i]
  end
  return concat(parts, separator, 1, count)
end

function tables.insert(list, ...)
  local count, place, value = #list + 1, ...
  if select("#", ...) < 2 then
    list[count] = place
    return
  elseif math.type(place) ~= "integer" or place < 1 or place > count then
    error("bad argument #2 to 'insert' (position out of bounds)", 2)
  end
  for i = count, place + 1, -1 do
    list[i] = list[i - 1]
  end
  list[place] = value
end

function tables.remove(list, place)
  local count = #list
  local from = place or count
  if math.type(from) ~= "integer" or from ~= count and (from < 1 or from > count + 1) then
    error("bad argument #2 to 'remove' (position out of bounds)", 2)
  end
  local removed = list[from]
  for i = from, count - 1 do
    list[i] = list[i + 1]
  end
  list[math.max(from, count)] = nil
  return removed
end

function tables.move(from, first, last, place, to)
  to = to or from
  if place > last or place <= first or to ~= from then
    for i = 0, last - first do
      to[place + i] = from[first + i]
    end
  else
    for i = last - first, 0, -1 do
      to[place + i] = from[first + i]
    end
  end
  return to
end

function tables.sort(list, is_before)
  local copied = {}
  for i = 1, #list do
    copied[i] = list[i]
  end
  sort(copied, is_before)
  for i = 1, #copied do
    list[i] = copied[i]
  end
end

-- {=== Strings

local strings = { byte = string.byte, char = string.char, format = string.format,
  len = string.len, lower = string.lower, reverse = string.reverse, sub = string.sub,
  upper = string.upper }

local find, gsub, format = string.find, string.gsub, string.format

function strings.rep(piece, count, separator)
  local bytes = (#piece + #(separator or "")) * 1.0 * count
  if bytes > REP_BYTES then
    error(format("string.rep: the result has more than %d bytes", REP_BYTES), 2)
  end
  return bytes > 0 and string.rep(piece, count, separator) or ""
end

-- Raises an error if a search may need too many steps: each item of the pattern that can match
-- texts of several lengths multiplies them by the length of the text.
local function check_pattern(subject, pattern)
  local items = select(2, gsub(pattern, "[-*+?]", "")) + select(2, gsub(pattern, "%%[b%d]", ""))
  if (#pattern + 1) * (#subject + 1.0) ^ (items + 1) > MATCH_STEPS then
    error("this search may need too many steps: the pattern or the text is too long", 3)
  end
end

for _, name in ipairs { "match", "gmatch", "gsub" } do
  local whole = string[name]
  strings[name] = function(subject, pattern, ...)
    check_pattern(tostring(subject), tostring(pattern))
    return whole(subject, pattern, ...)
  end
end

-- The same for a text that is searched for: it may begin anywhere in the subject.
local function check_plain(subject, text)
  if (#text + 1.0) * (#subject + 1.0) > FIND_STEPS then
    error("this search may need too many steps: the text is too long", 3)
  end
end

function strings.find(subject, pattern, init, is_plain)
  local check = is_plain and check_plain or check_pattern
  check(tostring(subject), tostring(pattern))
  return find(subject, pattern, init, is_plain)
end

-- {=== Metatables

-- A finalizer would run when no step is counted.
local function set_metatable(object, metatable)
  if type(metatable) == "table" and rawget(metatable, "__gc") ~= nil then
    error("setmetatable: __gc is not allowed here", 2)
  end
  return setmetatable(object, metatable)
end

-- The metatables of strings and numbers are those of the whole program.
local function get_metatable(object)
  local kind = type(object)
  return (kind == "table" or kind == "userdata") and getmetatable(object) or nil
end

-- {=== All names

local maths = copy(math)
maths.random, maths.randomseed = nil, nil -- their state is that of the whole program

--- A new table of the names.
function M.new()
  return {
    _VERSION = _VERSION, assert = assert, error = error, getmetatable = get_metatable,
    ipairs = ipairs, next = next, pairs = pairs, pcall = pcall, rawequal = rawequal,
    rawget = rawget, rawlen = rawlen, rawset = rawset, select = select,
    setmetatable = set_metatable, tonumber = tonumber, tostring = tostring, type = type,
    math = copy(maths), string = copy(strings), table = copy(tables),
  }
end

return M
