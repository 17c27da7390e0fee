-- Plays a lesson for a person: writes its text and pictures, asks its questions,
-- waits for answers, and saves how far the person has come.

local desk = require "pymalloc.lesson.desk"
local judge = require "pymalloc.lesson.judge"
local pages = require "pymalloc.lesson.page"
local question = require "pymalloc.lesson.question"
local task = require "pymalloc.lesson.task"
local text = require "pymalloc.lesson.text"

local WRONG = "the lesson is wrong: "

local Conversation = {}
Conversation.__index = Conversation

local M = {}

-- Counts a step; returns whether the learner has not seen it yet.
function Conversation:is_next()
  self.step = self.step + 1
  return self.step > self.seen
end

function Conversation:remember()
  local is_again = self.was_done and self.how_far ~= "done"
  local ok, reason = desk.remember(self.number, self.how_far .. (is_again and " done" or ""))
  if not ok and not self.has_complained then
    self.has_complained = true
    self.page:write(text.hung("  ", "(Your progress cannot be saved: " .. reason
      .. ". Set the environment variable PYMALLOC_DESK to use another folder.)") .. "\n\n")
  end
end

-- Saves the step after which the lesson continues the next time.
function Conversation:mark(step, note)
  self.how_far = math.max(step, self.seen) .. (note or "")
  self:remember()
end

function Conversation:paragraph(said)
  self.page:write(text.wrapped(said) .. "\n\n")
end

function Conversation:say(said)
  if self:is_next() then
    self:mark(self.step - 1)
    self:paragraph(said)
  end
end

Conversation.aside = Conversation.say

function Conversation:show(x, options)
  if self:is_next() then
    self.page:write(text.picture(x, options) .. "\n\n")
  end
end

function Conversation:claim(sentence, got, expected)
  local fault = judge.fault(sentence, got, expected)
  if fault then
    error(WRONG .. fault, 0)
  end
  if self:is_next() then
    local sign = self.page:paint("green", "*")
    self.page:write_item("  " .. sign .. text.hung("    ", sentence):sub(4) .. "\n")
  end
end

function Conversation:pending(sentence, reason)
  if self:is_next() then
    local said = ("%s. This cannot be tested here: %s"):format(sentence, reason)
    self.page:write_item(text.hung("  - ", said) .. "\n")
  end
end

function Conversation:predict(asked)
  if not self:is_next() then
    asked.answer()
    return
  end
  local is_guessed, is_right, answer = question.ask(self.page, asked)
  local grade = is_guessed and self.page:paint("bold", is_right and "Right. " or "Wrong. ") or ""
  self.page:write(("\n  %sThe answer is: %s.\n\n"):format(grade, answer))
  self:paragraph(asked.because)
  self:mark(self.step)
end

function Conversation:break_it(break_it)
  local fault, message = judge.breakage(break_it)
  if fault then
    error(WRONG .. fault, 0)
  end
  if self:is_next() then
    local what = text.hung("! ", text.line(break_it.what))
    self.page:write(self.page:paint("bold", what) .. "\n"
      .. self.page:paint("red", text.indented("    ", message)) .. "\n\n")
    self:paragraph(break_it.so)
    self:mark(self.step)
  end
end

function Conversation:exercise(exercise)
  if self:is_next() then
    self:mark(self.step - 1, " exercise")
    task.set(self.page, self.number, exercise)
  end
end

local words = { "say", "aside", "show", "claim", "pending", "predict", "break_it", "exercise" }

-- Runs the lesson; returns whether it came to its end. It is not an error if the learner
-- stops it.
local function tell(self, title, teller)
  local heading = ("Lesson %d: %s"):format(self.number, title)
  self.page:write(self.page:paint("bold", heading) .. "\n\n")
  if self.seen > 0 then
    self.page:write "(Continued from where you stopped. --again starts from the beginning.)\n\n"
  end
  local ok, message = pcall(teller)
  if not ok and message ~= pages.QUIT then
    error(message, 0)
  end
  return ok
end

-- Runs the lesson. If its saved progress names a step that the lesson does not have, it is
-- run from its beginning.
local function tell_all(self, title, teller)
  local finished = tell(self, title, teller)
  if finished and self.seen > self.step then
    self.page:write "(Your progress names a step after the end: the lesson starts again.)\n\n"
    self.seen, self.step = 0, 0
    finished = tell(self, title, teller)
  end
  return finished
end

--- A player for one lesson.
-- @param number of the lesson
-- @param options { input =, output = file handles; seen = the number of steps to
-- skip; was_done = whether the lesson came to its end before; rows = of the
-- screen, by default those of the terminal }
function M.new(number, options)
  local self = setmetatable({
    number = number,
    page = pages.new(options.input or io.stdin, options.output or io.stdout, options.rows),
    seen = options.seen or 0,
    step = 0,
    how_far = tostring(options.seen or 0),
    was_done = options.was_done,
  }, Conversation)
  local player = {}
  for _, word in ipairs(words) do
    player[word] = function(...)
      return self[word](self, ...)
    end
  end
  function player.lesson(_, title, teller)
    local finished = tell_all(self, title, teller)
    self.how_far = finished and "done" or self.how_far
    self:remember()
    return finished
  end
  return player
end

return M
