-- Runs each lesson on a core in which the rule that it teaches is changed; the
-- lesson must fail.

local mutant = dofile((arg[0]:match("^(.*)/script/[^/]*$") or ".") .. "/script/lib/mutant.lua")

local M = {}

local SECONDS = 300 -- for one lesson, which may not end with a wrong rule
local TIMED_OUT = 124
local HEADING = "%-15s  %6s  %5s  %s"

local function paths()
  local _, output = mutant.shell("ls lua/pymalloc/lessons/*_spec.lua")
  local list = {}
  for path in output:gmatch("%S+") do
    list[math.tointeger(path:match("/(%d+)_"))] = path
  end
  return list
end

-- Runs a lesson with the module in a folder; returns how many of its tests failed,
-- and the first of these.
local function play(path, folder)
  local _, output, code = mutant.shell(
    "timeout %d lua5.4 \"$(command -v busted)\" --ignore-lua -o TAP --cpath='%s/?.so' %s",
    SECONDS, folder, path)
  local count, first = 0, nil
  for title in output:gmatch("\nnot ok %d+ %- ([^\n]*)") do
    count = count + 1
    first = first or title:gsub("^Lesson %d+: .-: ", "")
  end
  if count == 0 and code ~= 0 then
    return 1, code == TIMED_OUT and "it does not end" or "it crashes"
  end
  return count, first
end

-- Tries one mutation; returns whether the lesson that teaches its rule fails.
local function try(mutation, lessons)
  local taught = mutation.lesson
  local count, first = mutant.with(mutation, function(folder)
    return play(lessons[taught], folder)
  end)
  print(HEADING:format(mutation[1], taught, count, first or "NOT DETECTED"))
  return count > 0
end

-- Runs each lesson without a mutation, where it must pass.
local function prepare(mutations, lessons)
  local is_played = {}
  for _, mutation in ipairs(mutations) do
    local number = mutation.lesson
    if not lessons[number] then
      mutant.fail("%s: there is no lesson %s", mutation[1], tostring(number))
    end
    local count, first = 0, nil
    if not is_played[number] then
      count, first = play(lessons[number], mutant.root .. "/build-release")
    end
    if count > 0 then
      mutant.fail("lesson %d fails even without a mutation: %s", number, first)
    end
    is_played[number] = true
  end
end

--- Tries the mutations; returns whether all of them were detected.
function M.try_all(mutations)
  local lessons, caught = paths(), 0
  prepare(mutations, lessons)
  print(HEADING:format("mutation", "lesson", "fails", "the first claim that fails"))
  for _, mutation in ipairs(mutations) do
    caught = caught + (try(mutation, lessons) and 1 or 0)
  end
  print(("%d of %d mutations fail the lesson that teaches their rule"):format(caught, #mutations))
  return caught == #mutations
end

return M
