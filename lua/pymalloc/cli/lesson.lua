-- pymalloc lesson: lists the lessons, or holds one as a conversation.

local columns = require "pymalloc.cli.columns"
local conversation = require "pymalloc.lesson.conversation"
local desk = require "pymalloc.lesson.desk"
local shelf = require "pymalloc.lesson.shelf"

local M = {}

local BAD_USAGE = 2

function M.define(parser)
  local command = parser:command("lesson",
    "List the lessons, or go through one: it says, shows, asks and waits.",
    "Example: pymalloc lesson 3\n\nHow far each lesson has come, and your answers to the "
      .. "exercises, are kept in\n$PYMALLOC_DESK, or in the folder pymalloc-lessons.")
  command:argument("number", "Which lesson; the list without one."):args("?")
    :convert(math.tointeger)
  command:flag("--again", "Begin the lesson anew, not where you stopped.")
end

local function progress_text(number)
  local progress = desk.progress(number)
  if not progress then
    return ""
  end
  return progress == "done" and "done" or "stopped at step " .. progress
end

local function list(titles, numbers)
  local rows = {}
  for i, number in ipairs(numbers) do
    rows[i] = { tostring(number), titles[number], progress_text(number) }
  end
  io.stdout:write(columns.text({ "", "lesson", "" }, "rll", rows))
  return 0
end

local function hold(number, again)
  local progress = not again and desk.progress(number) or nil
  local player = conversation.new(number, { seen = math.tointeger(tonumber(progress)) })
  local finished = shelf.play(shelf.path(number), player)
  local next_path = finished and shelf.path(number + 1)
  if next_path then
    io.stdout:write(("The next one: pymalloc lesson %d\n"):format(number + 1))
  elseif not finished then
    io.stdout:write(("\nTo go on: pymalloc lesson %d\n"):format(number))
  end
  return 0
end

function M.run(arguments)
  local titles, numbers = shelf.titles()
  if not arguments.number then
    return list(titles, numbers)
  elseif not titles[arguments.number] then
    return nil, ("there is no lesson %d; there are: %s")
      :format(arguments.number, table.concat(numbers, ", ")), BAD_USAGE
  end
  return hold(arguments.number, arguments.again)
end

return M
