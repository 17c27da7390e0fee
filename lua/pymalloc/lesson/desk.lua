-- The folder with the learner's progress in each lesson and the answers to the
-- exercises: $PYMALLOC_DESK; by default pymalloc in $XDG_DATA_HOME, which is
-- ~/.local/share by default (https://specifications.freedesktop.org/basedir).
--
-- The key of a lesson is its number; that of a lesson's file is a name made of its path.

local core = require "pymalloc.core"
local fnv = require "pymalloc.fnv"
local output = require "pymalloc.output"

local M = {}

local function variable(name)
  local value = os.getenv(name) or ""
  return value ~= "" and value or nil
end

-- The folder. The specification says that a relative path in XDG_DATA_HOME is ignored.
function M.folder()
  local data = variable "XDG_DATA_HOME"
  if not data or data:sub(1, 1) ~= "/" then
    data = (variable "HOME" or ".") .. "/.local/share"
  end
  return variable "PYMALLOC_DESK" or data .. "/pymalloc"
end

-- The 64 bits of the FNV-1a hash of a text, folded to 32.
local function hash_of(text)
  local hash = fnv(text)
  return (hash ~ hash >> 32) & 0xffffffff
end

local function current_folder()
  local pipe <close> = io.popen("pwd -P")
  return pipe and pipe:read("l") or ""
end

-- The key of a lesson's file: its name and a hash of its whole path, so that files of the
-- same name in different folders do not share their progress.
function M.key_of(file)
  local whole = file:sub(1, 1) == "/" and file or current_folder() .. "/" .. file
  whole = whole:gsub("/%./", "/"):gsub("//+", "/")
  local name = file:match("[^/]*$"):gsub("%.lua$", ""):gsub("[^%w_-]", "_")
  return ("%s-%08x"):format(name, hash_of(whole))
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

-- The saved progress of each lesson, by its key as the file has it.
local function progress(text)
  local how_far = {}
  for key, words in (text or ""):gmatch("([^%s]+) ([^\n]+)") do
    how_far[key] = words
  end
  return how_far
end

-- The progress of a lesson: "12" after its twelfth step, "12 exercise" if the next
-- step is its exercise, "done", "12 done" if the lesson was done before and the
-- learner is going through it again, or nil.
function M.progress(key)
  return progress((read "progress"))[tostring(key)]
end

-- Whether the lesson came to its end, now or before.
function M.is_done(key)
  return (M.progress(key) or ""):find("done", 1, true) ~= nil
end

-- Saves the progress of a lesson. Returns true, or nil and the reason. The progress
-- of others is kept, so a file that cannot be read is not replaced.
function M.remember(key, words)
  local text, problem = read "progress"
  if not text and exists "progress" then
    return nil, problem
  end
  local how_far, lines = progress(text), {}
  how_far[tostring(key)] = words
  for other, value in pairs(how_far) do
    table.insert(lines, ("%s %s\n"):format(other, value))
  end
  table.sort(lines)
  local ok, reason = write("progress", table.concat(lines))
  return ok and true, reason
end

local function answer_name(key)
  return type(key) == "number" and ("answer_%02d.lua"):format(key)
    or ("answer_%s.lua"):format(key)
end

-- The path of the answer to a lesson's exercise. If there is no such file, it is
-- made with the text `start`. Returns nil and the reason if that fails.
function M.answer_path(key, start)
  if exists(answer_name(key)) then
    return path(answer_name(key))
  end
  return write(answer_name(key), start)
end

-- The text of the learner's answer file; or nil and the reason.
function M.read_answer(key)
  return read(answer_name(key))
end

-- Gives the answer file its first text again. Returns the path of the file with the text that it
-- had; or nil and the reason.
function M.reset_answer(key, start)
  local name = answer_name(key)
  local old = path(name:gsub("%.lua$", ".old.lua"))
  local renamed, problem = os.rename(path(name), old)
  if not renamed and exists(name) then
    return nil, problem
  end
  local ok, reason = write(name, start)
  return ok and old, reason
end

return M
