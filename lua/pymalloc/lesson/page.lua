-- Where a conversation is written and its answers are read. On a terminal it
-- waits before a piece that would push off the screen what nobody has read.

local screen = require "pymalloc.cli.screen"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.lesson.text"

local M = {}

M.QUIT = {} -- raised where the learner has enough

local GO_ON = "-- Enter to go on, q to stop -- "
local ERASE = "\27[A\27[2K" -- the line above, which has the prompt

local Page = {}
Page.__index = Page

local function line_count(piece)
  return select(2, piece:gsub("\n", ""))
end

function Page:paint(style, written)
  return terminal.paint(self.output, style, written)
end

-- Waits until the learner has read the screen, where there is one.
function Page:turn(piece)
  local is_full = self.filled > 0 and self.filled + line_count(piece) >= self.rows
  if is_full and self:ask(GO_ON) and self.is_screen then
    self.output:write(ERASE)
  end
end

-- The empty line that is due behind items.
function Page:gap(piece)
  local gap = self.is_after_item and "\n" or ""
  self.is_after_item = false
  return gap .. piece
end

-- On a screen a piece is seen at once: what follows it may take a while.
function Page:put(piece)
  self:turn(piece)
  self.filled = self.filled + line_count(piece)
  self.output:write(piece)
  if self.is_screen then
    self.output:flush()
  end
end

-- Writes a line or two of which several may stand close together.
function Page:write_item(piece)
  self:put(piece)
  self.is_after_item = true
end

-- Writes a piece of the lesson, which stays whole if the screen can hold it.
function Page:write(piece)
  self:put(self:gap(piece))
end

-- What the learner types behind a piece of text, on one line without blanks
-- around it; nil where there is no more input. The prompt is the last line.
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
-- @param rows of the screen; unless told, those of the terminal, if it is one
function M.new(input, output, rows)
  local is_screen = terminal.is_terminal(input) and terminal.is_terminal(output)
  return setmetatable({
    input = input,
    output = output,
    is_screen = is_screen,
    rows = rows or is_screen and screen.size() or math.huge,
    filled = 0, -- lines of the screen that nobody has read
  }, Page)
end

return M
