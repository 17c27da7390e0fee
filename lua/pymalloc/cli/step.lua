-- pymalloc step: steps through a trace in the terminal.

local heap_options = require "pymalloc.cli.heap_options"
local keys = require "pymalloc.cli.step.keys"
local numbers = require "pymalloc.cli.numbers"
local pins_table = require "pymalloc.cli.pins_table"
local screens = require "pymalloc.cli.screen"
local text = require "pymalloc.text"
local view = require "pymalloc.view"

local M = {}

local FAILED = 1
local COLUMNS_LEAST, COLUMNS_MOST, ROWS_LEAST = 60, 200, 6

function M.define(parser)
  local command = parser:command("step", "Step through a trace in the terminal.",
    "Example: pymalloc step @startup --profile 3.11 --at 40298\n\n"
      .. "Keys:\n  " .. table.concat(keys.help_keys(76), "\n  "))
  command:argument("trace", "The trace: .gz, .xz and .zst files are unpacked; "
    .. "@startup and @json are built in."):argname("TRACE")
  command:option("--at", "Start after this many requests."):argname("N")
    :convert(numbers.count_reader("--at", 0))
  command:option("--interpreter", "The interpreter whose requests are shown. Default: 0.")
    :argname("N"):convert(numbers.interpreter_reader("--interpreter"))
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
  return lines_of(view.text(subject, { width = width }))
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
    screens.show({ ("%d columns"):format(COLUMNS_LEAST), ("and %d rows"):format(ROWS_LEAST),
      "are needed" }, "q quit", math.max(rows, 4))
    return
  end
  local lines = picture(state, columns)
  clamp_top(state, #lines, rows)
  local bottom = bottom_line(state, #lines, rows)
  screens.show(table.move(lines, state.top, state.top + rows - 2, 1, {}),
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
    local rows, columns = screens.size()
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

function M.run(arguments)
  local run, problem, code = heap_options.open_run(arguments)
  if not run then
    return nil, problem, code
  end
  local screen <close> = screens.open()
  if not screen then
    return nil, "step: standard output must be a terminal", FAILED
  end
  local state = { run = run, screen = screen, event = "arena_new", top = 1 }
  begin(state, arguments.at)
  loop(state)
  return 0
end

return M
