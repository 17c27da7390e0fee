-- The rows of an experiment that a plot draws, their measures, and the texts of the plot.

local check = require "pymalloc.plot.check"
local measures = require "pymalloc.experiment.measures"

local M = {}

M.WHAT = "experiment:plot"

local function refuse(...)
  check.refuse(M.WHAT, ...)
end
M.refuse = refuse

function M.names_of(rows, field)
  local names = {}
  for _, row in ipairs(rows) do
    if not names[row[field]] then
      table.insert(names, row[field])
      names[row[field]] = true
    end
  end
  return names
end

-- The rows of one trace, if one is wanted; otherwise all.
function M.rows_of(result, wanted)
  if wanted == nil then
    return result.rows
  end
  local rows = {}
  for _, row in ipairs(result.rows) do
    table.insert(rows, row.trace == wanted and row or nil)
  end
  if #rows == 0 then
    refuse("trace must be one of '%s', got %s", table.concat(M.names_of(result.rows, "trace"),
      "', '"), check.quote(wanted))
  end
  return rows
end

local function column_of(result, name)
  for _, column in ipairs(result.columns) do
    if column.name == name then
      return column
    end
  end
  return measures.of[name]
end

local function refuse_measure(result, option, name)
  local list = {}
  for i, column in ipairs(result.columns) do
    list[i] = column.name
  end
  refuse("%s must be a measure, such as '%s', got %s", option, table.concat(list, "', '"),
    check.quote(name))
end

-- The measure of a name: a table with name, unit, text and better. Ratios have no unit.
function M.measure_of(result, option, name)
  local column = column_of(result, name)
  if not column then
    refuse_measure(result, option, name)
  end
  local known = measures.of[name]
  local is_plain = known and column.unit == known.unit
  return { name = name, unit = column.unit == "ratio" and "" or column.unit,
    text = is_plain and known.text or name, better = name:find("^utilisation") and "high" or "low" }
end

function M.axis_of(measure)
  return { title = measure.text == measure.name and measure.name
    or ("%s: %s"):format(measure.name, measure.text), unit = measure.unit, better = measure.better }
end

-- The name of a row: its design, and its trace if there are several.
function M.row_name(row, has_traces)
  return has_traces and ("%s, %s"):format(row.trace, row.design) or row.design
end

-- The note on rows that could not be measured.
local function note_of(rows, options)
  local notes = { options.note }
  for _, row in ipairs(rows) do
    if row.problem and #notes < 4 then
      table.insert(notes, ("%s: %s."):format(row.design, (tostring(row.problem):gsub("%.$", ""))))
    end
  end
  return #notes > 0 and table.concat(notes, " ") or nil
end

-- The options of a plot that are the same for all kinds.
function M.with_look(options, rows, plot)
  for name in pairs(check.look_fields) do
    plot[name] = options[name]
  end
  plot.note = note_of(rows, options)
  plot.title = options.title or plot.default_title
  plot.default_title = nil
  return plot
end

function M.trace_title(title, rows)
  local traces = M.names_of(rows, "trace")
  return #traces == 1 and ("%s: %s"):format(title, traces[1]) or title
end

function M.one_trace(rows, kind)
  local traces = M.names_of(rows, "trace")
  if #traces > 1 then
    refuse("kind '%s' draws one trace: set trace to one of '%s'", kind,
      table.concat(traces, "', '"))
  end
end

function M.refuse_others(options, kind, allowed)
  for _, name in ipairs { "measure", "x", "y" } do
    if options[name] ~= nil and not allowed[name] then
      refuse("%s has no meaning for kind '%s'", name, kind)
    end
  end
end

return M
