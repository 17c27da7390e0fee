--- The functions of which a lesson is written.
--
--     local lesson = require "pymalloc.lesson"
--     local say, claim = lesson.say, lesson.claim
--
--     return lesson(3, "A pool is carved lazily", function()
--       local heap <close> = pymalloc.heap()
--       local b = heap:malloc(24)
--       say "The first block comes right after the header, which has 48 bytes."
--       claim("the first block of a pool is at offset 48", b:location().offset, 48)
--     end)
--
-- A lesson is text, demonstration and test. A player decides what its functions do: under
-- busted each claim is a test, with the sentence as its title; in `pymalloc lesson 3` the
-- same file is a conversation.

local M = {}

-- The player of the lessons that are run now; by default busted.
local player

local function current()
  player = player or require("pymalloc.lesson.specs")
  return player
end

--- Plays the lessons that `run` runs with another player.
-- @tparam table other a function `lesson`, and one for each function of this module that
-- `run` calls
-- @tparam function run
-- @treturn any result of `run`
-- @usage
-- local teller = { lesson = function(number, title) return number .. ": " .. title end }
-- local told = lesson.play_with(teller, function()
--   return lesson(1, "The layers", function() end)
-- end)
-- told --> 1: The layers
function M.play_with(other, run)
  local _ <close> = setmetatable({ player }, {
    __close = function(old)
      player = old[1]
    end,
  })
  player = other
  return run()
end

--- Text about the behaviour of the allocator. A claim, a prediction or a break-it must
-- follow before the next `say`; script/lessons reports it if none does.
-- @tparam string text paragraphs; indentation and single line breaks do not count
-- @usage lesson.say "Blocks exist only in certain sizes."
function M.say(text)
  return current().say(text)
end

--- Text that states nothing about behaviour, such as a transition.
-- @tparam string text
-- @usage lesson.aside "Now we use the profile 3.6."
function M.aside(text)
  return current().aside(text)
end

--- Tells which article or source code the lesson follows. It comes first.
-- @tparam string text
-- @usage lesson.source "CPython 3.6, Objects/obmalloc.c: the comment on pools."
function M.source(text)
  return current().source(text)
end

--- Shows a picture of a live heap, arena, pool, buffer or diff, or plain lines.
-- @tparam any x what pymalloc.view.text draws; a string is shown unchanged
-- @tparam[opt] table options of pymalloc.view.text
-- @usage lesson.show(heap)
function M.show(x, options)
  return current().show(x, options)
end

--- A statement that holds if `got` equals `expected`.
-- @tparam string sentence true of the allocator, without a full stop
-- @tparam any got tables are compared by content
-- @tparam[opt] any expected default true
-- @usage lesson.claim("the first block is right after the header", b:location().offset, 48)
function M.claim(sentence, got, ...)
  local expected = ...
  if select("#", ...) == 0 then
    expected = true
  end
  return current().claim(sentence, got, expected)
end

--- A claim that cannot be tested here, and what is missing for the test.
-- @tparam string sentence the claim
-- @tparam string reason
-- @usage lesson.pending("CPython chooses the same places", "its headers are not installed")
function M.pending(sentence, reason)
  return current().pending(sentence, reason)
end

--- A question that is asked before its answer is shown.
-- @tparam table question ask: the question; choices: an array of answers, or nil for a
-- free answer; answer: a function that finds the answer on the live heap; because: the
-- explanation; why: a table from each wrong choice to the reason why it is wrong; hint: a
-- text that is shown to a learner who asks for it
-- @usage
-- lesson.predict {
--   ask = "Which class has 24 bytes?",
--   answer = function() return heap:size_class(24) end,
--   because = "The classes of 3.6 are 8 bytes apart.",
-- }
function M.predict(question)
  return current().predict(question)
end

--- A misuse or a wrong rule, and the error that it causes.
-- @tparam table break_it what: the misuse; run: a function that raises an error; fails: a
-- pattern that the error matches; so: the conclusion
-- @usage
-- lesson.break_it {
--   what = "We read past the end of a buffer.",
--   run = function() return b[5] end,
--   fails = "out of range",
--   so = "A buffer knows its length.",
-- }
function M.break_it(break_it)
  return current().break_it(break_it)
end

--- A task that is graded. The grader must pass `good` and fail `bad`.
-- @tparam table exercise task: the text; grade: a function of an answer that returns
-- whether it passes, and a remark; good and bad: answers; start: the Lua text that a
-- learner begins with; hint: a text that is shown to a learner who asks for it
-- @usage
-- lesson.exercise {
--   task = "Your file returns the size of class 2.",
--   start = "return 0",
--   grade = function(answer) return answer == 24, "Classes are 8 bytes apart." end,
--   good = 24,
--   bad = 16,
-- }
function M.exercise(exercise)
  return current().exercise(exercise)
end

return setmetatable(M, {
  __call = function(_, number, title, tell)
    return current().lesson(number, title, tell)
  end,
})
