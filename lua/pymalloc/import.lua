--- Imports traces of other formats. Each format has a file in pymalloc/import/ with
--
--     fits(lines)        do these first lines have the format? They are cut at 4096 bytes
--     line(sink, line)   reads a line and returns true; for a wrong line returns false and
--                        perhaps a reason, or raises any error; returns nil and a reason if
--                        no line can be read after this one. Its time must grow with the length
--                        of the line, not with its square: a pattern should begin with ^
--     templates          optional: the plain lines, as bindings/lua/line_template.h describes
--                        them, which are read without line()
--     words              optional: a line without any of these words means nothing, whatever the
--                        lines before it are, and is skipped without line().
--                        bindings/lua/line_words.h describes them. Two fields of the array:
--                        ends_at_bracket (true: only the part of a line before its first "(" is
--                        looked at), has_processes (true: such a line means something if it is
--                        the first of its process)
--     is_busy(sink)      optional: true while line() has to see each line that has a word
--     finish(sink)       optional: returns a message if the trace as a whole is wrong
--     ends_lines         true: a last line without an end was cut off
--
-- A format that is not lines of text has instead
--
--     fits_bytes(head)   do these first bytes have the format?
--     read(sink, input)  reads all, and calls sink:flush() from time to time; returns a message
--                        if the input is wrong
--
-- The library's own formats have instead
--
--     copy(input, where, wrong, progress, write)   writes the text of the trace. Returns the
--                        number of requests, that of those whose site was lost, and a message if
--                        reading has ended with it, or false if the output has failed
--
-- The text is read and the trace written in pieces: memory is needed for the blocks that are
-- live at one time, and not for the length of the text.

local builtin = require "pymalloc.trace.builtin"
local core = require "pymalloc.core"
local inputs = require "pymalloc.input"
local lines = require "pymalloc.import.lines"
local own = require "pymalloc.import.own"
local packed_trace = require "pymalloc.import.packed"
local sinks = require "pymalloc.import.sink"
local wrong_lines = require "pymalloc.import.wrong_lines"

local M = {}

local HEAD_BYTES = 1 << 20 -- to recognise the format
local LINE_SEEN = 4096 -- bytes of a line, to recognise the format

-- In the order in which they are tried: ltrace is the last, because its lines may have
-- anything in front.
local order = { "pymalloc", "packed", "pytorch", "malloclab", "mtrace", "valgrind", "heaptrack",
  "memray", "android", "wee_alloc", "utrace", "memleak", "pwndbg", "uftrace", "ltrace" }

local formats = { pymalloc = own, packed = packed_trace }
for _, name in ipairs(order) do
  formats[name] = formats[name] or require("pymalloc.import." .. name)
end

--- The names of the formats that can be read.
M.formats = order

