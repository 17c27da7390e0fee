-- pymalloc show: the heap of a trace at one moment, as a picture, a report or JSON.

local heap_options = require "pymalloc.cli.heap_options"
local json = require "pymalloc.json"
local moment = require "pymalloc.cli.moment"
local numbers = require "pymalloc.cli.numbers"
local output = require "pymalloc.output"
local places = require "pymalloc.cli.places"
local stdout = require "pymalloc.cli.stdout"
local svg_options = require "pymalloc.cli.svg_options"
local text = require "pymalloc.text"
local view = require "pymalloc.view"

local M = {}

local FAILED, BAD_USAGE, NO_READER = 1, 2, 141

function M.define(parser)
  local command = parser:command("show",
    "Show the heap of a trace at one moment: as a picture, a report or JSON.",
    "Examples: pymalloc show @startup\n"
      .. "          pymalloc show @startup --at 40298 --arena 1 --profile 3.11\n"
      .. "          pymalloc show @startup --at 1000 --pool 0:4096\n"
      .. "          pymalloc show @startup --at 1000 --block 0:4096:48\n"
      .. "          pymalloc show @json --at unused --stats --interpreter 0\n"
      .. "          pymalloc show @startup --at 40298 --request\n"
      .. "          pymalloc show @startup --at peak --svg heap.svg --theme dark\n"
      .. "          pymalloc show @startup --at 9000 --anatomy --svg a.svg --title A\n"
      .. "          pymalloc show @startup --arena 0 --svg arena.svg --columns 16\n"
      .. "          pymalloc show @startup --svg heap.svg --scale 2 --highlight 0:4096\n"
      .. "          pymalloc show @startup --json\n\n"
      .. "The JSON of a heap is a snapshot, which 'pymalloc attach FILE' reads.")
  command:argument("trace", "The trace: .gz, .xz and .zst files are unpacked; - is standard input; "
    .. "@startup and @json are built in.")
    :argname("TRACE")
  command:option("--at", "The moment: " .. moment.help .. " Default: peak."):argname("MOMENT")
    :default("peak"):show_default(false)
  command:option("--arena", "Only this arena."):argname("SLOT")
    :convert(numbers.count_reader("--arena", 0))
  command:option("--pool", "Only this pool: the slot of its arena and the pool's offset in it.")
    :argname("SLOT:OFFSET"):convert(places.reader("--pool"))
  command:option("--block", "Only the bytes of this block."):argname("SLOT:OFFSET:BLOCK")
    :convert(places.block_reader("--block"))
  command:flag("--request", "The last request and what it changed, instead of the heap.")
  command:flag("--anatomy", "With --svg: the parts of the heap with their names.")
  command:flag("--stats", "Print the report of sys._debugmallocstats().")
  command:flag("--json", "Print the state as JSON.")
  command:option("--svg", "Save the picture, and print nothing."):argname("FILE")
  svg_options.define(command, true)
  command:option("--interpreter", "The interpreter whose heap is shown. Default: 0.")
    :argname("N"):convert(numbers.count_reader("--interpreter", 0))
  heap_options.define(command)
end

