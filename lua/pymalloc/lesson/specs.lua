-- Plays a lesson for busted: each claim is a test, named by its sentence.
--
-- The lesson runs once, from top to bottom, when its file is loaded; the tests
-- report what was true at their place in it.

local judge = require "pymalloc.lesson.judge"
local text = require "pymalloc.lesson.text"

local busted = require "busted"

local M = {}

-- A test that fails with `fault`, unless that is nil. The words call it last, so
-- that the test is told to stand where the lesson has the word.
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

M.aside = M.say

-- Whatever is shown has to be drawable, and to fit a terminal.
function M.show(x, options)
  text.check_picture(text.picture(x, options))
end

function M.claim(sentence, got, expected)
  return report(sentence, judge.fault(sentence, got, expected))
end

function M.pending(sentence, reason)
  return busted.pending(("%s (%s)"):format(sentence, reason))
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
  return report(title, question_fault(question, answer))
end

function M.break_it(break_it)
  text.check(break_it.so)
  return report("breaks: " .. text.line(break_it.what), (judge.breakage(break_it)))
end

-- What a learner's file returns that holds the good answer as it is shown; or
-- nil and why there is nothing.
local function solution(exercise)
  local chunk, reason = load(text.indented("    ", text.solution(exercise.good)), "=solution", "t")
  return chunk and chunk(), reason
end

local function grader_fault(exercise)
  local good, reason = solution(exercise)
  if reason then
    return "the good answer is no Lua file: " .. reason
  end
  local passes_good, remark = judge.grade(exercise, good)
  if not passes_good then
    return "the grader fails the good answer: " .. remark
  elseif judge.grade(exercise, exercise.bad) then
    return "the grader passes the bad answer"
  end
end

function M.exercise(exercise)
  text.check(exercise.task)
  return report("the grader passes a good answer, and fails a bad one", grader_fault(exercise))
end

return M
