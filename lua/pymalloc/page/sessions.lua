-- Sessions of the page: traces that are open, each with a heap of its own and a clock.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local geometry_name = require "pymalloc.geometry_name"
local events = require "pymalloc.event"
local runs = require "pymalloc.run"
local text = require "pymalloc.text"

local M = {}

local GEOMETRY_FIELDS = { "profile", "alignment", "threshold", "pool_bytes", "arena_bytes",
  "arena_offset", "release", "class_count", "pools_per_arena" }

local list, count = {}, 0

--- The session of a handle; anything else is an error.
function M.get(handle)
  local session = math.type(handle) == "integer" and list[handle]
  return session or check.refuse("page", "session must be the number of an open session, got %s",
    check.quote(handle))
end

local function geometry_facts(run)
  local geometry, facts = run.heap.geometry, {}
  for _, name in ipairs(GEOMETRY_FIELDS) do
    facts[name] = geometry[name]
  end
  facts.name = geometry_name(geometry)
  facts.pool_overhead = geometry.header_bytes
  return facts
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
  local marks = {}
  for _, mark in ipairs(session.run:marks()) do
    if mark.op >= session.from and mark.op <= session.to then
      table.insert(marks, { op = mark.op, text = text.printable(mark.text) })
    end
  end
  return marks
end

local function notices_of(session)
  local notices = {}
  if session.run.left_out > 0 then
    table.insert(notices, ("%s of other interpreters are not shown."):format(
      text.count(text.group(session.run.left_out), "request")))
  end
  if session.problem then
    table.insert(notices, ("The trace ends here: %s."):format(session.problem))
  end
  return notices
end

--- What the page knows of a session.
function M.facts(session)
  local run = session.run
  local kinds, names = kinds_facts()
  return { session = session.handle, name = text.printable(session.name),
    geometry = geometry_facts(run), classes = class_facts(run.heap.geometry),
    requests = session.length, from = session.from, to = session.to, ids = 0,
    marks = mark_facts(session), notices = notices_of(session), events = names, kinds = kinds,
    profiles = M.profiles(), has_sites = core.run.has_sites(run),
    is_typed = session.lines ~= nil }
end

-- Runs all requests once, so that a later jump begins at a checkpoint near by. The clock ends
-- before a request that cannot be run.
local function run_all(session)
  local run = session.run
  local ok, problem = run:seek(session.to)
  if not ok then
    session.problem, session.length = problem, run.op
    session.to = math.min(session.to, run.op)
    session.from = math.min(session.from, run.op)
  end
  run:seek(session.from)
end

local function moment(options, name, least, most, default)
  local value = options[name]
  return value == nil and default or check.integer("page", name, value, least, most)
end

--- A session of a trace that pymalloc.replay takes.
function M.open(trace, name, options)
  local heap = {}
  for option, value in pairs(options.geometry or {}) do
    heap[option] = value
  end
  heap.interpreter = options.interpreter
  local run, problem = runs.replay(trace, heap)
  if not run then
    error("pymalloc: page: " .. problem, 0)
  end
  local session = { run = run, name = options.name or name, length = run.length }
  session.to = moment(options, "to", 0, run.length, run.length)
  session.from = moment(options, "from", 0, session.to, 0)
  run_all(session)
  count = count + 1
  session.handle, list[count] = count, session
  return session
end

--- Closes a session.
function M.close(handle)
  local session = M.get(handle)
  list[handle] = nil
  session.run:close()
end

return M
