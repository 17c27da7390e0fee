-- Grades files with answers to the exercise of a lesson, each in a process of its own: an answer
-- can neither end this program nor change the grading of the next one.

local answers_most = require("pymalloc.sandbox").TEXT_BYTES
local conversation = require "pymalloc.lesson.conversation"
local core = require "pymalloc.core"
local sentence = require("pymalloc.lesson.text").sentence
local text = require "pymalloc.text"

local M = {}

-- The limits of a process that grades. The functions of an answer have those of the sandbox,
-- which are lower; these are for the heaps that it makes, and for the grader.
local SECONDS, BYTES = 10, 512 << 20

local REASON_BYTES = 1000

local reasons = {
  seconds = ("It does not end: it was stopped after %d seconds of processor time."):format(SECONDS),
  signal = "It ended the process that grades it.",
  error = "It ended its grading with an error.",
}

-- A reason as one line that a terminal can show.
local function line_of(reason)
  reason = text.printable((reason:sub(1, REASON_BYTES):gsub("%s+", " ")))
  return (reason:gsub("^ ", ""):gsub(" $", ""))
end

local function result(path, passed, reason)
  return { file = path, passed = passed, reason = sentence(line_of(reason)) }
end

local function read_file(path)
  local file <close>, problem = io.open(path, "rb")
  if not file then
    return nil, problem
  end
  local content, reason = file:read(answers_most + 1)
  if reason then
    return nil, ("%s: %s"):format(path, reason)
  end
  return content or ""
end

-- An answer prints nothing here: the table is all that is written.
local function print_nothing() end

local function grade_file(talk, path)
  local content, problem = read_file(path)
  if not content then
    return result(path, false, "It cannot be read: " .. problem)
  end
  local told, fault, code = core.process.apart(SECONDS, BYTES, function()
    local passed, remark = talk:grade { text = content, name = "@" .. path, print = print_nothing }
    return (passed and "+" or "-") .. remark
  end)
  if not told then
    return result(path, false, code and "It cannot be graded: " .. fault or reasons[fault])
  end
  return result(path, told:sub(1, 1) == "+", told:sub(2))
end

-- Plays a lesson up to its exercise. Returns false if it has none.
local function go_to_exercise(talk)
  local piece = talk:resume()
  while piece and piece.kind ~= "work" do
    piece = talk:resume()
  end
  return piece ~= nil
end

--- Grades files.
-- @param run a function that runs the lesson
-- @param box its sandbox, if it is in a file of others
-- @param paths of the answers
-- @param progress is called before each with the number of those done
-- @return an array of tables with file, passed and reason; or nil and a message
function M.grade(run, box, paths, progress)
  local talk <close> = conversation.new(run, { box = box })
  if not go_to_exercise(talk) then
    return nil, "the lesson has no exercise"
  end
  local results = {}
  for i, path in ipairs(paths) do
    progress(i - 1)
    results[i] = grade_file(talk, path)
  end
  return results
end

return M
