-- Colours and tables on a terminal. Files and pipes get no colours.

local stdout = require "pymalloc.cli.stdout"
local text = require "pymalloc.text"

local M = {}

local has_term, term = pcall(require, "term")

local codes = { bold = "1", red = "31", green = "32" }

-- Is the file handle a terminal? Always false without the module lua-term.
function M.is_terminal(file)
  return has_term and term.isatty(file)
end

-- May colours be used on the file? See https://no-color.org.
function M.has_colours(file)
  local refusal = os.getenv("NO_COLOR") or ""
  return refusal == "" and os.getenv("TERM") ~= "dumb" and M.is_terminal(file)
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
