-- Records the calls of a lesson in order, for script/lessons to check.

local lesson = require "pymalloc.lesson"
local text = require "pymalloc.lesson.text"

local M = {}

-- A player, and the notes that it records: { word = the function, line = of the
-- call, texts = its strings, is_live = whether it shows a live object }.
local function recorder()
  local player, notes = {}, { words = {} }

  local function note(word, given, ...)
    local texts = {}
    for _, said in ipairs { ... } do
      table.insert(texts, tostring(said))
    end
    local line = debug.getinfo(3, "l").currentline
    table.insert(notes.words, { word = word, line = line, texts = texts, given = given })
    return notes.words[#notes.words]
  end

  function player.lesson(number, title, tell)
    notes.number, notes.title = number, title
    local ok, problem = xpcall(tell, debug.traceback)
    notes.problem = not ok and problem or nil
    return notes
  end
  function player.say(said)
    note("say", nil, said)
  end
  function player.aside(said)
    note("aside", nil, said)
  end
  function player.source(said)
    note("source", nil, said)
  end
  function player.show(x, options)
    local shown = note("show", nil)
    shown.is_live = type(x) ~= "string"
    shown.picture = text.picture(x, options)
  end
  function player.claim(sentence)
    note("claim", nil, sentence)
  end
  function player.pending(sentence)
    note("pending", nil, sentence)
  end
  function player.predict(question)
    note("predict", question, question.ask, question.because)
    pcall(question.answer)
  end
  function player.break_it(break_it)
    note("break_it", break_it, break_it.what, break_it.so)
    pcall(break_it.run)
  end
  function player.exercise(exercise)
    note("exercise", exercise, exercise.task)
  end
  return player, notes
end

--- Runs a lesson's file; returns its notes, or nil and the reason.
function M.record(path)
  local player, notes = recorder()
  local ok, problem = pcall(lesson.play_with, player, function() return dofile(path) end)
  if not ok then
    return nil, problem
  elseif not notes.title then
    return nil, "the file must return lesson(NUMBER, TITLE, function() ... end)"
  end
  return notes
end

return M
