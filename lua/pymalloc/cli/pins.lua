-- pymalloc pins: which lines of the recorded program keep arenas from being released.

local core = require "pymalloc.core"
local frames = require "pymalloc.frames"
local heap_options = require "pymalloc.cli.heap_options"
local json = require "pymalloc.cli.json"
local moment = require "pymalloc.cli.moment"
local numbers = require "pymalloc.cli.numbers"
local places = require "pymalloc.cli.places"
local pins_table = require "pymalloc.cli.pins_table"
local sites = require "pymalloc.sites"
local stdout = require "pymalloc.cli.stdout"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"

local M = {}

local BAD_USAGE = 2
local ROWS = 20

function M.define(parser)
  local command = parser:command("pins",
    "List who asked for the blocks that keep arenas from being released.",
    "Examples: pymalloc pins app.trace.xz\n"
      .. "          pymalloc pins app.trace.xz --at end --by function --profile 3.12\n"
      .. "          pymalloc pins app.trace.xz --interpreter 1 --arena 5 --json\n"
      .. "          pymalloc pins app.trace.xz --at load --stack --top 3\n"
      .. "          pymalloc pins app.trace.xz --blocks --arena 5\n\n"
      .. "app.trace.xz stands for a trace with call stacks; 'pymalloc record --where'\n"
      .. "makes one.\n\n"
      .. "Each row has the arenas in which a block of the line is live, those among them\n"
      .. "in which no other line has a live block, and its number of blocks and bytes. The\n"
      .. "lines that pin the most arenas come first. Blocks are listed by arena, those in\n"
      .. "arenas with few blocks first.")
  command:argument("trace", "The trace: .gz, .xz and .zst files are unpacked; - is standard input; "
    .. "@startup and @json are built in.")
    :argname("TRACE")
  command:option("--at", "The moment: " .. moment.help .. " Default: unused."):argname("MOMENT")
    :default("unused"):show_default(false)
  command:option("--arena", "Only the blocks in this arena."):argname("SLOT")
    :convert(numbers.count_reader("--arena", 0))
  command:option("--by", "The blocks that share a row: those of one site, line, function or file. "
    .. "A site is a line, a function and a type. Default: site."):argname("WHAT")
    :choices({ "site", "line", "function", "file" })
  command:flag("--stack", "A row for each call stack, printed whole.")
  command:flag("--blocks", "A row for each block: its id, its request and its size. This is the "
    .. "default for a trace without call stacks.")
  command:option("--top", ("The number of rows printed. Default: %d."):format(ROWS))
    :argname("COUNT"):convert(numbers.count_reader("--top", 1))
  command:option("--interpreter", "The interpreter whose heap is read. Default: 0.")
    :argname("N"):convert(numbers.interpreter_reader("--interpreter"))
  command:flag("--json", "Print all rows as JSON.")
  heap_options.define(command)
end

