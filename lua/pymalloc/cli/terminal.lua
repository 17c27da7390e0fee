-- Terminals: whether a file is one, how large it is, whether it gets colours; and tables in
-- these colours. All other modules call this one for that.

local core = require "pymalloc.core"
local stdout = require "pymalloc.cli.stdout"
local text = require "pymalloc.text"

local M = {}

local COLUMNS, ROWS = 80, 24 -- of a file that is not a terminal

local codes = { bold = "1", red = "31", green = "32" }

-- Is the file handle a terminal?
function M.is_terminal(file)
  return core.terminal(file) ~= nil
end

-- A variable of the environment as a count; nil if it is none.
local function count_in(variable)
  local count = math.tointeger(tonumber(os.getenv(variable) or ""))
  return count and count >= 1 and count or nil
end

-- The columns and rows that a terminal has now, or 80 and 24 if the terminal does not report them;
-- nil for a file that is not a terminal. A program that draws whole screens uses these.
function M.window(file)
  local columns, rows = core.terminal(file)
  if not columns then
    return nil
  end
  return columns > 0 and columns or COLUMNS, rows > 0 and rows or ROWS
end

-- The columns and rows that lines written to the file should fit: those of the variables COLUMNS
-- and LINES; of a variable that is not set, those that the terminal has now; for a file that is
-- no terminal, 80 and 24. Ask before each page: a window can change its size at any time.
function M.size(file)
  local columns, rows = M.window(file)
  return count_in "COLUMNS" or columns or COLUMNS, count_in "LINES" or rows or ROWS
end

-- The columns of standard output, but at least `least` and at most `most`.
function M.columns(least, most)
  return math.max(least, math.min(most, (M.size(io.stdout))))
end

-- Is the variable set, and neither empty nor "0"?
local function is_on(variable)
  local value = os.getenv(variable) or ""
  return value ~= "" and value ~= "0"
end

-- May colours be used on the file? NO_COLOR (https://no-color.org) forbids them;
-- CLICOLOR_FORCE (https://bixense.com/clicolors) and FORCE_COLOR (https://force-color.org) ask
-- for them in files and pipes too.
function M.has_colours(file)
  if (os.getenv("NO_COLOR") or "") ~= "" then
    return false
  elseif is_on "CLICOLOR_FORCE" or is_on "FORCE_COLOR" then
    return true
  end
  return os.getenv("TERM") ~= "dumb" and M.is_terminal(file)
end

-- The text in the style "bold", "red" or "green", if the file may be written in
-- colours; otherwise the text as it is.
function M.paint(file, style, plain)
  if not M.has_colours(file) then
    return plain
  end
  return ("\27[%sm%s\27[0m"):format(codes[style], plain)
end

-- Writes rows under their titles to standard output; `sides` as for text.table.
function M.write_table(titles, sides, rows)
  local lines = text.table(table.move(rows, 1, #rows, 2, { titles }), sides)
  lines[1] = M.paint(io.stdout, "bold", lines[1])
  stdout.write(table.concat(lines, "\n"), "\n")
end

return M
