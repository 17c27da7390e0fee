--- Imports traces of other formats. Each format has a file in pymalloc/import/ with
--
--     fits(lines)        do these first lines have the format?
--     line(sink, line)   reads a line and returns true; for a wrong line returns false and
--                        perhaps a reason, or raises any error; returns nil and a reason if
--                        no line can be read after this one
--     templates          optional: the plain lines, as bindings/lua/line_template.h describes
--                        them, which are read without line()
--     is_busy(sink)      optional: true while line() has to see each line
--     finish(sink)       optional: returns a message if the trace as a whole is wrong
--     ends_lines         true: a last line without an end was cut off
--
-- A format that is not lines of text has instead
--
--     fits_bytes(head)   do these first bytes have the format?
--     read(sink, input)  reads all; returns a message if the input is wrong
--
-- The text is read and the trace written in pieces: memory is needed for the blocks that are
-- live at one time, and not for the length of the text.

local core = require "pymalloc.core"
local inputs = require "pymalloc.input"
local own = require "pymalloc.import.own"
local sinks = require "pymalloc.import.sink"

local M = {}

local HEAD_BYTES = 1 << 18 -- to recognise the format
local LINE_MOST = 1 << 20 -- bytes of a line
local LINES_TOLD = 4096 -- from one call of options.progress to the next
local PROBLEMS_TOLD = 3 -- messages on wrong lines that the notes have
local NO_MEMORY = "not enough memory" -- Lua's message
local OWN_MOST = 1 << 32 -- bytes of a trace in the library's own format

-- In the order in which they are tried: ltrace is the last, because its lines may have
-- anything in front.
local order = { "pymalloc", "pytorch", "malloclab", "mtrace", "valgrind", "heaptrack", "memray",
  "android", "wee_alloc", "utrace", "memleak", "pwndbg", "uftrace", "ltrace" }

local formats = { pymalloc = own }
for _, name in ipairs(order) do
  formats[name] = formats[name] or require("pymalloc.import." .. name)
end

--- The names of the formats that can be read.
M.formats = order

