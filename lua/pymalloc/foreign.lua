-- Logs of other tools where a trace is expected: they are converted to a temporary file. The
-- importers are loaded when a file is not a trace.

local core = require "pymalloc.core"

local M = {}

local Converted = {}
Converted.__index = Converted

Converted.__close = function(self)
  core.output.remove(self.path)
end

-- Is it a file of another format, which can be read once more?
local function format_of(path)
  local name = path ~= "-" and core.output.is_file(path)
    and require("pymalloc.import").format_of(path)
  return name ~= "pymalloc" and name or nil
end

-- Converts a log to a file that is there. Returns the notes; or nil and a message.
local function write(path, name, to)
  local file <close>, problem = io.open(to, "wb")
  if not file then
    return nil, problem
  end
  local failure
  local function keep(ok, reason)
    failure = failure or (not ok and reason or nil)
    return not failure
  end
  local notes, reason = require("pymalloc.import").stream(path, { format = name }, function(piece)
    return keep(file:write(piece))
  end)
  keep(file:close())
  if failure then
    return nil, ("%s cannot be converted: %s: %s"):format(path, to, failure)
  end
  return notes, reason
end

local function convert(path, name)
  local scratch, problem = core.output.scratch()
  if not scratch then
    return nil, problem
  end
  local converted
  local _ <close> = setmetatable({}, { __close = function()
    if not converted then
      core.output.remove(scratch)
    end
  end })
  local notes
  notes, problem = write(path, name, scratch)
  converted = notes and setmetatable({ path = scratch, notes = notes }, Converted)
  return converted, problem
end

-- The log of another tool as a trace, after a file could not be read as one: a table with its
-- path and the notes, for a variable marked <close>. nil if the file is not such a log; nil and a
-- message if it cannot be converted.
function M.open(path)
  local name = format_of(path)
  if not name then
    return nil
  end
  local converted, problem = convert(path, name)
  if not converted then
    return nil, ("%s\n'pymalloc convert --lenient' leaves out wrong lines"):format(problem)
  end
  return converted
end

return M
