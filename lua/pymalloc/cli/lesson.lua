-- pymalloc lesson: lists the lessons, plays one as a conversation, or grades answers.

local core = require "pymalloc.core"
local conversation = require "pymalloc.lesson.conversation"
local desk = require "pymalloc.lesson.desk"
local grades = require "pymalloc.cli.lesson_grades"
local own_lessons = require "pymalloc.lesson.own"
local shelf = require "pymalloc.lesson.shelf"
local stdout = require "pymalloc.cli.stdout"
local talk = require "pymalloc.lesson.talk"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"

local M = {}

local OK, FAILED, BAD_USAGE = 0, 1, 2

function M.define(parser)
  local command = parser:command("lesson",
    "List the lessons, or start one. A lesson explains, shows, asks and waits for answers.",
    "Examples: pymalloc lesson\n"
      .. "          pymalloc lesson 3\n"
      .. "          pymalloc lesson 3 --again\n"
      .. "          pymalloc lesson loops.lua\n"
      .. "          pymalloc lesson loops.lua --check\n"
      .. "          pymalloc lesson 3 --grade ada.lua ben.lua\n"
      .. "          pymalloc lesson loops.lua --grade answers/*.lua --csv\n"
      .. "          pymalloc lesson 3 --grade ada.lua --json\n\n"
      .. "To answer a question, type a letter and press Enter; Enter alone shows the\n"
      .. "answer, and h a hint. To do an exercise, edit the file that the lesson names\n"
      .. "(e opens it in the editor that VISUAL or EDITOR names); the lesson grades it.\n"
      .. "At any question, q stops the lesson, as does Ctrl-D; Ctrl-C stops it at any\n"
      .. "time. The next time, the lesson continues there.\n\n"
      .. "Your progress and your answers to exercises are kept in the folder that the\n"
      .. "environment variable PYMALLOC_DESK names; by default that is pymalloc in\n"
      .. "$XDG_DATA_HOME, or in ~/.local/share. The list of lessons prints where it is.\n\n"
      .. "With --grade, each answer is graded in a process of its own, without files\n"
      .. "or the system, and with limits on steps, time and memory. The exit code is 0\n"
      .. "if all answers pass and 1 if not.\n\n"
      .. "A lesson of your own is a Lua file; docs/write-a-lesson.md describes its form.")
  command:argument("lesson", "Number or file of the lesson. Without it, the lessons are listed.")
    :argname("LESSON"):args("?")
  command:flag("--again", "Start the lesson from its beginning, not where you stopped.")
  command:flag("--check", "Check the lesson's file, and do not play it.")
  command:option("--grade", "Grade these answers to the lesson's exercise, and print a table.")
    :argname("ANSWER"):args("+")
  command:flag("--json", "Print the table of --grade as JSON.")
  command:flag("--csv", "Print the table of --grade as comma-separated values.")
end

-- {=== The list

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

local function write_line(line)
  local columns = terminal.columns(20, 80)
  stdout.write(table.concat(text.wrap(line, columns, "", "  "), "\n"), "\n")
end

local function tell_where()
  write_line("Your progress and answers are in the folder " .. desk.folder())
end

local function list(titles, numbers)
  local rows = {}
  for i, number in ipairs(numbers) do
    rows[i] = { number, titles[number], progress_text(number) }
  end
  terminal.write_table({ "", "lesson", "" }, "rll", rows)
  stdout.write("\n")
  tell_where()
  local number = next_of(numbers)
  write_line(number and ("To continue: pymalloc lesson %d"):format(number)
    or "All lessons are done.")
  return OK
end

-- {=== Finding a lesson

-- The number of the next lesson; nil after the last one.
local function after(numbers, number)
  for _, other in ipairs(numbers) do
    if other > number then
      return other
    end
  end
end

-- A lesson of this library.
local function built_in(number, numbers)
  local path = shelf.path(number)
  local following = after(numbers, number)
  return { key = number, name = tostring(number), title = ("lesson %d"):format(number),
    start = function()
      return function() return dofile(path) end
    end,
    ending = following and ("Lesson %d is done. The next one: pymalloc lesson %d"):format(number,
      following) or ("Lesson %d is done. It was the last one."):format(number) }
end

-- A lesson in a file, which was checked; or nil, a message and the exit code.
local function of_file(path)
  local own, problem = own_lessons.open(path)
  if not own then
    return nil, problem, FAILED
  end
  local counts, fault = own:check()
  if not counts then
    return nil, fault, FAILED
  end
  return { key = desk.key_of(path), name = path, title = own.title, counts = counts,
    start = function() return own:start() end, ending = "The lesson is done." }
end

local function find(given, titles, numbers)
  local number = math.tointeger(tonumber(given))
  if titles[number] then
    return built_in(number, numbers)
  elseif not number and (given:find("[./]") and tonumber(given) == nil) then
    return of_file(given)
  end
  return nil, ("there is no lesson '%s'; the lessons are %d to %d, or a file, such as loops.lua")
    :format(given, numbers[1], numbers[#numbers]), BAD_USAGE
end

-- {=== Playing and checking

local function play(found, again)
  local seen, was_done = conversation.read_progress(desk.progress(found.key))
  local how = "o continue: pymalloc lesson " .. found.name
  core.process.note("t" .. how)
  local run, box = found.start()
  local ok, is_done = pcall(talk.hold, found.key, run, { seen = again and 0 or seen,
    was_done = was_done, box = box })
  if not ok and not box then
    error(is_done, 0)
  elseif not ok then
    return nil, type(is_done) == "string" and is_done or core.describe(is_done), FAILED
  end
  tell_where()
  write_line(is_done and found.ending or "T" .. how)
  return OK
end

local function report_check(found)
  local counts = found.counts
  if not counts then
    return nil, "--check is for the file of a lesson", BAD_USAGE
  end
  local words = {}
  for _, part in ipairs { { "claim", "claim" }, { "predict", "question" },
                          { "break_it", "break-it" }, { "exercise", "exercise" } } do
    table.insert(words, text.count(counts[part[1]] or 0, part[2]))
  end
  stdout.write(("%s: no faults: %s\n"):format(found.name, table.concat(words, ", ")))
  return OK
end

local function fault_of(arguments)
  if arguments.json and arguments.csv then
    return "--json and --csv cannot be combined"
  elseif (arguments.json or arguments.csv) and not arguments.grade then
    return "--json and --csv need --grade"
  elseif arguments.grade and (arguments.again or arguments.check) then
    return "--grade cannot be combined with --again or --check"
  elseif (arguments.grade or arguments.check) and not arguments.lesson then
    return "missing argument 'LESSON': its number or file"
  end
end

function M.run(arguments)
  local fault = fault_of(arguments)
  if fault then
    return nil, fault, BAD_USAGE
  end
  local titles, numbers = shelf.titles()
  if #numbers == 0 then
    return nil, "no lessons are installed"
  elseif not arguments.lesson then
    return list(titles, numbers)
  end
  local found, problem, code = find(arguments.lesson, titles, numbers)
  if not found then
    return nil, problem, code
  elseif arguments.check then
    return report_check(found)
  elseif arguments.grade then
    return grades.run(found, arguments)
  end
  return play(found, arguments.again)
end

return M
