--- Watching a heap: listeners, filters, and the last events.
--
--     local subscription = heap:on(print)
--     heap:on(function(event) ... end, { kind = "pool_full", class = 2 })
--     subscription:remove()
--
-- Listeners are called when a request is over: all invariants hold, and a listener may
-- use the heap. Events of requests that a listener itself makes to the heap are not
-- passed to listeners, but are kept among the last events.

local core = require "pymalloc.core"
local events = require "pymalloc.event"

local M = {}

local LAST_DEFAULT, LAST_MOST = 256, 100000

-- From a heap to its state: listeners; last, the events that are kept; most, how many of
-- them; lost, a count; is_telling, while listeners are called.
local watched = setmetatable({}, { __mode = "k" })

--- pymalloc.Subscription: the registration of a listener with a heap.
local Subscription = { __name = "pymalloc.Subscription" }
Subscription.__index = Subscription

-- The kinds of events that are wanted: by listeners, and for the last events, which have
-- all kinds but the details.
local function wanted_kinds(state)
  local kinds = state.most > 0 and events.plain or 0
  for _, listener in ipairs(state.listeners) do
    kinds = kinds | listener.kinds
  end
  return kinds
end

local function update(heap, state)
  core.events.watch(heap, wanted_kinds(state))
end

local function keep(state, event)
  if state.most == 0 then
    return
  end
  table.insert(state.last, event)
  if #state.last >= 2 * state.most then
    state.last = table.move(state.last, #state.last - state.most + 1, #state.last, 1, {})
  end
end

local function is_wanted(listener, event)
  return listener.kinds & events.kind(event.kind).bit ~= 0
    and (not listener.classes or listener.classes[event.class])
end

-- Passes an event to the listeners that existed when it was taken. The first error of a
-- listener is returned, so that it can be raised after all of them were called.
local function tell(state, event, failure)
  for _, listener in ipairs(table.move(state.listeners, 1, #state.listeners, 1, {})) do
    if not listener.is_removed and is_wanted(listener, event) then
      local ok, problem = pcall(listener.call, event)
      if not ok and not failure then
        failure = { problem = problem }
      end
    end
  end
  return failure
end

-- The core calls this function when a request is over.
local function dispatch(heap)
  local state = watched[heap]
  local pending, lost = core.events.take(heap)
  if not state then
    return
  end
  state.lost = state.lost + lost
  local is_nested, failure = state.is_telling, nil
  state.is_telling = true
  for _, event in ipairs(pending) do
    keep(state, event)
    failure = not is_nested and tell(state, event, failure) or failure
  end
  state.is_telling = is_nested
  if failure then
    error(failure.problem, 0)
  end
end

core.events.dispatch(dispatch)

-- Raises an error unless `heap` is an open heap.
local function check_heap(heap)
  core.methods.Heap.size_class(heap, 1)
end

local function state_of(heap)
  local state = watched[heap]
  if not state then
    state = { listeners = {}, last = {}, most = LAST_DEFAULT, lost = 0, is_telling = false }
    watched[heap] = state
  end
  return state
end

-- A class or an array of classes as a set; nil for nil.
local function class_set(heap, classes)
  if classes == nil then
    return nil
  end
  local set, count = {}, heap.geometry.class_count
  for _, class in ipairs(type(classes) == "table" and classes or { classes }) do
    set[events.class(class, count, "heap:on")] = true
  end
  return next(set) and set or error("pymalloc: heap:on: no class is named", 0)
end

local function check_filter(filter)
  if type(filter) ~= "table" then
    error("pymalloc: heap:on: filter must be a table, got " .. core.describe(filter), 0)
  end
  for name in pairs(filter) do
    if name ~= "kind" and name ~= "class" and name ~= "details" then
      error(("pymalloc: heap:on: unknown filter %s (allowed: kind, class, details)")
        :format(tostring(name)), 0)
    end
  end
end

--- Removes the listener. A listener may remove itself while it is called. Removing it
-- again has no effect.
-- @usage
-- local subscription = heap:on(print)
-- subscription:remove()
-- subscription --> pymalloc.Subscription removed
function Subscription:remove()
  local state = watched[self.heap]
  if self.listener.is_removed or not state then
    return
  end
  self.listener.is_removed = true
  for i, listener in ipairs(state.listeners) do
    if listener == self.listener then
      table.remove(state.listeners, i)
      break
    end
  end
  update(self.heap, state)
end

function Subscription:__tostring()
  return "pymalloc.Subscription " .. (self.listener.is_removed and "removed" or "listening")
end

-- Is it a function, or does it have the metamethod __call?
local function is_callable(value)
  local metatable = getmetatable(value)
  return type(value) == "function" or type(metatable) == "table" and metatable.__call ~= nil
end

-- The record of a listener.
local function entry_of(heap, listener, filter)
  if not is_callable(listener) then
    error("pymalloc: heap:on: listener must be a function, got " .. core.describe(listener), 0)
  end
  filter = filter == nil and {} or filter
  check_filter(filter)
  local kinds = events.set(filter.kind, "heap:on")
  return {
    call = listener,
    kinds = not filter.kind and filter.details and events.all or kinds,
    classes = class_set(heap, filter.class),
  }
end

--- Registers a listener: a function that is called with each event of the heap, when the
-- request is over. An error that it raises is raised by the method that made the request,
-- after all other listeners were called; the request itself is done.
-- @tparam function listener
-- @tparam[opt] table filter kind: a name of an event, or an array of names; class: a size
-- class, or an array of them; details: true also passes events of the kinds marked as
-- details
-- @treturn pymalloc.Subscription
-- @usage
-- heap:on(function(event)
--   print(event.kind) --> block_push
-- end, { kind = "block_push" })
-- b:free()
function M.on(heap, listener, filter)
  check_heap(heap)
  local entry = events.checked(entry_of, heap, listener, filter)
  local state = state_of(heap)
  table.insert(state.listeners, entry)
  update(heap, state)
  return setmetatable({ heap = heap, listener = entry }, Subscription)
end

local function check_count(count, what)
  if math.type(count) ~= "integer" or count < 0 or count > LAST_MOST then
    error(("pymalloc: %s: count must be an integer from 0 to %d, got %s")
      :format(what, LAST_MOST, core.describe(count)), 3)
  end
  return count
end

--- Sets how many of the last events are kept, also without a listener. A watched heap
-- keeps 256 by default.
-- @tparam integer count 0 to 100000
-- @usage heap:keep_events(10)
function M.keep_events(heap, count)
  check_heap(heap)
  check_count(count, "heap:keep_events")
  local state = state_of(heap)
  state.most = count
  state.last = M.last_events(heap, count)
  update(heap, state)
end

--- The last events of a watched heap, the oldest first.
-- @tparam[opt] integer count at most so many; the default is all that are kept
-- @treturn pymalloc.Event[]
-- @usage
-- heap:keep_events(10)
-- b:free()
-- heap:last_events(1)[1].kind --> arena_release
function M.last_events(heap, count)
  check_heap(heap)
  count = count == nil and LAST_MOST or check_count(count, "heap:last_events")
  local state = watched[heap]
  if not state then
    return {}
  end
  dispatch(heap)
  local most = math.min(count, state.most, #state.last)
  return table.move(state.last, #state.last - most + 1, #state.last, 1, {})
end

--- The number of events that were lost for lack of memory since the heap is watched.
-- @treturn integer
-- @usage heap:lost_events() --> 0
function M.lost_events(heap)
  check_heap(heap)
  return watched[heap] and watched[heap].lost or 0
end

for name, method in pairs(M) do
  core.methods.Heap[name] = method
end

return M