-- {=== Recognising

local function lines_of(head, is_whole)
  local lines = {}
  for line, last in head:gmatch("([^\r\n]+)(\r?\n?)") do
    if line:find("%S") and (last ~= "" or is_whole) then
      table.insert(lines, line)
    end
  end
  return lines
end

local function recognise(head, is_whole)
  local lines = not head:find("\0", 1, true) and lines_of(head, is_whole)
  for _, name in ipairs(order) do
    local format = formats[name]
    if format.fits_bytes and format.fits_bytes(head) or format.fits and lines and format.fits(lines)
    then
      return name
    end
  end
end

local function is_text(name)
  return formats[name].line ~= nil
end

local function find_format(input, where, name)
  local head = input:head(HEAD_BYTES)
  local is_whole = #head < HEAD_BYTES
  if input.problem then
    return nil, input.problem
  elseif is_whole and not head:find("%S") then
    return nil, where .. " is empty"
  end
  name = name or recognise(head, is_whole)
  if head:find("\0", 1, true) and (not name or is_text(name)) then
    return nil, where .. " is not text: it has zero bytes"
  elseif not name then
    return nil, ("%s: the format is none of %s"):format(where, table.concat(order, ", "))
  end
  return name
end

-- {=== Lines

local function shown(line)
  return (line:sub(1, 40):gsub("[^ -~]", "?")) .. (#line > 40 and "..." or "")
end

local Reader = {}
Reader.__index = Reader

-- Notes a wrong line. Returns the message if reading ends with it.
function Reader:wrong(why)
  local problem = ("%s:%d: %s"):format(self.where, self.number, why)
  if not self.lenient then
    return problem
  end
  self.sink.skipped = self.sink.skipped + 1
  if #self.problems < PROBLEMS_TOLD then
    table.insert(self.problems, problem)
  end
end

function Reader:not_of_format(line, why)
  return self:wrong(("this line is not of format %s: '%s'%s"):format(self.name, shown(line),
    why and " (" .. why .. ")" or ""))
end

-- Reads one line. Returns a message if reading ends with it.
function Reader:line(line)
  self.number = self.number + 1
  line = line:match("^(.*%S)")
  if not line then
    return nil
  end
  local ok, is_right, why = pcall(self.format.line, self.sink, line)
  if ok and is_right then
    return nil
  elseif ok and is_right == nil then
    return ("%s:%d: %s"):format(self.where, self.number, why)
  elseif not ok and is_right == NO_MEMORY then
    error(is_right, 0)
  end
  return self:not_of_format(line, ok and why or nil)
end

function Reader:tell()
  if self.progress and self.number - self.told >= LINES_TOLD then
    self.told = self.number
    self.progress(self.number)
  end
end

-- Reads the whole lines of a text. Returns the rest, and a message if reading ends.
function Reader:lines(text)
  local at = 1
  while true do
    if not (self.format.is_busy and self.format.is_busy(self.sink)) then
      local count
      at, count = self.sink.core:feed(text, at)
      self.number = self.number + count
    end
    self:tell()
    local last = text:find("\n", at, true)
    if not last then
      return text:sub(at)
    end
    local problem = self:line(text:sub(at, last - 1))
    if problem then
      return "", problem
    end
    at = last + 1
  end
end

-- Reads the text behind the last end of a line.
function Reader:last_line(rest)
  if not rest:find("%S") then
    return nil
  elseif self.format.ends_lines then
    self.number = self.number + 1
    return self:wrong(("the text ends in the middle of this line: '%s'"):format(shown(rest)))
  end
  local _, problem = self:lines(rest .. "\n")
  return problem
end

-- Reads a piece of the text, behind the rest of the piece before. Returns the new rest, and a
-- message if reading ends.
function Reader:piece(rest, piece)
  local problem
  rest, problem = self:lines(rest .. piece)
  if not problem and #rest > LINE_MOST then
    problem = ("%s:%d: a line is longer than %d bytes"):format(self.where, self.number + 1,
      LINE_MOST)
  end
  return rest, problem
end

-- Reads what comes after the last piece. Returns a message if the text is wrong.
function Reader:ending(rest)
  local problem = self:last_line(rest)
  local why = not problem and self.format.finish and self.format.finish(self.sink)
  return problem or why and self:wrong(why) or nil
end

-- Reads all. Returns a message if reading ends before, and false if `write` returns it.
function Reader:all(input, write)
  local rest = ""
  for piece in function() return input:piece() end do
    local problem
    rest, problem = self:piece(rest, piece)
    if write(self.sink.core:text()) == false then
      return false
    elseif problem then
      return problem
    end
  end
  local problem = input.problem or self:ending(rest)
  write(self.sink.core:text())
  return problem
end

-- {=== Importing

local function notes_of(sink, name, problems)
  local notes = sink:notes()
  notes.format, notes.problem, notes.problems = name, problems[1], problems
  return notes
end

-- Reads a format that is not lines. Returns a message if the input is wrong.
local function read_bytes(format, sink, input, where, write)
  sink.write = write
  local ok, problem = pcall(format.read, sink, input)
  if not ok and problem == NO_MEMORY then
    error(problem, 0)
  end
  write(sink.core:text())
  return problem and ("%s: %s"):format(where, ok and problem or "it is damaged: " .. problem)
end

-- Reads a foreign format. Returns the notes; or nil and a message.
local function import(input, name, where, options, write)
  local format = formats[name]
  local sink, problems = sinks.new(format.templates), {}
  write(core.trace.HEAD .. "\n# imported from " .. name .. "\n")
  local problem
  if format.read then
    problem = read_bytes(format, sink, input, where, write)
  else
    local reader = setmetatable({ format = format, name = name, where = where, sink = sink,
      problems = problems, lenient = options.lenient, progress = options.progress, number = 0,
      told = 0 }, Reader)
    problem = reader:all(input, write)
    where = ("%s:%d"):format(where, reader.number)
  end
  if problem == false then
    return nil
  end
  local notes = notes_of(sink, name, problems)
  if not problem and notes.requests == 0 then
    problem = problems[1] or where .. ": the text has no request"
  end
  if problem and not (options.lenient and notes.requests > 0) then
    return nil, problem
  elseif problem then
    table.insert(problems, problem)
    notes.problem = problems[1]
  end
  return notes
end

-- Reads the library's own format, which stays as it is.
local function keep(input, where, options, write)
  local pieces, bytes = {}, 0
  repeat
    local piece = input:piece()
    table.insert(pieces, piece)
    bytes = bytes + #(piece or "")
    if bytes > OWN_MOST then
      return nil, ("%s is longer than %d bytes"):format(where, OWN_MOST)
    end
  until not piece
  if input.problem then
    return nil, input.problem
  end
  local kept, requests, problems, skipped = own.convert(table.concat(pieces), where,
    options.lenient)
  if problems[1] and not (options.lenient and requests > 0) then
    return nil, problems[1]
  end
  write(kept)
  return { format = "pymalloc", requests = requests, unknown_frees = 0, reused = 0, others = 0,
    skipped = skipped, cut = 0, nested = 0, beyond = 0, devices = 0, problem = problems[1],
    problems = table.move(problems, 1, PROBLEMS_TOLD, 1, {}) }
end

--- Reads an input of any format, and writes it in the format of pymalloc.
-- @param input as pymalloc.input makes it
-- @tparam string where the input's name in messages
-- @tparam table options as for pymalloc.trace.parse
-- @tparam function write is called with the pieces of the trace; if it returns false, reading
-- ends, and the result is nil
-- @treturn table the notes, as for pymalloc.trace.parse; or nil and a message
function M.run(input, where, options, write)
  if options.format and not formats[options.format] then
    return nil, ("unknown format '%s' (allowed: %s)"):format(tostring(options.format),
      table.concat(order, ", "))
  end
  local name, problem = find_format(input, where, options.format)
  if not name then
    return nil, problem
  elseif name == "pymalloc" then
    return keep(input, where, options, write)
  end
  return import(input, name, where, options, write)
end

-- The whole trace of an input, and the notes; or nil and a message.
local function whole(input, where, options)
  local pieces = {}
  local notes, problem = M.run(input, where, options, function(piece)
    table.insert(pieces, piece)
  end)
  if not notes then
    return nil, problem
  end
  return table.concat(pieces), notes
end

--- The text of a trace in the format of pymalloc.
-- @tparam string text
-- @tparam table options as for pymalloc.trace.parse
-- @treturn string the text; or nil and a message
-- @treturn table the notes, as for pymalloc.trace.parse
function M.convert(text, options)
  local where = options.name or "text"
  return whole(inputs.of_text(text, where), where, options)
end

--- The same for a file.
function M.load(path, options)
  local input <close>, problem = inputs.open(path)
  if not input then
    return nil, problem
  end
  return whole(input, path, options)
end

--- Converts a file, piece by piece.
-- @treturn table the notes; or nil and a message
function M.stream(path, options, write)
  local input <close>, problem = inputs.open(path)
  if not input then
    return nil, problem
  end
  return M.run(input, path, options, write)
end

return M
