-- The format of malloclab (.rep): a header of four integers (heap size, ids,
-- operations, weight) or of two (ids, operations), one per line; then the lines
-- "a ID SIZE", "r ID SIZE" and "f ID". Ids begin at 0.
--
-- An operation has the same meaning as in the driver of CMU's malloc lab: the driver stops after
-- the declared number of operations, an r of an id that is not live is realloc(NULL, SIZE), and
-- "f -1" is free(NULL).

local text = require "pymalloc.text"

local M = {}

M.templates = { "id_malloc|a %i %s", "id_realloc|r %i %s", "id_free|f %i" }

local HEADER_MOST = 8
local LINE_MOST = 100 -- bytes
local HEADERS = { [2] = { ids = 1, operations = 2 }, [4] = { ids = 2, operations = 3 } }

local function is_integer(line)
  return #line <= LINE_MOST and line:find("^%s*%d+%s*$") ~= nil
end

-- The numbers of the header say which lines are plain.
function M.is_busy(sink)
  return not sink.declared
end

-- Do the lines begin with integers, and a request after them?
function M.fits(lines)
  local count = 0
  while lines[count + 1] and is_integer(lines[count + 1]) do
    count = count + 1
  end
  local first = lines[count + 1]
  return count > 0 and count <= HEADER_MOST
    and (first == nil and HEADERS[count] ~= nil
      or first ~= nil and first:find("^%s*[arf]%s+%-?%d+") ~= nil)
end

-- Reads the header, which is complete. Returns a message if it is wrong.
local function read_header(sink)
  local header = sink.header or {}
  local places = HEADERS[#header]
  if not places then
    return ("the header has %s, but it is IDS OPERATIONS, or HEAP IDS OPERATIONS WEIGHT, one in a "
      .. "line"):format(text.count(#header, "integer"))
  end
  sink.declared = { ids = header[places.ids], operations = header[places.operations] }
  if sink.declared.ids < 0 or sink.declared.operations < 0 then
    return "the header declares a number of 2^63 or more"
  end
  sink.frees_of_nothing = 0
  sink.core:limit(sink.declared.ids, sink.declared.operations)
end

-- The operations so far, of which those that free nothing are not in the trace.
local function operations(sink)
  return (sink.core:counts()) + sink.frees_of_nothing
end

local function free_nothing(sink)
  sink.frees_of_nothing = sink.frees_of_nothing + 1
  sink.core:limit(sink.declared.ids, sink.declared.operations - sink.frees_of_nothing)
  return true
end

local verbs = { a = "id_malloc", r = "id_realloc", f = "id_free" }

local function operate(sink, letter, id, size)
  if id >= sink.declared.ids then
    return false, ("the header declares ids up to %d"):format(sink.declared.ids - 1)
  end
  local is_live = sink.core:has(id + 1)
  if letter == "a" and is_live then
    return false, ("id %d is live already"):format(id)
  elseif letter == "f" and not is_live then
    return false, ("id %d is not live"):format(id)
  elseif letter == "r" and not is_live then
    letter = "a"
  end
  sink.core:put(verbs[letter], id, size)
  return true
end

local function read_operation(sink, letter, digits, size)
  if operations(sink) >= sink.declared.operations then
    sink.beyond = sink.beyond + 1
    return true
  elseif letter == "f" and digits == "-1" then
    return free_nothing(sink)
  end
  local id = math.tointeger(tonumber(digits))
  if not id or math.type(id) ~= "integer" or id < 0 or id == math.maxinteger then
    return false
  end
  return operate(sink, letter, id, size ~= "" and sink.number(size) or 0)
end

function M.line(sink, line)
  if is_integer(line) and not sink.declared then
    sink.header = sink.header or {}
    table.insert(sink.header, sink.number(line:match("%d+")))
    return #sink.header <= HEADER_MOST
  end
  if #line > LINE_MOST then
    return false
  end
  local letter, digits, size = line:match("^%s*([arf])%s+(%-?%d+)%s*(%d*)%s*$")
  if not letter or (letter == "f") ~= (size == "") then
    return false
  end
  local problem = not sink.declared and read_header(sink)
  if problem then
    return nil, problem
  end
  return read_operation(sink, letter, digits, size)
end

-- Returns a message if the trace has fewer operations than its header declares.
function M.finish(sink)
  local problem = not sink.declared and read_header(sink)
  if problem then
    return problem
  elseif operations(sink) < sink.declared.operations then
    return ("the header declares %s, the trace has %d"):format(
      text.count(sink.declared.operations, "operation"), operations(sink))
  end
end

return M
