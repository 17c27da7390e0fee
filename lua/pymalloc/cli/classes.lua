-- pymalloc classes: the size classes of a geometry, or the best ones for a trace.

local core = require "pymalloc.core"
local heap_options = require "pymalloc.cli.heap_options"
local json = require "pymalloc.cli.json"
local lab = require "pymalloc.lab"
local numbers = require "pymalloc.cli.numbers"
local stdout = require "pymalloc.cli.stdout"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"

local M = {}

local FAILED, BAD_USAGE = 1, 2

local titles = { "class", "size", "blocks per pool", "bytes lost" }

function M.define(parser)
  local command = parser:command("classes",
    "List the size classes: size of a block, blocks in a pool, unused bytes of a pool.",
    "Examples: pymalloc classes --profile 3.11 --pool-bytes 4K\n"
      .. "          pymalloc classes --alignment 32 --threshold 256 --arena-bytes 1M\n"
      .. "          pymalloc classes @json --best 8 --profile 3.11\n"
      .. "          pymalloc classes @json --best 16 --weight peak --json\n\n"
      .. "With --best, the classes are those with which the trace wastes the fewest bytes\n"
      .. "by rounding requests up, of all choices of COUNT multiples of the alignment;\n"
      .. "requests above the threshold are left out. The waste of the classes of 3.6 and\n"
      .. "3.11, which are 8 and 16 bytes apart, is printed beside it.")
  command:argument("trace", "The trace, for --best."):argname("TRACE"):args("?")
  command:option("--best", "Print the best classes for a trace, at most COUNT.")
    :argname("COUNT"):convert(numbers.count_reader("--best", 1))
  command:option("--weight", "The blocks whose waste is counted: those of all requests, or "
    .. "those that are live when the most bytes are live. Default: requests.")
    :choices({ "requests", "peak" }):argname("WHAT")
  command:flag("--json", "Print the best classes as JSON.")
  heap_options.define_geometry(command)
end

-- {=== The best classes

local function share_text(waste, requested)
  return ("%s bytes (%.1f %%)"):format(text.group(waste), 100 * waste / requested)
end

local function write_best(found)
  local rows = {}
  for i, size in ipairs(found.classes) do
    rows[i] = { i - 1, size }
  end
  terminal.write_table({ "class", "size" }, "rr", rows)
  if found.requested == 0 then
    stdout.write("\nThe trace has no request up to the threshold.\n")
    return
  end
  local noun = found.weight == "peak" and "block" or "request"
  stdout.write(("\n%s of %s bytes; these classes waste %s,\nthose of 3.6 %s, those of "
    .. "3.11 %s.\n"):format(
      text.count(text.group(found.requests), noun), text.group(found.requested),
      share_text(found.waste, found.requested),
      share_text(found.profiles["3.6"], found.requested),
      share_text(found.profiles["3.11"], found.requested)))
end

local function run_best(arguments, options)
  local heap <close> = assert(core.heap(options))
  local geometry = heap.geometry
  if arguments.best > geometry.class_count then
    return nil, ("option '--best' is at most the number of multiples of the alignment up to the "
      .. "threshold, %d, got %d"):format(geometry.class_count, arguments.best), BAD_USAGE
  end
  local found, problem = lab.best_classes(arguments.trace, arguments.best,
    { alignment = geometry.alignment, threshold = geometry.threshold, weight = arguments.weight })
  if not found then
    return nil, problem, FAILED
  elseif arguments.json then
    stdout.write(json.text(found))
  else
    write_best(found)
  end
  return 0
end

-- {=== All classes

local function write_classes(classes)
  local rows = {}
  for i, class in ipairs(classes) do
    rows[i] = { class.szidx, class.size, class.capacity, class.waste }
  end
  terminal.write_table(titles, "rrrr", rows)
  return 0
end

-- The fault of the options as a message; nil if there is none.
local function fault_of(arguments)
  if arguments.best and not arguments.trace then
    return "missing argument 'TRACE' for --best"
  elseif not arguments.best and (arguments.trace or arguments.weight or arguments.json) then
    return "TRACE, --weight and --json need --best"
  end
end

function M.run(arguments)
  local options, classes = heap_options.read(arguments)
  if not options then
    return nil, classes, BAD_USAGE
  end
  local fault = fault_of(arguments)
  if fault then
    return nil, fault, BAD_USAGE
  end
  if arguments.best then
    return run_best(arguments, options)
  end
  return write_classes(classes)
end

return M
