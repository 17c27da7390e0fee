-- Files of other tools, as traces in a file beside them.

local check = require "pymalloc.check"
local import = require "pymalloc.import"
local remarks = require "pymalloc.cli.remarks"
local text = require "pymalloc.text"

local M = {}

--- Writes the trace of a file to another file, whose name is that of the file with ".trace" behind
-- it.
function M.convert(path)
  if type(path) ~= "string" or path:find("\0", 1, true) then
    check.refuse("page", "path must be a string without zero bytes, got %s", check.quote(path))
  end
  local to = path .. ".trace"
  local file <close>, unwritable = io.open(to, "wb")
  if not file then
    check.refuse("page", "%s", unwritable)
  end
  local failure
  local notes, problem = import.stream(path, {}, function(piece)
    local ok, reason = file:write(piece)
    failure = failure or not ok and reason
    return not failure
  end)
  if not notes then
    check.refuse("page", "%s", text.printable(tostring(problem or failure)))
  end
  local notices = {}
  for i, remark in ipairs(remarks.list(notes)) do
    notices[i] = text.printable(remark)
  end
  return { path = to, requests = notes.requests, format = notes.format, notices = notices }
end

return M
