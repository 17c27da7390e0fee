-- Runs the examples of doc comments. A line may end in its result:
--
--     heap:size_class(24) --> 2 24           its values, with a space between them
--     print(event.kind) --> block_push       the printed values
--     b[5] = 1 --> error: out of range       a part of its error message
--
-- Tables are written with their keys in order, "\n" stands for a newline.

local command = require "spec.support.command"
local pymalloc = require "pymalloc"

local M = {}

local TRACE = "a 1 24\na 2 40\nf 1\n"

-- {=== Values as text

local text_of

local function table_text(value)
  local keys, parts = {}, {}
  for key in pairs(value) do
    table.insert(keys, key)
  end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for i, key in ipairs(keys) do
    local prefix = math.type(key) and "" or key .. " = "
    local item = value[key]
    parts[i] = prefix .. (type(item) == "string" and ("%q"):format(item) or text_of(item))
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

function text_of(value)
  if type(value) == "table" and not getmetatable(value) then
    return table_text(value)
  end
  return (tostring(value):gsub("\n", "\\n"))
end

local function values_text(...)
  local parts = {}
  for i = 1, select("#", ...) do
    parts[i] = text_of((select(i, ...)))
  end
  return table.concat(parts, " ")
end

-- {=== Running

-- Returns a line of code that ends in --> RESULT as a call that compares both.
local function checked(line, expected)
  local quoted = ("%q"):format(expected)
  local message = expected:match("^error: (.*)$")
  if message then
    return ("CHECK_ERROR(%q, function() %s end)"):format(message,
      load("return " .. line) and "return " .. line or line)
  end
  return ("CHECK(%s, %s)"):format(quoted, line:match("^%s*print%((.*)%)%s*$") or line)
end

local function chunk_of(example)
  local lines = {}
  for line in (example .. "\n"):gmatch("([^\n]*)\n") do
    local code, expected = line:match("^(.-)%s+%-%->%s+(.*)$")
    table.insert(lines, code and checked(code, expected) or line)
  end
  return table.concat(lines, "\n")
end

-- Returns the variables that every example may use.
local function environment(faults)
  local heap = pymalloc.heap()
  local b = heap:buffer("i32", { 10, 20, 30 })
  local trace = pymalloc.trace.parse(TRACE)
  local lesson = require "pymalloc.lesson"
  local names = { pymalloc = pymalloc, heap = heap, b = b, arena = heap:arena(0), pool = b:pool(),
    trace = trace, run = pymalloc.replay(trace), lesson = lesson,
    plot = pymalloc.plot.lines { title = "bytes held",
      series = { { name = "3.6", x = { 1, 2 }, y = { 0, 1 } } } },
    assert = require "luassert" }
  names.run:seek(2)
  names.run.heap:check()
  function names.CHECK(expected, ...)
    local got = values_text(...)
    if got ~= expected then
      table.insert(faults, ("it says '%s', got '%s'"):format(expected, got))
    end
  end
  function names.CHECK_ERROR(expected, f)
    local ok, message = pcall(f)
    if ok or not tostring(message):find(expected, 1, true) then
      table.insert(faults, ("it says error '%s', got '%s'"):format(expected,
        ok and "none" or tostring(message)))
    end
  end
  return setmetatable(names, { __index = _G })
end

--- Runs an example in its own process, which it may change. Returns its fault, or
-- nil.
function M.fault_apart(example)
  local file <close> = command.file(("local example = require 'spec.support.example'\n"
    .. "io.write(example.fault(%q) or '')"):format(example))
  local output, errors, code = command.run(command.environment .. " lua5.4 " .. file.path)
  local said = output .. errors
  return (code ~= 0 or said ~= "") and ("%s (exit %d)"):format(said, code) or nil
end

--- Runs an example. Returns its fault, or nil.
function M.fault(example)
  local faults = {}
  local chunk, problem = load(chunk_of(example), "=example", "t", environment(faults))
  if not chunk then
    return problem
  end
  local ok, raised = pcall(chunk)
  return not ok and tostring(raised) or faults[1]
end

return M
