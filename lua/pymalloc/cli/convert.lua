-- pymalloc convert: converts a trace of another format to the library's own, or back.

local export = require "pymalloc.export"
local import = require "pymalloc.import"
local output = require "pymalloc.output"
local progress = require "pymalloc.cli.progress"
local remarks = require "pymalloc.cli.remarks"
local text = require "pymalloc.text"

local M = {}

local FAILED, NO_READER = 1, 141

local own = { pymalloc = true, packed = true } -- the library's own forms

function M.define(parser)
  local command = parser:command("convert",
    "Convert a trace or a log of another tool to a trace that pymalloc reads.",
    "Examples:\n"
      .. "  valgrind --trace-malloc=yes --log-file=ls.log ls\n"
      .. "  pymalloc convert ls.log ls.trace\n"
      .. "  pymalloc convert heaptrack.app.1234.zst app.trace.xz\n"
      .. "  pymalloc convert --format ltrace --lenient damaged.log - | head\n"
      .. "  pymalloc convert app.trace.xz app.ptrace\n"
      .. "  pymalloc convert --to malloclab app.trace app.rep\n\n"
      .. "docs/importing.md says how to make each log, and lists each format's limits.")
  command:argument("input", "The trace to convert: .gz, .xz and .zst files are unpacked; - is "
    .. "standard input."):argname("IN")
  command:argument("output", "The trace to write: .ptrace is the packed form; .gz, .xz and .zst "
    .. "files are packed; - is "
    .. "standard output."):argname("OUT")
  command:option("--format", "The format of IN. By default it is recognised."):argname("NAME")
    :choices(import.formats)
  command:option("--to", "The format of OUT: pymalloc is text; packed, the default where OUT "
    .. "ends in .ptrace, is read much faster."):argname("NAME")
    :choices { "pymalloc", "packed", table.unpack(export.formats) }
  command:flag("--lenient", "Leave out wrong lines, and count them.")
end

local function say(notes, path)
  remarks.say(notes)
  io.stderr:write(("pymalloc: %s of format %s written to %s\n"):format(
    text.count(notes.requests, "request"), notes.format,
    path == "-" and "standard output" or path))
end

-- Adds a hint at --lenient to a message that names a line, or that ends an input of which
-- requests were read.
local function advice(problem, requests, is_lenient)
  if is_lenient then
    return problem
  elseif problem:find(":%d+: ") then
    return problem .. "\n--lenient leaves out wrong lines"
  end
  return requests > 0 and ("%s\n--lenient keeps the %s before that"):format(problem,
    text.count(requests, "request")) or problem
end

-- Converts, piece by piece. `write` returns false to end it.
local function stream(arguments, write)
  local line <close> = progress.new(true, "lines")
  local options = {
    format = arguments.format,
    lenient = arguments.lenient,
    progress = function(count) line:show(count) end,
  }
  return import.stream(arguments.input, options, write)
end

-- Converts to another format, which begins with numbers that are known at the end.
local function export_all(arguments, out)
  local pieces = {}
  local notes, problem, requests = stream(arguments, function(piece)
    table.insert(pieces, piece)
  end)
  if not notes then
    return nil, problem, requests
  end
  local written, reason = export.write(table.concat(pieces), arguments.to)
  if not written then
    return nil, reason
  end
  out:write(written)
  return notes
end

-- A failure of the output ends the conversion, and is reported by out:finish.
local function convert(arguments, out)
  if arguments.to and not own[arguments.to] then
    return export_all(arguments, out)
  end
  return stream(arguments, function(piece) return out:write(piece) end)
end

-- The options of the output: is a trace written, and in which form?
local function output_options(arguments, line)
  local options = line:of_output()
  if arguments.to == "packed" then
    options.form = "packed"
  elseif arguments.to then
    options.form = arguments.to == "pymalloc" and "text" or nil
  end
  return options
end

-- The output is begun first: a name that cannot be written is an error at once, and a signal
-- says that an older file is unchanged.
function M.run(arguments)
  local line <close> = progress.new(true)
  local out <close>, out_problem = output.open(arguments.output, output_options(arguments, line))
  if not out then
    return nil, out_problem, FAILED
  end
  local notes, reason, requests = convert(arguments, out)
  if not notes and reason then
    return nil, advice(reason, requests or 0, arguments.lenient), FAILED
  end
  local ok, problem, is_unread = out:finish()
  if not ok then
    return nil, problem, is_unread and NO_READER or FAILED
  end
  say(notes, arguments.output)
  return 0
end

return M
