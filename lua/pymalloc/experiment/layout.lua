-- The table of an experiment as text that fits a width.
--
--     trace     design  held_peak  held_mean
--                             KiB        KiB
--     @startup  3.6         1,024      784.1

local fit = require "pymalloc.experiment.fit"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"
local vocabulary = require "pymalloc.experiment.measures"

local M = {}

local WIDTH_LEAST = 40

--- The columns of standard output, at least 40.
function M.width()
  return terminal.columns(WIDTH_LEAST, math.huge)
end

-- {=== Rows of cells

-- The lines of the head: each name of a row stands at the last line but the unit's.
local function head_rows(labels, measures)
  local rows, count = {}, measures[1] and #measures[1].head or 1
  local has_unit_line = fit.has_units(measures)
  for line = 1, count do
    rows[line] = {}
    for _, label in ipairs(labels) do
      local is_place = line == (has_unit_line and count - 1 or count)
      table.insert(rows[line], is_place and label.name or "")
    end
    for _, measure in ipairs(measures) do
      table.insert(rows[line], measure.head[line])
    end
  end
  return rows
end

local function add_cells(rows, count, columns)
  for i = 1, count do
    local row = {}
    for _, column in ipairs(columns) do
      table.insert(row, column.cells[i])
    end
    table.insert(rows, row)
  end
end

-- {=== Remarks below the table

local function wrap(lines, width, first, words)
  local wrapped = text.wrap(words, width, first, "  ")
  table.move(wrapped, 1, #wrapped, #lines + 1, lines)
end

local function comma_list(list)
  return (table.concat(list, ", "))
end

-- Rows that could not be measured, each with the reason.
local function add_problems(lines, result, width)
  for _, row in ipairs(result.rows) do
    if row.problem then
      local label = {}
      for _, name in ipairs(result.labels) do
        table.insert(label, text.printable(tostring(row[name])))
      end
      wrap(lines, width, "", ("%s: %s"):format(comma_list(label),
        text.printable(tostring(row.problem))))
    end
  end
end

local function add_remarks(lines, result, shown, left_out, width)
  add_problems(lines, result, width)
  local unknown = {}
  for _, measure in ipairs(shown) do
    if not measure.is_known and #result.rows > 0 then
      local known = vocabulary.of[measure.name]
      local why = known and known.why_unknown
      table.insert(unknown, measure.name .. (why and (" (%s)"):format(why) or ""))
    end
  end
  if #unknown > 0 then
    wrap(lines, width, "", "not known for any row: " .. comma_list(unknown))
  end
  if #left_out > 0 then
    wrap(lines, width, "", ("not shown in %d columns: %s"):format(width, comma_list(left_out)))
  end
end

--- The table as an array of lines.
-- @param width columns of the terminal
function M.lines(result, width)
  width = math.max(width, WIDTH_LEAST)
  local labels, shown, left_out = fit.fit(result, width)
  local rows = head_rows(labels, shown)
  local columns = table.move(shown, 1, #shown, #labels + 1, { table.unpack(labels) })
  add_cells(rows, #result.rows, columns)
  local lines = text.table(rows, ("l"):rep(#labels))
  if result.title then
    table.insert(lines, 1, text.printable(result.title))
  end
  add_remarks(lines, result, shown, left_out, width)
  return lines
end

return M
