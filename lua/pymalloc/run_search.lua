--- Searches of a run: for the next, or the last, request that satisfies a condition.

local core = require "pymalloc.core"
local events = require "pymalloc.event"
local marks = require "pymalloc.marks"
local method = require "pymalloc.method"

local Run = method.of "Run"

-- Checks a filter { kind =, class = }. Returns the set of kinds, and the class or nil.
local function filter_of(run, filter, what)
  for name in pairs(filter) do
    if name ~= "kind" and name ~= "class" then
      error(("pymalloc: %s: unknown condition %s (allowed: kind, class)"):format(what,
        tostring(name)), 0)
    end
  end
  local class = filter.class
  if class ~= nil then
    events.class(class, run.heap.geometry.class_count, what)
  end
  return events.set(filter.kind, what), class
end

-- The set of kinds and the class of a condition; nil if the condition is a function.
local function kinds_of(run, condition, what)
  if type(condition) == "string" or type(condition) == "table" and #condition > 0 then
    return events.set(condition, what)
  elseif type(condition) == "table" and next(condition) ~= nil then
    return filter_of(run, condition, what)
  elseif type(condition) ~= "function" then
    error(("pymalloc: %s: condition must be the name of an event, names, { kind =, class = }, "
      .. "{ mark = } or a function, got %s"):format(what,
      type(condition) == "table" and "an empty table" or core.describe(condition)), 0)
  end
end

-- Steps until the function returns true; false, and a message if a request cannot be run.
local function step_until(run, condition, stop)
  while run.op < stop do
    local ok, problem = run:seek(run.op + 1)
    if not ok then
      return false, problem
    elseif condition(run) then
      return true
    end
  end
  return false
end

-- The last request from `first` to `last` after which the function returns true.
local function last_until(run, condition, first, last)
  local found
  run:seek(first - 1)
  while step_until(run, condition, last) do
    found = run.op
  end
  return found
end

-- Goes to the request before a mark, or to another if there is none. Returns its number.
local function go_to_mark(run, found, otherwise)
  local ok, problem = run:seek(found or otherwise)
  if not ok then
    return nil, problem
  end
  return found
end

--- Goes to the next request that has one of the named events, or for which a function
-- returns true, or that is the last before a mark of the trace.
-- @tparam string|string[]|table|function condition a name of an event, or several; or a
-- table with the fields kind (a name or names) and class (a size class); or a table with
-- the field mark (its text, or true for any mark); or a function that is called with the
-- run after each request
-- @treturn integer number of the request; nil if there is none: the run is then at the
-- end, or, with a message, before a request that cannot be run
-- @usage run:continue("block_push") --> 3
function Run:continue(condition)
  local mark = events.checked(marks.wanted, condition, "run:continue")
  if mark then
    return go_to_mark(self, marks.after(self, mark), self.length)
  end
  local kinds, class = events.checked(kinds_of, self, condition, "run:continue")
  local found, problem
  if kinds then
    found, problem = core.run.forward(self, kinds, class)
  else
    found, problem = step_until(self, condition, self.length)
  end
  if found then
    return self.op
  end
  return nil, problem
end

-- Searches backwards for a function: each turn goes forwards through the requests after
-- one checkpoint.
local function reverse_until(run, condition)
  local last = run.op - 1
  while last >= 1 do
    local first = core.run.mark_before(run, last - 1) + 1
    local found = last_until(run, condition, first, last)
    if found then
      run:seek(found)
      return true
    end
    last = first - 1
  end
  run:seek(0)
  return false
end

--- Goes back to the last request before this one that satisfies a condition.
-- @tparam string|string[]|table|function condition as for run:continue
-- @treturn integer number of the request; nil if there is none: the run is then at the
-- beginning
-- @usage run:reverse("arena_new") --> 1
function Run:reverse(condition)
  local mark = events.checked(marks.wanted, condition, "run:reverse")
  if mark then
    return go_to_mark(self, marks.before(self, mark), 0)
  end
  local kinds, class = events.checked(kinds_of, self, condition, "run:reverse")
  local found
  if kinds then
    found = core.run.backward(self, kinds, class)
  else
    found = reverse_until(self, condition)
  end
  return found and self.op or nil
end
