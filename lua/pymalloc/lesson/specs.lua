-- Plays a lesson for busted: each claim is a test, named by its sentence.
--
-- The lesson runs once, from top to bottom, when its file is loaded; the tests
-- report what was true at their place in it.

local judge = require "pymalloc.lesson.judge"
local text = require "pymalloc.lesson.text"

local busted = require "busted"

local M = {}

-- A test that fails with `fault`, unless that is nil.
local function report(title, fault)
  busted.it(title, function()
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

M.aside = M.say

-- Whatever is shown has to be drawable, and to fit a terminal.
function M.show(x, options)
  text.check_picture(text.picture(x, options))
end

function M.claim(sentence, got, expected)
  report(sentence, judge.fault(sentence, got, expected))
end

function M.pending(sentence, reason)
  busted.pending(("%s (%s)"):format(sentence, reason))
end

local function question_fault(question, answer)
  if question.choices and not judge.choice(question.choices, answer) then
    return ("the answer is %s, which is not one of the choices"):format(judge.text(answer))
  elseif answer == nil then
    return "there is no answer"
  end
end

function M.predict(question)
  text.check(question.because)
  local answer = question.answer()
  local title = ("%s %s"):format(text.line(question.ask), tostring(answer))
  report(title, question_fault(question, answer))
end

function M.break_it(break_it)
  text.check(break_it.so)
  report("breaks: " .. text.line(break_it.what), (judge.breakage(break_it)))
end

function M.exercise(exercise)
  text.check(exercise.task)
  local good, remark = judge.grade(exercise, exercise.good)
  report("the grader passes a good answer", not good and remark or nil)
  report("the grader fails a bad answer", judge.grade(exercise, exercise.bad) or nil)
end

return M
