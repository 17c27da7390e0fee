-- The exercise of a lesson: the learner edits a file and has it graded, until it
-- passes or the learner stops.

local desk = require "pymalloc.lesson.desk"
local judge = require "pymalloc.lesson.judge"
local pages = require "pymalloc.lesson.page"
local text = require "pymalloc.lesson.text"

local M = {}

local PROMPT = "  Press Enter to grade your file, s for a solution, q to stop: "
local SHORT_LINES = 12 -- a file with at most so many lines is shown

-- Grades the learner's file; returns whether it passes, and a remark.
local function grade(number, exercise)
  local answer, fault = desk.answer(number)
  if answer == nil then
    return false, "Your file cannot be graded: " .. fault
  end
  local passed, remark = judge.grade(exercise, answer)
  return passed, remark
end

-- A remark as a sentence: "so it is" -> "So it is." A first word that is not made
-- of letters alone, such as i8[3], is not changed.
local function sentence(remark)
  local begun = remark:find("^%l+ ") and remark:gsub("^%l", string.upper) or remark
  return begun .. (remark:find("[.!?]$") and "" or ".")
end

local function write_grade(page, number, exercise)
  local passed, remark = grade(number, exercise)
  local result = passed and "Passed." or "Not yet."
  local is_untouched = not passed and desk.is_untouched(number, exercise.start)
  local said = (is_untouched and "You have not changed the file yet. " or "") .. sentence(remark)
  local written = text.hung("  ", result .. " " .. said)
  page:write("\n  " .. page:paint("bold", result) .. written:sub(#result + 3) .. "\n\n")
  return passed
end

local function show_solution(page, exercise)
  local solution = text.solution(exercise.good)
  page:write("\n" .. text.indented("    ", solution) .. "\n\n")
end

-- Called at the end of the input: grades the file if the learner has changed it.
local function grade_unasked(page, number, exercise)
  if desk.is_untouched(number, exercise.start) then
    page:write "(The input has ended. The exercise is not done yet.)\n\n"
    return false
  end
  return write_grade(page, number, exercise)
end

-- The path of the learner's file, which is made if it does not exist.
local function answer_path(page, number, start)
  local path, reason = desk.answer_path(number, start)
  if not path then
    page:write(text.hung("  ", "The file for your answer cannot be written: " .. reason
      .. ". Set the environment variable PYMALLOC_DESK to use another folder.") .. "\n\n")
    error(pages.QUIT, 0)
  end
  return path
end

-- Writes which file is for the answer, and the file itself if it is short.
local function write_file(page, path, content)
  local is_short = select(2, content:gsub("\n", "")) <= SHORT_LINES
  local task = "Write your answer in the file " .. path .. "."
  page:write(text.wrapped(task .. (is_short and " It now contains:" or "")) .. "\n\n")
  if is_short then
    page:write(text.indented("    ", content) .. "\n\n")
  end
end

--- Holds the exercise; returns when an answer has passed.
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
      page:write "  Please press Enter alone, or type s or q before it.\n"
    elseif write_grade(page, number, exercise) then
      return true
    end
  end
end

return M
