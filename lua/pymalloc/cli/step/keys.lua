-- The keys of the stepper. An action gets the state: run, screen, page ("heap",
-- "pins", "help" or nil), top (the first line shown), event (the last condition that was
-- searched), rows. It may set state.message, which the bottom line shows.

local events = require "pymalloc.event"
local text = require "pymalloc.text"

local M = {}

M.bottom = "n/p step  g go  e/E event  m/M mark  / id  h heap  w pins  ? help  q quit"

-- The keys and their help.
local help = {
  { "n, space, right", "the next request" },
  { "p, left", "the previous request" },
  { "N, down", "100 requests forwards" },
  { "P, up", "100 requests back" },
  { "home, end", "the beginning and the end of the trace" },
  { "g", "go to a request: type its number, or +N, or -N" },
  { "e", "the next request with an event: type its name, or a part of it, and optionally a size "
    .. "class: pool_full 7" },
  { "E", "the previous request with that event" },
  { "m", "the next mark of the program: type its text, or nothing for any mark" },
  { "M", "the previous mark" },
  { "/", "the next request of an id" },
  { "h", "show the heap; again: show the request" },
  { "w", "show who asked for the blocks that pin arenas; again: show the request" },
  { "j, page down", "scroll down by half a screen" },
  { "k, page up", "scroll up by half a screen" },
  { "?", "this help" },
  { "q, Ctrl-C", "quit" },
}

local NAME_COLUMNS = 19

-- Adds a name, and its meaning beside it.
local function add_entry(lines, name, meaning, columns)
  local entry = text.wrap(meaning, columns, text.pad(name, NAME_COLUMNS))
  table.move(entry, 1, #entry, #lines + 1, lines)
end

-- The help on the keys, as lines of at most `columns` columns.
function M.help_keys(columns)
  local lines = {}
  for _, entry in ipairs(help) do
    add_entry(lines, entry[1], entry[2], columns)
  end
  return lines
end

-- The help on the keys, and the list of events.
function M.help(columns)
  local lines = M.help_keys(columns)
  table.insert(lines, "")
  table.insert(lines, "Events:")
  for _, kind in ipairs(events.kinds) do
    add_entry(lines, "  " .. kind.name, kind.meaning, columns)
  end
  return lines
end

local function ask(state, question)
  return state.screen:ask(question, state.rows)
end

local function trim(typed)
  return typed:match("^%s*(.-)%s*$")
end

-- The kinds of event whose name contains the text; only the one whose name is the text, if
-- there is one.
local function kinds_like(typed)
  local list = {}
  for _, kind in ipairs(events.kinds) do
    if kind.name == typed then
      return { typed }
    elseif kind.name:find(typed, 1, true) then
      table.insert(list, kind.name)
    end
  end
  return list
end

-- The condition that was typed; or nil and a message.
local function condition_of(typed, class_count)
  local name, digits = typed:match("^(%S+)%s+(%d+)$")
  local class = math.tointeger(tonumber(digits))
  local list = kinds_like(name or typed)
  if digits and not (class and class < class_count) then
    return nil, "a size class must be a number from 0 to " .. class_count - 1
  elseif #list == 1 then
    return { kind = list[1], class = class }
  elseif #list == 0 then
    return nil, ("no event is called '%s': ? lists them"):format(name or typed)
  end
  return nil, table.concat(list, ", ") .. "?"
end

local function ask_event(state)
  local typed = ask(state, ("event [%s]: "):format(state.event))
  if not typed then
    return nil
  end
  typed = trim(typed)
  local condition, problem = condition_of(typed == "" and state.event or typed,
    state.run.heap.geometry.class_count)
  if not condition then
    state.message = problem
    return nil
  end
  state.event = condition.kind .. (condition.class and " " .. condition.class or "")
  return condition
end

local function search(method, nothing)
  return function(state)
    local condition = ask_event(state)
    if not condition then
      return
    end
    local from = state.run.op
    if not state.run[method](state.run, condition) then
      state.run:seek(from)
      state.message = ("no %s %s"):format(state.event, nothing)
    end
  end
end

local function search_mark(method, nothing)
  return function(state)
    local typed = ask(state, "mark [any]: ")
    if not typed then
      return
    end
    local from, wanted = state.run.op, trim(typed)
    local condition = { mark = wanted == "" or wanted }
    if not state.run[method](state.run, condition) then
      state.run:seek(from)
      state.message = ("no mark %s%s"):format(wanted == "" and "" or "'" .. wanted .. "' ", nothing)
    end
  end
end

-- The request that was typed, from 0 to the length; "+7" and "-7" count from the current
-- one. nil for anything else.
local function time_of(run, typed)
  local sign, digits = typed:match("^([+-]?)(%d+)$")
  local number = math.tointeger(tonumber(digits))
  if number and sign ~= "" then
    number = run.op + (sign == "+" and number or -number)
  end
  return number and number >= 0 and number <= run.length and number or nil
end

local function go(state)
  local typed = ask(state, "request: ")
  if not typed then
    return
  end
  local op = time_of(state.run, trim(typed))
  if not op then
    state.message = "a request must be a number from 0 to " .. state.run.length
    return
  end
  local ok, problem = state.run:seek(op)
  state.message = not ok and problem or nil
end

local function find_id(state)
  local typed = ask(state, "id: ")
  local id = typed and math.tointeger(tonumber(typed))
  if not typed then
    return
  elseif not id then
    state.message = "an id must be a number"
    return
  end
  for number = state.run.op + 1, state.run.length do
    if state.run:request(number).id == id then
      state.run:seek(number)
      return
    end
  end
  state.message = ("no request of id %d after this one"):format(id)
end

local function toggle(page)
  return function(state)
    state.page = state.page ~= page and page or nil
  end
end

local function move(method, count, nothing)
  return function(state)
    local moved, problem = state.run[method](state.run, count)
    state.message = problem or moved == 0 and nothing or nil
  end
end

local function seek(time)
  return function(state)
    local ok, problem = state.run:seek(time(state.run))
    state.message = not ok and problem or nil
  end
end

local END, BEGINNING = "this is the end of the trace", "this is the beginning of the trace"

local function on(count) return move("step", count, END) end
local function back(count) return move("back", count, BEGINNING) end
local function scroll(direction)
  return function(state)
    return state.top + direction * math.max(1, state.rows // 2)
  end
end

local half_down, half_up = scroll(1), scroll(-1)

-- From a key to its action. An action that returns a number scrolls to that line.
M.actions = {
  n = on(1), [" "] = on(1), right = on(1), N = on(100), down = on(100),
  p = back(1), left = back(1), P = back(100), up = back(100),
  home = seek(function() return 0 end),
  ["end"] = seek(function(run) return run.length end),
  g = go,
  e = search("continue", "after this request"),
  E = search("reverse", "before this request"),
  m = search_mark("continue", "after this request"),
  M = search_mark("reverse", "before this request"),
  ["/"] = find_id,
  h = toggle("heap"),
  w = toggle("pins"),
  ["?"] = toggle("help"),
  j = half_down, ["page down"] = half_down, k = half_up, ["page up"] = half_up,
}

function M.is_end(key)
  return key == "q" or key == "\3"
end

return M
