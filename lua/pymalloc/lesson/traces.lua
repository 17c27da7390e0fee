-- Finds the recorded traces that lessons replay: they lie beside the lessons.

local lfs = require "lfs"

local M = {}

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

--- The path of the trace of that name. If there is no such file, the error says
-- where it was expected.
function M.path(name)
  local path = ("%s/../lessons/%s.trace.xz"):format(here, name)
  if lfs.attributes(path, "mode") ~= "file" then
    error(("pymalloc: this lesson replays a recorded trace, and the file %s is missing")
      :format(path), 0)
  end
  return path
end

return M
