-- Asks a question of a lesson: its choices have letters, and an answer that is
-- none of them is asked for again.

local judge = require "pymalloc.lesson.judge"
local text = require "pymalloc.lesson.text"

local M = {}

local PROMPT = "  your guess (Enter to see, q to stop): "

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

-- The number of the choice that was typed, by letter or in its words, or nil.
local function choice_of(choices, typed)
  for number, choice in ipairs(choices) do
    if typed:lower() == letter(number) or typed == choice then
      return number
    end
  end
end

-- What the learner chose; nil where it was left open.
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

--- Asks, and only then finds out.
-- @return was there a guess? was it right? the answer as text
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
