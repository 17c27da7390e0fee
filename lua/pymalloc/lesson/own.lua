-- Lessons in files of others (docs/write-a-lesson.md). A lesson's file runs in a sandbox, and is
-- checked before it is played: the form of each part, each claim, each question and the grader.
--
--     local own, problem = own_lessons.open("loops.lua")
--     local right, fault = own:check()
--     own:play(player)

local core = require "pymalloc.core"
local form = require "pymalloc.lesson.form"
local judge = require "pymalloc.lesson.judge"
local lesson = require "pymalloc.lesson"
local library = require "pymalloc.lesson.library"
local question = require "pymalloc.lesson.question"
local sandbox = require "pymalloc.sandbox"
local text = require "pymalloc.lesson.text"

local M = {}

-- The limits between two pieces of a lesson.
local LIMITS = { steps = 100000000, bytes = 256 << 20, seconds = 60 }

local WORDS = { "say", "aside", "source", "show", "claim", "pending", "predict", "break_it",
  "exercise" }

local Own = {}
Own.__index = Own

-- Raises an error at the line of the lesson that runs now.
local function complain(self, message)
  local level = 3
  local info = debug.getinfo(level, "Sl")
  while info and info.source ~= "@" .. self.path do
    level = level + 1
    info = debug.getinfo(level, "Sl")
  end
  local place = info and (":%d"):format(info.currentline) or ""
  error(("%s%s: %s"):format(self.path, place, message), 0)
end

-- {=== The names of a lesson

-- A function of pymalloc.lesson that checks its arguments first.
local function checked(self, word)
  return function(given, ...)
    local fault = form.fault(word, given, ...)
    if fault then
      complain(self, ("lesson.%s: %s"):format(word, fault))
    end
    return lesson[word](given, ...)
  end
end

-- lesson(TITLE, TELL), or lesson(NUMBER, TITLE, TELL) as in the lessons of this library.
local function begin(self)
  return function(_, ...)
    local title, tell = ...
    if math.type(title) == "integer" then
      title, tell = select(2, ...)
    end
    if type(title) ~= "string" or not title:find("%S") or type(tell) ~= "function" then
      complain(self, ("lesson: the arguments must be a title and a function, as in "
        .. "lesson(\"Sums\", function() ... end); got %s and %s"):format(core.describe(title),
        core.describe(tell)))
    elseif self.title then
      complain(self, "lesson: a file has one lesson, and this is the second")
    end
    self.title = text.line(title)
    return lesson(nil, self.title, tell)
  end
end

local function lesson_table(self)
  local words = {}
  for _, word in ipairs(WORDS) do
    words[word] = checked(self, word)
  end
  return setmetatable(words, { __call = begin(self), __metatable = false })
end

local function requirer(self)
  local known = { ["pymalloc"] = library.new(), ["pymalloc.lesson"] = lesson_table(self) }
  return function(name)
    if not known[name] then
      error(("a lesson can require 'pymalloc' and 'pymalloc.lesson', got '%s'"):format(
        tostring(name)), 2)
    end
    return known[name]
  end
end

-- {=== Running

-- A fresh sandbox and the compiled file; or nil and a message.
local function compile(self)
  self.title = nil
  self.box = sandbox.new { steps = LIMITS.steps, bytes = LIMITS.bytes, seconds = LIMITS.seconds,
    names = { require = requirer(self) } }
  return self.box:compile(self.text, "@" .. self.path)
end

--- A function that runs the lesson, for a conversation, and its sandbox.
function Own:start()
  local chunk, problem = compile(self)
  if not chunk then
    return nil, problem
  end
  return function()
    chunk()
    if not self.title then
      error(self.path .. ": the file must call lesson(TITLE, function() ... end)", 0)
    end
  end, self.box
end

-- Runs the whole lesson with a player. Returns true; or nil and a message.
local function play(self, player)
  local run, box = self:start()
  if not run then
    return nil, box
  end
  local ok, problem = box:call(function()
    return lesson.play_with(player, run)
  end)
  return ok or nil, not ok and problem:gsub("^([^\n]-:%d+: )pymalloc: ", "%1") or nil
end

-- {=== Checking

-- A message of an assertion, without its place in this library.
local function without_place(problem)
  return (tostring(problem):gsub("^[^\n]-%.lua:%d+: ", ""))
end

-- From the name of a part to a function that returns what is wrong with it.
local faults = {}

function faults.say(said)
  local ok, problem = pcall(text.check, said)
  return not ok and without_place(problem) or nil
end

faults.aside, faults.source = faults.say, faults.say

function faults.show(x, options)
  local ok, problem = pcall(function()
    text.check_picture(text.picture(x, options))
  end)
  return not ok and without_place(problem) or nil
end

faults.claim = judge.fault

function faults.pending() end

function faults.predict(asked)
  return faults.say(asked.because) or question.fault(asked, asked.answer(), false)
end

function faults.break_it(break_it)
  return faults.say(break_it.so) or (judge.breakage(break_it))
end

function faults.exercise(exercise)
  return faults.say(exercise.task) or judge.grader_fault(exercise, exercise.good)
end

-- The player that checks; it counts the parts.
local function checker(self, counts)
  local player = {}
  function player.lesson(_, _, tell)
    tell()
  end
  for _, word in ipairs(WORDS) do
    player[word] = function(...)
      local fault = counts.exercise and "the exercise must be the last part of a lesson"
        or faults[word](...)
      if fault then
        complain(self, ("lesson.%s: %s"):format(word, fault))
      end
      counts[word] = (counts[word] or 0) + 1
    end
  end
  return player
end

--- Runs the whole lesson and checks it.
-- @return the numbers of its parts by name; or nil and a message with the file and the line
function Own:check()
  local counts = {}
  local ok, problem = play(self, checker(self, counts))
  if not ok then
    return nil, problem
  end
  return counts
end

-- {=== Opening

local function read_file(path)
  local file <close>, problem = io.open(path, "rb")
  if not file then
    return nil, problem
  end
  local content, reason = file:read(sandbox.TEXT_BYTES + 1)
  if reason then
    return nil, ("%s: %s"):format(path, reason)
  end
  return content or ""
end

--- A lesson's file, which is compiled but not run.
-- @return the lesson, with path and text; or nil and a message
function M.open(path)
  local content, problem = read_file(path)
  if not content then
    return nil, problem
  end
  local self = setmetatable({ path = path, text = content }, Own)
  local chunk, fault = compile(self)
  if not chunk then
    return nil, fault:find(path, 1, true) == 1 and fault or ("%s: %s"):format(path, fault)
  end
  return self
end

return M
