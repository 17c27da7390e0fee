-- Standard output of a command. A text that is larger than the buffer is written at once, and a
-- later flush does not report its failure: so the first failure of a write is kept.

local core = require "pymalloc.core"

local M = {}

local first -- { reason =, code = } of the first write that failed

--- Writes strings, as io.write does.
-- @treturn boolean true; or nil, the reason and its number
function M.write(...)
  local ok, reason, code = io.stdout:write(...)
  if not ok then
    first = first or { reason = reason, code = code }
    return nil, reason, code
  end
  return true
end

--- Writes what is still in the buffer.
-- @treturn boolean true; or nil, a message on the first failure of all writes, and true if the
-- process that read the output has closed its pipe
function M.finish()
  local ok, reason, code = io.stdout:flush()
  local failure = first or not ok and { reason = reason, code = code }
  first = nil
  if failure then
    return nil, "the output cannot be written: " .. failure.reason,
      failure.code == core.process.BROKEN_PIPE
  end
  return true
end

return M
