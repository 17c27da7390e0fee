-- Sessions of the page: traces that are open, each with a heap of its own and a clock. Sessions
-- of one trace share its requests, which are read once.
--
-- A session is a table with handle, name, loaded (the requests), geometry (options of the heap),
-- run, from and to (the clock), problem (why the trace ends early, or nil), notices, is_typed
-- (made of typed requests), and while requests are typed on a trace, base: the run before.

local builtin = require "pymalloc.trace.builtin"
local check = require "pymalloc.check"
local core = require "pymalloc.core"
local events = require "pymalloc.event"
local geometry_name = require "pymalloc.geometry_name"
local marks = require "pymalloc.marks"
local remarks = require "pymalloc.cli.remarks"
local room = require "pymalloc.page.room"
local runs = require "pymalloc.run"
local text = require "pymalloc.text"
local traces = require "pymalloc.trace"

local M = {}

local list, count = {}, 0

--- The session of a handle; anything else is an error.
function M.get(handle)
  local session = math.type(handle) == "integer" and list[handle]
  return session or check.refuse("page", "session must be the number of an open session, got %s",
    check.quote(handle))
end

-- {=== The clock

-- A moment among the options.
local function moment(options, name, least, most, default)
  local value = options[name]
  return value == nil and default or check.integer("page", name, value, least, most)
end

local function new_run(session, requests)
  local run, problem = runs.replay_loaded(session.loaded, session.geometry, requests)
  return run or check.refuse("page", "%s", problem)
end

-- Adds a session whose requests are loaded. The first moment of a trace is the beginning of the
-- clock; that of typed requests is its end, where the next one is added.
--
-- Each request can be run: those from the first one that cannot were left out when the trace was
-- loaded.
local function start(session, options)
  local length = #session.loaded
  session.to = moment(options, "to", 0, length, length)
  session.from = moment(options, "from", 0, session.to, 0)
  session.run = new_run(session, session.to)
  session.run:seek(session.is_typed and session.to or session.from)
  session.typed = session.is_typed and session.to - session.from or 0
  count = count + 1
  session.handle, list[count] = count, session
  return session
end

-- {=== Opening

-- The options of a heap, copied, as plain data has floats such as 4096.0.
local function geometry_of(options)
  local given, heap = options.geometry, {}
  if given ~= nil and type(given) ~= "table" then
    check.refuse("page", "geometry must be a table, got %s", core.describe(given))
  end
  for name, value in pairs(given or {}) do
    heap[name] = math.type(value) == "float" and math.tointeger(value) or value
  end
  core.geometry_name(heap) -- refuses what no heap can have
  return heap
end

-- Raises the reason why requests could not be loaded.
local function refuse_load(problem, name)
  local number = problem:match("^not enough memory for request (%d+)$")
  if number then
    room.refuse(name, "more than " .. text.group(math.tointeger(number) - 1),
      math.tointeger(number) * 3 // 4)
  end
  check.refuse("page", "%s", text.printable(problem))
end

-- The requests of a path or a text, the reason why there are no more of them, and sentences on
-- what was left out.
local function load(source, is_text, name, options)
  local interpreter = options.interpreter == nil and 0
    or check.integer("page", "interpreter", options.interpreter, 0, 65535)
  local most = moment(options, "to", 0, math.maxinteger, math.maxinteger)
  local notices, ending
  local function open(path, notes)
    notices = notes and remarks.list(notes)
    local loaded, problem, kind = core.trace.load_requests(path, is_text, interpreter, name, most)
    ending = loaded and problem
    return loaded, problem, kind
  end
  local loaded, problem = traces.or_foreign(source, is_text, open)
  if not loaded then
    refuse_load(problem, name)
  end
  return loaded, ending, notices or {}
end

local function name_of(options, default)
  local name = options.name == nil and default or options.name
  return type(name) == "string" and name
    or check.refuse("page", "name must be a string, got %s", core.describe(name))
end

local function open(source, is_text, default, options)
  local session = { name = name_of(options, default), geometry = geometry_of(options),
    is_typed = is_text }
  session.loaded, session.problem, session.notices = load(source, is_text, session.name, options)
  return start(session, options)
end

--- Opens a file.
function M.open(path, options)
  if type(path) ~= "string" then
    check.refuse("page", "path must be a string, got %s", core.describe(path))
  end
  room.check(builtin.path(path) or path, name_of(options, path),
    moment(options, "to", 0, math.maxinteger, math.maxinteger))
  return open(path, false, path, options)
end

--- Opens a text of requests that are typed.
function M.open_text(source, options)
  if type(source) ~= "string" then
    check.refuse("page", "text must be a string, got %s", core.describe(source))
  end
  return open(source, true, "typed requests", options)
end

--- Opens the trace of a session once more, with another geometry or clock, without the requests
-- that were typed.
function M.reopen(other, options)
  if options.interpreter ~= nil then
    check.refuse("page", "interpreter must be nil: the session has the requests of one interpreter")
  end
  options.from = options.from or other.from
  options.to = options.to or other.base and other.base.to or not other.is_typed and other.to
    or nil
  return start({ name = name_of(options, other.name), geometry = geometry_of(options),
    is_typed = other.is_typed, loaded = other.loaded, problem = other.problem,
    notices = other.notices }, options)
end

-- Is there a session of these requests?
local function is_used(loaded)
  for _, session in pairs(list) do
    if session.loaded == loaded then
      return true
    end
  end
  return false
end

--- Closes a session, and the requests with the last session of them: the collector would leave
-- them in memory until a next cycle.
function M.close(handle)
  local session = M.get(handle)
  list[handle] = nil
  session.run:close()
  if session.base then
    session.base.run:close()
  end
  if not is_used(session.loaded) then
    session.loaded:close()
  end
end

-- {=== Facts

local GEOMETRY_FIELDS = { "alignment", "threshold", "pool_bytes",
  "arena_bytes", "arena_offset", "release", "class_count", "pools_per_arena" }

-- The name of the profile is the one that was given, such as 3.12 for that of 3.11.
local function geometry_facts(session)
  local facts, geometry = {}, session.run.heap.geometry
  for _, name in ipairs(GEOMETRY_FIELDS) do
    facts[name] = geometry[name]
  end
  facts.name = geometry_name(session.geometry)
  facts.profile = session.geometry.profile or geometry.profile
  facts.pool_overhead = geometry.header_bytes
  return facts
end

--- The geometry that options of a heap make; an error if there is none.
function M.check_geometry(given)
  local options = geometry_of { geometry = given }
  local heap <close> = core.heap(options)
  return geometry_facts { run = { heap = heap }, geometry = options }
end

local function class_facts(geometry)
  local classes = {}
  for i, class in ipairs(core.class_table(geometry)) do
    classes[i] = { szidx = class.szidx, bytes = class.size, blocks = class.capacity,
      waste = class.waste }
  end
  return classes
end

--- The names of profiles, each with the versions of CPython that have it.
function M.profiles()
  local names = {}
  for i, profile in ipairs(core.profiles()) do
    names[i] = { name = profile.name, note = profile.cpython }
  end
  return names
end

local function kinds_facts()
  local kinds, names = {}, {}
  for i, kind in ipairs(events.kinds) do
    kinds[i] = { name = kind.name, meaning = kind.meaning, detail = kind.detail }
    names[i] = kind.name
  end
  return kinds, names
end

local function mark_facts(session)
  local facts = {}
  for _, mark in ipairs(marks.list(session.run)) do
    if mark.op >= session.from and mark.op <= session.to then
      table.insert(facts, { op = mark.op, text = text.printable(mark.text) })
    end
  end
  return facts
end

local function notices_of(session)
  local notices = table.move(session.notices, 1, #session.notices, 1, {})
  if session.run.left_out > 0 then
    table.insert(notices, ("%s of other interpreters left out."):format(
      text.count(text.group(session.run.left_out), "request")))
  end
  if session.problem then
    table.insert(notices, ("The rest of the trace cannot be run: %s."):format(
      text.printable(session.problem)))
  end
  return notices
end

--- The facts on a session that the page shows.
function M.facts(session)
  local run = session.run
  local kinds, names = kinds_facts()
  return { session = session.handle, name = text.printable(session.name),
    geometry = geometry_facts(session), classes = class_facts(run.heap.geometry),
    requests = session.to, from = session.from, to = session.to, ids = core.run.handles(run),
    marks = mark_facts(session), notices = notices_of(session), events = names, kinds = kinds,
    profiles = M.profiles(), has_sites = core.run.has_sites(run), is_typed = session.is_typed }
end

return M