-- {=== The part of the heap

-- The heap, the run, the arena or the pool that the options name; nil and a message if there is
-- none.
local function part_of(run, arguments, op)
  if arguments.pool then
    return places.pool(run.heap, arguments.pool, "--pool", op)
  elseif arguments.block then
    return places.block(run.heap, arguments.block, "--block", op)
  elseif arguments.arena then
    return places.arena(run.heap, arguments.arena, "--arena", op)
  end
  return arguments.request and run or run.heap
end

-- {=== What is printed

local function head_of(arguments, run)
  local lines = { ("%s, after request %s of %s"):format(arguments.trace, text.group(run.op),
    text.group(run.length)) }
  if run.left_out > 0 then
    table.insert(lines, ("%s of other interpreters left out (--interpreter)"):format(
      text.count(run.left_out, "request")))
  end
  return table.concat(lines, "\n") .. "\n\n"
end

-- The first record of a list whose field has that value.
local function find(list, field, value)
  for _, record in ipairs(list) do
    if record[field] == value then
      return record
    end
  end
end

-- The part of the snapshot that the options name.
local function record_of(heap, arguments)
  local snapshot = heap:snapshot()
  local place = arguments.pool
  if not place and not arguments.arena then
    return snapshot
  end
  local arena = find(snapshot.arenas, "index", place and place.arena or arguments.arena)
  return place and find(arena.pools, "offset", place.offset) or arena
end

local function picture_of(arguments, part)
  local draw = arguments.anatomy and view.anatomy or view.svg
  local options = svg_options.read(arguments)
  options.block = arguments.block and arguments.block.block
  return draw(part, options)
end

-- Prints or saves what the options ask for. Returns 0; or nil, a message and the exit code.
local function print_parts(arguments, run, part)
  if arguments.svg then
    local ok, problem, is_unread = output.write(arguments.svg, picture_of(arguments, part))
    if not ok then
      return nil, problem, is_unread and NO_READER or FAILED
    end
  end
  if arguments.json then
    stdout.write(json.line(record_of(run.heap, arguments)), "\n")
  elseif arguments.stats then
    stdout.write(run.heap:debugmallocstats())
  elseif not arguments.svg then
    local block = arguments.block and arguments.block.block
    stdout.write(head_of(arguments, run), view.text(part, { block = block }), "\n")
  end
  return 0
end

-- The option that names what is shown, if one does; several cannot be combined.
local function subject_of(arguments)
  local subject
  for _, name in ipairs { "arena", "pool", "block", "request", "anatomy" } do
    if arguments[name] and subject then
      return nil, ("--%s and --%s cannot be combined"):format(subject, name)
    end
    subject = arguments[name] and name or subject
  end
  return subject
end

local without_rows = { pool = true, block = true, anatomy = true }

-- The fault of the options of a picture of this subject; nil if there is none.
local function picture_misuse(arguments, subject)
  if subject == "anatomy" and not arguments.svg then
    return "--anatomy is a picture: save it with --svg"
  elseif arguments.columns and without_rows[subject] then
    return ("--columns is the number of pools in a row: --%s has none"):format(subject)
  elseif subject == "block" and #arguments.highlight > 0 then
    return "--highlight frames a place in a picture: --block draws one block"
  end
  return svg_options.misuse(arguments)
end

local not_in_json = { block = true, request = true, anatomy = true }

-- The fault of the options of other output than a picture; nil if there is none.
local function report_misuse(arguments, subject)
  if arguments.stats and arguments.json then
    return "--stats and --json cannot be combined"
  elseif arguments.stats and subject then
    return ("--stats is the report of the whole heap: --%s cannot be combined with it"):format(
      subject)
  elseif arguments.json and not_in_json[subject] then
    return ("--json prints a heap, an arena or a pool: --%s cannot be combined with it"):format(
      subject)
  elseif arguments.svg == "-" and (arguments.stats or arguments.json) then
    return "--svg - prints the picture and cannot be combined with --stats or --json"
  end
end

local function misuse(arguments)
  if arguments.arena and arguments.pool then
    return "--pool names the arena too: give one of --arena and --pool"
  end
  local subject, problem = subject_of(arguments)
  return problem or report_misuse(arguments, subject) or picture_misuse(arguments, subject)
end

function M.run(arguments)
  local problem = misuse(arguments)
  if problem then
    return nil, problem, BAD_USAGE
  end
  local run <close>, message, code = heap_options.open_run(arguments)
  if not run then
    return nil, message, code
  end
  local op, reason, failure = moment.seek(run, arguments.at)
  if not op then
    return nil, reason, failure
  end
  local part, missing = part_of(run, arguments, op)
  if not part then
    return nil, missing, BAD_USAGE
  end
  return print_parts(arguments, run, part)
end

return M
