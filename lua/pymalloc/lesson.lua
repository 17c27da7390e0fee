--- The words in which a lesson is written.
--
--     local lesson = require "pymalloc.lesson"
--     local say, claim = lesson.say, lesson.claim
--
--     return lesson(3, "A pool is carved lazily", function()
--       local heap <close> = pymalloc.heap()
--       local b = heap:malloc(24)
--       say "The first block lies right behind the header, which has 48 bytes."
--       claim("the first block of a pool is at offset 48", b:location().offset, 48)
--     end)
--
-- A lesson is text, demonstration and test at once: what becomes of its words
-- is up to the player. Under busted each claim is a test with the sentence as
-- its title; in `pymalloc lesson 3` the same file is a conversation.

local M = {}

-- What plays the lessons that are run now; by default busted.
local player

local function current()
  player = player or require("pymalloc.lesson.specs")
  return player
end

--- Plays the lessons that `run` runs with another player.
-- @param other a table with a function `lesson` and one for each word
-- @return what `run` returns
function M.play_with(other, run)
  local before <close> = setmetatable({ player }, {
    __close = function(old)
      player = old[1]
    end,
  })
  player = other
  return run(before)
end

--- Text about how the allocator behaves. A claim, a prediction or a break-it
-- has to follow before the next `say`.
-- @param text paragraphs; indentation and single line breaks do not count
function M.say(text)
  current().say(text)
end

--- Text that states nothing about behaviour: where we are, where we go.
function M.aside(text)
  current().aside(text)
end

--- A picture of a live heap, arena, pool, buffer or diff, or plain lines.
-- @param x what pymalloc.view.text draws; a string is shown as it is
-- @param options for the picture, or nil
function M.show(x, options)
  current().show(x, options)
end

--- A statement that is wrong unless `got` equals `expected`.
-- @param sentence true of the allocator, without a full stop
-- @param got any value; tables are compared by content
-- @param expected true where it is left out
function M.claim(sentence, got, ...)
  local expected = ...
  if select("#", ...) == 0 then
    expected = true
  end
  current().claim(sentence, got, expected)
end

--- A question that is asked before its answer is shown.
-- @param question { ask = "...?", choices = { "...", ... } or nil for a free
-- answer, answer = a function that finds out on the live heap, because = "..." }
function M.predict(question)
  current().predict(question)
end

--- A misuse or a wrong rule, and what then fails.
-- @param break_it { what = "...", run = a function that raises an error,
-- fails = a pattern that the error matches, so = "what it teaches" }
function M.break_it(break_it)
  current().break_it(break_it)
end

--- A task with a grader; the grader has to pass `good` and to fail `bad`.
-- @param exercise { task = "...", grade = function(answer) -> passed, remark,
-- good = an answer, bad = an answer, start = Lua text that a learner begins with }
function M.exercise(exercise)
  current().exercise(exercise)
end

return setmetatable(M, {
  __call = function(_, number, title, tell)
    return current().lesson(number, title, tell)
  end,
})
