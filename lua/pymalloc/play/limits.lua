-- Calls functions that may not end: a hook raises an error once a call takes too long or needs
-- too much memory.
--
-- Once a limit is exceeded, the hook is called at each instruction and raises an error each time:
-- where a pcall in the called function catches one, the next instruction raises another. Coroutines
-- have hooks of their own, so they must be made by the functions of this module. A loop in C, or in
-- a finalizer, calls no hook: only ending the process or the worker stops it.

local core = require "pymalloc.core"
local text = require "pymalloc.text"

local M = {}

local MIB = 1 << 20

--- The limits of one call: seconds of processor time, and bytes that it adds to the Lua state.
M.LIMITS = { seconds = 10, bytes = 256 * MIB }

local STEPS = 10000 -- instructions between two calls of the hook
local KIB = 1024

local clock, count_memory = os.clock, collectgarbage
local sethook, get_info = debug.sethook, debug.getinfo
local string, strings = string, debug.getmetatable("")
local raise = error

local now -- the call that runs: its limits, and the sentence on the limit that it exceeded

local function is_too_large()
  if count_memory "count" * KIB <= now.most_bytes then
    return false
  end
  count_memory "collect"
  return count_memory "count" * KIB > now.most_bytes
end

-- Calls a function with the methods of strings, which a statement may have replaced.
local function with_methods(f, ...)
  local before = strings.__index
  strings.__index = string
  local sentence = f(...)
  strings.__index = before
  return sentence
end

local function too_long(seconds)
  return ("it does not end: it was stopped after %s"):format(text.count(seconds, "second"))
end

local function too_large(bytes)
  return ("it needs more memory than the %s MiB that are allowed"):format(text.group(bytes // MIB))
end

local function find_exceeded()
  if clock() > now.ending then
    return with_methods(too_long, now.limits.seconds)
  elseif is_too_large() then
    return with_methods(too_large, now.limits.bytes)
  end
end

-- The hook. A coroutine that was made in an earlier call has it too.
local function hook()
  if not now then
    return
  end
  now.exceeded = now.exceeded or find_exceeded()
  if not now.exceeded then
    return
  elseif get_info(2, "f").func == M.call then -- the called function has ended
    sethook()
  else
    sethook(hook, "", 1)
    raise(now.exceeded, 2)
  end
end

--- Calls a function with limits. A call within another one has the limits of the other.
-- @param limits as M.LIMITS
-- @return true and the results; or false, the error, and whether a limit was exceeded
function M.call(limits, f, ...)
  if now then
    return pcall(f, ...)
  end
  now = { limits = limits, ending = clock() + limits.seconds,
    most_bytes = count_memory "count" * KIB + limits.bytes }
  sethook(hook, "", STEPS)
  local results = table.pack(pcall(f, ...))
  sethook()
  local exceeded = now.exceeded
  now = nil
  if exceeded and results[1] then -- the function has caught the error, and then returned
    return false, exceeded, true
  end
  return table.unpack(results, 1, results.n)
end

-- {=== Coroutines with the hook

local create, resume, close = coroutine.create, coroutine.resume, coroutine.close

local function new_thread(f)
  local thread = create(f)
  sethook(thread, hook, "", STEPS)
  return thread
end

-- The results of a resumed thread. As with coroutine.wrap, an error closes the thread.
local function passed_on(thread, ok, ...)
  if not ok then
    close(thread)
    raise(..., 0)
  end
  return ...
end

local function check_function(f, what)
  if type(f) ~= "function" then
    raise(("bad argument #1 to '%s' (function expected, got %s)"):format(what,
      core.describe(f)), 3)
  end
end

--- The functions of the library coroutine, for functions that are called with limits.
function M.coroutines()
  local names = {}
  for name, value in pairs(coroutine) do
    names[name] = value
  end
  function names.create(f)
    check_function(f, "create")
    return new_thread(f)
  end
  function names.wrap(f)
    check_function(f, "wrap")
    local thread = new_thread(f)
    return function(...)
      return passed_on(thread, resume(thread, ...))
    end
  end
  return names
end

return M
