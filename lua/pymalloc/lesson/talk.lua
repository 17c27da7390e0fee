-- Holds a conversation with a person at a terminal: writes the pieces of a lesson, asks, waits
-- for answers, and saves how far the person has come.

local conversation = require "pymalloc.lesson.conversation"
local desk = require "pymalloc.lesson.desk"
local pages = require "pymalloc.lesson.page"
local question = require "pymalloc.lesson.question"
local task = require "pymalloc.lesson.task"
local text = require "pymalloc.lesson.text"

local PROMPT = "  Your guess (Enter alone shows the answer, q stops): "

local M = {}

-- A function for each kind of pieces. It returns the answer if the piece asks.
local faces = {}

function faces.heading(talk, piece)
  local heading = ("Lesson %d: %s"):format(piece.number, piece.title)
  talk.page:write(talk.page:paint("bold", heading) .. "\n\n")
  if piece.is_continued then
    talk.page:write "(Continued from where you stopped. --again starts from the beginning.)\n\n"
  end
end

function faces.progress(talk, piece)
  local ok, reason = desk.remember(talk.number, piece.text)
  if not ok and not talk.has_complained then
    talk.has_complained = true
    talk.page:write(text.hung("  ", "(Your progress cannot be saved: " .. reason
      .. ". Set the environment variable PYMALLOC_DESK to use another folder.)") .. "\n\n")
  end
end

local function paragraph(talk, said)
  talk.page:write(text.wrapped(said) .. "\n\n")
end

function faces.say(talk, piece)
  paragraph(talk, piece.text)
end

function faces.show(talk, piece)
  talk.page:write(text.picture(piece.x, piece.options) .. "\n\n")
end

function faces.claim(talk, piece)
  local sign = talk.page:paint("green", "*")
  talk.page:write_item("  " .. sign .. text.hung("    ", piece.text):sub(4) .. "\n")
end

function faces.pending(talk, piece)
  talk.page:write_item(text.hung("  - ", piece.text) .. "\n")
end

function faces.question(talk, piece)
  local lines = { talk.page:paint("bold", text.hung("? ", piece.ask)) }
  for number, choice in ipairs(piece.choices or {}) do
    table.insert(lines, text.hung(("  %s  "):format(question.letter(number)), choice))
  end
  return talk.page:ask(table.concat(lines, "\n") .. "\n" .. PROMPT)
end

function faces.unclear(talk, piece)
  return talk.page:ask(("  Please type a letter from a to %s: "):format(piece.last))
end

function faces.answer(talk, piece)
  local grade = piece.is_guessed and talk.page:paint("bold",
    piece.is_right and "Right. " or "Wrong. ") or ""
  talk.page:write(("\n  %sThe answer is: %s.\n\n"):format(grade, piece.answer))
  paragraph(talk, piece.because)
end

function faces.break_it(talk, piece)
  local page = talk.page
  page:write(page:paint("bold", text.hung("! ", piece.what)) .. "\n"
    .. page:paint("red", text.indented("    ", piece.message)) .. "\n\n")
  paragraph(talk, piece.so)
end

function faces.restart(talk)
  talk.page:write "(Your progress names a step after the end: the lesson starts again.)\n\n"
end

for name, face in pairs(task.faces) do
  faces[name] = face
end

local function hold(talk, run, options)
  local talked <close> = conversation.new(run, options)
  local piece = talked:resume()
  while piece do
    piece = talked:resume(not piece.is_old and faces[piece.kind](talk, piece) or nil)
  end
end

--- Holds the conversation.
-- @param number of the lesson
-- @param run a function that runs the lesson
-- @param options { input =, output = file handles; seen, was_done as for conversation.new;
-- rows = of the screen, by default those of the terminal }
-- @return whether the lesson came to its end. It is not an error if the learner stops it.
function M.hold(number, run, options)
  local page = pages.new(options.input or io.stdin, options.output or io.stdout, options.rows)
  local ok, message = pcall(hold, { number = number, page = page }, run, options)
  if not ok and message ~= pages.QUIT then
    error(message, 0)
  end
  return ok
end

return M
