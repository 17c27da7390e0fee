-- The present moment of a session as texts that a reader keeps.

local view = require "pymalloc.view"

require "pymalloc.snapshots" -- the method json

local M = {}

--- The picture of the run, as pymalloc.view.svg draws it.
function M.svg(session)
  return view.svg(session.run)
end

--- The state of the heap, as heap:snapshot():save() writes it.
function M.snapshot(session)
  return session.run.heap:snapshot():json()
end

--- The state of the heap as text, as heap:dump returns it.
function M.dump(session)
  return session.run.heap:dump()
end

return M
