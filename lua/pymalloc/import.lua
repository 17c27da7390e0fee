--- Imports traces of malloclab, glibc's mtrace, valgrind --trace-malloc=yes and ltrace.
-- The format is recognised by the first lines. Each format has a file in
-- pymalloc/import/ with
--
--     fits(lines)        do these first lines have the format?
--     line(sink, line)   reads a line; returns false and a reason for a wrong line
--     finish(sink)       optional: returns a message if the trace as a whole is wrong
--     ends_lines         true: a last line without an end was cut off

local core = require "pymalloc.core"
local own = require "pymalloc.import.own"
local sinks = require "pymalloc.import.sink"

local M = {}

local LINES_LOOKED_AT = 5000 -- to recognise the format
local LINES_TOLD = 4096 -- from one call of options.progress to the next

local formats = {
  pymalloc = own,
  malloclab = require "pymalloc.import.malloclab",
  mtrace = require "pymalloc.import.mtrace",
  valgrind = require "pymalloc.import.valgrind",
  ltrace = require "pymalloc.import.ltrace",
}
local order = { "pymalloc", "malloclab", "mtrace", "valgrind", "ltrace" }

--- The names of the formats that can be read.
M.formats = order

local function first_lines(text)
  local lines = {}
  for line in text:gmatch("[^\r\n]+") do
    if line:find("%S") then
      table.insert(lines, line)
    end
    if #lines == LINES_LOOKED_AT then
      break
    end
  end
  return lines
end

local function recognise(text)
  local lines = first_lines(text)
  for _, name in ipairs(order) do
    if formats[name].fits(lines) then
      return name
    end
  end
end

local function find_format(text, options)
  local where, name = options.name or "text", options.format
  if name and not formats[name] then
    return nil, ("unknown format '%s' (allowed: %s)"):format(name, table.concat(order, ", "))
  elseif not text:find("%S") then
    return nil, where .. " is empty"
  elseif text:find("\0", 1, true) then
    return nil, where .. " is not text: it has zero bytes"
  end
  name = name or recognise(text)
  if not name then
    return nil, ("%s: the format is none of %s"):format(where, table.concat(order, ", "))
  end
  return name
end

local function shown(line)
  return (line:sub(1, 40):gsub("[^ -~]", "?")) .. (#line > 40 and "..." or "")
end

local function line_problem(format_name, line, why)
  return ("this line is not of format %s: '%s'%s"):format(format_name, shown(line),
    why and " (" .. why .. ")" or "")
end

-- Reads one line. Returns a message if it is wrong.
local function read_line(format_name, sink, line)
  local ok, is_right, why = pcall(formats[format_name].line, sink, line)
  if not ok or not is_right then
    return line_problem(format_name, line, ok and why)
  end
end

-- Reads the lines up to the first wrong one. Returns the number of lines read, and a message
-- if the last of them is wrong.
local function read_lines(text, format_name, sink, progress)
  local number, from = 0, 1
  while from <= #text do
    local last = text:find("\n", from, true)
    local line = text:sub(from, (last or #text + 1) - 1):gsub("\r$", "")
    number = number + 1
    if progress and number % LINES_TOLD == 0 then
      progress(number)
    end
    if line:find("%S") then
      if not last and formats[format_name].ends_lines then
        return number, ("the text ends in the middle of this line: '%s'"):format(shown(line))
      end
      local problem = read_line(format_name, sink, line)
      if problem then
        return number, problem
      end
    end
    from = (last or #text) + 1
  end
  return number
end

-- Converts a text of a foreign format. Returns the trace and the notes on it.
local function import(text, format_name, where, progress)
  local sink, format = sinks.new(), formats[format_name]
  local number, problem = read_lines(text, format_name, sink, progress)
  if not problem and format.finish then
    problem = format.finish(sink)
  end
  if not problem and sink.requests == 0 then
    problem = "the text has no request"
  end
  return core.trace.HEAD .. "\n# imported from " .. format_name .. "\n" .. sink:text(), {
    format = format_name, requests = sink.requests, unknown_frees = sink.unknown_frees,
    reused = sink.reused, others = sink.others,
    problem = problem and ("%s:%d: %s"):format(where, number, problem),
  }
end

local function keep(text, where)
  local kept, requests, problem = own.convert(text, where)
  return kept, { format = "pymalloc", requests = requests, unknown_frees = 0, reused = 0,
    others = 0, problem = problem }
end

--- The text of a trace in the format of pymalloc.
-- @tparam string text
-- @tparam table options as for pymalloc.trace.parse
-- @treturn string the text; or nil and a message
-- @treturn table the notes, as for pymalloc.trace.parse
function M.convert(text, options)
  local name, problem = find_format(text, options)
  if not name then
    return nil, problem
  end
  local where = options.name or "text"
  local converted, notes
  if name == "pymalloc" then
    converted, notes = keep(text, where)
  else
    converted, notes = import(text, name, where, options.progress)
  end
  if notes.problem and (not options.lenient or notes.requests == 0) then
    return nil, notes.problem
  end
  return converted, notes
end

return M
