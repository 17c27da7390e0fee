-- Tables as JSON on one line, and back.

local read = require "pymalloc.json.read"
local sorted_keys = require "pymalloc.sorted_keys"

local M = {}

--- Written as null, where a table cannot have nil.
M.null = {}

local write

local SHORT = { ["\""] = "\\\"", ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n",
  ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(sign)
  return SHORT[sign] or ("\\u%04x"):format(sign:byte())
end

local function quoted(text)
  return '"' .. string.gsub(text, '[%c"\\]', escape) .. '"'
end

local function are_integers(value)
  for _, element in ipairs(value) do
    if math.type(element) ~= "integer" then
      return false
    end
  end
  return true
end

local function write_array(pieces, value)
  if are_integers(value) then
    table.insert(pieces, table.concat(value, ",")) -- long arrays of integers are common
    return
  end
  for i, element in ipairs(value) do
    table.insert(pieces, i > 1 and "," or "")
    write(pieces, element)
  end
end

local function write_record(pieces, value)
  for i, name in ipairs(sorted_keys(value)) do
    table.insert(pieces, (i > 1 and "," or "") .. quoted(name) .. ":")
    write(pieces, value[name])
  end
end

local function write_table(pieces, value)
  local is_array = #value > 0 or next(value) == nil
  table.insert(pieces, is_array and "[" or "{")
  local write_all = is_array and write_array or write_record
  write_all(pieces, value)
  table.insert(pieces, is_array and "]" or "}")
end

-- 17 digits tell each float from all others; with a point or an exponent it is read as a float.
local function float_text(value)
  local text = ("%.17g"):format(value)
  return text:find("[.e]") and text or text .. ".0"
end

function write(pieces, value)
  if value == nil or value == M.null then
    table.insert(pieces, "null")
  elseif type(value) == "table" then
    write_table(pieces, value)
  elseif type(value) == "string" then
    table.insert(pieces, quoted(value))
  elseif math.type(value) == "float" then
    table.insert(pieces, value == value and math.abs(value) < math.huge and float_text(value)
      or "null")
  elseif type(value) == "function" or type(value) == "userdata" or type(value) == "thread" then
    error(("JSON: a %s cannot be written"):format(type(value)), 0)
  else -- a boolean or an integer
    table.insert(pieces, tostring(value))
  end
end

--- A table as one line of JSON, without a newline. Names are in alphabetical order.
function M.line(value)
  local pieces = {}
  write(pieces, value)
  return table.concat(pieces)
end

--- The value of a text of JSON, and for an array the count of its elements. null is nil. An
-- error if the text is no JSON.
function M.read(text)
  return read(text)
end

return M
