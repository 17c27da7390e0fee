-- The format of malloclab (.rep): a header of four integers (heap size, ids,
-- operations, weight) or of two (ids, operations), one per line; then the lines
-- "a ID SIZE", "r ID SIZE" and "f ID". Ids begin at 0.

local text = require "pymalloc.text"

local M = {}

local HEADERS = { [2] = { ids = 1, operations = 2 }, [4] = { ids = 2, operations = 3 } }

local function is_integer(line)
  return line:find("^%s*%d+%s*$") ~= nil
end

-- Do the lines begin with two or four integers, and a request after them?
function M.fits(lines)
  local count = 0
  while lines[count + 1] and is_integer(lines[count + 1]) do
    count = count + 1
  end
  local first = lines[count + 1]
  return HEADERS[count] ~= nil and (first == nil or first:find("^%s*[arf]%s+%-?%d+") ~= nil)
end

-- Reads the header, which is complete: the numbers that it declares; or nil and a message.
local function read_header(sink)
  local header = sink.header or {}
  local places = HEADERS[#header]
  if not places then
    return nil, ("the header has %s, not two or four"):format(text.count(#header, "integer"))
  end
  sink.declared = { ids = header[places.ids], operations = header[places.operations] }
  return sink.declared
end

local function check(sink, letter, id)
  local declared, problem = sink.declared, nil
  if not declared then
    declared, problem = read_header(sink)
  end
  if not declared then
    return problem
  elseif sink.requests == declared.operations then
    return "the header declares only " .. text.count(declared.operations, "operation")
  elseif id >= declared.ids then
    return ("the header declares ids up to %d"):format(declared.ids - 1)
  elseif letter == "a" and sink.ids[id] then
    return ("id %d is live already"):format(id)
  elseif letter ~= "a" and not sink.ids[id] then
    return ("id %d is not live"):format(id)
  end
end

function M.line(sink, line)
  if is_integer(line) and not sink.declared then
    sink.header = sink.header or {}
    table.insert(sink.header, math.tointeger(tonumber(line)))
    return #sink.header <= 4
  end
  local letter, digits, size = line:match("^%s*([arf])%s+(%d+)%s*(%d*)%s*$")
  local id = math.tointeger(tonumber(digits))
  if not id or (letter == "f") ~= (size == "") then
    return false
  end
  local problem = check(sink, letter, id)
  if problem then
    return false, problem
  end
  sink.ids[id] = letter ~= "f" or nil
  sink:put(letter, id + 1, size ~= "" and sink.decimal(size) or nil)
  return true
end

-- Returns a message if the trace has fewer operations than its header declares.
function M.finish(sink)
  local declared, problem = sink.declared, nil
  if not declared then
    declared, problem = read_header(sink)
  end
  if declared and sink.requests < declared.operations then
    problem = ("the header declares %s, the trace has %d"):format(
      text.count(declared.operations, "operation"), sink.requests)
  end
  return problem
end

return M
