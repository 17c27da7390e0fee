-- pymalloc lesson: lists the lessons, or plays one as a conversation.

local core = require "pymalloc.core"
local conversation = require "pymalloc.lesson.conversation"
local desk = require "pymalloc.lesson.desk"
local shelf = require "pymalloc.lesson.shelf"
local stdout = require "pymalloc.cli.stdout"
local talk = require "pymalloc.lesson.talk"
local terminal = require "pymalloc.cli.terminal"

local M = {}

local OK, BAD_USAGE = 0, 2

function M.define(parser)
  local command = parser:command("lesson",
    "List the lessons, or start one. A lesson explains, shows, asks and waits for answers.",
    "Examples: pymalloc lesson\n"
      .. "          pymalloc lesson 3\n"
      .. "          pymalloc lesson 3 --again\n\n"
      .. "To answer a question, type a letter and press Enter; Enter alone shows the\n"
      .. "answer. To do an exercise, edit the file that the lesson names; the lesson\n"
      .. "grades it. At any question, q stops the lesson, as does Ctrl-D; Ctrl-C stops it\n"
      .. "at any time. The next time, the lesson continues there.\n\n"
      .. "Your progress and your answers to exercises are kept in the folder that the\n"
      .. "environment variable PYMALLOC_DESK names, or in pymalloc-lessons.")
  command:argument("number", "Number of the lesson. Without it, the lessons are listed."):args("?")
  command:flag("--again", "Start the lesson from its beginning, not where you stopped.")
end

local function progress_text(number)
  local progress = desk.progress(number)
  if not progress then
    return ""
  elseif desk.is_done(number) then
    return "done"
  end
  return progress:find("exercise") and "at its exercise" or "started"
end

-- The first lesson that is started and not done; if there is none, the first that
-- is not started; nil if all are done.
local function next_of(numbers)
  local fresh
  for _, number in ipairs(numbers) do
    local progress = desk.progress(number)
    if progress and not desk.is_done(number) then
      return number
    end
    fresh = fresh or not progress and number or nil
  end
  return fresh
end

local function list(titles, numbers)
  local rows = {}
  for i, number in ipairs(numbers) do
    rows[i] = { number, titles[number], progress_text(number) }
  end
  terminal.write_table({ "", "lesson", "" }, "rll", rows)
  stdout.write("\n")
  local number = next_of(numbers)
  stdout.write(number and ("To continue: pymalloc lesson %d\n"):format(number)
    or "All lessons are done.\n")
  return OK
end

-- The number of the next lesson; nil after the last one.
local function after(numbers, number)
  for _, other in ipairs(numbers) do
    if other > number then
      return other
    end
  end
end

local function play(number, numbers, again)
  local seen, was_done = conversation.read_progress(desk.progress(number))
  local path = shelf.path(number)
  local how = ("o continue: pymalloc lesson %d"):format(number)
  core.process.note("t" .. how)
  local is_done = talk.hold(number, function()
    return dofile(path)
  end, { seen = again and 0 or seen, was_done = was_done })
  if not is_done then
    stdout.write("T", how, "\n")
    return OK
  end
  local following = after(numbers, number)
  stdout.write(("Lesson %d is done. "):format(number), following
    and ("The next one: pymalloc lesson %d\n"):format(following) or "It was the last one.\n")
  return OK
end

function M.run(arguments)
  local titles, numbers = shelf.titles()
  if #numbers == 0 then
    return nil, "no lessons are installed"
  elseif not arguments.number then
    return list(titles, numbers)
  end
  local number = math.tointeger(tonumber(arguments.number))
  if not titles[number] then
    return nil, ("there is no lesson '%s'; the lessons are %d to %d")
      :format(arguments.number, numbers[1], numbers[#numbers]), BAD_USAGE
  end
  return play(number, numbers, arguments.again)
end

return M
