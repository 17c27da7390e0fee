-- The exercise of a lesson at a terminal: the learner edits a file and has it graded, until it
-- passes or the learner stops.

local desk = require "pymalloc.lesson.desk"
local pages = require "pymalloc.lesson.page"
local text = require "pymalloc.lesson.text"

local M = {}

local PROMPT = "  Press Enter to grade your file, s for a solution, q to stop: "
local SHORT_LINES = 12 -- a file with at most this many lines is shown

-- The path of the learner's file, which is made if it does not exist.
local function answer_path(talk, start)
  local path, reason = desk.answer_path(talk.number, start)
  if not path then
    talk.page:write(text.hung("  ", "The file for your answer cannot be written: " .. reason
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

-- The text of the learner's file and its name; nil, after a message, if it cannot be read.
local function read_answer(talk)
  local answer, reason = desk.read_answer(talk.number)
  if answer then
    return { text = answer, name = "@" .. talk.path }
  end
  talk.page:write("\n" .. text.hung("  ", "Your file cannot be graded: " .. reason .. ".")
    .. "\n\n")
end

-- Called at the end of the input: the file is graded if the learner has changed it.
local function grade_unasked(talk)
  if desk.read_answer(talk.number) == talk.start then
    talk.page:write "(The input has ended. The exercise is not done yet.)\n\n"
    error(pages.QUIT, 0)
  end
  return read_answer(talk) or error(pages.QUIT, 0)
end

-- The functions of talk.lua for the pieces of an exercise.
M.faces = {}

function M.faces.exercise(talk, piece)
  local page = talk.page
  page:write(page:paint("bold", "Exercise") .. "\n\n" .. text.wrapped(piece.task) .. "\n\n")
  talk.start, talk.path = piece.start, answer_path(talk, piece.start)
  write_file(page, talk.path, desk.read_answer(talk.number) or "")
end

function M.faces.work(talk)
  while true do
    local typed = talk.page:ask(PROMPT)
    if not typed then
      return grade_unasked(talk)
    elseif typed:lower() == "s" then
      return { solution = true }
    elseif typed ~= "" then
      talk.page:write "  Please press Enter alone, or type s or q before it.\n"
    else
      local work = read_answer(talk)
      if work then
        return work
      end
    end
  end
end

function M.faces.grade(talk, piece)
  local page = talk.page
  local result = piece.passed and "Passed." or "Not yet."
  local said = (piece.is_untouched and "You have not changed the file yet. " or "") .. piece.remark
  local written = text.hung("  ", result .. " " .. said)
  page:write("\n  " .. page:paint("bold", result) .. written:sub(#result + 3) .. "\n\n")
  if page.is_mute and not piece.passed then -- nobody is there who could change the file
    error(pages.QUIT, 0)
  end
end

function M.faces.solution(talk, piece)
  talk.page:write("\n" .. text.indented("    ", piece.text) .. "\n\n")
end

return M
