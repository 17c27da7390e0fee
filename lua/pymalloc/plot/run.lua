-- The lines of plot.run: bytes held and live at requests of a run.

local check = require "pymalloc.plot.check"
local geometry_name = require "pymalloc.geometry_name"

local M = {}

local POINTS, POINTS_MOST = 400, 10000

local fields = check.with_look { "points" }

-- Goes to a request and adds its bytes. Returns nil and a message if a request cannot be run.
local function add_point(run, op, series)
  local ok, problem = run:seek(op)
  if not ok then
    return nil, problem
  end
  local stats = run.heap:stats()
  local bytes = { stats.arena_bytes, stats.allocated_bytes }
  for i, one in ipairs(series) do
    table.insert(one.x, op)
    table.insert(one.y, bytes[i])
  end
  return true
end

local function marks_of(run)
  local marks = {}
  for i, mark in ipairs(run:marks()) do
    marks[i] = { x = mark.op, name = mark.text }
  end
  return marks
end

--- The options of plot.lines for a run. The run is at the same request afterwards.
function M.lines(run, given, what)
  given = given == nil and {} or given
  check.fields(what, "the options", given, fields)
  local points = check.integer(what, "points", given.points, 1, POINTS_MOST, POINTS)
  points = math.min(points, run.length)
  local series = { { name = "arenas held", x = {}, y = {} },
    { name = "live blocks", x = {}, y = {} } }
  local at, problem = run.op, nil
  for i = 0, points do
    local ok, reason = add_point(run, points == 0 and 0 or run.length * i // points, series)
    if not ok then
      problem = reason
      break
    end
  end
  run:seek(at)
  local lines = { series = series, marks = marks_of(run), step = points == run.length,
    x = { title = "requests" }, y = { title = "bytes after each request", unit = "bytes" } }
  for name in pairs(check.look_fields) do
    lines[name] = given[name]
  end
  lines.title = given.title or "Bytes held and live: "
    .. geometry_name(run.heap.geometry)
  lines.note = problem or given.note
  return lines
end

return M
