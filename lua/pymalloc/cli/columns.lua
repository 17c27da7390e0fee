-- Tables of text.

local terminal = require "pymalloc.cli.terminal"

local M = {}

local GAP = "  "

local function widths_of(titles, rows)
  local widths = {}
  for column, title in ipairs(titles) do
    widths[column] = math.max(#title, 1) -- %0s is no format
    for _, row in ipairs(rows) do
      widths[column] = math.max(widths[column], #tostring(row[column]))
    end
  end
  return widths
end

local function format_row(row, sides, widths)
  local cells = {}
  for column, width in ipairs(widths) do
    local sign = sides:sub(column, column) == "l" and "-" or ""
    cells[column] = ("%" .. sign .. width .. "s"):format(row[column])
  end
  return (table.concat(cells, GAP):gsub(" +$", ""))
end

-- The text of rows under their titles; `sides` has "l" or "r" for each column.
function M.text(titles, sides, rows)
  local widths = widths_of(titles, rows)
  local lines = { terminal.paint(io.stdout, "bold", format_row(titles, sides, widths)) }
  for _, row in ipairs(rows) do
    table.insert(lines, format_row(row, sides, widths))
  end
  return table.concat(lines, "\n") .. "\n"
end

return M
