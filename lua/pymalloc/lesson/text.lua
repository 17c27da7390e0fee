-- Paragraphs and pictures of lessons.

local judge = require "pymalloc.lesson.judge"
local text = require "pymalloc.text"
local view = require "pymalloc.view"

local M = {}

local WIDTH, WIDEST = 78, 80
local LINE_MOST = 70 -- columns of a solution on one line

-- Text on one line.
function M.line(said)
  return (said:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

-- A paragraph, broken into lines. The first one begins with `first`, the others
-- with as many blanks.
local function wrap(paragraph, first)
  return table.concat(text.wrap(paragraph, WIDTH, first), "\n")
end

-- A paragraph after a sign, broken into lines that are indented by its width.
function M.hung(sign, said)
  return wrap(said, sign)
end

-- Lines indented by `indent`; a line that is then too wide is broken.
function M.indented(indent, said)
  local lines = {}
  for blanks, line in (said:gsub("%s+$", "") .. "\n"):gmatch("( *)([^\n]*)\n") do
    local is_wide = text.columns(indent .. blanks .. line) > WIDTH
    local kept = line == "" and "" or indent .. blanks .. line
    table.insert(lines, is_wide and wrap(line, indent .. blanks) or kept)
  end
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

-- The paragraphs of a text, which are separated by empty lines. Each is a table: text; and
-- is_fixed for lines that begin with four spaces or more, which are not broken anew.
function M.paragraphs(said)
  local list = {}
  for paragraph in (dedent("\n" .. said) .. "\n\n"):gmatch("(.-)\n%s*\n") do
    if paragraph:find("^\n*    ") then
      table.insert(list, { text = (paragraph:gsub("^\n+", "")), is_fixed = true })
    elseif paragraph:find("%S") then
      table.insert(list, { text = M.line(paragraph) })
    end
  end
  return list
end

-- Paragraphs broken into lines.
function M.wrapped(said)
  local paragraphs = M.paragraphs(said)
  for i, paragraph in ipairs(paragraphs) do
    paragraphs[i] = paragraph.is_fixed and paragraph.text or wrap(paragraph.text, "")
  end
  return table.concat(paragraphs, "\n\n")
end

-- The picture that `show` writes.
function M.picture(x, options)
  return type(x) == "string" and x or view.text(x, options)
end

-- Raises an error if a line of a picture is wider than a terminal.
function M.check_picture(picture)
  for line in picture:gmatch("[^\n]+") do
    assert(text.columns(line) <= WIDEST, "a line has more than 80 columns: " .. line)
  end
end

-- Raises an error if a text is empty or has lines that are too wide.
function M.check(said)
  assert(type(said) == "string" and said:find("%S"), "a lesson says nothing here")
  M.check_picture(M.wrapped(said))
end

-- The source of a function, as a file that returns it.
local function function_source(f)
  local info = debug.getinfo(f, "S")
  local lines, number = {}, 0
  for line in io.lines(info.source:sub(2)) do
    number = number + 1
    if number >= info.linedefined and number <= info.lastlinedefined then
      table.insert(lines, line)
    end
  end
  lines[1] = lines[1]:gsub("^(%s*).*function[^(]*", "%1return function")
  lines[#lines] = lines[#lines]:gsub(",$", "")
  return (dedent("\n" .. table.concat(lines, "\n")):sub(2))
end

-- The elements of a table, one on a line: first those of its list, then the others
-- in the order of their names.
local function element_lines(elements)
  local lines, names = {}, {}
  for i, element in ipairs(elements) do
    lines[i] = "  " .. judge.text(element) .. ","
  end
  for name in pairs(elements) do
    if type(name) == "string" then
      table.insert(names, name)
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    table.insert(lines, ("  %s = %s,"):format(name, judge.text(elements[name])))
  end
  return lines
end

-- A good answer as the text of a learner's file. A long table has one element on
-- a line.
function M.solution(good)
  if type(good) == "function" then
    return function_source(good)
  end
  if type(good) == "string" and good:find("\n") then
    return "return [[\n" .. good .. "]]"
  end
  local line = "return " .. judge.text(good)
  if type(good) ~= "table" or #line <= LINE_MOST then
    return line
  end
  return "return {\n" .. table.concat(element_lines(good), "\n") .. "\n}"
end

return M
