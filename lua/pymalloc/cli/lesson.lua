-- pymalloc lesson: lists the lessons, or holds one as a conversation.

local conversation = require "pymalloc.lesson.conversation"
local desk = require "pymalloc.lesson.desk"
local shelf = require "pymalloc.lesson.shelf"
local terminal = require "pymalloc.cli.terminal"

local M = {}

local OK, BAD_USAGE = 0, 2

function M.define(parser)
  local command = parser:command("lesson",
    "List the lessons, or go through one: it says, shows, asks and waits.",
    "Examples: pymalloc lesson\n"
      .. "          pymalloc lesson 3\n"
      .. "          pymalloc lesson 3 --again\n\n"
      .. "A question is answered with a letter and Enter, and Enter alone shows the answer.\n"
      .. "An exercise is answered in a file, which the lesson names and grades. Where you\n"
      .. "are asked, q stops; so do Ctrl-D and Ctrl-C. The lesson goes on from there the\n"
      .. "next time.\n\n"
      .. "How far each lesson has come, and your answers to the exercises, are kept in\n"
      .. "$PYMALLOC_DESK, or in the folder pymalloc-lessons.")
  command:argument("number", "Which lesson; the list without one."):args("?")
  command:flag("--again", "Begin the lesson anew, not where you stopped.")
end

local function progress_text(number)
  local progress = desk.progress(number)
  if not progress then
    return ""
  elseif desk.is_done(number) then
    return "done"
  end
  return progress:find("exercise") and "at its exercise" or "begun"
end

-- The first lesson that is begun and not done, else the first that is not
-- begun; nil where all are done.
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
  io.stdout:write("\n")
  local number = next_of(numbers)
  io.stdout:write(number and ("To go on: pymalloc lesson %d\n"):format(number)
    or "All of them are done.\n")
  return OK
end

-- The lesson after one; nil behind the last.
local function after(numbers, number)
  for _, other in ipairs(numbers) do
    if other > number then
      return other
    end
  end
end

local function hold(number, numbers, again)
  local progress = not again and desk.progress(number) or ""
  local player = conversation.new(number,
    { seen = math.tointeger(progress:match("^%d+")), was_done = desk.is_done(number) })
  local ok, finished = pcall(shelf.play, shelf.path(number), player)
  if not ok then
    return nil, tostring(finished)
  elseif not finished then
    io.stdout:write(("To go on: pymalloc lesson %d\n"):format(number))
    return OK
  end
  local following = after(numbers, number)
  io.stdout:write(("Lesson %d is done"):format(number), following
    and (". The next one: pymalloc lesson %d\n"):format(following) or ", and it is the last.\n")
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
    return nil, ("there is no lesson '%s'; there are %d to %d")
      :format(arguments.number, numbers[1], numbers[#numbers]), BAD_USAGE
  end
  return hold(number, numbers, arguments.again)
end

return M
