-- The exercise of a lesson: the learner changes a file, and it is graded when
-- they say so, until it passes or they stop.

local desk = require "pymalloc.lesson.desk"
local judge = require "pymalloc.lesson.judge"
local pages = require "pymalloc.lesson.page"
local text = require "pymalloc.lesson.text"

local M = {}

local PROMPT = "  Enter: grade it   s: show a solution   q: stop > "
local SHORT_LINES = 12 -- of a file that is shown

-- Grades what the learner has written; returns whether it passes, and what is
-- to be said about it.
local function grade(number, exercise)
  local answer, fault = desk.answer(number)
  if answer == nil then
    return false, "Your file gives no answer: " .. fault
  end
  local passed, remark = judge.grade(exercise, answer)
  return passed, remark
end

-- "so it is" -> "So it is."; what is no word, like i8[3], is left as it is.
local function sentence(remark)
  local begun = remark:find("^%l+ ") and remark:gsub("^%l", string.upper) or remark
  return begun .. (remark:find("[.!?]$") and "" or ".")
end

local function write_verdict(page, number, exercise)
  local passed, remark = grade(number, exercise)
  local verdict = passed and "Passed." or "Not yet."
  local is_untouched = not passed and desk.is_untouched(number, exercise.start)
  local said = (is_untouched and "The file is as it began. " or "") .. sentence(remark)
  local written = text.hung("  ", verdict .. " " .. said)
  page:write("\n  " .. page:paint("bold", verdict) .. written:sub(#verdict + 3) .. "\n\n")
  return passed
end

local function show_solution(page, exercise)
  local solution = text.solution(exercise.good)
  page:write("\n" .. text.indented("    ", solution) .. "\n\n")
end

-- Where there is no more input: an answer that somebody has written is graded.
local function grade_unasked(page, number, exercise)
  if desk.is_untouched(number, exercise.start) then
    page:write "(No more input: the exercise stays open.)\n\n"
    return false
  end
  return write_verdict(page, number, exercise)
end

-- The path of the learner's file, which is made if need be.
local function answer_path(page, number, start)
  local path, reason = desk.answer_path(number, start)
  if not path then
    page:write(text.hung("  ", "The file for your answer cannot be written: " .. reason
      .. ". The variable PYMALLOC_DESK may name another folder.") .. "\n\n")
    error(pages.QUIT, 0)
  end
  return path
end

-- Says where the answer belongs; a short file is shown.
local function write_file(page, path, content)
  local is_short = select(2, content:gsub("\n", "")) <= SHORT_LINES
  local belongs = "Your answer belongs into the file " .. path
  page:write(text.wrapped(belongs .. (is_short and ", which now is:" or ".")) .. "\n\n")
  if is_short then
    page:write(text.indented("    ", content) .. "\n\n")
  end
end

--- Sets the exercise; returns when an answer has passed.
function M.set(page, number, exercise)
  page:write(page:paint("bold", "Exercise") .. "\n\n" .. text.wrapped(exercise.task) .. "\n\n")
  local path = answer_path(page, number, exercise.start)
  write_file(page, path, desk.read_answer(number))
  while true do
    local typed = page:ask(PROMPT)
    if not typed then
      return grade_unasked(page, number, exercise) or error(pages.QUIT, 0)
    elseif typed:lower() == "s" then
      show_solution(page, exercise)
    elseif typed ~= "" then
      page:write "  Please press Enter alone, or type s or q.\n"
    elseif write_verdict(page, number, exercise) then
      return true
    end
  end
end

return M
