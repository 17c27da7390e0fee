-- Requests that are like those of a trace. The trace is divided into up to 256 parts of equally
-- many windows, and a window has 64 requests. The new trace is divided into as many parts: each of
-- its windows is drawn at random from the windows of the same part of the trace. No window is drawn
-- again before all others of its part have been drawn.
--
--   trace      | a b c | d e f | g h i |      parts of three windows
--   a third    | b | d | i |
--   twice      | c a b a c b | f d e d f e | i g h g i h |
--
-- The blocks that are born in a window, with their frees and reallocs in that window, are copied
-- unchanged. A free or realloc of a block after its window keeps its distance from the birth, if
-- the distance is not longer than a part (of the shorter trace). A later one is put at the same
-- share of the length: request i of the trace corresponds to request i * new length / old length.
-- Such requests are put between the requests of the window at that time.

local core = require "pymalloc.core"
local random = require "pymalloc.workload.random"
local trace_module = require "pymalloc.trace"

local M = {}

local WINDOW, PARTS = 64, 256
local LEAST = 8 -- windows of a part
local LIFE = "=I8I4I4I4I4" -- struct listed_life of csrc/analyse/life_list.h
local RESIZE = "=I8I8"     -- struct listed_resize
local LIFE_BYTES, RESIZE_BYTES, BORN_AT = 24, 16, 8
local TRIES = 8

-- {=== The original

-- For each window, from 0, the number of blocks born before it; one more for the end.
local function births_before(words, count, windows)
  local before, window = {}, 0
  for i = 0, count - 1 do
    local born = string.unpack("=I4", words, i * LIFE_BYTES + BORN_AT + 1)
    while window * WINDOW < born do
      before[window] = i
      window = window + 1
    end
  end
  for rest = window, windows do
    before[rest] = count
  end
  return before
end

local function read_loaded(loaded)
  local words, resizes = core.analysis.lives(loaded)
  if not words then
    return nil, resizes
  elseif #words == 0 then
    return nil, loaded.name .. " has no block", "trace"
  end
  local windows = (#loaded + WINDOW - 1) // WINDOW
  return { name = loaded.name, requests = #loaded, words = words, resizes = resizes,
    windows = windows, parts = math.max(1, math.min(PARTS, windows // LEAST)),
    before = births_before(words, #words // LIFE_BYTES, windows) }
end

--- The blocks of a trace; or nil and a message.
function M.read(trace)
  if type(trace) == "userdata" then
    core.analysis.mark(trace, 1) -- refuses a userdata that is not a LoadedTrace
    return read_loaded(trace)
  end
  local loaded <close>, problem, kind = trace_module.loaded(trace)
  if not loaded then
    return nil, problem, kind
  end
  return read_loaded(loaded)
end

-- {=== Events after the window of a birth

-- A calendar of frees and reallocs; a free has no size.
local function new_calendar()
  local newest, ids, sizes, older = {}, {}, {}, {} -- by time; by event, three times
  local last, waiting, first, count = 0, {}, 1, 0
  local self = { pending = 0 }

  function self.add(time, id, size)
    last = last + 1
    ids[last], sizes[last], older[last] = id, size, newest[time]
    newest[time] = last
    self.pending = self.pending + 1
  end

  function self.take()
    local event = waiting[first]
    if not event then
      return nil
    end
    waiting[first] = nil
    first = first + 1
    self.pending = self.pending - 1
    local id, size = ids[event], sizes[event]
    ids[event], sizes[event] = nil, nil
    return id, size
  end

  -- Moves what is due at a time to what waits, in the order in which it was added.
  function self.ripen(time)
    local event = newest[time]
    local scan = event
    newest[time] = nil
    while scan do
      count, scan = count + 1, older[scan]
    end
    local place = count
    while event do
      waiting[place] = event
      place, event, older[event] = place - 1, older[event], nil
    end
  end
  return self
end

-- {=== The windows of the new trace

-- A function that draws a window of a part, each in turn in a random order.
local function new_draw(lives, draw)
  local decks = {}
  return function(part)
    local deck = decks[part]
    if not deck or #deck == 0 then
      deck = {}
      for window = part * lives.windows // lives.parts,
        (part + 1) * lives.windows // lives.parts - 1 do
        table.insert(deck, window)
      end
      decks[part] = deck
    end
    local place = 1 + random.below(draw, #deck)
    local window = deck[place]
    deck[place] = deck[#deck]
    deck[#deck] = nil
    return window
  end
end

-- A function that gives the new time of an event, by the time of the birth, the requests since
-- then in the trace, and its number in the trace.
local function new_clock(lives, target)
  local kept = math.max(math.min(lives.requests, target) // lives.parts, 1)
  return function(birth, since, number)
    if since <= kept then
      return birth + since
    end
    return math.max(birth + kept, number * target // lives.requests)
  end
end

-- Puts a block into the present window, which begins after request `start` and is window number
-- `window` of the trace; its later events into the calendar.
local function enter(lives, state, place, id)
  local size, born, died, resize, resize_count = string.unpack(LIFE, lives.words,
    place * LIFE_BYTES + 1)
  local end_of_window = (state.window + 1) * WINDOW
  local shift = state.start - state.window * WINDOW
  local time = born + shift
  local function add(number, bytes)
    if number <= end_of_window then
      state.own[number + shift] = { bytes and "r" or "f", id, bytes }
    else
      time = math.max(time, state.time_of(born + shift, number - born, number))
      state.calendar.add(time, id, bytes)
    end
  end
  state.own[time] = { "a", id, size }
  for i = resize, resize + resize_count - 1 do
    local bytes, number = string.unpack(RESIZE, lives.resizes, i * RESIZE_BYTES + 1)
    add(number, bytes)
  end
  if died > 0 then
    add(died)
  end
end

local function begin_window(lives, state, target)
  state.start = state.now
  state.window = state.draw(state.now * lives.parts // target)
  for place = lives.before[state.window], lives.before[state.window + 1] - 1 do
    state.last_id = state.last_id + 1
    enter(lives, state, place, state.last_id)
  end
end

-- Moves to the next time of the new trace.
local function advance(lives, state, target)
  if state.now % WINDOW == 0 and state.now < target then
    begin_window(lives, state, target)
  end
  state.now = state.now + 1
  state.calendar.ripen(state.now)
end

--- A stream of about `target` requests.
function M.stream(lives, target, seed)
  local calendar, own = new_calendar(), {}
  local state = { now = 0, last_id = 0, own = own, calendar = calendar,
    draw = new_draw(lives, random.new(seed)), time_of = new_clock(lives, target) }
  return function()
    while state.now < target or next(own) or calendar.pending > 0 do
      local id, size = calendar.take()
      if id then
        return size and "r" or "f", id, size
      end
      advance(lives, state, target)
      local event = own[state.now]
      own[state.now] = nil
      if event then
        return event[1], event[2], event[3]
      end
    end
    return nil
  end
end

local function length_of(stream)
  local length = 0
  while stream() do
    length = length + 1
  end
  return length
end

--- The target with which a stream has at least n requests, and only a few more; and the number of
-- requests that are used, which is n, or less if nearly no request of the trace allocates.
function M.target(lives, n, seed)
  local target, length = n, 0
  for _ = 1, TRIES do
    length = length_of(M.stream(lives, target, seed))
    if length >= n then
      break
    end
    target = target + (n - length) + n // 1000 + 1
  end
  return target, math.min(length, n)
end

return M
