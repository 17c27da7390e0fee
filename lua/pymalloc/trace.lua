--- Traces: loaded, saved, recorded. A trace is a table with its text; what
-- replays takes it, or a path.

local core = require "pymalloc.core"
local count = require("pymalloc.text").count
local import = require "pymalloc.import"
local packed = require "pymalloc.packed"

local M = {}
for name, value in pairs(core.trace) do
  M[name] = value
end

M.HEAD = "# pymalloc trace 1"

--- pymalloc.Trace: a list of requests, as text.
-- @tfield string text one request a line: a ID SIZE, c ID COUNT SIZE, r ID SIZE, f ID
-- @tfield string name where it comes from, for messages
-- @tfield integer requests nil where nobody has counted them
local Trace = { __name = "pymalloc.Trace" }

function Trace:__tostring()
  return ("pymalloc.Trace %s with %s of text"):format(self.name, count(#self.text, "byte"))
end

local function new(text, name, requests)
  return setmetatable({ text = text, name = name, requests = requests }, Trace)
end

--- A trace from its text, of any format that can be imported: ours, malloclab's,
-- mtrace, valgrind --trace-malloc=yes, ltrace.
-- @tparam string text
-- @tparam[opt] table options format = its name, else it is recognised; lenient =
-- true takes what was read before a line that is wrong; name = for messages;
-- progress = a function that is told the number of lines read, now and then
-- @treturn pymalloc.Trace or nil and why not
-- @treturn table format, requests, unknown_frees (of blocks never seen), reused
-- (blocks that ended unseen: their address was given out again), others (requests
-- of other processes, left out), problem (with lenient)
-- @usage
-- pymalloc.trace.parse("a 1 24\nf 1\n").text --> a 1 24\nf 1\n
-- select(2, pymalloc.trace.parse("hello\n")):match("format is none") --> format is none
function M.parse(text, options)
  options = options or {}
  if type(text) ~= "string" then
    error("pymalloc: trace.parse: text must be a string, got " .. type(text), 2)
  end
  local converted, notes = import.convert(text, options)
  if not converted then
    return nil, notes
  end
  return new(converted, options.name or "text", notes.requests), notes
end

--- The same from a file; .gz, .xz and .zst are unpacked, "-" is standard input.
-- @tparam string path
-- @tparam[opt] table options those of parse, without the name
-- @treturn pymalloc.Trace or nil and why not
-- @treturn table what parse says about it
-- @usage #pymalloc.trace.load("traces/cpython-startup.trace.xz").text > 100000 --> true
function M.load(path, options)
  local text, problem = packed.read(path)
  if not text then
    return nil, problem
  end
  options = options or {}
  return M.parse(text, { format = options.format, lenient = options.lenient, name = path,
    progress = options.progress })
end

--- Writes a trace to a file; .gz, .xz and .zst are packed, "-" is standard output.
-- @tparam pymalloc.Trace trace
-- @tparam string path
-- @treturn boolean true; or nil and why not
-- @usage pymalloc.trace.save(trace, "/dev/null") --> true
function M.save(trace, path)
  if type(trace) ~= "table" or type(trace.text) ~= "string" then
    error("pymalloc: trace.save: trace expected, got " .. type(trace), 2)
  end
  return packed.write(path, trace.text)
end

--- What Lua itself allocates while a function runs. Its allocator is put back
-- when the function ends, also by an error, which is raised again.
-- @tparam function f
-- @tparam any ... its arguments
-- @treturn pymalloc.Trace
-- @treturn any ... what the function returned
-- @usage
-- local recorded, sum = pymalloc.trace.record(function(x) return #{ x } end, 1)
-- sum --> 1
-- recorded.requests --> 2
function M.record(f, ...)
  if type(f) ~= "function" then
    error("pymalloc: trace.record: function expected, got " .. type(f), 2)
  end
  local results = table.pack(core.trace.record_state(f, ...))
  if not results[3] then
    error(results[4], 0)
  end
  local head = M.HEAD .. "\n# recorded by pymalloc.trace.record: " .. _VERSION .. "\n"
  return new(head .. results[1], "record", results[2]), table.unpack(results, 4, results.n)
end

return M
