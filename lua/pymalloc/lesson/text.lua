-- Paragraphs and pictures of lessons. The functions that break lines take the columns that a line
-- may have; without them, 78.

local judge = require "pymalloc.lesson.judge"
local text = require "pymalloc.text"
local view = require "pymalloc.view"

local M = {}

local WIDTH, WIDEST = 78, 80
local NARROWEST = 40 -- columns of a picture
local CELL_LEAST = 14 -- columns of the last cell of a row that is broken
local LINE_MOST = 70 -- columns of a solution on one line

-- Text on one line.
function M.line(said)
  return (said:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

-- A paragraph, broken into lines. The first one begins with `first`, the others
-- with as many blanks.
local function wrap(paragraph, first, width)
  return table.concat(text.wrap(paragraph, width or WIDTH, first), "\n")
end

-- A paragraph after a sign, broken into lines that are indented by its width.
function M.hung(sign, said, width)
  return wrap(said, sign, width)
end

-- Lines indented by `indent`; a line that is then too wide is broken.
function M.indented(indent, said, width)
  local lines = {}
  width = width or WIDTH
  for blanks, line in (said:gsub("%s+$", "") .. "\n"):gmatch("( *)([^\n]*)\n") do
    local is_wide = text.columns(indent .. blanks .. line) > width
    local kept = line == "" and "" or indent .. blanks .. line
    table.insert(lines, is_wide and wrap(line, indent .. blanks, width) or kept)
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

-- The parts of a line that is too wide: the first has `width` columns or fewer, and the others are
-- indented. It is divided at blanks. Other blanks are not changed: they may align columns.
local function fold(line, width)
  local indent = line:match("^ *"):sub(1, width // 2) .. "  "
  local lines, part, columns = {}, "", 0
  for between, word in line:gmatch("( *)([^ ]+)") do
    local blanks, wide = between, #between + text.columns(word)
    if columns > 0 and columns + wide > width then
      table.insert(lines, part)
      part, columns, blanks, wide = indent, #indent, "", text.columns(word)
    end
    part, columns = part .. blanks .. word, columns + wide
  end
  table.insert(lines, part)
  return table.concat(lines, "\n")
end

-- The rows of a table: for each its lines, and before, the text before its last cell, which begins
-- after two blanks or more. A line with as much indentation continues the cell. Before is nil in a
-- row that has no such blanks; the cell of such a row may begin on the next line.
local function rows_of(lines)
  local rows, column = {}, nil
  for line in (lines .. "\n"):gmatch("([^\n]*)\n") do
    local blanks = line:match("^ *")
    local continues = #blanks == column
    if continues and rows[#rows].before then
      table.insert(rows[#rows].lines, line)
    else
      local before = continues and blanks or line:match("^(.*%S  +)%S")
      column = before and text.columns(before) or column
      table.insert(rows, { lines = { line }, before = before })
    end
  end
  return rows
end

local function widest(lines)
  local columns = 0
  for _, line in ipairs(lines) do
    columns = math.max(columns, text.columns(line))
  end
  return columns
end

-- A row whose last cell is broken anew and stays in its column; nil if it has no such cell, or if
-- there are too few columns for it.
local function wrapped_row(row, width)
  local before = row.before
  if before and width - text.columns(before) >= CELL_LEAST then
    local cell = M.line(table.concat(row.lines, "\n"):sub(#before + 1))
    local lines = text.wrap(cell, width, before)
    return widest(lines) <= width and table.concat(lines, "\n") or nil
  end
end

-- The lines of a row, of which none is wider than `width`.
local function folded_row(row, width)
  local wrapped = widest(row.lines) > width and wrapped_row(row, width)
  if wrapped then
    return wrapped
  end
  for i, line in ipairs(row.lines) do
    row.lines[i] = text.columns(line) > width and fold(line, width) or line
  end
  return table.concat(row.lines, "\n")
end

-- Lines, of which those that are too wide are folded.
local function folded(lines, width)
  local rows = rows_of(lines)
  for i, row in ipairs(rows) do
    rows[i] = folded_row(row, width)
  end
  return table.concat(rows, "\n")
end

-- Paragraphs broken into lines.
function M.wrapped(said, width)
  local paragraphs = M.paragraphs(said)
  for i, paragraph in ipairs(paragraphs) do
    paragraphs[i] = paragraph.is_fixed and folded(paragraph.text, width or WIDEST)
      or wrap(paragraph.text, "", width)
  end
  return table.concat(paragraphs, "\n\n")
end

-- The picture that `show` writes. On a terminal of `width` columns it has no more.
function M.picture(x, options, width)
  if type(x) == "string" then
    return width and folded(x, width) or x
  elseif not width then
    return view.text(x, options)
  end
  local narrow = {}
  for name, value in pairs(options or {}) do
    narrow[name] = value
  end
  narrow.width = math.max(NARROWEST, math.min(width, narrow.width or WIDEST))
  return folded(view.text(x, narrow), width)
end

-- Raises an error if a line of a picture is wider than a terminal.
function M.check_picture(picture)
  for line in picture:gmatch("[^\n]+") do
    assert(text.columns(line) <= WIDEST, "a line has more than 80 columns: " .. line)
  end
end

-- Raises an error if a text is empty or has lines that are too wide.
function M.check(said)
  assert(type(said) == "string" and said:find("%S"), "a text of the lesson is empty")
  M.check_picture(M.wrapped(said))
end

-- A remark as a sentence: "so it is" -> "So it is." A first word that is not made
-- of letters alone, such as i8[3], is not changed.
function M.sentence(remark)
  local begun = remark:find("^%l+ ") and remark:gsub("^%l", string.upper) or remark
  return begun .. (remark:find("[.!?]$") and "" or ".")
end

-- A function in lines that may have other code before and after it: from its first word on, up to
-- the first "end" with which it compiles.
local function cut_out(lines)
  local start = lines:match("good%s*=%s*()function") or lines:match("()function")
  local source = start and lines:sub(start):gsub("^function[^(]*", "function")
  for last in (source or ""):gmatch("%f[%w_]end%f[^%w_]()") do
    local candidate = "return " .. source:sub(1, last - 1)
    if load(candidate, "=solution", "t", {}) then
      return candidate
    end
  end
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
  local indent = lines[1] and lines[1]:match("^ *") or ""
  local source = cut_out(table.concat(lines, "\n")) or "-- The solution cannot be shown."
  return (dedent("\n" .. indent .. source):sub(2))
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
