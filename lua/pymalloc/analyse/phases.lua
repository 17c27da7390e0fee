-- The phases of a trace: its marks; or, where it has none, the rises and falls of its live
-- bytes.
--
-- The rule: a rise ends at its highest point of the curve, a fall at its lowest, once the
-- live bytes are at least a quarter of their peak away from there.

local core = require "pymalloc.core"
local numbers = require "pymalloc.analyse.numbers"

local M = {}

local QUARTER = 4

-- {=== Turning points of the curve

-- Extends the present rise or fall by a point, or ends it. `state`: is_rise (nil as long as
-- neither is known), low and high (points: { at =, bytes = }), turns.
local function follow(state, point, least)
  if point.bytes >= state.high.bytes then
    state.high = point
  end
  if point.bytes <= state.low.bytes then
    state.low = point
  end
  if state.is_rise ~= true and point.bytes - state.low.bytes >= least then
    table.insert(state.turns, { at = state.low.at, name = "rise" })
    state.is_rise, state.high = true, point
  elseif state.is_rise ~= false and state.high.bytes - point.bytes >= least then
    table.insert(state.turns, { at = state.high.at, name = "fall" })
    state.is_rise, state.low = false, point
  end
end

--- The turning points: { at = requests before it, name = "rise" or "fall" }.
function M.turns(curve, peak)
  local begin = { at = 0, bytes = 0 }
  local state = { low = begin, high = begin, turns = {} }
  local least = math.max(peak // QUARTER, 1)
  for i, at in ipairs(curve.requests) do
    follow(state, { at = at, bytes = curve.live_bytes[i] }, least)
  end
  return state.turns
end

-- {=== Phases

local function marks_of(loaded)
  local marks = {}
  local after, text = core.analysis.mark(loaded, 1)
  while after do
    table.insert(marks, { at = after, name = text })
    after, text = core.analysis.mark(loaded, #marks + 1)
  end
  return marks
end

-- The moments at which phases begin, the first at 0.
local function moments_of(loaded, curve, peak)
  local marks = marks_of(loaded)
  local moments, by = marks, "marks"
  if #marks == 0 then
    moments, by = M.turns(curve, peak), "live bytes"
  end
  if #moments == 0 then
    by = "none"
  end
  if #moments == 0 or moments[1].at > 0 then
    table.insert(moments, 1, { at = 0, name = "begin" })
  end
  return moments, by
end

--- The phases: from and to (its first and last request), name (the text of a mark, "begin",
-- "rise", "fall"), and figures; and what they are found by: "marks", "live bytes", "none".
-- nil and a message: there is no memory.
function M.of(loaded, curve, peak)
  local moments, by = moments_of(loaded, curve, peak)
  local starts = {}
  for i, moment in ipairs(moments) do
    starts[i] = string.pack("j", moment.at + 1)
  end
  local words, problem = core.analysis.phases(loaded, table.concat(starts))
  if not words then
    return nil, problem
  end
  local phases = numbers.phases(words)
  for i, phase in ipairs(phases) do
    phase.name = moments[i].name
  end
  return phases, by
end

return M
