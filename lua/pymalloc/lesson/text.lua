-- Paragraphs and pictures of lessons.

local view = require "pymalloc.view"

local M = {}

local WIDTH = 78

function M.check(said)
  assert(type(said) == "string" and said:find("%S"), "a lesson says nothing here")
end

-- Text on one line.
function M.line(said)
  return (said:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

local function wrap(paragraph, width)
  local lines, line = {}, ""
  for word in paragraph:gmatch("%S+") do
    if #line + #word + 1 > width and line ~= "" then
      table.insert(lines, line)
      line = word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  table.insert(lines, line)
  return table.concat(lines, "\n")
end

-- The text without the indentation that all of its lines have.
local function dedent(said)
  local least = math.huge
  for indent in said:gmatch("\n( *)%S") do
    least = math.min(least, #indent)
  end
  return least < math.huge and said:gsub("\n" .. (" "):rep(least), "\n") or said
end

-- Paragraphs, which empty lines part, broken into lines of at most `width`
-- columns. Lines that begin with four spaces or more are kept as they are.
function M.wrapped(said, width)
  local paragraphs = {}
  for paragraph in (dedent("\n" .. said) .. "\n\n"):gmatch("(.-)\n%s*\n") do
    if paragraph:find("^    ") then
      table.insert(paragraphs, paragraph)
    elseif paragraph:find("%S") then
      table.insert(paragraphs, wrap(paragraph, width or WIDTH))
    end
  end
  return table.concat(paragraphs, "\n\n")
end

-- What `show` draws.
function M.picture(x, options)
  return type(x) == "string" and x or view.text(x, options)
end

return M
