-- The guesses at a question of a lesson. Its choices have the letters a, b, c and so on.

local judge = require "pymalloc.lesson.judge"

local M = {}

-- The letter of a choice.
function M.letter(number)
  return string.char(("a"):byte() + number - 1)
end

-- The number of the choice that was typed, as a letter or as its text; or nil.
function M.choice_of(choices, typed)
  for number, choice in ipairs(choices) do
    if typed:lower() == M.letter(number) or typed == choice then
      return number
    end
  end
end

-- Whether a guess is right: the number of a choice or, without choices, a string that may have
-- commas between digits.
function M.is_right(choices, guess, answer)
  if guess == nil then
    return false
  elseif choices then
    return guess == judge.choice(choices, answer)
  end
  return guess == tostring(answer) or tonumber((guess:gsub(",", ""))) == answer
end

return M
