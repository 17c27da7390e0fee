-- Writes a snapshot as JSON. Most of it are arrays of integers, which are joined at once.

local json = require "dkjson"

local M = {}

local write

local function is_array(value)
  return #value > 0 or next(value) == nil
end

local function write_array(pieces, value)
  if math.type(value[1]) == "integer" then
    table.insert(pieces, table.concat(value, ","))
    return
  end
  for i, element in ipairs(value) do
    if i > 1 then
      table.insert(pieces, ",")
    end
    write(pieces, element)
  end
end

local function sorted_names(value)
  local names = {}
  for name in pairs(value) do
    table.insert(names, name)
  end
  table.sort(names)
  return names
end

local function write_record(pieces, value)
  for i, name in ipairs(sorted_names(value)) do
    table.insert(pieces, (i > 1 and "," or "") .. json.quotestring(name) .. ":")
    write(pieces, value[name])
  end
end

function write(pieces, value)
  if type(value) ~= "table" then
    table.insert(pieces, json.encode(value))
  elseif is_array(value) then
    table.insert(pieces, "[")
    write_array(pieces, value)
    table.insert(pieces, "]")
  else
    table.insert(pieces, "{")
    write_record(pieces, value)
    table.insert(pieces, "}")
  end
end

--- The text of a snapshot, without a newline. Names are in alphabetical order.
function M.text(snapshot)
  local pieces = {}
  write(pieces, snapshot)
  return table.concat(pieces)
end

return M
