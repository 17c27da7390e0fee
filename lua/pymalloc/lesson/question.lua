-- Asks a question of a lesson. Its choices have letters; if the learner types
-- something else, the question is asked again.

local judge = require "pymalloc.lesson.judge"
local text = require "pymalloc.lesson.text"

local M = {}

local PROMPT = "  Your guess (Enter alone shows the answer, q stops): "

local function letter(number)
  return string.char(("a"):byte() + number - 1)
end

local function written(page, asked)
  local lines = { page:paint("bold", text.hung("? ", text.line(asked.ask))) }
  for number, choice in ipairs(asked.choices or {}) do
    table.insert(lines, text.hung(("  %s  "):format(letter(number)), choice))
  end
  return table.concat(lines, "\n") .. "\n"
end

-- The number of the choice that was typed, as a letter or as its text; or nil.
local function choice_of(choices, typed)
  for number, choice in ipairs(choices) do
    if typed:lower() == letter(number) or typed == choice then
      return number
    end
  end
end

-- The number of the choice; nil if the learner did not choose.
local function choose(page, asked)
  local prompt = written(page, asked) .. PROMPT
  while true do
    local typed = page:ask(prompt)
    if not typed or typed == "" then
      return nil
    end
    local number = choice_of(asked.choices, typed)
    if number then
      return number
    end
    prompt = ("  Please type a letter from a to %s: "):format(letter(#asked.choices))
  end
end

--- Asks, and computes the answer only after the guess.
-- @return whether there was a guess, whether it was right, and the answer as text
function M.ask(page, asked)
  if asked.choices then
    local number = choose(page, asked)
    local answer = asked.answer()
    return number ~= nil, number == judge.choice(asked.choices, answer), tostring(answer)
  end
  local typed = page:ask(written(page, asked) .. PROMPT)
  local answer = asked.answer()
  local is_number = typed and tonumber((typed:gsub(",", ""))) == answer
  return typed ~= nil and typed ~= "", is_number or typed == tostring(answer), tostring(answer)
end

return M
