-- pymalloc convert: a trace of another program's format as one of ours.

local import = require "pymalloc.import"
local progress = require "pymalloc.cli.progress"
local trace = require "pymalloc.trace"

local M = {}

local FAILED = 1

function M.define(parser)
  local command = parser:command("convert",
    "Convert a trace of malloclab, valgrind --trace-malloc=yes, ltrace or mtrace.",
    "Examples: valgrind --trace-malloc=yes --log-file=ls.log ls; pymalloc convert ls.log ls.trace\n"
      .. "          pymalloc convert --format malloclab --lenient a.rep a.trace.xz")
  command:argument("input", "What to convert; .gz, .xz and .zst are unpacked, - is standard "
    .. "input."):argname("IN")
  command:argument("output", "The trace to write; .gz, .xz and .zst are packed, - is standard "
    .. "output."):argname("OUT")
  command:option("--format", "The format of IN; it is recognised unless told."):argname("NAME")
    :choices(import.formats)
  command:flag("--lenient", "Keep what was read before a line that is wrong.")
end

-- What should be known about a trace that was read: how often, and what.
local remarks = {
  { "unknown_frees", "frees of blocks that were never seen are left out" },
  { "reused", "blocks are taken for freed: their addresses were given out again" },
  { "others", "requests of other processes are left out" },
}

local function say(notes, output)
  if notes.problem then
    io.stderr:write("pymalloc: ", notes.problem, "; what was read before it is kept\n")
  end
  for _, remark in ipairs(remarks) do
    if notes[remark[1]] > 0 then
      io.stderr:write(("pymalloc: %d %s\n"):format(notes[remark[1]], remark[2]))
    end
  end
  io.stderr:write(("pymalloc: %d requests of format %s written to %s\n"):format(notes.requests,
    notes.format, output == "-" and "standard output" or output))
end

-- Is there something to keep before the line that is wrong?
local function advice(problem)
  return problem:find(":%d+: ") and problem .. "\n--lenient keeps what was read before it"
    or problem
end

local function load(arguments)
  local line <close> = progress.new(true, "lines")
  return trace.load(arguments.input, {
    format = arguments.format,
    lenient = arguments.lenient,
    progress = function(count) line:show(count) end,
  })
end

function M.run(arguments)
  local loaded, notes = load(arguments)
  if not loaded then
    return nil, advice(notes), FAILED
  end
  local ok, problem = trace.save(loaded, arguments.output)
  if not ok then
    return nil, problem, FAILED
  end
  say(notes, arguments.output)
  return 0
end

return M