-- {=== Recognising

-- The lines of a head that are not blank. A last line without an end counts if the head is the
-- whole text.
local function lines_of(head, is_whole)
  local list, at = {}, 1
  while at <= #head do
    local last = head:find("\n", at, true)
    if not last and not is_whole then
      return list
    end
    local line = head:sub(at, math.min(last and last - 1 or #head, at + LINE_SEEN - 1))
    if line:find("%S") then
      table.insert(list, (line:gsub("\r$", "")))
    end
    at = (last or #head) + 1
  end
  return list
end

local function fits(format, head, first_lines)
  if format.fits_bytes then
    return format.fits_bytes(head)
  end
  return first_lines and format.fits(first_lines)
end

local function recognise(head, is_whole)
  local first_lines = not head:find("\0", 1, true) and lines_of(head, is_whole)
  for _, name in ipairs(order) do
    if fits(formats[name], head, first_lines) then
      return name
    end
  end
end

-- How files begin that have text for people, but not for this module, and what to do with them.
local encodings = {
  ["\31\139"] = "it is packed by gzip: let its name end in .gz, or unpack it",
  ["\xfd7zXZ"] = "it is packed by xz: let its name end in .xz, or unpack it",
  ["\x28\xb5\x2f\xfd"] = "it is packed by zstd: let its name end in .zst, or unpack it",
  ["\xff\xfe"] = "it is UTF-16: convert it with iconv -f UTF-16 -t UTF-8",
  ["\xfe\xff"] = "it is UTF-16: convert it with iconv -f UTF-16 -t UTF-8",
}

-- Why a head is not text; nil: it is.
local function not_text(head)
  for first, advice in pairs(encodings) do
    if head:sub(1, #first) == first then
      return advice
    end
  end
  return head:find("\0", 1, true) and "it has zero bytes"
end

-- The head of an input, without the mark that editors write before UTF-8.
local function head_of(input)
  local head = input:head(HEAD_BYTES)
  if head:find("^\xef\xbb\xbf") then
    input:piece(3)
    head = input:head(HEAD_BYTES)
  end
  return head
end

-- Returns the name of the format; or nil and a message. A file that is cut off has the format of
-- what is there.
local function find_format(input, where, name)
  local head = head_of(input)
  local is_whole = #head < HEAD_BYTES
  if input.problem and head == "" then
    return nil, input.problem
  elseif is_whole and not head:find("%S") then
    return nil, where .. " is empty"
  end
  name = name or recognise(head, is_whole)
  local problem = not_text(head)
  if problem and (not name or formats[name].fits) then
    return nil, input.problem or where .. " is not text: " .. problem
  elseif not name then
    return nil, input.problem
      or ("%s: the format is none of %s"):format(where, table.concat(order, ", "))
  end
  return name
end

-- Opens the file of a trace; nil and a message if that fails.
local function open(path)
  local file, unknown = builtin.path(path)
  if not file then
    return nil, unknown
  end
  local input, problem = inputs.open(file)
  if input and core.output.is_file(file) then
    input.path = file
  end
  return input, problem
end

--- The name of the format of a file; nil if it cannot be read, or has none of the formats.
function M.format_of(path)
  local input <close> = open(path)
  return input and (find_format(input, path))
end

-- {=== Importing

-- Completes the notes. Returns them; or, if nothing is left of the input, nil, a message and the
-- number of requests before the problem.
local function finish(notes, name, wrong, problem)
  if problem and not (wrong.is_lenient and notes.requests > 0) then
    return nil, problem, notes.requests
  elseif problem then
    wrong:tell(problem)
  end
  notes.format, notes.skipped = name, wrong.count
  notes.problem, notes.problems = wrong.told[1], wrong.told
  return notes
end

-- Reads a format that is not lines. Returns a message if the input is wrong, and false if the
-- output fails.
local function read_bytes(format, sink, input, where)
  local ok, problem = pcall(format.read, sink, input)
  if not ok and wrong_lines.is_short(problem) then
    error(wrong_lines.NO_MEMORY, 0)
  elseif not sink:flush() then
    return false
  elseif not ok then
    return ("%s is damaged: %s"):format(where, problem)
  end
  return problem and where .. ": " .. problem
end

-- Reads a foreign format. Returns the notes; or nil and a message, which is nil if the output
-- fails.
local function import(input, name, where, options, write)
  local format, wrong = formats[name], wrong_lines.new(options.lenient)
  local sink = sinks.new(format, write)
  write(core.trace.HEAD .. "\n# imported from " .. name .. "\n")
  local reader = lines.new { format = format, name = name, where = where, sink = sink,
    wrong = wrong, progress = options.progress }
  local problem
  if format.read then
    problem = read_bytes(format, sink, input, where)
  else
    problem = reader:all(input)
  end
  if problem == false then
    return nil
  end
  local notes = sink:notes()
  if not problem and notes.requests == 0 then
    problem = wrong.told[1] or (format.read and where .. ": " or reader:place())
      .. "the text has no request"
  end
  return finish(notes, name, wrong, problem)
end

-- Reads the library's own formats, of which the text stays as it is.
local function keep(input, name, where, options, write)
  local wrong = wrong_lines.new(options.lenient)
  local requests, unsited, problem = formats[name].copy(input, where, wrong, options.progress,
    write)
  if problem == false then
    return nil
  elseif not problem and requests == 0 then
    problem = wrong.told[1]
  end
  local notes = sinks.new():notes()
  notes.requests, notes.unsited = requests, unsited
  return finish(notes, name, wrong, problem)
end

--- Reads an input of any format, and writes it in the format of pymalloc.
-- @param input as pymalloc.input makes it
-- @tparam string where the input's name in messages
-- @tparam table options as for pymalloc.trace.parse
-- @tparam function write is called with the pieces of the trace; if it returns false, reading
-- ends, and the result is nil
-- @treturn table the notes, as for pymalloc.trace.parse; or nil, a message and, if the input is
-- wrong, the number of requests before the problem
function M.run(input, where, options, write)
  if options.format and not formats[options.format] then
    return nil, ("unknown format '%s' (allowed: %s)"):format(tostring(options.format),
      table.concat(order, ", "))
  end
  local name, problem = find_format(input, where, options.format)
  if not name then
    return nil, problem
  elseif formats[name].copy then
    return keep(input, name, where, options, write)
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
  local input <close>, problem = open(path)
  if not input then
    return nil, problem
  end
  return whole(input, input.name, options)
end

--- Converts a file, piece by piece.
-- @treturn table the notes; or nil and a message
function M.stream(path, options, write)
  local input <close>, problem = open(path)
  if not input then
    return nil, problem
  end
  return M.run(input, input.name, options, write)
end

return M
