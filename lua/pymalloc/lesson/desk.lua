-- Where a learner's things are kept: how far each lesson has come, and the
-- answers to its exercise. The folder is $PYMALLOC_DESK, or pymalloc-lessons in
-- the folder where the command is run.

local lfs = require "lfs"

local M = {}

function M.folder()
  local folder = os.getenv("PYMALLOC_DESK")
  return folder and folder ~= "" and folder or "pymalloc-lessons"
end

local function path(name)
  return M.folder() .. "/" .. name
end

local function read(name)
  local file <close> = io.open(path(name))
  return file and file:read("a")
end

-- Puts a file on the desk, whole or not at all; returns its path, or nil and
-- why not. The desk is made if it is not there.
local function write(name, content)
  lfs.mkdir(M.folder())
  local unfinished = path(name) .. ".new"
  local file, reason = io.open(unfinished, "w")
  if not file then
    return nil, reason
  end
  local ok, failure = file:write(content)
  local closed, late_failure = file:close()
  if not ok or not closed then
    os.remove(unfinished)
    return nil, failure or late_failure
  end
  ok, reason = os.rename(unfinished, path(name))
  return ok and path(name), reason
end

-- How far each lesson has come, by number, as it was remembered.
local function progress()
  local how_far = {}
  for number, words in (read("progress") or ""):gmatch("(%d+) ([^\n]+)") do
    how_far[tonumber(number)] = words
  end
  return how_far
end

-- How far a lesson has come: "12" for its twelfth step, "12 exercise" where
-- that is its exercise, "done", "12 done" where it is gone through again, or nil.
function M.progress(number)
  return progress()[number]
end

-- Did it come to its end, now or before?
function M.is_done(number)
  return (M.progress(number) or ""):find("done", 1, true) ~= nil
end

-- Returns true, or nil and why it cannot be remembered.
function M.remember(number, words)
  local how_far, lines = progress(), {}
  how_far[number] = words
  for key, value in pairs(how_far) do
    table.insert(lines, ("%d %s\n"):format(key, value))
  end
  table.sort(lines)
  local ok, reason = write("progress", table.concat(lines))
  return ok and true, reason
end

local function answer_name(number)
  return ("answer_%02d.lua"):format(number)
end

-- The path of the answer to a lesson's exercise, which begins as `start`; or
-- nil and why it cannot be written.
function M.answer_path(number, start)
  if read(answer_name(number)) then
    return path(answer_name(number))
  end
  return write(answer_name(number), start)
end

-- The text of the learner's answer file.
function M.read_answer(number)
  return read(answer_name(number)) or ""
end

-- Is the answer still what the learner began with?
function M.is_untouched(number, start)
  return M.read_answer(number) == start
end

-- What the learner's answer file returns, or nil and what is wrong with it.
function M.answer(number)
  local chunk, reason = loadfile(path(answer_name(number)), "t")
  if not chunk then
    return nil, reason
  end
  local ok, answer = pcall(chunk)
  if not ok then
    return nil, tostring(answer)
  elseif answer == nil then
    return nil, "it returns nothing"
  end
  return answer
end

return M
