--- Traces: loading, saving, recording and replaying. Functions that replay take a trace or
-- a path.

local builtin = require "pymalloc.trace.builtin"
local check = require "pymalloc.check"
local core = require "pymalloc.core"
local events = require "pymalloc.event"
local count = require("pymalloc.text").count
local foreign = require "pymalloc.foreign"
local output = require "pymalloc.output"
local packed = require "pymalloc.packed"

local M = {}
for name, value in pairs(core.trace) do
  M[name] = value
end

--- pymalloc.Trace: a list of requests, as text.
-- @tfield string text one request per line: a ID SIZE (malloc), c ID N ELSIZE (calloc),
-- r ID SIZE (realloc), f ID (free); csrc/trace/trace_op.h describes all lines
-- @tfield string name used in messages, such as the path
-- @tfield integer requests their number; nil if they were not counted
local Trace = { __name = "pymalloc.Trace", __metatable = "pymalloc.Trace" }

function Trace:__tostring()
  return ("pymalloc.Trace %s with %s of text"):format(self.name, count(#self.text, "byte"))
end

-- The notes that parse and load return beside a trace. They are not a table of options, so that
-- pymalloc.replay(pymalloc.trace.load(path)) works.
local Notes = { __name = "pymalloc.TraceNotes", __metatable = "pymalloc.TraceNotes" }

--- The options, or nil if they are notes.
-- @local
function M.options(options)
  return debug.getmetatable(options) ~= Notes and options or nil
end

local function check_options(options, what)
  local function refuse(name, wanted, value)
    error(("pymalloc: %s: %s must be %s, got %s"):format(what, name, wanted,
      core.describe(value)), 4)
  end
  if type(options) ~= "table" then
    refuse("options", "a table", options)
  elseif options.name ~= nil and type(options.name) ~= "string" then
    refuse("name", "a string", options.name)
  elseif options.progress ~= nil and type(options.progress) ~= "function" then
    refuse("progress", "a function", options.progress)
  end
end

local function new(text, name, requests)
  return setmetatable({ text = text, name = name, requests = requests }, Trace)
end

--- Makes a trace from text in any format that can be imported: this library's own, malloclab's,
-- or the output of mtrace, valgrind --trace-malloc=yes, ltrace and other tools, which
-- docs/importing.md lists.
-- @tparam string text
-- @tparam[opt] table options format: the name of the format, which is recognised
-- otherwise; lenient: true leaves out wrong lines; name: used in
-- messages; progress: a function that is called from time to time with the number of
-- lines read
-- @treturn pymalloc.Trace or nil and a message
-- @treturn table format; requests; unknown_frees: frees of blocks whose allocation is not
-- in the text; reused: blocks whose free is not in the text, as their address was
-- allocated again; others: requests of other processes, left out; cut: calls left out of which
-- one half is not in the text; nested: calls left out that another call of the allocator
-- made; beyond: operations after the number that the text declares; devices: events of other
-- devices than the first; unclear: threads that may be forked children, as the text does not
-- tell; misnamed: calls left out to which the tool may give a wrong name; with lenient also
-- skipped: wrong lines left out, problem: the message on the first of them, and problems: an
-- array of the first three messages; unsited: requests kept without their site, whose
-- definition is lost (a site that is lost in front of others is called "(lost line)")
-- @usage
-- pymalloc.trace.parse("a 1 24\nf 1\n").text --> a 1 24\nf 1\n
-- select(2, pymalloc.trace.parse("hello\n")):match("format is none") --> format is none
function M.parse(text, options)
  options = options or {}
  if type(text) ~= "string" then
    error("pymalloc: trace.parse: text must be a string, got " .. core.describe(text), 2)
  end
  check_options(options, "trace.parse")
  local converted, notes = require("pymalloc.import").convert(text, options)
  if not converted then
    return nil, notes
  end
  return new(converted, options.name or "text", notes.requests), setmetatable(notes, Notes)
end

--- Makes a trace from a file, as pymalloc.trace.parse does from text.
-- @tparam string path files that end in .gz, .xz and .zst are unpacked; "-" is standard
-- input
-- @tparam[opt] table options as for pymalloc.trace.parse, without name
-- @treturn pymalloc.Trace or nil and a message
-- @treturn table as for pymalloc.trace.parse
-- @usage #pymalloc.trace.load("@startup").text > 100000 --> true
function M.load(path, options)
  packed.check_path(path, "trace.load")
  options = options or {}
  check_options(options, "trace.load")
  local text, notes = require("pymalloc.import").load(path, options)
  if not text then
    return nil, notes
  end
  return new(text, path, notes.requests), setmetatable(notes, Notes)
end

--- The text of a trace and true, or its path and false; anything else is an error.
-- @local
function M.source(trace, what)
  if type(trace) == "string" then
    return trace, false
  elseif type(trace) == "table" and type(trace.text) == "string" then
    return trace.text, true
  elseif type(trace) == "table" and type(trace.path) == "string" then
    return trace.path, false
  end
  error(("pymalloc: %s: trace must be a path or a trace, got %s"):format(what,
    core.describe(trace)), 0)
end

--- Calls a function that opens a path or a text. If it fails because a file is not a trace, and the
-- file is the log of another tool, calls it again with the path of the converted file. Returns
-- the results of the function; or nil, a message and "trace" if the log cannot be converted.
-- @local
function M.or_foreign(source, is_text, open)
  if not is_text and type(source) == "string" then
    local path, unknown = builtin.path(source)
    if not path then
      return nil, unknown, "trace"
    end
    source = path
  end
  local result, problem, kind = open(source)
  local is_wrong_line = kind == "trace" and problem:find(":%d+: ")
  if result or is_text or not is_wrong_line then
    return result, problem, kind
  end
  local converted <close>, reason = foreign.open(source)
  if not converted then
    return nil, reason or problem, kind
  end
  result, problem, kind = open(converted.path, converted.notes)
  return result, problem, kind
end

-- The functions of the core that replay take a path or a text; these also take a trace, and
-- the log of another tool.
for _, name in ipairs { "replay_file", "replay_text" } do
  M[name] = function(trace, options)
    options = M.options(options)
    if type(trace) == "table" and type(trace.text) == "string" then
      local summary, problem, kind = events.checked(core.trace.replay_text, trace.text, options)
      return summary, problem, kind
    end
    local function open(source)
      return events.unplaced(core.trace[name], source, options)
    end
    local summary, problem, kind = events.checked(M.or_foreign, trace, name == "replay_text", open)
    return summary, problem, kind
  end
end

--- An iterator over the operations of a trace, in order, for a generic for. It gives the
-- operation ("malloc", "calloc", "realloc", "free", "dump", "report", "check", "allow",
-- "site", "mark", "interpreter" or "offset"), the id, the size in bytes (of one element for
-- calloc), the count (of elements for calloc, of arenas for allow, the number of an interpreter,
-- the offset),
-- the site (of the request, or the one defined), the text (of a site or a mark) and the
-- parent (of a site); nil for what the operation does not have. Ids and sizes of 2^63 and more
-- are negative, because Lua's integers have a sign: math.ult compares them. A line that is not
-- valid raises an error.
-- @tparam string|pymalloc.Trace trace a path, or a trace
-- @treturn function the iterator, with its state; or nil and a message for a file that
-- cannot be opened
-- @usage
-- for operation, id, size in pymalloc.trace.each(trace) do
--   print(operation, id, size) --> malloc 1 24
--   break
-- end
function M.each(trace)
  local ok, source, is_text = pcall(M.source, trace, "trace.each")
  if not ok then
    error(source, 2)
  end
  if not is_text then
    local path, unknown = builtin.path(source)
    if not path then
      return nil, unknown
    end
    source = path
  end
  local results = table.pack(events.checked(core.trace.open_each, source, is_text))
  return table.unpack(results, 1, results.n)
end

-- Refuses an option of trace.loaded that does not exist, and a name that is not a string.
local function check_loaded_options(options)
  if type(options) ~= "table" then
    error("pymalloc: trace.loaded: options must be a table, got " .. core.describe(options), 0)
  end
  check.keys("trace.loaded", "option", options, { "interpreter", "name" })
  if options.name ~= nil and type(options.name) ~= "string" then
    error("pymalloc: trace.loaded: name must be a string, got " .. core.describe(options.name), 0)
  end
end

--- pymalloc.LoadedTrace: the requests of a trace in memory, of one interpreter; `#loaded` is
-- their number. Experiments, the simulator and the analyser take it instead of a trace, so
-- that they need not read the trace again. It is closed by loaded:close(), at the end of a
-- variable with <close>, or when it is garbage.
-- @tfield integer requests their number
-- @tfield integer left_out number of requests of other interpreters
-- @tfield string name the path, or the name of the trace

--- Reads the requests of a trace into memory, 16 bytes each; with ids that are not numbered as the
-- recorders do it, 24.
-- @tparam string|pymalloc.Trace trace a path, or a trace; a file of any format that
-- pymalloc.trace.load can read
-- @tparam[opt] table options interpreter: the number of the interpreter whose requests are
-- read, default 0; name: the name, default the path or the name of the trace
-- @treturn pymalloc.LoadedTrace or nil, a message and "trace" for a trace that cannot be read
-- @usage
-- local loaded = pymalloc.trace.loaded("traces/cpython-startup.trace.xz")
-- #loaded --> 43354
function M.loaded(trace, options)
  options = M.options(options) or {}
  events.checked(check_loaded_options, options)
  local source, is_text = events.checked(M.source, trace, "trace.loaded")
  local own = is_text and rawget(trace, "name")
  local name = options.name or type(own) == "string" and own or is_text and "text" or source
  local function open(path)
    return events.unplaced(core.trace.load_requests, path, is_text, options.interpreter or 0,
      name)
  end
  local loaded, problem, kind = events.checked(M.or_foreign, source, is_text, open)
  return loaded, problem, kind
end

--- Writes a trace to a file. An older file is replaced when the new one is complete, and is
-- unchanged if that fails.
-- @tparam pymalloc.Trace trace
-- @tparam string path a file that ends in .ptrace is written in the packed form, which is
-- read much faster; one that ends in .gz, .xz or .zst is packed; "-" is standard output
-- @treturn boolean true; or nil and a message
-- @usage pymalloc.trace.save(trace, "/dev/null") --> true
function M.save(trace, path)
  if type(trace) ~= "table" or type(trace.text) ~= "string" then
    error("pymalloc: trace.save: trace must be a trace, got " .. core.describe(trace), 2)
  end
  packed.check_path(path, "trace.save")
  local ok, problem = output.write(path, trace.text, { form = "trace" })
  if not ok then
    return nil, problem
  end
  return true
end

--- Records the requests that Lua makes to its allocator while a function runs. When the
-- function returns or raises an error, the previous allocator is restored; an error is
-- then raised again.
-- @tparam function f
-- @tparam any ... its arguments
-- @treturn pymalloc.Trace
-- @treturn any ... results of the function
-- @usage
-- local recorded, sum = pymalloc.trace.record(function(x) return #{ x } end, 1)
-- sum --> 1
-- recorded.requests --> 2
function M.record(f, ...)
  if type(f) ~= "function" then
    error("pymalloc: trace.record: f must be a function, got " .. core.describe(f), 2)
  end
  local results = table.pack(core.trace.record_state(f, ...))
  if not results[3] then
    error(results[4], 0)
  end
  local head = M.HEAD .. "\n# recorded by pymalloc.trace.record: " .. _VERSION .. "\n"
  return new(head .. results[1], "record", results[2]), table.unpack(results, 4, results.n)
end

--- Marks this moment in the trace that pymalloc.trace.record is recording: a phase of the
-- program begins, such as "load". Without a recording it does nothing.
-- @tparam string text up to 200 bytes; control characters become "?"
-- @treturn boolean whether a recording is on
-- @usage
-- local marked = pymalloc.trace.record(function() pymalloc.trace.mark("load") end)
-- marked.text:match("m load") --> m load
function M.mark(text)
  if type(text) ~= "string" then
    error("pymalloc: trace.mark: text must be a string, got " .. core.describe(text), 2)
  end
  return core.trace.mark_state(text)
end

return M
