-- A line on the terminal that counts while a long command runs.

local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"

local M = {}
M.__index = M

local PATIENCE = 2 -- seconds before the line is shown; then it changes once a second

-- Progress on standard error, if that is a terminal. `is_wanted`: false never
-- shows it; `unit`: the noun for what is counted, by default "requests".
function M.new(is_wanted, unit)
  return setmetatable({
    is_shown = is_wanted and terminal.is_terminal(io.stderr),
    next_time = os.time() + PATIENCE,
    unit = unit or "requests",
  }, M)
end

-- The options of a pymalloc.output whose packing this line shows.
function M:of_output()
  return { form = "trace", progress = function(done)
    if type(done) == "string" then
      self:tell(done)
    else
      self:show(done)
    end
  end }
end

-- Shows a text at once.
function M:tell(what)
  if self.is_shown then
    self.has_line = true
    io.stderr:write("\r\27[K", (what:gsub("%c", "?")))
    io.stderr:flush()
  end
end

-- Shows the count, at most once a second.
function M:show(count)
  if not self.is_shown or os.time() < self.next_time then
    return
  end
  self.next_time = os.time() + 1
  self.has_line = true
  io.stderr:write("\r", text.group(count), " ", self.unit)
  io.stderr:flush()
end

-- Erases the line. The end of a variable marked <close> does the same.
function M:clear()
  if self.has_line then
    io.stderr:write("\r\27[K")
    io.stderr:flush()
  end
end

M.__close = M.clear

return M
