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
  local file = io.open(path(name))
  if not file then
    return nil
  end
  local content = file:read("a")
  file:close()
  return content
end

-- Writes a file of the desk, which is made if it is not there; returns its
-- path, or raises an error that says why it cannot be written.
local function write(name, content)
  lfs.mkdir(M.folder())
  local file, reason = io.open(path(name), "w")
  if not file then
    error("the lesson's file cannot be written: " .. reason, 0)
  end
  file:write(content)
  file:close()
  return path(name)
end

-- How far a lesson has come: "12" for its twelfth step, "done", or nil.
function M.progress(number)
  local content = read("progress") or ""
  return content:match(("\n%d ([^\n]+)"):format(number))
    or content:match(("^%d ([^\n]+)"):format(number))
end

function M.remember(number, how_far)
  local lines = {}
  for line in (read("progress") or ""):gmatch("[^\n]+") do
    if not line:find(("^%d "):format(number)) then
      table.insert(lines, line)
    end
  end
  table.insert(lines, ("%d %s"):format(number, how_far))
  write("progress", table.concat(lines, "\n") .. "\n")
end

local function answer_name(number)
  return ("answer_%02d.lua"):format(number)
end

-- The path of the answer to a lesson's exercise, which begins as `start`.
function M.answer_path(number, start)
  if not read(answer_name(number)) then
    write(answer_name(number), start)
  end
  return path(answer_name(number))
end

-- What the learner's answer file returns, or nil and what is wrong with it.
function M.answer(number)
  local chunk, reason = loadfile(path(answer_name(number)), "t")
  if not chunk then
    return nil, reason
  end
  local ok, answer = pcall(chunk)
  if not ok then
    return nil, answer
  elseif answer == nil then
    return nil, "it returns nothing"
  end
  return answer
end

return M
