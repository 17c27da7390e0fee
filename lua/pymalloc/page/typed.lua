-- Requests that are typed. On a session that is a trace, they follow the present moment: the trace
-- is as it was when the last of them is undone.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local requests = require "pymalloc.page.requests"
local run_text = require "pymalloc.page.run_text"
local runs = require "pymalloc.run"
local text = require "pymalloc.text"

local M = {}

-- The requests that are written as text: more of them would take seconds.
local TEXT_MOST = 1000000

-- {=== Adding and undoing

-- Replaces the run of a trace by another one that ends at the present moment.
local function branch(session)
  local op = session.run.op
  local run, problem = runs.replay_loaded(session.loaded, session.geometry, op)
  if not run then
    check.refuse("page", "%s", problem)
  end
  run:seek(op)
  session.base = { run = session.run, to = session.to, op = op }
  session.run = run
end

-- Gives the session the run back that it had before requests were typed.
local function unbranch(session)
  session.run:close()
  session.run, session.to = session.base.run, session.base.to
  session.base = nil
end

-- Adds the request and runs it. Returns nil and the reason if that is not possible.
local function add(run, line)
  local ok, problem = core.run.append(run, line)
  if not ok then
    return nil, (problem:gsub("^line:1: ", ""))
  end
  return run:seek(run.op + 1)
end

-- The number of requests that were typed.
local function count_typed(session)
  return session.to - (session.base and session.base.op or session.from)
end

--- Adds a request behind the present moment, leaves out those that were there, and runs it.
function M.append(session, line)
  if type(line) ~= "string" then
    check.refuse("page", "a request must be a line of text, got %s", check.quote(line))
  end
  local is_first = not session.is_typed and not session.base
  if is_first then
    branch(session)
  end
  local before = session.run.op
  local ok, problem = add(session.run, line)
  if not ok and is_first then
    unbranch(session)
  end
  if not ok then
    check.refuse("page", "%s", text.printable(problem))
  elseif session.base then
    session.base.op = math.min(session.base.op, before)
  end
  session.to = session.run.op
  session.typed = count_typed(session)
end

--- Takes back the last request that was typed. The session is then at its end.
function M.undo(session)
  if session.typed == 0 then
    check.refuse("page", "there is no request to undo")
  end
  local run = session.run
  run:seek(session.to - 1)
  core.run.cut(run)
  session.to = run.op
  session.typed = count_typed(session)
  if session.base and session.typed == 0 then
    local op = run.op
    unbranch(session)
    session.run:seek(op)
  end
end

-- The requests that were typed, as lines.
local function lines_of(session)
  local lines = {}
  for number = session.to - session.typed + 1, session.to do
    table.insert(lines, requests.line(session.run:request(number)))
  end
  return lines
end

--- Types the requests of another session in one that was opened with the same trace, and goes to
-- the moment of the other one.
function M.copy(other, session)
  if session.is_typed then
    session.run:seek(session.from)
    core.run.cut(session.run)
    session.to, session.typed = session.run.op, 0
  elseif other.base then
    session.run:seek(math.max(session.from, math.min(other.base.op, session.to)))
  end
  for _, line in ipairs(lines_of(other)) do
    M.append(session, line)
  end
  session.run:seek(math.max(session.from, math.min(other.run.op, session.to)))
end

-- {=== The text

--- The trace up to the end of the clock, as text.
function M.text(session)
  local pieces = {}
  if session.to > TEXT_MOST then
    check.refuse("page", "%s requests are too many to be written as text (the most: %s)",
      text.group(session.to), text.group(TEXT_MOST))
  end
  run_text.stream(session.run, session.to, function(piece)
    table.insert(pieces, piece)
  end)
  return table.concat(pieces)
end

return M
