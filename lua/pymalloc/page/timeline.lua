-- Bytes over the requests of a session.

local core = require "pymalloc.core"

local M = {}

--- Arrays of `points` + 1 values, or fewer where there are fewer requests.
function M.facts(session, points)
  local requests = session.to - session.from
  local curve = core.run.curve(session.run, session.from, session.to,
    math.max(1, math.min(points, requests)))
  local geometry = session.run.heap.geometry
  curve.op, curve.at, curve.held = curve.at, nil, {}
  for i, arenas in ipairs(curve.arenas) do
    curve.held[i] = arenas * geometry.arena_bytes
  end
  return curve
end

return M
