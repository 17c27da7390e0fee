-- A lesson as a conversation. A coroutine runs the lesson and yields its pieces one by one; a
-- face (the terminal, or the playground) shows each of them, and answers those that ask.
--
--     local talk <close> = conversation.new(function() return dofile(path) end, { number = 3 })
--     local piece = talk:resume()
--     while piece do
--       piece = talk:resume(answer_to(piece)) -- nil for a piece that does not ask
--     end
--
-- A piece is a table with its kind, and is_old if the learner has seen it before:
--
--     heading    number, title; is_continued
--     progress   text: to be kept, and given to the next conversation as `progress`
--     source     text
--     say        text
--     show       x, options: as pymalloc.view.text takes them
--     claim      text
--     pending    text
--     question   ask, choices, hint: asks for a guess, a string; nil or "" is none. Does not ask
--                if old
--     unclear    last: asks again, because the guess was none of the letters from a to `last`
--     answer     is_guessed, is_right, answer, because, why: the reason why a guess is wrong
--     break_it   what, message, so
--     exercise   task, start, hint
--     work       asks for an answer { text =, name =, print = a function or nil }, or for
--                { solution = true }
--     grade      passed, remark, is_untouched
--     solution   text
--     restart    the lesson starts again: the progress named a step that it does not have
--
-- A lesson of a file of others runs in the sandbox `box`, of which each piece is a call with
-- limits. Answers are graded between two pieces, so that an answer has limits of its own.

local answers = require "pymalloc.lesson.answer"
local judge = require "pymalloc.lesson.judge"
local lesson = require "pymalloc.lesson"
local question = require "pymalloc.lesson.question"
local text = require "pymalloc.lesson.text"

local WRONG = "the lesson is wrong: "

local Conversation = {}
Conversation.__index = Conversation

local M = {}

-- Yields a piece; returns the answer to it.
local function give(kind, piece)
  piece.kind = kind
  return coroutine.yield(piece)
end

-- Yields a piece of the step that runs now.
function Conversation:give_step(kind, piece)
  piece.is_old = self.step <= self.seen or nil
  return give(kind, piece)
end

-- Counts a step; returns whether the learner has not seen it yet.
function Conversation:is_next()
  self.step = self.step + 1
  return self.step > self.seen
end

-- Tells the progress: the step after which the lesson continues the next time.
function Conversation:mark(step, note)
  local how_far = math.max(step, self.seen) .. (note or "")
  give("progress", { text = how_far .. (self.was_done and " done" or "") })
end

