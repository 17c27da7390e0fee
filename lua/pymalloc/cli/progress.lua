-- A line on the terminal that tells how far a long work has come.

local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"

local M = {}
M.__index = M

local PATIENCE = 2 -- seconds before there is a line, and it changes once in each

-- Progress on standard error. `is_wanted`: false where it would be in the way;
-- `unit`: what is counted, requests unless told.
function M.new(is_wanted, unit)
  return setmetatable({
    is_shown = is_wanted and terminal.is_terminal(io.stderr),
    next_time = os.time() + PATIENCE,
    unit = unit or "requests",
  }, M)
end

-- Tells how many are done, if it is time to.
function M:show(count)
  if not self.is_shown or os.time() < self.next_time then
    return
  end
  self.next_time = os.time() + 1
  self.has_line = true
  io.stderr:write("\r", text.group(count), " ", self.unit)
  io.stderr:flush()
end

-- Takes the line away; so does the end of a variable marked <close>.
function M:clear()
  if self.has_line then
    io.stderr:write("\r\27[K")
    io.stderr:flush()
  end
end

M.__close = M.clear

return M
