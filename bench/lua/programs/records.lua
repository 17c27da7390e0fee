-- Records that are written as text and read back: nested tables, and strings of
-- many lengths.
local function encode(value, out)
  if type(value) ~= "table" then
    out[#out + 1] = type(value) == "string" and '"' .. value .. '"' or tostring(value)
    return
  end
  out[#out + 1] = "{"
  for i, element in ipairs(value) do
    out[#out + 1] = i > 1 and "," or ""
    encode(element, out)
  end
  out[#out + 1] = "}"
end

local function decode(text, at)
  local first = text:sub(at, at)
  if first == "{" then
    local list = {}
    at = at + 1
    while text:sub(at, at) ~= "}" do
      list[#list + 1], at = decode(text, at)
      at = text:sub(at, at) == "," and at + 1 or at
    end
    return list, at + 1
  end
  local string, behind = text:match('^"([^"]*)"()', at)
  if string then
    return string, behind
  end
  local number, last = text:match("^(%d+)()", at)
  return tonumber(number), last
end

for round = 1, 60 do
  local records = {}
  for i = 1, 700 do
    records[i] = { i, "name " .. i * round, { i * 2, { ("x"):rep(i % 60) } }, {} }
  end
  local out = {}
  encode(records, out)
  local text = table.concat(out)
  local read = decode(text, 1)
  assert(#read == 700 and read[7][2] == "name " .. 7 * round and read[7][3][1] == 14)
end
