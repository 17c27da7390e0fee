-- Plays a lesson for a person: says, shows, asks, waits for an answer, reveals,
-- and remembers where the person stopped.

local desk = require "pymalloc.lesson.desk"
local judge = require "pymalloc.lesson.judge"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.lesson.text"

local QUIT = {} -- raised where the learner has enough

local Conversation = {}
Conversation.__index = Conversation

local M = {}

-- Is this step one that the learner has still to see? Counts it.
function Conversation:is_next()
  self.step = self.step + 1
  return self.step > self.seen
end

function Conversation:write(...)
  self.output:write(...)
end

function Conversation:paint(style, written)
  return terminal.paint(self.output, style, written)
end

function Conversation:paragraph(said)
  self:write(text.wrapped(said), "\n\n")
end

-- A line from the learner; nil where there are no more. "q" ends the lesson.
function Conversation:ask(prompt)
  if self.is_mute then
    return nil
  end
  self:write(prompt)
  self.output:flush()
  local line = self.input:read("l")
  if not line then
    self.is_mute = true
    self:write("\n(no more input: the answers are shown as they come)\n")
    return nil
  end
  if not self.echoes then
    self:write("\n")
  end
  line = text.line(line)
  if line == "q" then
    error(QUIT, 0)
  end
  return line
end

function Conversation:say(said)
  if self:is_next() then
    self:paragraph(said)
  end
end

Conversation.aside = Conversation.say

function Conversation:show(x, options)
  if self:is_next() then
    self:write(text.picture(x, options), "\n\n")
  end
end

function Conversation:claim(sentence, got, expected)
  local fault = judge.fault(sentence, got, expected)
  if fault then
    error("the lesson is wrong: " .. fault, 0)
  end
  if self:is_next() then
    self:write("  ", self:paint("green", "*"), " ", sentence, "\n\n")
  end
end

local function write_choices(self, choices)
  for number, choice in ipairs(choices) do
    self:write(("  %d  %s\n"):format(number, choice))
  end
end

-- Is what the learner typed the answer, or the number of it?
local function is_right(question, typed, answer)
  if question.choices then
    return tonumber(typed) == judge.choice(question.choices, answer) or typed == tostring(answer)
  end
  return typed == tostring(answer) or tonumber(typed) == answer
end

local function verdict(self, question, typed, answer)
  if not typed or typed == "" then
    return ""
  end
  local right = is_right(question, typed, answer)
  return self:paint("bold", right and "Right. " or "No. ")
end

function Conversation:predict(question)
  if not self:is_next() then
    question.answer()
    return
  end
  self:write(self:paint("bold", "? " .. text.line(question.ask)), "\n")
  write_choices(self, question.choices or {})
  local typed = self:ask("  your guess (Enter to see, q to stop): ")
  local answer = question.answer()
  self:write("  ", verdict(self, question, typed, answer), "It is: ", tostring(answer), ".\n\n")
  self:paragraph(question.because)
end

function Conversation:break_it(break_it)
  local fault, message = judge.breakage(break_it)
  if fault then
    error("the lesson is wrong: " .. fault, 0)
  end
  if self:is_next() then
    self:write(self:paint("bold", "! " .. text.line(break_it.what)), "\n")
    self:write("  ", self:paint("red", (message:gsub("\n", "\n  "))), "\n\n")
    self:paragraph(break_it.so)
  end
end

-- Grades what the learner has written; returns whether it passes.
local function grade(self, exercise)
  local answer, fault = desk.answer(self.number)
  if answer == nil then
    self:write("  The answer cannot be read: ", tostring(fault), "\n")
    return false
  end
  local passed, remark = judge.grade(exercise, answer)
  self:write("  ", self:paint("bold", passed and "Passed. " or "Not yet. "), remark, "\n")
  return passed
end

function Conversation:exercise(exercise)
  if not self:is_next() then
    return
  end
  self:write(self:paint("bold", "Exercise"), "\n\n")
  self:paragraph(exercise.task)
  self:write("  Your answer belongs into ", desk.answer_path(self.number, exercise.start), ".\n")
  while not grade(self, exercise) do
    if not self:ask("  Enter when the file is changed, q to stop: ") then
      error(QUIT, 0)
    end
  end
  self:write("\n")
end

local words = { "say", "aside", "show", "claim", "predict", "break_it", "exercise" }

-- Runs the lesson; returns whether it came to its end.
local function tell(self, title, teller)
  self:write(self:paint("bold", ("Lesson %d: %s"):format(self.number, title)), "\n\n")
  if self.seen > 0 then
    self:write(("(going on behind step %d; --again begins anew)\n\n"):format(self.seen))
  end
  local ok, message = xpcall(teller, function(raised)
    return raised == QUIT and QUIT or debug.traceback(raised)
  end)
  if not ok and message ~= QUIT then
    error(message, 0)
  end
  return ok
end

--- A player for one lesson.
-- @param number of the lesson
-- @param options { input =, output = file handles, seen = steps to pass over }
function M.new(number, options)
  local self = setmetatable({
    number = number,
    input = options.input or io.stdin,
    output = options.output or io.stdout,
    seen = options.seen or 0,
    step = 0,
  }, Conversation)
  self.echoes = terminal.is_terminal(self.input)
  local player = {}
  for _, word in ipairs(words) do
    player[word] = function(...)
      return self[word](self, ...)
    end
  end
  function player.lesson(_, title, teller)
    local finished = tell(self, title, teller)
    desk.remember(number, finished and "done" or tostring(math.max(self.step - 1, 0)))
    return finished
  end
  return player
end

return M
