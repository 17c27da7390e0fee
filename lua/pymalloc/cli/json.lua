-- Records as JSON.

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
local function sorted_keys(record)
  local keys, sorted = {}, {}
  collect_keys(record, keys)
  for key in pairs(keys) do
    table.insert(sorted, key)
  end
  table.sort(sorted)
  return sorted
end

-- The text of a table of arrays and records. Equal tables have equal texts.
function M.text(record)
  local json = require "dkjson"
  return json.encode(record, { indent = true, keyorder = sorted_keys(record) }) .. "\n"
end

return M
