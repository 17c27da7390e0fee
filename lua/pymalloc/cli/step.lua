-- pymalloc step: steps through a trace in the terminal.

local frames_svg = require "pymalloc.cli.step.frames_svg"
local heap_options = require "pymalloc.cli.heap_options"
local keys = require "pymalloc.cli.step.keys"
local numbers = require "pymalloc.cli.numbers"
local output = require "pymalloc.output"
local pins_table = require "pymalloc.cli.pins_table"
local recording = require "pymalloc.cli.step.recording"
local screens = require "pymalloc.cli.screen"
local svg_options = require "pymalloc.cli.svg_options"
local text = require "pymalloc.text"
local view = require "pymalloc.view"

local M = {}

local FAILED, BAD_USAGE, NO_READER = 1, 2, 141
local EVENT = "arena_new" -- the one that the keys e and E search if no other is typed
local COLUMNS_LEAST, COLUMNS_MOST, ROWS_LEAST = 60, 200, 6

function M.define(parser)
  local command = parser:command("step", "Step through a trace in the terminal.",
    "Examples: pymalloc step @startup --profile 3.11 --at 40298\n"
      .. "          pymalloc step @startup --keys 'n n e:pool_full p h' --svg steps.svg\n"
      .. "          pymalloc step @startup --at 9 --keys n --svg a.svg --theme dark \\\n"
      .. "            --scale 2 --title Steps\n\n"
      .. "Keys:\n  " .. table.concat(keys.help_keys(76), "\n  "))
  command:argument("trace", "The trace: .gz, .xz and .zst files are unpacked; "
    .. "@startup and @json are built in."):argname("TRACE")
  command:option("--at", "Start after this many requests."):argname("N")
    :convert(numbers.count_reader("--at", 0))
  command:option("--interpreter", "The interpreter whose requests are shown. Default: 0.")
    :argname("N"):convert(numbers.interpreter_reader("--interpreter"))
  command:option("--keys", "With --svg: the keys that are pressed, with spaces between them, such "
    .. "as n, p, home, or e:pool_full (the key e, then this text)."):argname("KEYS")
    :convert(recording.read_keys)
  command:option("--svg", "Save the screens after each of --keys as an animated picture; no "
    .. "terminal is needed."):argname("FILE")
  svg_options.define(command)
  heap_options.define(command)
end

local function lines_of(picture_text)
  local lines = {}
  for line in (picture_text .. "\n"):gmatch("([^\n]*)\n") do
    table.insert(lines, line)
  end
  return lines
end

local function picture(state, columns)
  local width = math.min(COLUMNS_MOST, columns)
  if state.page == "help" then
    return keys.help(width)
  elseif state.page == "pins" then
    return pins_table.lines(state.run:pins(), math.huge)
  end
  local subject = state.page == "heap" and state.run.heap or state.run
  return lines_of(view.text(subject, { width = width, ascii = state.ascii,
    colour = state.colour }))
end

-- Limits the first line shown, so that the rows are filled up to the last line.
local function clamp_top(state, count, rows)
  state.top = math.max(1, math.min(state.top, count - (rows - 1) + 1))
end

local function bottom_line(state, count, rows)
  local last = state.top + rows - 2
  if state.message then
    return state.message
  elseif count <= rows - 1 then
    return keys.bottom
  end
  return ("lines %d to %d of %d: j/k scroll  n/p step  ? help  q quit"):format(state.top,
    math.min(last, count), count)
end

local function draw(state, rows, columns)
  if columns < COLUMNS_LEAST or rows < ROWS_LEAST then
    state.screen.show({ ("%d columns"):format(COLUMNS_LEAST), ("and %d rows"):format(ROWS_LEAST),
      "are needed" }, "q quit", math.max(rows, 4))
    return
  end
  local lines = picture(state, columns)
  clamp_top(state, #lines, rows)
  local bottom = bottom_line(state, #lines, rows)
  state.screen.show(table.move(lines, state.top, state.top + rows - 2, 1, {}),
    bottom:sub(1, columns - 1), rows)
  state.message = nil
end

local function act(state, key)
  local action = keys.actions[key]
  if action then
    state.top = action(state) or 1
  end
end

-- Handles keys until one ends the loop. Where no key was pressed, the picture is drawn again
-- if the size has changed.
local function loop(state)
  local size, key
  repeat
    local rows, columns = state.screen.size()
    local now = rows and rows .. " " .. columns
    if now and (key or now ~= size) then
      state.rows = rows
      draw(state, rows, columns)
      size = now
    end
    key = state.screen:key()
    act(state, key)
  until keys.is_end(key) or not now
end

-- Moves the run to the request where the user wants to begin, or as far as it can be run.
local function begin(state, at)
  if at then
    local ok, problem = state.run:seek(math.min(at, state.run.length))
    state.message = not ok and problem or nil
  end
  if state.run.left_out > 0 then
    state.message = state.message or ("%s of other interpreters left out (--interpreter)"):format(
      text.count(state.run.left_out, "request"))
  end
end

-- Presses the keys, and saves the frames. Returns what commands return.
local function record(arguments, run)
  local screen = recording.new(arguments.keys)
  local state = { run = run, screen = screen, event = EVENT, top = 1, ascii = false, colour = true }
  begin(state, arguments.at)
  loop(state)
  local ok, problem, is_unread = output.write(arguments.svg, frames_svg.svg(screen,
    svg_options.read(arguments), arguments.trace))
  if not ok then
    return nil, problem, is_unread and NO_READER or FAILED
  end
  return 0
end

local function misuse(arguments)
  if arguments.svg and not arguments.keys then
    return "--svg saves the screens that keys lead to: give them with --keys"
  elseif arguments.keys and not arguments.svg then
    return "--keys presses keys for a picture: name its file with --svg"
  end
  return svg_options.misuse(arguments)
end

function M.run(arguments)
  local wrong = misuse(arguments)
  if wrong then
    return nil, wrong, BAD_USAGE
  end
  local run, problem, code = heap_options.open_run(arguments)
  if not run then
    return nil, problem, code
  elseif arguments.svg then
    return record(arguments, run)
  end
  local screen <close> = screens.open()
  if not screen then
    return nil, "step: standard output must be a terminal", FAILED
  end
  local state = { run = run, screen = screen, event = EVENT, top = 1 }
  begin(state, arguments.at)
  loop(state)
  return 0
end

return M
