-- The table of an experiment as text that fits a width.
--
--     trace     design  held_peak  held_mean
--                             KiB        KiB
--     @startup  3.6         1,024      784.1

local figures = require "pymalloc.experiment.figures"
local names = require "pymalloc.experiment.names"
local text = require "pymalloc.text"

local M = {}

local WIDTH_DEFAULT, WIDTH_LEAST, LABEL_LEAST, MEASURE_LEAST, GAP = 80, 40, 8, 20, 2

--- The columns of the terminal: those that COLUMNS tells, or 80.
function M.width()
  local columns = math.tointeger(tonumber(os.getenv "COLUMNS"))
  return columns and math.max(columns, WIDTH_LEAST) or WIDTH_DEFAULT
end

-- {=== Columns

local function values_of(rows, name)
  local values = {}
  for i, row in ipairs(rows) do
    values[i] = row[name]
  end
  return values
end

-- All values of the measures of a unit, of which there may be gaps.
local function pooled(result, unit)
  local values = {}
  for _, column in ipairs(result.columns) do
    for _, row in ipairs(result.rows) do
      if column.unit == unit then
        table.insert(values, row[column.name])
      end
    end
  end
  return values
end

-- One unit for all bytes of the table, and one for all seconds.
local function units_of(result)
  local units = {}
  for _, column in ipairs(result.columns) do
    units[column.unit] = units[column.unit] or figures.unit(column.unit, pooled(result,
      column.unit))
  end
  return units
end

--- The measures as columns: an array of tables with the fields name, unit (as text), cells and
-- is_known (has any row a value?).
function M.measures(result)
  local columns, units = {}, units_of(result)
  for i, column in ipairs(result.columns) do
    local values = values_of(result.rows, column.name)
    columns[i] = { name = text.printable(column.name), unit = units[column.unit].name,
      cells = figures.column(values, #result.rows, units[column.unit]),
      is_known = next(values) ~= nil }
  end
  return columns
end

--- The names of rows as columns: an array of tables with the fields name and cells.
function M.labels(result)
  local columns = {}
  for i, name in ipairs(result.labels) do
    local cells = {}
    for number, row in ipairs(result.rows) do
      cells[number] = row[name] == nil and "-" or tostring(row[name])
    end
    columns[i] = { name = text.printable(name), cells = cells, unit = "" }
  end
  return columns
end

local function width_of(lines)
  local width = 0
  for _, line in ipairs(lines) do
    width = math.max(width, text.columns(line))
  end
  return width
end

-- {=== Heads

-- "held_peak" -> "held_", "peak"; "3.6, pool_bytes 8192" -> "3.6,", "pool_bytes 8192"
local function halves(name)
  local first, second = name:match("^([^,]+,) (.+)$")
  if not first then
    first, second = name:match("^(.*_)([^_]+)$")
  end
  return first or "", second or name
end

-- The names of columns in at most that many columns of the terminal each.
local function names_within(columns, width)
  local list = {}
  for i, column in ipairs(columns) do
    list[i] = column.name
  end
  return names.fit(list, width)
end

-- Gives each column its head, and the width that head and cells need.
local function add_heads(columns, is_split, has_units, most)
  local heads = names_within(columns, most)
  for i, column in ipairs(columns) do
    column.head = is_split and { halves(heads[i]) } or { heads[i] }
    if has_units then
      table.insert(column.head, column.unit)
    end
    column.width = math.max(width_of(column.head), width_of(column.cells))
  end
end

local function sum_of_widths(columns)
  local sum = 0
  for i, column in ipairs(columns) do
    sum = sum + column.width + (i > 1 and GAP or 0)
  end
  return sum
end

-- {=== Fitting

-- Narrows the widest of the columns until all of them have the width.
local function share(columns, width)
  while sum_of_widths(columns) > width do
    local widest = columns[1]
    for _, column in ipairs(columns) do
      widest = column.width > widest.width and column or widest
    end
    if widest.width <= LABEL_LEAST then
      return
    end
    widest.width = widest.width - 1
  end
end

-- Cuts the names of rows so that the first measure, or half of the width, remains.
local function fit_labels(labels, measures, width)
  for _, label in ipairs(labels) do
    label.head = { label.name }
    label.width = math.max(width_of(label.head), width_of(names.fit(label.cells, 1 << 20)))
  end
  local first = measures[1] and measures[1].width + GAP or 0
  local rest = measures[1] and sum_of_widths(measures) + GAP or 0
  share(labels, width - math.max(first, math.min(rest, width // 2)))
  for _, label in ipairs(labels) do
    label.cells = names.fit(label.cells, label.width)
  end
end

-- The measures for which there is room, and the names of the others. The first one is always
-- shown.
local function fit_measures(labels, measures, width)
  local shown, left_out, used = {}, {}, sum_of_widths(labels)
  for i, measure in ipairs(measures) do
    used = used + GAP + measure.width
    if #left_out == 0 and (i == 1 or used <= width) then
      table.insert(shown, measure)
    else
      table.insert(left_out, measure.name)
    end
  end
  return shown, left_out
end

local function has_units(measures)
  for _, measure in ipairs(measures) do
    if measure.unit ~= "" then
      return true
    end
  end
  return false
end

-- Lays the columns out, with names of measures in one line if all fit so.
local function fit(result, width)
  local measures, shown, left_out, labels = M.measures(result), nil, nil, nil
  local with_units = has_units(measures)
  for _, is_split in ipairs { false, true } do
    add_heads(measures, is_split, with_units, math.max(MEASURE_LEAST, width // 3))
    labels = M.labels(result)
    fit_labels(labels, measures, width)
    shown, left_out = fit_measures(labels, measures, width)
    if #left_out == 0 then
      break
    end
  end
  return labels, shown, left_out
end

-- {=== Lines

-- The lines of the head: each name of a row stands at the last line but the unit's.
local function head_rows(labels, measures)
  local rows, count = {}, measures[1] and #measures[1].head or 1
  local has_unit_line = has_units(measures)
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
      table.insert(unknown, measure.name)
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
  local labels, shown, left_out = fit(result, width)
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
