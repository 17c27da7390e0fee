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

local function why_fault(choices, why, answer)
  for _, choice in ipairs(choices) do
    if choice == answer and why[choice] then
      return ("field 'why' has a reason for '%s', which is the right answer"):format(choice)
    elseif choice ~= answer and not why[choice] then
      return ("field 'why' has no reason why '%s' is wrong"):format(choice)
    end
  end
end

-- The fault of a question whose answer was found; nil if it has none. Each choice but the right
-- one needs a reason why it is wrong: all of them if `is_strict`, otherwise all or none.
function M.fault(asked, answer, is_strict)
  if asked.choices and not judge.choice(asked.choices, answer) then
    return ("the answer is %s, which is not one of the choices"):format(judge.text(answer))
  elseif answer == nil then
    return "there is no answer"
  elseif asked.choices and (is_strict or asked.why) then
    return why_fault(asked.choices, asked.why or {}, tostring(answer))
  end
end

return M
