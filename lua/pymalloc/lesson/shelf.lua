-- Finds the lessons: spec/lessons of the source tree, or where the rock has
-- put them, beside this module.

local lesson = require "pymalloc.lesson"
local lfs = require "lfs"

local M = {}

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

-- The folder of the lessons; nil where there is none.
function M.folder()
  for _, folder in ipairs { here .. "/../../../spec/lessons", here .. "/shelf" } do
    if lfs.attributes(folder, "mode") == "directory" then
      return folder
    end
  end
end

-- The path of a lesson's file, or nil.
function M.path(number)
  local folder = M.folder()
  if not folder then
    return nil
  end
  local pattern = ("^%02d_.*_spec%%.lua$"):format(number)
  for name in lfs.dir(folder) do
    if name:find(pattern) then
      return folder .. "/" .. name
    end
  end
end

-- Runs a lesson's file with a player; returns what the player's lesson does.
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

-- The titles of all lessons by number, and these numbers in order.
function M.titles()
  local titles, numbers = {}, {}
  for name in lfs.dir(M.folder() or ".") do
    local number = math.tointeger(name:match("^(%d%d)_.*_spec%.lua$"))
    if number then
      titles[number] = M.play(M.path(number), index)
      table.insert(numbers, number)
    end
  end
  table.sort(numbers)
  return titles, numbers
end

return M
