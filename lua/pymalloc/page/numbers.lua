-- Ids and sizes, which go up to 2^64 - 1, as numbers that JavaScript has exactly, or as digits.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local text = require "pymalloc.text"

local M = {}

local EXACT_MOST = (1 << 53) - 1

--- A number of the library, as a fact.
function M.big(number)
  if number >= 0 and number <= EXACT_MOST then
    return number
  end
  return text.unsigned(number)
end

-- The 64 bits of a decimal number without a sign; nil if there are more.
local function of_digits(digits)
  digits = digits:gsub("^0+", "")
  if #digits > 20 or #digits == 20 and digits > "18446744073709551615" then
    return nil
  end
  local number = 0
  for digit in digits:gmatch("%d") do
    number = number * 10 + tonumber(digit)
  end
  return number
end

--- The integer of a fact; nil if the fact is not an integer.
function M.integer(fact)
  if type(fact) == "string" and fact:find("^%d+$") then
    return of_digits(fact)
  end
  return math.type(fact) and math.tointeger(fact) or nil
end

--- The id of a fact; anything else is an error.
function M.id(fact)
  return M.integer(fact) or check.refuse("page", "id must be a number, got %s",
    type(fact) == "string" and check.quote(fact) or core.describe(fact))
end

return M
