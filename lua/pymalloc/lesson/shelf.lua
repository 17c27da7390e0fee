-- Finds the lessons: the files NN_NAME_spec.lua of the folder pymalloc/lessons,
-- which lies beside the folder of this module.

local lesson = require "pymalloc.lesson"
local lfs = require "lfs"
local sorted_keys = require "pymalloc.sorted_keys"

local M = {}

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

local folder = here .. "/../lessons"

-- The paths of the lessons by number; none where the folder is missing.
local function paths()
  local found = {}
  if lfs.attributes(folder, "mode") ~= "directory" then
    return found
  end
  for name in lfs.dir(folder) do
    local number = math.tointeger(name:match("^(%d%d)_.*_spec%.lua$"))
    if number then
      found[number] = folder .. "/" .. name
    end
  end
  return found
end

-- The path of a lesson's file, or nil.
function M.path(number)
  return paths()[number]
end

-- Runs a lesson's file with a player; returns the result of the player's function
-- `lesson`.
function M.play(path, player)
  return lesson.play_with(player, function()
    return dofile(path)
  end)
end

local index = {
  lesson = function(_, title)
    return title
  end,
}

-- The titles of all lessons by number, and a list of the numbers in order.
function M.titles()
  local titles = {}
  for number, path in pairs(paths()) do
    titles[number] = M.play(path, index)
  end
  return titles, sorted_keys(titles)
end

return M
