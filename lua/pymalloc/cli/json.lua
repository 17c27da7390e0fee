-- Records as JSON.

local optional = require "pymalloc.optional"
local sorted_keys = require "pymalloc.sorted_keys"

local M = {}

local function collect_keys(record, keys)
  for key, value in pairs(record) do
    if type(key) == "string" then
      keys[key] = true
    end
    if type(value) == "table" then
      collect_keys(value, keys)
    end
  end
end

-- The names in a table and in the tables in it, each once, in alphabetical order.
local function names_in(record)
  local keys = {}
  collect_keys(record, keys)
  return sorted_keys(keys)
end

-- The text of a table of arrays and records. Equal tables have equal texts.
function M.text(record)
  local json = optional.load "dkjson"
  return json.encode(record, { indent = true, keyorder = names_in(record) }) .. "\n"
end

return M
