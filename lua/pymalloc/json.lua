-- Tables as JSON on one line, and back.

local core = require "pymalloc.core"
local read = require "pymalloc.json.read"

local M = {}

--- Written as null, where a table cannot have nil.
M.null = {}

--- A value as one line of JSON, without a newline. A table with an element 1 is an array, as is an
-- empty one; any other table is an object, whose names are in ascending order.
function M.line(value)
  return core.json(value, M.null)
end

--- The value of a text of JSON, and for an array the count of its elements. null is nil. A
-- text that is not JSON raises an error.
function M.read(text)
  return read(text)
end

return M
