-- pymalloc step: a trace, stepped through in the terminal.

local events = require "pymalloc.event"
local heap_options = require "pymalloc.cli.heap_options"
local runs = require "pymalloc.run"
local screens = require "pymalloc.cli.screen"
local view = require "pymalloc.view"

local M = {}

local FAILED, BAD_USAGE = 1, 2
local WIDTH_LEAST, WIDTH_MOST = 60, 200
local KEYS = "n/p step  N/P 100  g seek  e/E event on/back  / find id  h heap  ? help  q quit"

local help = {
  "n, space, right    the next request        p, left   the one before",
  "N, down            100 requests on         P, up     100 back",
  "home               the beginning           end       the end",
  "g                  to a request, by number",
  "e                  on to the next request with an event: type its name",
  "E                  back to the last request with that event",
  "/                  on to the next request of an id",
  "h                  the heap, and the run again",
  "?                  this help               q         quit",
  "",
  "Events:",
}

function M.define(parser)
  local command = parser:command("step", "Step through a trace in the terminal.",
    "Example: pymalloc step traces/cpython-startup.trace.xz --profile 3.11 --at 40298")
  command:argument("trace", "A trace; .gz, .xz and .zst are unpacked."):argname("TRACE")
  command:option("--at", "Begin after this many requests."):argname("N"):convert(math.tointeger)
  heap_options.define(command)
end

local function lines_of(text)
  local lines = {}
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    table.insert(lines, line)
  end
  return lines
end

local function help_lines()
  local lines = table.move(help, 1, #help, 1, {})
  for _, kind in ipairs(events.kinds) do
    table.insert(lines, ("  %-18s %s"):format(kind.name, kind.meaning))
  end
  return lines
end

local function picture(state, columns)
  local width = math.max(WIDTH_LEAST, math.min(WIDTH_MOST, columns))
  if state.page == "help" then
    return help_lines()
  end
  local subject = state.page == "heap" and state.run.heap or state.run
  return lines_of(view.text(subject, { width = width }))
end

local function draw(state)
  local rows, columns = screens.size()
  local bottom = state.message or KEYS
  screens.show(picture(state, columns), bottom:sub(1, columns - 1), rows)
  state.rows, state.message = rows, nil
end

local function ask_event(state, screen)
  local name = screen:ask("event: ", state.rows)
  if name == "" then
    return state.event
  end
  state.event = name or state.event
  return name and state.event
end

local function search(state, method, screen)
  local name = ask_event(state, screen)
  if not name then
    return
  end
  local from = state.run.op
  local ok, found = pcall(state.run[method], state.run, name)
  if not ok or not found then
    state.run:seek(from)
    state.message = ok and "no such event" or tostring(found):gsub(" %(there are.*", "")
  end
end

local function seek(state, screen)
  local op = math.tointeger(tonumber(screen:ask("request: ", state.rows) or ""))
  if op and op >= 0 and op <= state.run.length then
    state.run:seek(op)
  else
    state.message = "a request is a number from 0 to " .. state.run.length
  end
end

local function find_id(state, screen)
  local id = math.tointeger(tonumber(screen:ask("id: ", state.rows) or ""))
  for number = state.run.op + 1, id and state.run.length or 0 do
    if state.run:request(number).id == id then
      state.run:seek(number)
      return
    end
  end
  state.message = "no request of that id ahead"
end

local function toggle(page)
  return function(state)
    state.page = state.page ~= page and page or nil
  end
end

local function move(method, count)
  return function(state)
    local ok, problem = state.run[method](state.run, count)
    state.message = not ok and problem or nil
  end
end

local actions = {
  n = move("step", 1), [" "] = move("step", 1), right = move("step", 1),
  p = move("back", 1), left = move("back", 1),
  N = move("step", 100), down = move("step", 100),
  P = move("back", 100), up = move("back", 100),
  home = function(state) state.run:seek(0) end,
  ["end"] = function(state) state.run:seek(state.run.length) end,
  g = seek,
  e = function(state, screen) search(state, "continue", screen) end,
  E = function(state, screen) search(state, "reverse", screen) end,
  ["/"] = find_id,
  h = toggle("heap"),
  ["?"] = toggle("help"),
}

local function is_end(key)
  return key == "q" or key == "\3"
end

-- Until a key ends it; a key that does not come may mean another size.
local function loop(state, screen)
  local size, key
  repeat
    local now = table.concat({ screens.size() }, " ")
    if key or now ~= size then
      draw(state)
      size = now
    end
    key = screen:key()
    if key and actions[key] then
      actions[key](state, screen)
    end
  until is_end(key)
end

local function open_run(arguments)
  local options, problem = heap_options.read(arguments)
  if not options then
    return nil, problem, BAD_USAGE
  end
  local run, message = runs.replay(arguments.trace, options)
  if not run then
    return nil, message, FAILED
  end
  if arguments.at then
    run:seek(math.max(0, math.min(arguments.at, run.length)))
  end
  return run
end

function M.run(arguments)
  local run, problem, code = open_run(arguments)
  if not run then
    return nil, problem, code
  end
  local screen <close> = screens.open()
  if not screen then
    return nil, "step needs a terminal", FAILED
  end
  loop({ run = run, event = "arena_new" }, screen)
  return 0
end

return M
