--- Watching a heap: listeners, filters, and the last events.
--
--     local subscription = heap:on(print)
--     heap:on(function(event) ... end, { kind = "pool_full", class = 2 })
--     subscription:remove()
--
-- Listeners are called when a request is over: all invariants hold, and a listener may
-- use the heap. Events of requests that a listener itself makes to the heap are not
-- passed to listeners, but are kept among the last events. A request of a finalizer that
-- interrupts a listener is not one of the listener: its events are passed on.

local core = require "pymalloc.core"
local events = require "pymalloc.event"
local method = require "pymalloc.method"

local M = {}

local LAST_DEFAULT, LAST_MOST = 256, 100000

-- From a heap to its state: listeners, an array that is replaced and never changed; most,
-- how many of the last events are kept.
local watched = setmetatable({}, { __mode = "k" })

--- pymalloc.Subscription: the registration of a listener with a heap.
local Subscription = {}

local metatable = {
  __name = "pymalloc.Subscription",
  __metatable = "pymalloc.Subscription",
  __index = Subscription,
}

-- Watches the heap for these listeners; returns the number of its last request.
local function watch(heap, listeners, most)
  local kinds = 0
  for _, listener in ipairs(listeners) do
    kinds = kinds | listener.kinds
  end
  return core.events.watch(heap, kinds, most)
end

-- Is the listener to be told of this event, and has it not been told yet?
local function is_due(listener, request, index, bit, class)
  return not listener.is_removed
    and (request > listener.request or request == listener.request and index > listener.index)
    and listener.kinds & bit ~= 0
    and (not listener.classes or listener.classes[class])
end

local function nothing() end

-- The dispatcher: tells one event to all listeners and returns whether one has
-- raised an error, and the first error. Where Lua has no memory for a call in
-- here, the core calls again with the same event: each listener knows the last
-- event that it was told of. For the memory that Lua needs to enter a listener,
-- a function that does nothing is called first.
local function dispatch(heap, event)
  assert(pcall(nothing))
  local has_failed, problem = false, nil
  local request, index, class = event.request, event.index, event.class
  local bit, state = events.kind(event.kind).bit, watched[heap]
  local listeners = state and state.listeners
  for i = 1, state and #listeners or 0 do
    local listener = listeners[i]
    if is_due(listener, request, index, bit, class) then
      local ok, raised = pcall(listener.call, event)
      listener.request, listener.index = request, index
      if not ok and not has_failed then
        has_failed, problem = true, raised
      end
    end
  end
  return has_failed, problem
end

core.events.dispatch(dispatch)

local function state_of(heap)
  local state = watched[heap]
  if not state then
    state = { listeners = {}, most = LAST_DEFAULT }
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
  local others = {}
  for _, listener in ipairs(state.listeners) do
    if listener ~= self.listener then
      table.insert(others, listener)
    end
  end
  self.listener.is_removed = true
  state.listeners = others
  watch(self.heap, others, state.most)
end

function metatable:__tostring()
  return "pymalloc.Subscription " .. (self.listener.is_removed and "removed" or "listening")
end

-- Is it a function, or does it have the metamethod __call?
local function is_callable(value)
  local its = debug.getmetatable(value)
  return type(value) == "function" or type(its) == "table" and its.__call ~= nil
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
    -- The last event that it was told of, or had no need to be told of.
    request = 0,
    index = math.maxinteger,
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
  local entry = events.checked(entry_of, heap, listener, filter)
  local state = state_of(heap)
  local listeners = table.move(state.listeners, 1, #state.listeners, 1, {})
  table.insert(listeners, entry)
  local subscription = setmetatable({ heap = heap, listener = entry }, metatable)
  entry.request = watch(heap, listeners, state.most)
  state.listeners = listeners
  return subscription
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
  check_count(count, "heap:keep_events")
  local state = state_of(heap)
  watch(heap, state.listeners, count)
  state.most = count
end

--- The last events of a watched heap, the oldest first.
-- @tparam[opt] integer count the most events; the default is all that are kept
-- @treturn pymalloc.Event[]
-- @usage
-- heap:keep_events(10)
-- b:free()
-- heap:last_events(1)[1].kind --> arena_release
function M.last_events(heap, count)
  count = count == nil and LAST_MOST or check_count(count, "heap:last_events")
  return core.events.last(heap, count)
end

--- The number of events that were lost for lack of memory since the heap was first watched.
-- @treturn integer
-- @usage heap:lost_events() --> 0
function M.lost_events(heap)
  return core.events.lost(heap)
end

local methods = method.of "Heap"
for name, f in pairs(M) do
  methods[name] = f
end

return M
