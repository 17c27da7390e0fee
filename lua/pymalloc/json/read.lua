-- Reads JSON (RFC 8259), strictly. Objects and arrays become tables, numbers without a fraction
-- and an exponent become integers if these can hold them.

-- Arrays and objects inside each other. Deeper ones would reach the limit of Lua's C stack.
local DEEPEST = 100

local ESCAPED = { ["\""] = "\"", ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n",
  r = "\r", t = "\t" }

local WORDS = { t = { "true", true }, f = { "false", false }, n = { "null" } }

local value

local function fail(at, wanted)
  error(("JSON: byte %d: %s expected"):format(at, wanted), 0)
end

local function skip_space(text, at)
  return text:match("^[ \t\r\n]*()", at)
end

-- The code point of \uXXXX, whose digits begin at `at`, and the position behind it. Two of them
-- may be the halves of one code point.
local function code_point(text, at)
  local digits = text:match("^%x%x%x%x", at)
  if not digits then
    fail(at, "four hexadecimal digits")
  end
  local code = tonumber(digits, 16)
  local second = text:match("^\\u([dD][c-fC-F]%x%x)", at + 4)
  if code >= 0xD800 and code < 0xDC00 and second then
    return 0x10000 + ((code - 0xD800) << 10) + (tonumber(second, 16) - 0xDC00), at + 10
  end
  return code, at + 4
end

-- The character that a backslash before `at` begins, and the position behind it.
local function escaped(text, at)
  local letter = text:sub(at, at)
  if letter == "u" then
    local code, behind = code_point(text, at + 1)
    return utf8.char(code), behind
  elseif not ESCAPED[letter] then
    fail(at, "an escape")
  end
  return ESCAPED[letter], at + 1
end

-- A string whose first quote is before `at`.
local function string_at(text, at)
  local pieces = {}
  while true do
    local plain, sign, behind = text:match('^([^"\\%c]*)(["\\\127]?)()', at)
    table.insert(pieces, plain)
    at = behind
    if sign == '"' then
      return table.concat(pieces), at
    elseif sign == "" then
      fail(at, "the end of a string")
    elseif sign == "\\" then
      sign, at = escaped(text, at)
    end
    table.insert(pieces, sign)
  end
end

local function array_at(text, at, depth)
  local array, count = {}, 0
  at = skip_space(text, at)
  if text:sub(at, at) == "]" then
    return array, at + 1, 0
  end
  while true do
    count = count + 1
    array[count], at = value(text, at, depth)
    at = skip_space(text, at)
    local sign = text:sub(at, at)
    at = at + 1
    if sign == "]" then
      return array, at, count
    elseif sign ~= "," then
      fail(at - 1, "',' or ']'")
    end
  end
end

-- A name with its quotes and the colon.
local function name_at(text, at)
  at = skip_space(text, at)
  if text:sub(at, at) ~= '"' then
    fail(at, "a name in quotes")
  end
  local name, behind = string_at(text, at + 1)
  behind = skip_space(text, behind)
  if text:sub(behind, behind) ~= ":" then
    fail(behind, "':'")
  end
  return name, behind + 1
end

local function object_at(text, at, depth)
  local object = {}
  at = skip_space(text, at)
  if text:sub(at, at) == "}" then
    return object, at + 1
  end
  while true do
    local name
    name, at = name_at(text, at)
    object[name], at = value(text, at, depth)
    at = skip_space(text, at)
    local sign = text:sub(at, at)
    at = at + 1
    if sign == "}" then
      return object, at
    elseif sign ~= "," then
      fail(at - 1, "',' or '}'")
    end
  end
end

local function number_at(text, at)
  local whole, behind = text:match("^(%-?%d+)()", at)
  if not whole or whole:find("^%-?0%d") then
    fail(at, "a value")
  end
  local fraction, after = text:match("^(%.%d+)()", behind)
  behind = after or behind
  local exponent, last = text:match("^([eE][+-]?%d+)()", behind)
  behind = last or behind
  local number = whole .. (fraction or "") .. (exponent or "")
  return tonumber(number), behind
end

-- The value at `at`, the position behind it, and for an array the count of its elements.
function value(text, at, depth)
  at = skip_space(text, at)
  local sign = text:sub(at, at)
  if depth == 0 and (sign == "{" or sign == "[") then
    fail(at, ("no more than %d arrays and objects inside each other"):format(DEEPEST))
  elseif sign == '"' then
    return string_at(text, at + 1)
  elseif sign == "{" then
    return object_at(text, at + 1, depth - 1)
  elseif sign == "[" then
    return array_at(text, at + 1, depth - 1)
  end
  local word = WORDS[sign]
  if word and text:sub(at, at + #word[1] - 1) == word[1] then
    return word[2], at + #word[1]
  end
  return number_at(text, at)
end

--- The value of a text of JSON, and for an array the count of its elements. null is nil: it is
-- absent from the table that it would be in. A text that is not JSON raises an error.
return function(text)
  local read, behind, count = value(text, 1, DEEPEST)
  behind = skip_space(text, behind)
  if behind <= #text then
    fail(behind, "the end")
  end
  return read, count
end
