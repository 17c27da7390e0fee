-- Finds the recorded traces that lessons replay: traces/ of the source tree, or
-- the shelf on which the lessons themselves are installed.

local lfs = require "lfs"

local M = {}

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local folders = { here .. "/../../../traces", here .. "/shelf" }

--- The path of the trace of that name; an error tells where it was looked for.
function M.path(name)
  for _, folder in ipairs(folders) do
    local path = folder .. "/" .. name .. ".trace.xz"
    if lfs.attributes(path, "mode") == "file" then
      return path
    end
  end
  error(("pymalloc: this lesson replays %s.trace.xz, which is neither in %s nor in %s; "
    .. "the source of pymalloc has it in traces/"):format(name, folders[1], folders[2]), 0)
end

return M
