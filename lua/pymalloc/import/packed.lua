-- Packed traces, as csrc/trace/packed_format.h describes them. They become text.

local core = require "pymalloc.core"

local M = {}

local MAGIC = core.trace.PACKED_MAGIC

function M.fits_bytes(head)
  return head:sub(1, #MAGIC) == MAGIC
end

-- The rest of an input that cannot be opened again, such as a pipe: it is kept in memory.
local function rest_of(input)
  local pieces = {}
  for piece in function() return input:piece() end do
    table.insert(pieces, piece)
  end
  return table.concat(pieces)
end

-- The texts of an input; or nil and a message.
local function open(input, where)
  if input.path then
    return core.trace.texts(input.path, false, where)
  end
  local bytes = rest_of(input)
  if input.problem then
    return nil, input.problem
  end
  return core.trace.texts(bytes, true, where)
end

-- The lines before the operations: the lines of a note become comments.
local function head_of(texts)
  local lines = { core.trace.HEAD .. "\n" }
  for line in texts:note():gmatch("#[^\n]*\n") do
    table.insert(lines, line)
  end
  return table.concat(lines)
end

function M.copy(input, where, _, progress, write)
  local texts, problem = open(input, where)
  if not texts then
    return 0, 0, problem
  end
  local requests, ending = 0, nil
  local piece = head_of(texts)
  while true do
    if write(piece) == false then
      return requests, 0, false
    elseif ending then
      return requests, 0, ending ~= "end" and ending or nil
    elseif progress then
      progress(requests)
    end
    piece, requests, ending = texts:next()
  end
end

return M
