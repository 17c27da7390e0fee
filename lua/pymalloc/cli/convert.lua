-- pymalloc convert: a trace of another program's format as one of ours.

local trace = require "pymalloc.trace"

local M = {}

local FAILED = 1

function M.define(parser)
  local command = parser:command("convert",
    "Convert a trace of malloclab, valgrind --trace-malloc=yes, ltrace or mtrace.",
    "Example: pymalloc convert mtrace.log program.trace")
  command:argument("input", "What to convert; .gz, .xz and .zst are unpacked."):argname("IN")
  command:argument("output", "The trace to write."):argname("OUT")
  command:option("--format", "The format of IN; it is recognised unless told.")
    :choices { "malloclab", "mtrace", "valgrind", "ltrace", "pymalloc" }
  command:flag("--lenient", "Keep what was read before a line that is wrong.")
end

-- What should be known about a trace that was read, on standard error.
local function say(notes)
  if notes.problem then
    io.stderr:write("pymalloc: ", notes.problem, "; what was read before it is kept\n")
  end
  if notes.unknown_frees > 0 then
    io.stderr:write(("pymalloc: %d frees of blocks that were never allocated are left out\n")
      :format(notes.unknown_frees))
  end
end

function M.run(arguments)
  local loaded, notes = trace.load(arguments.input, arguments)
  if not loaded then
    return nil, notes, FAILED
  end
  local ok, problem = trace.save(loaded, arguments.output)
  if not ok then
    return nil, problem, FAILED
  end
  say(notes)
  return 0
end

return M
