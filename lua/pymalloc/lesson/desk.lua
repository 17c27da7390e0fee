-- The folder with the learner's progress in each lesson and the answers to the
-- exercises: $PYMALLOC_DESK, by default pymalloc-lessons in the current folder.

local core = require "pymalloc.core"
local output = require "pymalloc.output"

local M = {}

function M.folder()
  local folder = os.getenv("PYMALLOC_DESK")
  return folder and folder ~= "" and folder or "pymalloc-lessons"
end

local function path(name)
  return M.folder() .. "/" .. name
end

-- The text of a file; or nil and the reason.
local function read(name)
  local file <close>, reason = io.open(path(name))
  if not file then
    return nil, reason
  end
  return file:read("a")
end

local function exists(name)
  return core.files.exists(path(name))
end

-- Writes a file into the folder, which is made if it does not exist. Returns the
-- path, or nil and the reason; then an older file is unchanged.
local function write(name, content)
  local ok, reason = core.files.make_folder(M.folder())
  if not ok then
    return nil, reason
  end
  ok, reason = output.write(path(name), content)
  return ok and path(name), reason
end

-- The saved progress of each lesson, by its number as the file has it.
local function progress(text)
  local how_far = {}
  for number, words in (text or ""):gmatch("(%d+) ([^\n]+)") do
    how_far[number] = words
  end
  return how_far
end

-- The progress of a lesson: "12" after its twelfth step, "12 exercise" if the next
-- step is its exercise, "done", "12 done" if it was done before and is gone
-- through again, or nil.
function M.progress(number)
  return progress((read "progress"))[tostring(number)]
end

-- Whether the lesson came to its end, now or before.
function M.is_done(number)
  return (M.progress(number) or ""):find("done", 1, true) ~= nil
end

-- Saves the progress of a lesson. Returns true, or nil and the reason. The progress
-- of others is kept, so a file that cannot be read is not replaced.
function M.remember(number, words)
  local text, problem = read "progress"
  if not text and exists "progress" then
    return nil, problem
  end
  local how_far, lines = progress(text), {}
  how_far[tostring(number)] = words
  for key, value in pairs(how_far) do
    table.insert(lines, ("%s %s\n"):format(key, value))
  end
  table.sort(lines)
  local ok, reason = write("progress", table.concat(lines))
  return ok and true, reason
end

local function answer_name(number)
  return ("answer_%02d.lua"):format(number)
end

-- The path of the answer to a lesson's exercise. If there is no such file, it is
-- made with the text `start`. Returns nil and the reason if that fails.
function M.answer_path(number, start)
  if exists(answer_name(number)) then
    return path(answer_name(number))
  end
  return write(answer_name(number), start)
end

-- The text of the learner's answer file; or nil and the reason.
function M.read_answer(number)
  return read(answer_name(number))
end

return M
