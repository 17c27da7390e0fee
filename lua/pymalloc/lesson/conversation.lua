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
--     say        text
--     show       x, options: as pymalloc.view.text takes them
--     claim      text
--     pending    text
--     question   ask, choices: asks for a guess, a string; nil or "" is none. Does not ask if old
--     unclear    last: asks again, because the guess was none of the letters from a to `last`
--     answer     is_guessed, is_right, answer, because
--     break_it   what, message, so
--     exercise   task, start
--     work       asks for an answer { text =, name =, print = a function or nil }, or for
--                { solution = true }
--     grade      passed, remark, is_untouched
--     solution   text
--     restart    the lesson starts again: the progress named a step that it does not have

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
  local guess = self:give_step("question", { ask = text.line(asked.ask), choices = asked.choices })
  while guess and guess ~= "" do
    local number = asked.choices and question.choice_of(asked.choices, guess)
    if number or not asked.choices then
      return number or guess
    end
    guess = give("unclear", { last = question.letter(#asked.choices) })
  end
end

-- The answer is computed after the guess, because finding it changes the heap.
function words.predict(self, asked)
  local is_new = self:is_next()
  local guess = guess_of(self, asked)
  local answer = asked.answer()
  self:give_step("answer", { is_guessed = guess ~= nil, answer = tostring(answer),
    is_right = question.is_right(asked.choices, guess, answer), because = asked.because })
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

-- A remark as a sentence: "so it is" -> "So it is." A first word that is not made
-- of letters alone, such as i8[3], is not changed.
local function sentence(remark)
  local begun = remark:find("^%l+ ") and remark:gsub("^%l", string.upper) or remark
  return begun .. (remark:find("[.!?]$") and "" or ".")
end

-- Whether an answer passes, and a remark.
local function grade(exercise, work)
  local answer, fault = answers.run(work.text, work.name, work.print)
  if answer == nil then
    return false, "Your file cannot be graded: " .. fault
  end
  return judge.grade(exercise, answer)
end

-- Asks for answers until one passes.
function words.exercise(self, exercise)
  if not self:is_next() then
    return
  end
  self:mark(self.step - 1, " exercise")
  give("exercise", { task = exercise.task, start = exercise.start })
  local passed
  repeat
    local work = give("work", {})
    if work.solution then
      give("solution", { text = text.solution(exercise.good) })
    else
      local remark
      passed, remark = grade(exercise, work)
      give("grade", { passed = passed, remark = sentence(remark),
        is_untouched = not passed and work.text == exercise.start })
    end
  until passed
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

--- Runs the lesson up to its next piece.
-- @param answer to the piece before, if that asks
-- @return the piece; nil at the end. An error in the lesson is raised.
function Conversation:resume(answer)
  local ok, piece = lesson.play_with(self.player, function()
    return coroutine.resume(self.thread, answer)
  end)
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

--- A conversation.
-- @param run a function that runs a lesson
-- @param options { seen = the number of steps that the learner has seen; was_done = whether the
-- lesson came to its end before }
function M.new(run, options)
  local self = setmetatable({ seen = options.seen or 0, was_done = options.was_done, step = 0,
    thread = coroutine.create(run) }, Conversation)
  self.player = player_of(self)
  return self
end

return M
