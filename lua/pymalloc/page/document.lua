-- Writes the page of a trace: one HTML file that contains the allocator and the trace, packed.

local base64 = require "pymalloc.base64"
local core = require "pymalloc.core"
local import = require "pymalloc.import"
local output = require "pymalloc.output"
local run_text = require "pymalloc.page.run_text"
local runs = require "pymalloc.run"
local template = require "pymalloc.page.template"
local text = require "pymalloc.text"

local M = {}

-- {=== The trace as text

local is_request = { a = true, c = true, r = true, f = true }

-- Passes lines on up to the request `most` of an interpreter.
local Limit = {}
Limit.__index = Limit

-- Is the line before the request behind the last one?
function Limit:has_room(line)
  local letter = line:sub(1, 1)
  if letter == "i" then
    self.present = math.tointeger(tonumber(line:match("^i%s+(%d+)"))) or self.present
  elseif is_request[letter] and self.present == self.interpreter then
    self.count = self.count + 1
  end
  return self.count <= self.most
end

-- Returns false if the output fails, and when no more lines are wanted.
function Limit:write(piece)
  local lines = {}
  piece = self.rest .. piece
  self.rest = piece:match("[^\n]*$")
  for line in piece:gmatch("([^\n]*)\n") do
    if not self:has_room(line) then
      self.is_full = true
      break
    end
    table.insert(lines, line .. "\n")
  end
  return self.out:write(table.concat(lines)) and not self.is_full
end

-- Passes on the last line, which may have no end.
function Limit:finish()
  if not self.is_full and self.rest ~= "" then
    self:write("\n")
  end
end

local function limit_of(out, options)
  return setmetatable({ out = out, interpreter = options.interpreter or 0, most = options.to,
    present = 0, count = 0, rest = "" }, Limit)
end

-- Passes the trace on in pieces. Returns the notes of an import; or nil and a message.
local function stream(source, options, write)
  if core.kind(source) == "Run" then
    run_text.stream(source, source.length, write)
  elseif type(source) == "table" then
    write(source.text)
  else
    return import.stream(source, { lenient = options.lenient, progress = options.progress }, write)
  end
  return true
end

-- Packs the trace into a file. Returns the notes, or true; or nil and a message.
local function pack(source, path, options)
  local out <close>, problem = output.open(path, { form = "packed", is_internal = true,
    progress = options.progress })
  if not out then
    return nil, problem
  end
  local target = options.to and limit_of(out, options) or out
  local notes, reason = stream(source, options, function(piece) return target:write(piece) end)
  if not notes and not target.is_full then
    return nil, reason or "the trace cannot be packed"
  elseif target ~= out then
    target:finish()
  end
  local ok, failure = out:finish()
  return ok and (notes or true), failure
end

-- {=== The options of the page

-- Is the moment in the clock? Returns it; or nil and a message.
local function moment(name, value, least, most)
  if value == nil or value >= least and value <= most then
    return value or true
  end
  return nil, ("%s must be a request from %s to %s, got %s"):format(name, text.group(least),
    text.group(most), text.group(value))
end

-- The number of requests that can be run, after a check of the moments; or nil and a message.
local function check_moments(path, options)
  local loaded <close>, problem = core.trace.load_requests(path, false, options.interpreter or 0,
    "trace", math.maxinteger)
  if not loaded then
    return nil, problem
  elseif #loaded == 0 and loaded.left_out > 0 then
    return nil, ("interpreter %d has no request"):format(options.interpreter or 0)
  end
  local from, wrong = moment("from", options.from, 0, #loaded)
  if not from then
    return nil, wrong
  end
  local at, why = moment("at", options.at, options.from or 0, #loaded)
  return at and #loaded, why
end

-- The options of a run with the geometry and the interpreter.
local function run_options(options)
  local heap = {}
  for name, value in pairs(options.geometry or {}) do
    heap[name] = value
  end
  heap.interpreter = options.interpreter
  return heap
end

-- The options that the page reads: web/src/page/start.ts names the fields.
local function page_options(options, name)
  return { geometry = options.geometry and next(options.geometry) and options.geometry or nil,
    compare = options.compare, interpreter = options.interpreter, from = options.from,
    op = options.at, name = text.printable(name) }
end

-- {=== The file

-- The trace as text. A packed trace has columns that are not deflated, so that it is read faster:
-- deflated, it is about half as long. Without zlib it stays as it is.
local function trace_text(path)
  local file <close> = assert(io.open(path, "rb"))
  local packed = file:read("a")
  return base64.encode(core.trace.deflate(packed) or packed)
end

-- Writes the page with a packed trace. Returns its bytes; or nil, a message, and true if a reader
-- has closed its pipe.
local function write_page(out, packed, head, tail)
  local middle = trace_text(packed)
  out:write(head, middle, tail)
  local ok, problem, is_unread = out:finish()
  if not ok then
    return nil, problem, is_unread
  end
  return #head + #middle + #tail
end

-- The name of a trace in the page: that of a file without its folder.
local function name_of(source, options)
  if options.name then
    return options.name
  elseif type(source) == "string" then
    return source == "-" and "standard input" or source:match("[^/]*$")
  end
  return type(source) == "table" and type(source.name) == "string" and source.name:match("[^/]*$")
    or "run"
end

local Scratch = { __close = function(self) core.output.remove(self.path) end }

-- Sets options.at to the moment that the caller finds in a run. Returns true; or nil and a message.
local function find_moment(path, options)
  local run <close>, problem = runs.replay(path, run_options(options))
  if not run then
    return nil, problem
  end
  options.at, problem = options.find_moment(run)
  return options.at and true, problem
end

-- The number of requests of a packed trace, after a check of the options; or nil and a message.
local function check_options(path, options)
  if options.find_moment then
    local ok, problem = find_moment(path, options)
    if not ok then
      return nil, problem
    end
  end
  return check_moments(path, options)
end

-- Makes the packed trace, checks the options, and writes the page to an output.
local function write(source, out, page, options)
  local file, problem = core.output.scratch()
  if not file then
    return nil, problem
  end
  local scratch <close> = setmetatable({ path = file }, Scratch)
  local notes, reason = pack(source, scratch.path, options)
  if not notes then
    return nil, reason
  end
  local requests, wrong = check_options(scratch.path, options)
  if not requests then
    return nil, wrong
  end
  local name = name_of(source, options)
  local head, tail = page:fill(options.title or name .. ": pymalloc", page_options(options, name))
  local bytes, failure, is_unread = write_page(out, scratch.path, head, tail)
  return bytes and { bytes = bytes, requests = requests, notes = notes }, failure, is_unread
end

--- Writes the page.
-- @param source a path, a trace or a run
-- @tparam table options geometry, compare (options of heaps), interpreter, from, to, at, title,
-- name, lenient, progress (a function), find_moment (a function of a run that returns `at`, or
-- nil and a message), template (a path in place of that of the page)
-- @return a table with bytes, requests and notes (of an import, or true); or nil, a message, and
-- true if the reader of standard output has closed its pipe
function M.write(source, path, options)
  local out <close>, problem = output.open(path)
  if not out then
    return nil, problem
  end
  local page, reason = template.open(options.template)
  if not page then
    return nil, reason
  end
  return write(source, out, page, options)
end

return M
