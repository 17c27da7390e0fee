-- The output of a conversation, and the input of its answers. On a terminal the
-- page waits for Enter before it writes a piece that would scroll unread lines
-- off the screen. The size of the terminal is asked for at each piece, because a window
-- can change its size at any time.

local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.lesson.text"

local M = {}

M.QUIT = {} -- the error that is raised when the learner stops

local GO_ON = "-- Enter to continue, q to stop -- "
local NARROWEST, WIDE = 20, 80 -- columns; a wider page is no easier to read
local ERASE = "\27[A\27[2K" -- erases the line above, which has the prompt

local Page = {}
Page.__index = Page

local function line_count(piece)
  return select(2, piece:gsub("\n", ""))
end

function Page:paint(style, written)
  return terminal.paint(self.output, style, written)
end

-- The columns that a line may have; nil where 80 columns fit.
function Page:width()
  local columns = self.columns or self.is_screen and (terminal.size(self.output)) or WIDE
  return columns < WIDE and math.max(NARROWEST, columns) or nil
end

function Page:row_count()
  return self.rows or self.is_screen and select(2, terminal.size(self.output)) or math.huge
end

-- Waits for Enter if a piece does not fit on the screen below the unread lines.
function Page:turn(piece)
  local is_full = self.filled > 0 and self.filled + line_count(piece) >= self:row_count()
  if is_full and self:ask(GO_ON) and self.is_screen then
    self.output:write(ERASE)
  end
end

-- A piece, with an empty line before it if items were written last.
function Page:gap(piece)
  local gap = self.is_after_item and "\n" or ""
  self.is_after_item = false
  return gap .. piece
end

-- Writes a piece. It is flushed on a screen, because the next piece may take time.
function Page:put(piece)
  self:turn(piece)
  self.filled = self.filled + line_count(piece)
  self.output:write(piece)
  if self.is_screen then
    self.output:flush()
  end
end

-- Writes an item: lines without an empty line between them and other items.
function Page:write_item(piece)
  self:put(piece)
  self.is_after_item = true
end

-- Writes a piece of the lesson. It is not divided by a prompt if it fits on the
-- screen.
function Page:write(piece)
  self:put(self:gap(piece))
end

-- Writes a piece whose last line is a prompt. Returns the line that the learner
-- types, without blanks around it; nil at the end of the input.
function Page:ask(piece)
  if self.is_mute then
    self:write(piece:match("^(.*\n)[^\n]*$") or "")
    return nil
  elseif piece ~= GO_ON then
    piece = self:gap(piece)
    self:turn(piece .. "\n")
  end
  self.output:write(piece)
  self.output:flush()
  local line = self.input:read("l")
  self.filled = 0
  if not line then
    self.output:write("\n")
    self.is_mute = true
    return self.is_screen and error(M.QUIT, 0) or nil
  elseif not self.is_screen then
    self.output:write(line, "\n")
  end
  line = text.line(line)
  return line == "q" and error(M.QUIT, 0) or line
end

--- A page between two file handles.
-- @param input, output file handles
-- @param rows, columns of the screen; by default those of the terminal, if it is one
function M.new(input, output, rows, columns)
  local is_screen = terminal.is_terminal(input) and terminal.is_terminal(output)
  return setmetatable({
    input = input,
    output = output,
    is_screen = is_screen,
    rows = rows,
    columns = columns,
    filled = 0, -- lines written since the last prompt
  }, Page)
end

return M
