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
  if text:find('[%c"\\]') then
    text = text:gsub('[%c"\\]', escape)
  end
  return '"' .. text .. '"'
end

local function are_integers(value)
  for _, element in ipairs(value) do
    if math.type(element) ~= "integer" then
      return false
    end
  end
  return true
end

-- The names of a record in order, and each with the signs around it.
local function shape_of(value)
  local shape = { names = sorted_keys(value), heads = {} }
  for i, name in ipairs(shape.names) do
    shape.heads[i] = (i > 1 and "," or "") .. quoted(name) .. ":"
  end
  return shape
end

-- Has the record these names and no others?
local function has_shape(value, shape)
  local count = 0
  for _ in pairs(value) do
    count = count + 1
  end
  for _, name in ipairs(shape.names) do
    if value[name] == nil then
      return false
    end
  end
  return count == #shape.names
end

local function write_record(pieces, value, shape)
  for i, name in ipairs(shape.names) do
    pieces[#pieces + 1] = shape.heads[i]
    write(pieces, value[name])
  end
end

local function is_record(value)
  return type(value) == "table" and #value == 0 and next(value) ~= nil
end

-- The records of an array mostly have the same names, which are then sorted once.
local function write_elements(pieces, value)
  local shape
  for i, element in ipairs(value) do
    pieces[#pieces + 1] = i > 1 and "," or nil
    if is_record(element) then
      shape = shape and has_shape(element, shape) and shape or shape_of(element)
      pieces[#pieces + 1] = "{"
      write_record(pieces, element, shape)
      pieces[#pieces + 1] = "}"
    else
      write(pieces, element)
    end
  end
end

local function write_array(pieces, value)
  if are_integers(value) then
    pieces[#pieces + 1] = table.concat(value, ",") -- long arrays of integers are common
  else
    write_elements(pieces, value)
  end
end

local function write_table(pieces, value)
  if is_record(value) then
    pieces[#pieces + 1] = "{"
    write_record(pieces, value, shape_of(value))
    pieces[#pieces + 1] = "}"
  else
    pieces[#pieces + 1] = "["
    write_array(pieces, value)
    pieces[#pieces + 1] = "]"
  end
end

-- With 17 digits, different floats have different texts. A text with a point or an exponent is read
-- as a float.
local function float_text(value)
  local text = ("%.17g"):format(value)
  return text:find("[.e]") and text or text .. ".0"
end

local NO_JSON = { ["function"] = true, userdata = true, thread = true }

-- The text of a value that is not a table.
local function plain(value)
  local kind = math.type(value) or type(value)
  if kind == "string" then
    return quoted(value)
  elseif kind == "float" then
    return value == value and math.abs(value) < math.huge and float_text(value) or "null"
  elseif NO_JSON[kind] then
    error(("JSON: a %s cannot be written"):format(kind), 0)
  end
  return kind == "nil" and "null" or tostring(value)
end

function write(pieces, value)
  if type(value) == "table" and value ~= M.null then
    write_table(pieces, value)
  else
    pieces[#pieces + 1] = value == M.null and "null" or plain(value)
  end
end

--- A table as one line of JSON, without a newline. Names are in alphabetical order.
function M.line(value)
  local pieces = {}
  write(pieces, value)
  return table.concat(pieces)
end

--- The value of a text of JSON, and for an array the count of its elements. null is nil. An
-- error if the text is not JSON.
function M.read(text)
  return read(text)
end

return M
