-- Writes traces in the formats of other tools. Each format is a function that takes the text of
-- a trace, and returns a text; or nil and a message.

local core = require "pymalloc.core"

local M = { formats = { "malloclab" } }

-- The ids of malloclab begin at 0. An id whose block was freed is used again, so that their
-- number is that of the blocks that are live at one time.
local function new_ids()
  return { of = {}, free = {}, count = 0 }
end

local function take_id(ids, id)
  local own = ids.of[id] or table.remove(ids.free)
  if not own then
    own = ids.count
    ids.count = ids.count + 1
  end
  ids.of[id] = own
  return own
end

local function drop_id(ids, id)
  local own = ids.of[id]
  ids.of[id] = nil
  table.insert(ids.free, own)
  return own
end

local function size_of_calloc(count, size)
  local bytes = count * size
  return (size == 0 or bytes // size == count and bytes >= 0) and bytes or nil
end

-- The line of an operation; nil for one that malloclab does not have, false for a request that
-- no allocator can serve.
local function malloclab_line(ids, operation, id, size, count)
  if operation == "malloc" then
    return ("a %d %d"):format(take_id(ids, id), size)
  elseif operation == "calloc" then
    local bytes = size_of_calloc(count, size)
    return bytes and ("a %d %d"):format(take_id(ids, id), bytes) or false
  elseif operation == "realloc" then
    return ("%s %d %d"):format(ids.of[id] and "r" or "a", take_id(ids, id), size)
  elseif operation == "free" and ids.of[id] then
    return ("f %d"):format(drop_id(ids, id))
  end
end

local writers = {}

-- A calloc becomes a malloc. Sites, marks, and operations that are not requests are left out.
function writers.malloclab(text)
  local ids, lines = new_ids(), {}
  for operation, id, size, count in core.trace.open_each(text, true) do
    if size and size < 0 then
      return nil, "malloclab has no sizes of 2^63 bytes and more"
    end
    lines[#lines + 1] = malloclab_line(ids, operation, id, size, count) or nil
  end
  local head = ("0\n%d\n%d\n1\n"):format(ids.count, #lines)
  return head .. table.concat(lines, "\n") .. (#lines > 0 and "\n" or "")
end

--- The text of a trace in another format.
-- @tparam string text in the library's own format
-- @tparam string format one of M.formats
-- @treturn string or nil and a message
function M.write(text, format)
  local ok, written, problem = pcall(writers[format], text)
  if ok then
    return written, problem
  end
  if written == "not enough memory" then
    error(written, 0)
  end
  return nil, (tostring(written):gsub("^pymalloc: trace%.each: ", ""))
end

return M
