-- recorded.lua PRELOADED COMMAND: records the requests of a program that runs under qemu-user,
-- which 'pymalloc record' cannot start, and prints them as a trace with the call stacks. The
-- command sets LD_PRELOAD from the variable PRELOADED for the program alone.
local frames = require "pymalloc.cli.record.frames"
local trace = require("pymalloc.core").trace

local log, out = os.tmpname(), os.tmpname()
os.remove(log)
assert(trace.new_log(log))
assert(os.execute(("PYMALLOC_RECORD=%s PYMALLOC_RECORD_DEPTH=8 PRELOADED=%s sh -c '%s'")
  :format(log, arg[1], arg[2])))
local handle = assert(io.open(out, "w"))
assert(trace.convert_log(log, handle, "# pymalloc trace 1\n", frames.texts(log)))
handle:close()
for line in io.lines(out) do
  print(line)
end
os.remove(log)
os.remove(out)
