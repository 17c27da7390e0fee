-- Reads a text of a format by lines: the plain ones in C, the others by the format.

local wrong_lines = require "pymalloc.import.wrong_lines"

local M = {}
M.__index = M

local LINE_MOST = 1 << 20 -- bytes of a line
local LINES_TOLD = 4096 -- from one call of the progress function to the next
local SHOWN_BYTES = 40 -- of a wrong line

local function shown(line)
  return (line:sub(1, SHOWN_BYTES):gsub("[^ -~]", "?")) .. (#line > SHOWN_BYTES and "..." or "")
end

-- A reader, from a table with the fields format, name (of the format), where (the name of the
-- text in messages), sink, wrong (pymalloc.import.wrong_lines) and progress (a function or
-- nil).
function M.new(fields)
  fields.number, fields.told = 0, 0
  return setmetatable(fields, M)
end

-- The beginning of messages on the line read last.
function M:place()
  return ("%s:%d: "):format(self.where, self.number)
end

local function not_of_format(self, line, why)
  return self.wrong:add(("%sthis line is not of format %s: '%s'%s"):format(self:place(), self.name,
    shown(line), why and " (" .. why .. ")" or ""))
end

-- Reads one line. Returns a message if reading ends with it.
local function read_line(self, line)
  self.number = self.number + 1
  line = line:match("^(.*%S)")
  if not line then
    return nil
  end
  local ok, is_right, why = pcall(self.format.line, self.sink, line)
  if ok and is_right then
    return nil
  elseif ok and is_right == nil then
    return self:place() .. why
  elseif not ok and wrong_lines.is_short(is_right) then
    error(wrong_lines.NO_MEMORY, 0)
  end
  return not_of_format(self, line, ok and why or nil)
end

local function tell(self)
  if self.progress and self.number - self.told >= LINES_TOLD then
    self.told = self.number
    self.progress(self.number)
  end
end

-- Reads the whole lines of a text. Returns the rest, and a message if reading ends.
local function read_lines(self, text)
  local at, is_busy = 1, self.format.is_busy
  while true do
    local plain
    at, plain = self.sink.core:feed(text, at, is_busy and is_busy(self.sink))
    self.number = self.number + plain
    tell(self)
    local last = text:find("\n", at, true)
    if not last then
      return text:sub(at)
    end
    local problem = read_line(self, text:sub(at, last - 1))
    if problem then
      return "", problem
    end
    at = last + 1
  end
end

-- Reads a piece of the text, behind the rest of the piece before. Returns the new rest, and a
-- message if reading ends.
local function read_piece(self, rest, piece)
  local problem
  rest, problem = read_lines(self, rest .. piece)
  if not problem and #rest > LINE_MOST then
    self.number = self.number + 1
    problem = ("%sa line is longer than %d bytes"):format(self:place(), LINE_MOST)
  end
  return rest, problem
end

-- Reads the text behind the last end of a line.
local function read_last(self, rest)
  if not rest:find("%S") then
    return nil
  elseif self.format.ends_lines then
    self.number = self.number + 1
    return self.wrong:add(("%sthe text ends in the middle of this line: '%s'"):format(self:place(),
      shown(rest)))
  end
  local _, problem = read_lines(self, rest .. "\n")
  return problem
end

-- Reads what comes after the last piece. Returns a message if the text is wrong.
local function finish(self, rest)
  local problem = read_last(self, rest)
  local why = not problem and self.format.finish and self.format.finish(self.sink)
  return problem or why and self.wrong:add(self:place() .. why) or nil
end

-- Reads all, and passes on the trace in pieces. Returns a message if reading ends before, and
-- false if the output fails.
function M:all(input)
  local rest = ""
  for piece in function() return input:piece() end do
    local problem
    rest, problem = read_piece(self, rest, piece)
    if not self.sink:flush() then
      return false
    elseif problem then
      return problem
    end
  end
  local problem = input.problem or finish(self, rest)
  return self.sink:flush() and problem
end

return M
