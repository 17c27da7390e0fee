-- Finds the lessons: the files of the folder pymalloc/lessons, which lies beside the folder of
-- this module.

local lesson = require "pymalloc.lesson"
local sorted_keys = require "pymalloc.sorted_keys"

local M = {}

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

local folder = here .. "/../lessons"

-- The names of the files; they are listed here because a page cannot list the files of a folder.
M.names = { "01_layers", "02_classes", "03_pool", "04_free_list", "05_pool_states", "06_reuse",
  "07_arenas", "08_address", "09_release", "10_fragmentation", "11_report",
  "12_realloc_and_hooks", "13_geometry", "14_proof" }

local function exists(path)
  local file <close> = io.open(path)
  return file ~= nil
end

-- The paths of the lessons by number; none where the files are missing.
local function paths()
  local found = {}
  for _, name in ipairs(M.names) do
    local path = ("%s/%s_spec.lua"):format(folder, name)
    if exists(path) then
      found[math.tointeger(tonumber(name:match("^%d%d")))] = path
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
