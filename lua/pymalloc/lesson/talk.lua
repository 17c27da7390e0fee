-- Holds a conversation with a person at a terminal: writes the pieces of a lesson, asks, waits
-- for answers, and saves how far the person has come.

local conversation = require "pymalloc.lesson.conversation"
local desk = require "pymalloc.lesson.desk"
local pages = require "pymalloc.lesson.page"
local question = require "pymalloc.lesson.question"
local task = require "pymalloc.lesson.task"
local text = require "pymalloc.lesson.text"

local PROMPT = "Your guess (h: a hint, Enter: the answer, q: stop):"

local M = {}

-- A function for each kind of pieces. It returns the answer if the piece asks.
local faces = {}

-- Paragraphs broken into lines that fit, with an empty line after them.
local function paragraph(talk, said)
  talk.page:write(text.wrapped(said, talk.page:width()) .. "\n\n")
end

-- A remark of the program, indented.
local function remark(talk, said)
  talk.page:write(text.hung("  ", said, talk.page:width()) .. "\n\n")
end

function faces.heading(talk, piece)
  local heading = piece.number and ("Lesson %d: %s"):format(piece.number, piece.title)
    or "Lesson: " .. piece.title
  talk.page:write(talk.page:paint("bold", text.hung("", heading, talk.page:width())) .. "\n\n")
  if piece.is_continued then
    paragraph(talk, "(Continued from where you stopped. --again starts from the beginning.)")
  end
end

function faces.progress(talk, piece)
  local ok, reason = desk.remember(talk.key, piece.text)
  if not ok and not talk.has_complained then
    talk.has_complained = true
    remark(talk, ("(Your progress cannot be saved: %s. Set the environment variable "
      .. "PYMALLOC_DESK to use another folder.)"):format(reason))
  end
end

function faces.say(talk, piece)
  paragraph(talk, piece.text)
end

function faces.source(talk, piece)
  paragraph(talk, "This lesson follows: " .. piece.text)
end

function faces.show(talk, piece)
  talk.page:write(text.picture(piece.x, piece.options, talk.page:width()) .. "\n\n")
end

function faces.claim(talk, piece)
  local sign = talk.page:paint("green", "*")
  local lines = text.hung("    ", piece.text, talk.page:width())
  talk.page:write_item("  " .. sign .. lines:sub(4) .. "\n")
end

function faces.pending(talk, piece)
  talk.page:write_item(text.hung("  - ", piece.text, talk.page:width()) .. "\n")
end

-- Asks, and answers h with the hint until something else is typed.
local function ask(talk, question_text, hint)
  local width = talk.page:width()
  local prompt = text.hung("  ", PROMPT, width) .. " "
  local typed = talk.page:ask(question_text .. "\n" .. prompt)
  while typed and typed:lower() == "h" do
    talk.page:write("\n" .. text.hung("  ", hint and "Hint: " .. hint
      or "This question has no hint.", width) .. "\n")
    typed = talk.page:ask(prompt)
  end
  return typed
end

function faces.question(talk, piece)
  local width = talk.page:width()
  local lines = { talk.page:paint("bold", text.hung("? ", piece.ask, width)) }
  for number, choice in ipairs(piece.choices or {}) do
    table.insert(lines, text.hung(("  %s  "):format(question.letter(number)), choice, width))
  end
  talk.hint = piece.hint
  return ask(talk, table.concat(lines, "\n"), piece.hint)
end

function faces.unclear(talk, piece)
  return ask(talk, ("  Please type a letter from a to %s."):format(piece.last), talk.hint)
end

function faces.answer(talk, piece)
  local page, width = talk.page, talk.page:width()
  local answer = text.hung("  ", ("The answer is: %s."):format(piece.answer), width) .. "\n\n"
  if piece.is_guessed then
    local grade = piece.is_right and "Right." or "Wrong."
    local said = piece.why or ("The answer is: %s."):format(piece.answer)
    local lines = text.hung("  ", grade .. " " .. said, width):sub(#grade + 3)
    page:write("\n  " .. page:paint("bold", grade) .. lines .. "\n"
      .. (piece.why and answer or "\n"))
  else
    page:write("\n" .. answer)
  end
  paragraph(talk, piece.because)
end

function faces.break_it(talk, piece)
  local page, width = talk.page, talk.page:width()
  page:write(page:paint("bold", text.hung("! ", piece.what, width)) .. "\n"
    .. page:paint("red", text.indented("    ", piece.message, width)) .. "\n\n")
  paragraph(talk, piece.so)
end

function faces.restart(talk)
  paragraph(talk, "(Your progress names a step after the end: the lesson starts again.)")
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
-- @param key number of the lesson; or the name under which the progress of a lesson's file is kept
-- @param run a function that runs the lesson
-- @param options { input =, output = file handles; seen, was_done, box as for
-- conversation.new; rows, columns = of the screen, by default those of the terminal }
-- @return whether the lesson came to its end. It is not an error if the learner stops it.
function M.hold(key, run, options)
  local page = pages.new(options.input or io.stdin, options.output or io.stdout, options.rows,
    options.columns)
  local ok, message = pcall(hold, { key = key, page = page }, run, options)
  if not ok and message ~= pages.QUIT then
    error(message, 0)
  end
  return ok
end

return M