-- {=== The functions of lessons

local words = {}

function words.say(self, said)
  if self:is_next() then
    self:mark(self.step - 1)
  end
  self:give_step("say", { text = said })
end

words.aside = words.say

-- This piece is not a step: a lesson that is continued does not show it again.
function words.source(self, said)
  give("source", { text = text.line(said), is_old = self.seen > 0 or nil })
end

function words.show(self, x, options)
  self:is_next()
  self:give_step("show", { x = x, options = options })
end

function words.claim(self, sentence, got, expected)
  local fault = judge.fault(sentence, got, expected)
  if fault then
    error(WRONG .. fault, 0)
  end
  self:is_next()
  self:give_step("claim", { text = sentence })
end

function words.pending(self, sentence, reason)
  self:is_next()
  self:give_step("pending",
    { text = ("%s. This cannot be tested here: %s"):format(sentence, reason) })
end

-- The guess: for a question with choices, the number of the choice. nil: there is no guess.
local function guess_of(self, asked)
  local guess = self:give_step("question", { ask = text.line(asked.ask), choices = asked.choices,
    hint = asked.hint and text.line(asked.hint) })
  while guess and guess ~= "" do
    local number = asked.choices and question.choice_of(asked.choices, guess)
    if number or not asked.choices then
      return number or guess
    end
    guess = give("unclear", { last = question.letter(#asked.choices) })
  end
end

-- The reason why a guess is wrong; nil if the lesson gives none.
local function reason_against(asked, guess)
  local reason = asked.why and asked.choices and asked.why[asked.choices[guess]]
  return reason and text.line(reason)
end

-- The answer is computed after the guess, because finding it changes the heap.
function words.predict(self, asked)
  local is_new = self:is_next()
  local guess = guess_of(self, asked)
  local answer = asked.answer()
  local is_right = question.is_right(asked.choices, guess, answer)
  self:give_step("answer", { is_guessed = guess ~= nil, answer = tostring(answer),
    is_right = is_right, why = not is_right and reason_against(asked, guess) or nil,
    because = asked.because })
  if is_new then
    self:mark(self.step)
  end
end

function words.break_it(self, break_it)
  local fault, message = judge.breakage(break_it)
  if fault then
    error(WRONG .. fault, 0)
  end
  local is_new = self:is_next()
  self:give_step("break_it", { what = text.line(break_it.what), message = message,
    so = break_it.so })
  if is_new then
    self:mark(self.step)
  end
end

-- Asks for answers until one passes. What comes back is the grade of an answer.
function words.exercise(self, exercise)
  if not self:is_next() then
    return
  end
  self:mark(self.step - 1, " exercise")
  give("exercise", { task = exercise.task, start = exercise.start,
    hint = exercise.hint and text.line(exercise.hint) })
  self.exercise = exercise
  local passed
  repeat
    local work = give("work", {})
    if work.solution then
      give("solution", { text = text.solution(exercise.good) })
    else
      passed = work.passed
      give("grade", { passed = passed, remark = text.sentence(work.remark),
        is_untouched = not passed and work.text == exercise.start })
    end
  until passed
  self.exercise = nil
end

-- Runs the lesson. If its progress names a step that the lesson does not have, it is run again,
-- from its beginning.
function words.lesson(self, number, title, teller)
  give("heading", { number = number, title = title, is_continued = self.seen > 0 })
  self:mark(self.seen)
  teller()
  if self.seen > self.step then
    self.seen, self.step = 0, 0
    give("restart", {})
    teller()
  end
  give("progress", { text = "done" })
end

-- {=== The coroutine

local function player_of(self)
  local player = {}
  for name, word in pairs(words) do
    player[name] = function(...)
      return word(self, ...)
    end
  end
  return player
end

--- Grades an answer { text =, name =, print = } to the exercise that the lesson asks for.
-- @return whether it passes, and a remark
function Conversation:grade(work)
  local answer, fault = answers.run(work.text, work.name, work.print)
  if answer == nil then
    return false, "Your file cannot be graded: " .. fault
  elseif not self.box then
    return judge.grade(self.exercise, answer, work.name)
  end
  local ok, passed, remark = self.box:call(judge.grade, self.exercise, answer, work.name)
  if not ok then
    return false, "The grader was stopped with your answer: " .. passed
  end
  return passed, remark
end

-- Runs the lesson's coroutine up to its next piece. Returns false and the reason if it fails.
local function go_on(self, answer)
  return lesson.play_with(self.player, function()
    if not self.box then
      return coroutine.resume(self.thread, answer)
    end
    local is_called, ok, piece = self.box:call(coroutine.resume, self.thread, answer)
    if not is_called then
      return false, ok
    end
    return ok, piece
  end)
end

--- Runs the lesson up to its next piece.
-- @param answer to the piece before, if that asks
-- @return the piece; nil at the end. An error in the lesson is raised.
function Conversation:resume(answer)
  if self.exercise and answer and not answer.solution then
    local passed, remark = self:grade(answer)
    answer = { text = answer.text, passed = passed, remark = remark }
  end
  local ok, piece = go_on(self, answer)
  if not ok then
    error(piece, 0)
  end
  return coroutine.status(self.thread) ~= "dead" and piece or nil
end

--- Ends the conversation; variables <close> of the lesson are closed.
function Conversation:close()
  coroutine.close(self.thread)
end

Conversation.__close = Conversation.close

--- How many steps the learner has seen, and whether the lesson was done, by its progress.
function M.read_progress(progress)
  local seen = math.tointeger(tonumber((progress or ""):match("^%d+"))) or 0
  return seen, (progress or ""):find("done", 1, true) ~= nil
end

-- The coroutine of a lesson. One that is made in a call with limits has its hook, which counts
-- the steps of each such call that resumes it.
local function thread_of(run, box)
  if not box then
    return coroutine.create(run)
  end
  local _, thread = assert(box:call(coroutine.create, run))
  return thread
end

--- A conversation.
-- @param run a function that runs a lesson
-- @param options { seen = the number of steps that the learner has seen; was_done = whether the
-- lesson came to its end before; box = the sandbox of a lesson of others }
function M.new(run, options)
  local self = setmetatable({ seen = options.seen or 0, was_done = options.was_done, step = 0,
    box = options.box, thread = thread_of(run, options.box) }, Conversation)
  self.player = player_of(self)
  return self
end

return M
