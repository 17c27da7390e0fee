-- Checks of what a script gives: options, fields, numbers. A message begins with
-- "pymalloc: WHAT: ", and is raised without a place, which would be one of the library.

local core = require "pymalloc.core"

local M = {}

local QUOTED_BYTES = 100 -- of a string that a message quotes

local function shortened(text)
  return #text <= QUOTED_BYTES and text or text:sub(1, QUOTED_BYTES) .. "..."
end

--- Raises a message.
-- @param format of the text behind the beginning; the arguments follow it
function M.refuse(what, format, ...)
  error(("pymalloc: %s: " .. format):format(what, ...), 0)
end

--- A value as messages call it: a string is quoted, a long one only its first bytes.
function M.quote(value)
  return type(value) == "string" and "'" .. shortened(value) .. "'" or core.describe(value)
end

--- The value, if it is an integer from least to most.
function M.integer(what, name, value, least, most)
  if math.type(value) ~= "integer" or value < least or value > most then
    M.refuse(what, "%s must be an integer from %d to %d, got %s", name, least, most,
      core.describe(value))
  end
  return value
end

local function has(list, wanted)
  for _, element in ipairs(list) do
    if element == wanted then
      return true
    end
  end
end

--- Refuses a key of a table that is not allowed.
-- @param noun what the message calls a key: "option" or "field"
-- @param allowed an array of keys
-- @param[opt] owner what the table is, such as " of a plan"
function M.keys(what, noun, given, allowed, owner)
  for key in pairs(given) do
    if not has(allowed, key) then
      M.refuse(what, "unknown %s %s%s (allowed: %s)", noun, shortened(tostring(key)), owner or "",
        table.concat(allowed, ", "))
    end
  end
end

return M