-- {=== What is printed

local function sum_of(rows, name)
  local sum = 0
  for _, row in ipairs(rows) do
    sum = sum + row[name]
  end
  return sum
end

-- The slots of arenas, those with the fewest live blocks first.
local function slots_in_order(run)
  local count_of, slots = {}, {}
  for _, _, _, slot in sites.each_live(run) do
    if not count_of[slot] then
      count_of[slot] = 0
      table.insert(slots, slot)
    end
    count_of[slot] = count_of[slot] + 1
  end
  table.sort(slots, function(one, other)
    if count_of[one] == count_of[other] then
      return one < other
    end
    return count_of[one] < count_of[other]
  end)
  return slots
end

-- The first `top` blocks, in the order of the arenas, or all.
local function blocks_of(run, arena, top)
  local blocks = {}
  for _, slot in ipairs(arena and { arena } or slots_in_order(run)) do
    local pinned = run:pinned_by(slot)
    table.move(pinned, 1, #pinned, #blocks + 1, blocks)
    if #blocks >= top then
      break
    end
  end
  return blocks
end

-- All blocks, in the same order.
local function all_blocks(run, arena)
  local blocks = {}
  for _, candidate in ipairs(run:release_candidates()) do
    if not arena or candidate.arena == arena then
      table.move(candidate.pinned, 1, #candidate.pinned, #blocks + 1, blocks)
    end
  end
  return blocks
end

-- The record that is printed: the moment, its figures, and pins or blocks, at least `top` of
-- them if there are this many.
local function record_of(run, arguments, op, top)
  local stats, geometry = run.heap:stats(), run.heap.geometry
  local rows = run:pins { arena = arguments.arena,
    by = arguments.stack and "stack" or arguments.by }
  local record = { trace = arguments.trace, at = op, length = run.length,
    left_out = run.left_out, arena = arguments.arena, arenas = stats.arenas_current,
    arena_bytes = stats.arenas_current * geometry.arena_bytes,
    live_blocks = sum_of(rows, "blocks"), live_bytes = sum_of(rows, "bytes") }
  if core.run.has_sites(run) and not arguments.blocks then
    record.pins = rows
  elseif top == math.huge then
    record.blocks = all_blocks(run, arguments.arena)
  else
    record.blocks = blocks_of(run, arguments.arena, top)
  end
  return record
end

local function head_of(record)
  local lines = { ("%s, after request %s of %s"):format(record.trace, text.group(record.at),
    text.group(record.length)) }
  table.insert(lines, ("%s of %s bytes; %s live in %s, %s bytes as requested"):format(
    text.count(record.arenas, "arena"), text.group(record.arena_bytes),
    text.count(text.group(record.live_blocks), "block"),
    record.arena and "arena " .. record.arena or record.arenas == 1 and "it" or "them",
    text.group(record.live_bytes)))
  if record.left_out > 0 then
    table.insert(lines, ("%s of other interpreters left out (--interpreter)"):format(
      text.count(record.left_out, "request")))
  end
  return table.concat(lines, "\n") .. "\n\n"
end

local function write_pins(rows, top)
  local lines = pins_table.lines(rows, top)
  lines[1] = terminal.paint(io.stdout, "bold", lines[1])
  stdout.write(table.concat(lines, "\n"), "\n")
  return #rows - top
end

local function asker(block)
  return text.printable(frames.label(block.where, "site"))
end

local function write_blocks(record, top, has_sites)
  local blocks, rows = record.blocks, {}
  for i = 1, math.min(#blocks, top) do
    local block = blocks[i]
    rows[i] = { block.arena, text.unsigned(block.id), text.group(block.request),
      text.group(block.size), has_sites and asker(block) or nil }
  end
  terminal.write_table({ "arena", "id", "request", "bytes", has_sites and "who asked" or nil },
    "rrrrl", rows)
  return record.live_blocks - top
end

local function write_text(record, top, has_sites)
  stdout.write(head_of(record))
  local left
  if record.pins then
    left = write_pins(record.pins, top)
  else
    stdout.write(has_sites and "" or "The trace has no call stacks.\n\n")
    left = write_blocks(record, top, has_sites)
  end
  if left > 0 then
    stdout.write(("%s more (--top)\n"):format(text.count(text.group(left), "row")))
  end
end

local function printable_list(texts)
  local list = {}
  for i, one in ipairs(texts) do
    list[i] = text.printable(one)
  end
  return list
end

-- Replaces bytes that a JSON text cannot have.
local function make_plain(record)
  for _, pin in ipairs(record.pins or {}) do
    pin.stack = pin.stack and printable_list(pin.stack)
    pin.where = pin.stack and table.concat(pin.stack, "\n") or text.printable(pin.where)
  end
  for _, block in ipairs(record.blocks or {}) do
    block.where = block.where and printable_list(block.where)
  end
end

-- {=== Running

-- Moves the run to the moment. Returns its request; or nil, a message and the exit code.
local function go_to(run, arguments)
  local op, problem, code = moment.seek(run, arguments.at)
  if op and arguments.arena then
    local arena, missing = places.arena(run.heap, arguments.arena, "--arena", op)
    if not arena then
      return nil, missing, BAD_USAGE
    end
  end
  return op, problem, code
end

function M.run(arguments)
  if arguments.stack and arguments.by then
    return nil, "--stack and --by cannot be combined", BAD_USAGE
  elseif arguments.blocks and (arguments.stack or arguments.by) then
    return nil, "--blocks cannot be combined with --stack or --by", BAD_USAGE
  end
  local run <close>, problem, code = heap_options.open_run(arguments)
  if not run then
    return nil, problem, code
  end
  local op, message, failure = go_to(run, arguments)
  if not op then
    return nil, message, failure
  end
  local top = arguments.json and math.huge or arguments.top or ROWS
  local record = record_of(run, arguments, op, top)
  if arguments.json then
    make_plain(record)
    stdout.write(json.text(record))
  else
    write_text(record, top, core.run.has_sites(run))
  end
  return 0
end

return M
