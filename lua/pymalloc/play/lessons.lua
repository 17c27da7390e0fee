-- Lessons in a page: the pieces of a conversation as plain tables, up to the next one that asks
-- or that is text, after which a lesson may compute for long.

local conversation = require "pymalloc.lesson.conversation"
local lesson_text = require "pymalloc.lesson.text"
local pictures = require "pymalloc.play.picture"
local printed = require "pymalloc.play.printed"
local shelf = require "pymalloc.lesson.shelf"

local M = {}

local WIDTHS = { least = 60, most = 80 } -- columns of a picture

local Lesson = {}
Lesson.__index = Lesson

-- From the kind of a piece to a function that makes a plain table of it.
local plain = {}

function plain.say(_, piece)
  return { paragraphs = lesson_text.paragraphs(piece.text) }
end

function plain.show(self, piece)
  local options = {}
  for name, value in pairs(piece.options or {}) do
    options[name] = value
  end
  options.width, options.ascii, options.colour = options.width or self.width, false, true
  return { text = lesson_text.picture(piece.x, options), picture = pictures.of(piece.x) }
end

function plain.answer(_, piece)
  return { is_guessed = piece.is_guessed, is_right = piece.is_right, answer = piece.answer,
    why = piece.why, because = lesson_text.paragraphs(piece.because) }
end

function plain.break_it(_, piece)
  return { what = piece.what, message = piece.message, so = lesson_text.paragraphs(piece.so) }
end

function plain.exercise(_, piece)
  return { task = lesson_text.paragraphs(piece.task), start = piece.start, hint = piece.hint }
end

local function itself(_, piece)
  return piece
end

local function asks(piece)
  return piece.kind == "work" or piece.kind == "unclear"
    or piece.kind == "question" and not piece.is_old
end

-- Adds a piece to those that are told.
local function add(self, pieces, piece)
  if piece.kind == "progress" then
    self.progress = piece.text
    return
  end
  local one = (plain[piece.kind] or itself)(self, piece)
  one.kind, one.is_old = piece.kind, piece.is_old
  if piece.kind == "grade" then
    one.output = self.printed:text()
  end
  table.insert(pieces, one)
end

-- Runs the lesson up to the next piece that asks or is text, or to its end.
local function go_on(self, answer)
  local pieces = {}
  local piece = self.talk:resume(answer)
  while piece do
    add(self, pieces, piece)
    if asks(piece) or piece.kind == "say" then
      break
    end
    piece = self.talk:resume()
  end
  self.is_asking, self.is_over = piece ~= nil and asks(piece), piece == nil
  return { pieces = pieces, asks = self.is_asking and piece.kind or nil, is_done = self.is_over,
    goes_on = piece ~= nil and not self.is_asking or nil, progress = self.progress }
end

--- The first pieces.
-- @return { pieces; progress, to be kept; asks = the kind of the last piece, if it asks; is_done
-- at the end; goes_on if the lesson has more pieces before the next that asks }
function Lesson:begin()
  return go_on(self)
end

--- The next pieces of a lesson that goes on.
function Lesson:more()
  if self.is_asking or self.is_over then
    return nil, "the lesson waits for an answer, or is over"
  end
  return go_on(self)
end

--- Answers the last piece; returns the pieces after it. The answer to a question is a string;
-- that to an exercise is { text = of a file } or { solution = true }.
function Lesson:answer(answer)
  if not self.is_asking then
    return nil, "the lesson asks nothing"
  end
  self.printed = printed.new()
  if type(answer) == "table" and not answer.solution then
    answer = { text = tostring(answer.text), name = ("@answer_%02d.lua"):format(self.number),
      print = function(...) self.printed:print(...) end }
  end
  return go_on(self, answer)
end

function Lesson:close()
  self.talk:close()
end

--- A lesson.
-- @param number
-- @param progress the text that was kept, or nil
-- @param width columns of its pictures
-- @return the lesson; or nil and a message
function M.open(number, progress, width)
  local path = math.type(number) == "integer" and shelf.path(number)
  if not path then
    return nil, ("there is no lesson %s"):format(tostring(number))
  end
  local seen, was_done = conversation.read_progress(progress)
  local talk = conversation.new(function()
    return dofile(path)
  end, { seen = seen, was_done = was_done })
  return setmetatable({ number = number, talk = talk, progress = progress,
    width = math.max(WIDTHS.least, math.min(WIDTHS.most, width or WIDTHS.most)) }, Lesson)
end

--- The numbers and titles of all lessons.
function M.list()
  local titles, numbers = shelf.titles()
  local list = {}
  for i, number in ipairs(numbers) do
    list[i] = { number = number, title = titles[number] }
  end
  return list
end

return M
