-- Bytes over the requests of a session.

local moments = require "pymalloc.page.moment"

local M = {}

local CURVES = { "live", "held", "arenas", "rounding", "headers", "free", "unused", "raw" }

--- Arrays of `points` + 1 values, or fewer where there are fewer requests.
function M.facts(session, points)
  local run, facts = session.run, { op = {} }
  local here = run.op
  for _, name in ipairs(CURVES) do
    facts[name] = {}
  end
  points = math.min(points, session.to - session.from)
  for i = 0, points do
    local op = session.from + (points == 0 and 0 or (session.to - session.from) * i // points)
    moments.seek(session, op)
    local stats = moments.stats(run)
    table.insert(facts.op, op)
    for _, name in ipairs(CURVES) do
      table.insert(facts[name], stats[name])
    end
  end
  moments.seek(session, here)
  return facts
end

return M
