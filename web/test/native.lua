-- The child process of native.ts. It reads a call from each line of standard input, and writes the
-- result to standard error: "ok" or "error", the count of the bytes that follow, a newline, and
-- these bytes. Standard output has what the called functions print.

local json = require "pymalloc.json"
local call = require "pymalloc.page.entry"

io.stdout:setvbuf("no")

for line in io.lines() do
  local request = json.read(line)
  local ok, result = call(request.name, request.arguments, request.bytes)
  io.stderr:write(("%s %d\n"):format(ok and "ok" or "error", #result), result)
end
