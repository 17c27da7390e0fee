-- Processes of CPython that specs look at from outside.

local command = require "spec.support.command"

local M = {}

-- The environment of the specs may load a sanitizer, which CPython is not built for.
local CLEAN = "env -u LD_PRELOAD -u PYTHONMALLOC -u PYTHONMALLOCSTATS "

local function read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read("a") or ""
end

local function state_of(pid)
  return read(("/proc/%d/status"):format(pid)):match("State:%s*(%a)")
end

local PATIENCE = 600 -- seconds; a busy machine may need many of them

-- Waits until a condition holds.
local function wait_until(condition, what)
  local last = os.time() + PATIENCE
  while not condition() do
    if os.time() > last then
      error(("waited %d seconds until %s"):format(PATIENCE, what), 0)
    end
    os.execute("sleep 0.01")
  end
end

--- Waits until a process is in a state, such as "Z".
function M.wait_for_state(pid, state)
  wait_until(function()
    return state_of(pid) == state
  end, ("process %d is in state %s"):format(pid, state))
end

-- The version of an interpreter, such as "3.11.2"; nil if it does not run.
local function version_of(path)
  local pipe = io.popen(CLEAN .. path
    .. " -c 'import sys; print(sys.version.split()[0])' 2>/dev/null")
  local version = pipe:read("l")
  pipe:close()
  return version and version:match("^%d+%.%d+%.%d+")
end

local function candidates()
  local pipe = io.popen("printf '%s\\n' \"$PYTHON\"; command -v python3; "
    .. "ls /usr/bin/python3 \"$HOME\"/.pyenv/versions/3.*/bin/python3.? "
    .. "\"$HOME\"/.pyenv/versions/3.*/bin/python3.?? 2>/dev/null")
  local paths = {}
  for path in pipe:lines() do
    if path ~= "" then
      table.insert(paths, path)
    end
  end
  pipe:close()
  return paths
end

--- The interpreters that are installed, each version once: in PYTHON, on PATH, in /usr/bin
-- and in ~/.pyenv. Each has the fields path, version and minor. With `least` and `most`, only
-- those of a minor version from `least` to `most`.
function M.interpreters(least, most)
  local list, seen = {}, {}
  for _, path in ipairs(candidates()) do
    local version = version_of(path)
    local minor = version and math.tointeger(version:match("^3%.(%d+)"))
    if version and not seen[version]
      and (not least or minor and minor >= least and minor <= most) then
      seen[version] = true
      table.insert(list, { path = path, version = version, minor = minor })
    end
  end
  return list
end

--- An interpreter of at least that minor version; nil if none is installed.
function M.any(least)
  for _, path in ipairs(candidates()) do
    local version = version_of(path)
    local minor = version and math.tointeger(version:match("^3%.(%d+)"))
    if minor and minor >= least then
      return { path = path, version = version, minor = minor }
    end
  end
end

--- Calls a function again and again until it returns a true value, and returns that.
-- @param what a clause for the error message if it never does
function M.wait_for(f, what)
  local value
  wait_until(function()
    value = f()
    return value
  end, what)
  return value
end

local Process = {}
Process.__index = Process

--- Starts a shell command in the background. The process ends with its variable.
function M.start(line)
  local output = command.file("")
  local pipe = io.popen(("%s >%s.out 2>%s & echo $!"):format(line, output.path, output.path))
  local pid = math.tointeger(tonumber(pipe:read("l")))
  pipe:close()
  return setmetatable({ pid = pid, output = output }, Process)
end

--- Starts a program of Python without waiting.
-- @param environment such as "PYTHONMALLOC=debug", or nil
function M.start_python(python, program, environment)
  return M.start(("%s %s %s -c '%s'"):format(CLEAN, environment or "", python.path, program))
end

--- Starts a program of Python, and waits until it has written `ready` to standard error, by
-- default "ready", and sleeps.
function M.run(python, program, ready, environment)
  local process = M.start_python(python, program, environment)
  process:wait(ready or "ready")
  return process
end

--- What the process has written to standard error.
function Process:text()
  return read(self.output.path)
end

--- Waits until the process sleeps, and has written a text.
function Process:wait(text)
  wait_until(function()
    return self:text():find(text, 1, true) and state_of(self.pid) == "S"
  end, ("process %d writes '%s' and sleeps"):format(self.pid, text))
end

--- Waits until the process is a program of this name, and sleeps: the system sets the name before
-- the program is in the memory of the process.
function Process:wait_for_name(name)
  wait_until(function()
    return read(("/proc/%d/comm"):format(self.pid)) == name .. "\n" and state_of(self.pid) == "S"
  end, ("process %d runs %s and sleeps"):format(self.pid, name))
end

function Process:signal(name)
  os.execute(("kill -%s %d"):format(name, self.pid))
end

function Process:__close()
  self:signal("KILL")
  os.remove(self.output.path .. ".out")
  getmetatable(self.output).__close(self.output)
end

return M
