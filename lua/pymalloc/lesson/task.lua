-- The exercise of a lesson at a terminal: the learner edits a file and has it graded, until it
-- passes or the learner stops.

local core = require "pymalloc.core"
local desk = require "pymalloc.lesson.desk"
local packed = require "pymalloc.packed"
local pages = require "pymalloc.lesson.page"
local text = require "pymalloc.lesson.text"

local M = {}

local PROMPT = "Enter grades your file. h: a hint, e: edit, r: reset, s: a solution, q: stop:"
local SHORT_LINES = 12 -- a file with at most this many lines is shown

local function remark(talk, said)
  talk.page:write(text.hung("  ", said, talk.page:width()) .. "\n\n")
end

-- The path of the learner's file, which is made if it does not exist.
local function answer_path(talk, start)
  local path, reason = desk.answer_path(talk.key, start)
  if not path then
    remark(talk, ("The file for your answer cannot be written: %s. Set the environment variable "
      .. "PYMALLOC_DESK to use another folder."):format(reason))
    error(pages.QUIT, 0)
  end
  return path
end

-- Writes which file is for the answer, and the file itself if it is short.
local function write_file(page, path, content)
  local is_short = select(2, content:gsub("\n", "")) <= SHORT_LINES
  local task = "Write your answer in the file " .. path .. "."
  page:write(text.wrapped(task .. (is_short and " It now contains:" or ""), page:width()) .. "\n\n")
  if is_short then
    page:write(text.indented("    ", content, page:width()) .. "\n\n")
  end
end

-- The text of the learner's file and its name; nil, after a message, if it cannot be read.
local function read_answer(talk)
  local answer, reason = desk.read_answer(talk.key)
  if answer then
    return { text = answer, name = "@" .. talk.path }
  end
  talk.page:write "\n"
  remark(talk, "Your file cannot be graded: " .. reason .. ".")
end

-- Called at the end of the input: the file is graded if the learner has changed it.
local function grade_unasked(talk)
  if desk.read_answer(talk.key) == talk.start then
    talk.page:write(text.wrapped("(The input has ended. The exercise is not done yet.)",
      talk.page:width()) .. "\n\n")
    error(pages.QUIT, 0)
  end
  return read_answer(talk) or error(pages.QUIT, 0)
end

-- {=== The keys

-- From a key to a function, which returns the answer to the piece, or nil: ask again.
local keys = {}

keys[""] = read_answer

function keys.h(talk)
  talk.page:write "\n"
  remark(talk, talk.hint and "Hint: " .. talk.hint or "This exercise has no hint.")
end

function keys.s()
  return { solution = true }
end

local function variable(name)
  local value = os.getenv(name) or ""
  return value ~= "" and value or nil
end

-- Opens the file in the editor that the environment names.
function keys.e(talk)
  local editor = variable "VISUAL" or variable "EDITOR"
  talk.page:write "\n"
  if not editor then
    return remark(talk, "No editor is named: set the environment variable VISUAL or EDITOR, for "
      .. "example to vi or nano, or open the file " .. talk.path .. " in any editor.")
  end
  talk.page.output:flush()
  local how, code = core.process.execute(("%s %s"):format(editor, packed.quote(talk.path)))
  if how ~= "exit" or code ~= 0 then
    remark(talk, ("The editor '%s' has failed. VISUAL or EDITOR names it."):format(editor))
  end
end

-- Puts the first text back. The text of the learner is kept beside it.
function keys.r(talk)
  local kept, reason = desk.reset_answer(talk.key, talk.start)
  talk.page:write "\n"
  remark(talk, kept and ("Your file has its first text again. The text that it had is now in %s.")
    :format(kept) or ("Your file cannot be reset: %s."):format(reason))
end

-- {=== The pieces

-- The functions of talk.lua for the pieces of an exercise.
M.faces = {}

function M.faces.exercise(talk, piece)
  local page = talk.page
  page:write(page:paint("bold", "Exercise") .. "\n\n" .. text.wrapped(piece.task, page:width())
    .. "\n\n")
  talk.start, talk.hint, talk.path = piece.start, piece.hint, answer_path(talk, piece.start)
  write_file(page, talk.path, desk.read_answer(talk.key) or "")
end

function M.faces.work(talk)
  while true do
    local typed = talk.page:ask(text.hung("  ", PROMPT, talk.page:width()) .. " ")
    if not typed then
      return grade_unasked(talk)
    end
    local key = keys[typed:lower()]
    if not key then
      talk.page:write "\n"
      remark(talk, "Please press Enter alone, or type h, e, r, s or q before it.")
    end
    local work = key and key(talk)
    if work then
      return work
    end
  end
end

function M.faces.grade(talk, piece)
  local page = talk.page
  local result = piece.passed and "Passed." or "Not yet."
  local said = (piece.is_untouched and "The file is unchanged. " or "") .. piece.remark
  local written = text.hung("  ", result .. " " .. said, page:width())
  page:write("\n  " .. page:paint("bold", result) .. written:sub(#result + 3) .. "\n\n")
  if page.is_mute and not piece.passed then -- nobody is there who could change the file
    error(pages.QUIT, 0)
  end
end

function M.faces.solution(talk, piece)
  talk.page:write("\n" .. text.indented("    ", piece.text, talk.page:width()) .. "\n\n")
end

return M
