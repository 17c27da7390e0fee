-- Plays a lesson for busted: each claim is a test with its sentence as the title.
--
-- The lesson runs once, from top to bottom, when its file is loaded. Each test
-- reports whether its claim was true at its place in the lesson.

local answers = require "pymalloc.lesson.answer"
local judge = require "pymalloc.lesson.judge"
local questions = require "pymalloc.lesson.question"
local text = require "pymalloc.lesson.text"

local busted = require "busted"

local M = {}

-- Adds a test that fails with `fault`, unless that is nil. The callers call it by a
-- tail call, so that busted reports the line of the lesson as the test's place.
local function report(title, fault)
  return busted.it(title, function()
    if fault then
      error(fault, 0)
    end
  end)
end

function M.lesson(number, title, tell)
  busted.describe(("Lesson %d: %s:"):format(number, title), function()
    local ok, message = xpcall(tell, debug.traceback)
    if not ok then
      report("runs to its end", message)
    end
  end)
end

function M.say(said)
  text.check(said)
end

M.aside, M.source = M.say, M.say

-- Draws the picture, and raises an error if it is wider than a terminal.
function M.show(x, options)
  text.check_picture(text.picture(x, options))
end

function M.claim(sentence, got, expected)
  return report(sentence, judge.fault(sentence, got, expected))
end

function M.pending(sentence, reason)
  return busted.pending(("%s (%s)"):format(sentence, reason))
end

function M.predict(question)
  text.check(question.because)
  local answer = question.answer()
  local title = ("%s %s"):format(text.line(question.ask), tostring(answer))
  return report(title, questions.fault(question, answer, true))
end

function M.break_it(break_it)
  text.check(break_it.so)
  return report("breaks: " .. text.line(break_it.what), (judge.breakage(break_it)))
end

-- The value of a file with the good answer, as it is shown to a learner; or nil
-- and the reason why there is none.
local function solution(exercise)
  return answers.run(text.indented("    ", text.solution(exercise.good)), "=solution")
end

local function grader_fault(exercise)
  local good, reason = solution(exercise)
  if reason then
    return "the good answer cannot be run: " .. reason
  end
  return judge.grader_fault(exercise, good)
end

function M.exercise(exercise)
  text.check(exercise.task)
  return report("the grader passes a good answer, and fails a bad one", grader_fault(exercise))
end

return M
