-- Checks plain data, such as a snapshot that was read from a file, against a shape: a
-- description of the fields it must have.
--
--     shape.number(most, least) an integer from least (default 0) to most, also as a float
--                               such as 48.0
--     shape.text                a string
--     shape.any                 any value but nil
--     shape.optional(shape)     the shape, or nil
--     shape.list(shape)         an array of values of the shape
--     shape.record(fields)      a table with at least these fields, each of its shape
--
-- A shape is a function that takes a value and the path to it, and returns nothing, or a
-- message such as "arenas[1].pools[3].free must be an array, got nil".

local core = require "pymalloc.core"
local sorted_keys = require "pymalloc.sorted_keys"

local M = {}

local function refusal(path, expected, value)
  return ("%s must be %s, got %s"):format(path, expected, core.describe(value))
end

function M.number(most, least)
  least = least or 0
  return function(value, path)
    local whole = math.type(value) and math.tointeger(value)
    if not whole or whole < least or whole > most then
      return refusal(path, ("an integer from %d to %d"):format(least, most), value)
    end
  end
end

function M.text(value, path)
  if type(value) ~= "string" then
    return refusal(path, "a string", value)
  end
end

function M.any(value, path)
  if value == nil then
    return refusal(path, "present", value)
  end
end

function M.optional(shape)
  return function(value, path)
    if value ~= nil then
      return shape(value, path)
    end
  end
end

function M.list(shape)
  return function(value, path)
    if type(value) ~= "table" then
      return refusal(path, "an array", value)
    end
    for i = 1, #value do
      if shape(value[i], "") then -- the path takes more time than the check
        return shape(value[i], ("%s[%d]"):format(path, i))
      end
    end
  end
end

function M.record(fields)
  local names = sorted_keys(fields) -- the same data always gives the same message
  return function(value, path)
    if type(value) ~= "table" then
      return refusal(path, "a table", value)
    end
    for _, name in ipairs(names) do
      if fields[name](value[name], "") then
        return fields[name](value[name], path == "" and name or path .. "." .. name)
      end
    end
  end
end

return M
