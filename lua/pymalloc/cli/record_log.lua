-- The log into which a recorded program writes its requests: a file in the folder of
-- temporary files, which is removed at the end, also by a signal.

local core = require "pymalloc.core"
local packed = require "pymalloc.packed"
local trace = require "pymalloc.trace"

local M = {}
M.__index = M

-- A new, empty log with the field path, for a variable marked <close>; or nil and a message.
function M.new()
  local path, problem = core.output.scratch()
  if not path then
    return nil, "the log of requests cannot be made: " .. problem
  end
  local self = setmetatable({ path = path }, M)
  local ok
  ok, problem = trace.new_log(path)
  if not ok then
    self:__close()
    return nil, "the log of requests cannot be made: " .. problem
  end
  return self
end

-- The table of trace.log_about; or nil and a message.
function M:about()
  return trace.log_about(self.path)
end

-- Writes the log as a trace that begins with `head` to an output. `texts` has a list of texts for
-- each return address, or is nil. Returns the number of
-- requests and the number of frees of unknown blocks; or nil and a message, which is nil if
-- the output cannot be written: finishing the output then has the message.
function M:convert(out, head, texts)
  local handle = out:handle()
  if not handle then
    return nil
  end
  local requests, unknown, failed = trace.convert_log(self.path, handle, head, texts)
  if failed == "write" then
    out:fail(unknown)
    return nil
  end
  return requests, unknown
end

-- The logs of the other processes that were recorded with this one, in the order of their numbers.
function M:others()
  local pipe <close> = assert(io.popen(("ls -d %s.* 2>/dev/null"):format(packed.quote(self.path))))
  local list = {}
  for path in pipe:lines() do
    table.insert(list, setmetatable({ path = path, pid = tonumber(path:match("%d+$")) }, M))
  end
  table.sort(list, function(a, b)
    return a.pid < b.pid
  end)
  return list
end

function M:__close()
  for _, other in ipairs(self:others()) do
    os.remove(other.path)
  end
  core.output.remove(self.path)
end

return M
