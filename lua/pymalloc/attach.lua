--- Snapshots of live CPython processes, and of core files.

local builder = require "pymalloc.attach.build"
local capture = require "pymalloc.attach.capture"
local core = require "pymalloc.core"
local corefile = require "pymalloc.attach.corefile"
local hooks = require "pymalloc.attach.hooks"
local interpreters = require "pymalloc.attach.interpreters"
local locate = require "pymalloc.attach.locate"
local packed = require "pymalloc.packed"
local process = require "pymalloc.attach.process"
local profiles = require "pymalloc.attach.profile"
local python = require "pymalloc.attach.python"
local sorted_keys = require "pymalloc.sorted_keys"

local M = {}

-- {=== Refusals

local function no_python(memory, name, problem)
  local program = memory.program and ": its program is " .. memory.program:gsub("%c", "?") or ""
  return ("%s is not a CPython%s%s"):format(name, program, problem and " (" .. problem .. ")" or "")
end

-- The value of a variable of the environment in which a process was started.
local function variable(memory, name)
  return ("\0" .. memory.environment):match("%z" .. name .. "=(%Z+)")
end

local function no_arenas(memory, name, found)
  local allocator = variable(memory, "PYTHONMALLOC")
  if allocator then
    return ("%s has no arenas: it was started with PYTHONMALLOC=%s, which does not use them")
      :format(name, (allocator:gsub("%c", "?")))
  end
  return ("%s is CPython %s and has no arenas: it has another allocator (PYTHONMALLOC=malloc "
    .. "selects one), or has not yet begun to run"):format(name, found.version)
end

local function free_threaded(name, found)
  return ("%s is CPython %s built without the global interpreter lock: such a build uses "
    .. "mimalloc, and has no arenas of pymalloc"):format(name, found.version)
end

-- {=== The steps

-- Opens the target: a number is a process, a string is the path of a core file.
local function open(target)
  if math.type(target) == "integer" then
    local memory, problem = process.open(target)
    return memory, problem or ("process %d"):format(target)
  end
  local memory, problem = corefile.open(target)
  return memory, problem and ("%s cannot be read as a core file: %s"):format(target, problem)
    or ("the core file %s"):format(target)
end

local function find(memory, name)
  local found, problem = python.find(memory)
  if not found then
    return nil, no_python(memory, name, problem)
  elseif found.is_free_threaded then
    return nil, free_threaded(name, found)
  end
  local minor, refusal = profiles.minor(found.version)
  if not minor then
    return nil, name .. " " .. refusal
  end
  found.minor = minor
  return found
end

local function has_arenas(memory, state)
  local bytes = state.addresses.arenas and memory:read(state.addresses.arenas, 8)
  return bytes and bytes ~= ("\0"):rep(8)
end

-- The states of the allocators of all interpreters by id.
local function find_states(memory, name, found)
  local main = locate.main(memory, found, found.minor)
  if not main then
    return nil, ("%s is CPython %s, but its allocator's state was not found; it may have been "
      .. "built without pymalloc"):format(name, found.version)
  elseif main.has_pools and not main.addresses.arenas then
    return nil, ("%s is CPython %s, but its arenas vector was not found"):format(name,
      found.version)
  elseif not has_arenas(memory, main) then
    return nil, no_arenas(memory, name, found)
  end
  return interpreters.find(memory, found, found.minor, main)
end

local function choose(states, id, name)
  if states[id] then
    return states[id]
  end
  return nil, ("%s has no interpreter %d; it has: %s"):format(name, id,
    table.concat(sorted_keys(states), ", "))
end

-- The interpreters that have an allocator of their own.
local function owners(states)
  local list = {}
  for _, id in ipairs(sorted_keys(states)) do
    if id == 0 or states[id] ~= states[0] then
      table.insert(list, id)
    end
  end
  return list
end

-- Are the pools of another size than this version has? At least half of them then differ.
local function geometry_problem(taken, name, found)
  local pools, wrong = 0, 0
  for _, arena in pairs(taken.arenas) do
    for _, pool in ipairs(arena.pools) do
      pools, wrong = pools + 1, wrong + (pool.size and 0 or 1)
    end
  end
  if pools == 0 or 2 * wrong >= pools then
    return ("%s is CPython %s, but its pools are not those of that version: it was built with "
      .. "other settings, or is being started or ended"):format(name, found.version)
  end
end

local function take(memory, name, found, state, progress)
  local geometry = profiles.geometry(found.minor, state.used.class_count)
  if not geometry then
    return nil, ("%s is CPython %s with %d size classes, which no version has"):format(name,
      found.version, state.used.class_count)
  end
  local taken = capture.take { memory = memory, used = state.used, addresses = state.addresses,
    geometry = geometry, progress = progress }
  local problem = geometry_problem(taken, name, found)
  if problem then
    return nil, problem
  end
  return taken
end

local function add_origin(snapshot, memory, found, states, id)
  snapshot.process = {
    pid = memory.pid,
    core = memory.core,
    name = memory.name,
    program = memory.program,
    python = found.version,
    interpreter = id,
    interpreters = owners(states),
    is_shared = id ~= 0 and states[id] == states[0] or nil,
    debug_hooks = hooks.are_on(memory, snapshot),
    time = os.date("!%Y-%m-%dT%H:%M:%SZ"),
  }
end

local function read(memory, name, options)
  local found, problem = find(memory, name)
  if not found then
    return nil, problem
  elseif not options.symbols then
    found.symbols = python.exported(found.symbols)
  end
  local states, why = find_states(memory, name, found)
  if not states then
    return nil, why
  end
  local state, refusal = choose(states, options.interpreter, name)
  if not state then
    return nil, refusal
  end
  local taken, failure = take(memory, name, found, state, options.progress)
  if not taken then
    return nil, failure
  end
  local snapshot = builder.snapshot(taken)
  add_origin(snapshot, memory, found, states, options.interpreter)
  return setmetatable(snapshot, core.metatables.Snapshot)
end

-- {=== The public function

local function check(target, options)
  if math.type(target) ~= "integer" and type(target) ~= "string" then
    error("pymalloc: attach: target must be the number of a process or the path of a core file, "
      .. "got " .. core.describe(target), 3)
  elseif type(options) ~= "table" then
    error("pymalloc: attach: options must be a table, got " .. core.describe(options), 3)
  end
  local id = options.interpreter
  if id ~= nil and (math.type(id) ~= "integer" or id < 0) then
    error("pymalloc: attach: interpreter must be an integer, 0 or more, got " .. core.describe(id),
      3)
  elseif options.progress ~= nil and type(options.progress) ~= "function" then
    error("pymalloc: attach: progress must be a function, got " .. core.describe(options.progress),
      3)
  end
end

--- Reads the arenas and pools of a CPython 3.6 to 3.14 from outside. The process is not
-- stopped, and nothing is written to it. It may change its memory at the same time: then it is
-- read several times, and the field reading of the snapshot tells how many of its pools
-- changed between the last two readings, and how many could not be read whole.
-- @tparam integer|string target the number of a process, or the path of a core file
-- @tparam[opt] table options interpreter: the number of an interpreter, default 0, the main
-- one; progress: a function that is called with the number of arenas that were read; symbols:
-- false does not use the symbols of the program
-- @treturn pymalloc.Snapshot also with process (pid, name, program, python, interpreter,
-- interpreters, debug_hooks, time) and reading (passes, pools, changed, torn); nil and a
-- message if the target cannot be read
-- @usage local snapshot, problem = pymalloc.attach(4711)
function M.attach(target, options)
  options = options == nil and {} or options
  check(target, options)
  if type(target) == "string" then
    packed.check_path(target, "attach")
  end
  local memory, name = open(target)
  if not memory then
    return nil, name
  end
  local snapshot, problem = read(memory, name, {
    interpreter = options.interpreter or 0,
    progress = options.progress or function() end,
    symbols = options.symbols ~= false,
  })
  local note = problem and memory:end_note()
  memory:close()
  return snapshot, note or problem
end

return M
