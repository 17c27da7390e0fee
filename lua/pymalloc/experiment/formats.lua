-- The table of an experiment for other programs, and for documents.

local columns_of = require "pymalloc.experiment.columns"
local measures = require "pymalloc.experiment.measures"
local optional = require "pymalloc.optional"
local text = require "pymalloc.text"

local M = {}

local function is_number(value)
  return math.type(value) and value == value and math.abs(value) < math.huge
end

-- {=== CSV

local function csv_value(value)
  if value == nil then
    return ""
  end
  local cell = math.type(value) == "float" and ("%.14g"):format(value) or tostring(value)
  return cell:find('[,"\r\n]') and '"' .. cell:gsub('"', '""') .. '"' or cell
end

local function names_of(result)
  local names = table.move(result.labels, 1, #result.labels, 1, {})
  for _, column in ipairs(result.columns) do
    table.insert(names, column.name)
  end
  return names
end

--- A line of names and one for each row; a value that is not known is empty.
function M.csv(result)
  local names, lines, head = names_of(result), {}, {}
  for i, name in ipairs(names) do
    head[i] = csv_value(name)
  end
  lines[1] = table.concat(head, ",")
  for i, row in ipairs(result.rows) do
    local cells = {}
    for column, name in ipairs(names) do
      cells[column] = csv_value(row[name])
    end
    lines[i + 1] = table.concat(cells, ",")
  end
  return table.concat(lines, "\n") .. "\n"
end

-- {=== JSON

local curves = { "requests", "held", "live", "total", "total_live" }

-- The curves of a series, each of which is an array of numbers.
local function plain_series(series)
  if type(series) ~= "table" then
    return nil
  end
  local plain = {}
  for _, name in ipairs(curves) do
    local curve = {}
    for i, value in ipairs(type(series[name]) == "table" and series[name] or {}) do
      curve[i] = is_number(value) and value or 0
    end
    plain[name] = series[name] and setmetatable(curve, { __jsontype = "array" })
  end
  return plain
end

-- The fields of a row that JSON has, in order: those of the table, then all others.
local function order_of(result)
  local order, is_there = names_of(result), { geometry = true }
  for _, name in ipairs(order) do
    is_there[name] = true
  end
  local rest = { "kind", "interpreter", "problem", table.unpack(measures.names()) }
  table.insert(rest, "series")
  for _, name in ipairs(rest) do
    if not is_there[name] then
      table.insert(order, name)
      is_there[name] = true
    end
  end
  return order
end

local function plain_row(row, order)
  local plain = {}
  for _, name in ipairs(order) do
    local value = row[name]
    if name == "series" then
      plain.series = plain_series(value)
    elseif type(value) == "string" or type(value) == "boolean" or is_number(value) then
      plain[name] = value
    end
  end
  return plain
end

local function measure_records(result)
  local records = {}
  for i, column in ipairs(result.columns) do
    local known = measures.of[column.name]
    records[i] = { name = column.name, unit = column.unit ~= "" and column.unit or nil,
      text = known and known.text }
  end
  return records
end

--- An object with the arrays measures and rows. Equal tables have equal texts.
function M.json(result)
  local json = optional.load "dkjson"
  local order, rows = order_of(result), {}
  for i, row in ipairs(result.rows) do
    rows[i] = plain_row(row, order)
  end
  local keys = { "measures", "rows", "name", "unit", "text", table.unpack(order) }
  table.move(curves, 1, #curves, #keys + 1, keys)
  return json.encode({ measures = setmetatable(measure_records(result), { __jsontype = "array" }),
    rows = setmetatable(rows, { __jsontype = "array" }) }, { indent = true, keyorder = keys })
    .. "\n"
end

-- {=== Markdown

local function markdown_line(cells)
  for i, cell in ipairs(cells) do
    cells[i] = cell:gsub("|", "\\|")
  end
  return "| " .. table.concat(cells, " | ") .. " |"
end

--- A table of Markdown, with the figures of the text and their units in the head.
function M.markdown(result)
  local labels, columns = columns_of.labels(result), columns_of.measures(result)
  local head, rule = {}, {}
  for _, label in ipairs(labels) do
    table.insert(head, label.name)
    table.insert(rule, "---")
  end
  for _, column in ipairs(columns) do
    table.insert(head, column.unit == "" and column.name or ("%s (%s)"):format(column.name,
      column.unit))
    table.insert(rule, "---:")
  end
  local lines = { markdown_line(head), "| " .. table.concat(rule, " | ") .. " |" }
  for i = 1, #result.rows do
    local cells = {}
    for _, label in ipairs(labels) do
      table.insert(cells, text.printable(tostring(label.cells[i])))
    end
    for _, column in ipairs(columns) do
      table.insert(cells, column.cells[i])
    end
    table.insert(lines, markdown_line(cells))
  end
  return table.concat(lines, "\n") .. "\n"
end

return M
