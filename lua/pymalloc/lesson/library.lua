-- The library for texts of others: answers to exercises, and lessons in files. It has heaps,
-- runs, traces, diffs and pictures as text. It has no function that reads or writes a file;
-- built-in traces can be named.

local core = require "pymalloc.core"
local pymalloc = require "pymalloc"

local M = {}

-- The path of a built-in trace, or a trace that has only the text of the given one.
local function source_of(given, what)
  if type(given) == "string" and given:sub(1, 1) == "@" then
    return given
  end
  local text = type(given) == "table" and rawget(given, "text")
  if type(text) == "string" then
    return pymalloc.trace.parse(text)
  end
  error(("%s: a trace is the name of a built-in one, such as '@startup', or a result of "
    .. "trace.parse; got %s"):format(what, core.describe(given)), 3)
end

local function replay(trace, options)
  local source, problem = source_of(trace, "pymalloc.replay")
  if not source then
    return nil, problem
  end
  return pymalloc.replay(source, options)
end

local function load_builtin(path)
  if type(path) ~= "string" or path:sub(1, 1) ~= "@" then
    error(("trace.load: only built-in traces can be loaded here, such as '@startup'; got %s")
      :format(core.describe(path)), 2)
  end
  return pymalloc.trace.load(path)
end

local function parse(text, options)
  local format = type(options) == "table" and rawget(options, "format") or nil
  return pymalloc.trace.parse(text, { format = format })
end

--- A new table of the functions, which a text may change.
function M.new()
  return { _VERSION = pymalloc._VERSION, heap = pymalloc.heap, profiles = pymalloc.profiles,
    class_table = pymalloc.class_table, diff = pymalloc.diff, replay = replay,
    trace = { load = load_builtin, parse = parse }, view = { text = pymalloc.view.text } }
end

return M
