-- Input that is read in pieces: a file, which is unpacked if its name ends in .gz, .xz or
-- .zst; standard input; or a text in memory.

local packed = require "pymalloc.packed"

local M = {}

local Input = {}
Input.__index = Input

local PIECE_BYTES = 1 << 18

-- Opens a path; "-" is standard input. nil and a message if that fails.
function M.open(path)
  local file, tool = packed.open(path)
  if not file then
    return nil, tool
  end
  return setmetatable({ file = file, tool = tool, name = path == "-" and "standard input" or path,
    head_bytes = "" }, Input)
end

-- The text as an input.
function M.of_text(text, name)
  return setmetatable({ head_bytes = text, name = name }, Input)
end

-- The next piece, up to `most` bytes; nil at the end; nil and a message if it cannot be read.
function Input:piece(most)
  local head = self.head_bytes
  if head ~= "" then
    self.head_bytes = most and head:sub(most + 1) or ""
    return most and head:sub(1, most) or head
  elseif not self.file then
    return nil, self.problem
  end
  local piece, failure = self.file:read(most or PIECE_BYTES)
  if not piece then
    self:close(failure)
    return nil, self.problem
  end
  return piece
end

-- The first bytes, which are read again by piece(): at least this many, or all there are.
function Input:head(least)
  while #self.head_bytes < least and self.file do
    local piece, failure = self.file:read(PIECE_BYTES)
    if not piece then
      self:close(failure)
      break
    end
    self.head_bytes = self.head_bytes .. piece
  end
  return self.head_bytes
end

-- Exactly this many bytes; nil and a message if there are fewer.
function Input:bytes(count)
  local got = {}
  while count > 0 do
    local piece, problem = self:piece(count)
    if not piece then
      return nil, problem or "the file is cut off"
    end
    table.insert(got, piece)
    count = count - #piece
  end
  return table.concat(got)
end

-- All bytes of a path, if they are no more than `most`; otherwise nil and a message.
function M.whole(path, most)
  local input <close>, problem = M.open(path)
  if not input then
    return nil, problem
  end
  local pieces, bytes = {}, 0
  local piece = input:piece()
  while piece and bytes <= most do
    table.insert(pieces, piece)
    bytes = bytes + #piece
    piece = input:piece()
  end
  if bytes > most then
    return nil, ("%s has more than %d bytes"):format(input.name, most)
  elseif input.problem then
    return nil, input.problem
  end
  return table.concat(pieces)
end

-- Closes the file. At the end of its input, a tool that has failed is a problem.
function Input:close(failure)
  local file = self.file
  self.file = nil
  local is_whole = not file or file == io.stdin or file:close()
  if failure then
    self.problem = ("%s cannot be read: %s"):format(self.name, failure)
  elseif not is_whole then
    self.problem = ("%s cannot be unpacked: %s fails"):format(self.name, self.tool)
  end
end

Input.__close = function(self) self:close() end

return M
