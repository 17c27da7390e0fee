-- Draws a heat map for a terminal: a table of values, or of shades where the values have no
-- room.

local heat = require "pymalloc.plot.heat"
local text = require "pymalloc.text"

local M = {}

local UNICODE, ASCII = { "░", "▒", "▓", "█" }, { ".", ":", "o", "#" }

local function shade(page, data, value)
  local signs = page.is_ascii and ASCII or UNICODE
  return value and signs[math.min(#signs, 1 + math.floor(heat.share(data, value) * #signs))] or "?"
end

-- The map as rows of cells; `cell` makes the text of a cell.
local function rows_of(page, data, cell)
  local rows = {}
  for row = #data.y.texts, 1, -1 do
    local cells = { page:plain(data.y.texts[row]) }
    for column = 1, #data.x.texts do
      cells[column + 1] = page:plain(cell(data.values[row][column]))
    end
    table.insert(rows, cells)
  end
  return rows
end

local function add_values(page, data)
  local rows = rows_of(page, data, function(value)
    return heat.text(data, value) .. (value and value == data.best and " *" or "  ")
  end)
  local names = { "" }
  for i, name in ipairs(data.x.texts) do
    names[i + 1] = page:plain(name) .. "  "
  end
  table.insert(rows, names)
  local lines = text.table(rows, "")
  for _, line in ipairs(lines) do
    if text.columns(line) > page.width then
      return false
    end
  end
  for _, line in ipairs(lines) do
    page:add(line)
  end
  return true
end

local function add_shades(page, data)
  local room = 0
  for _, name in ipairs(data.y.texts) do
    room = math.max(room, text.columns(page:plain(name)))
  end
  room = math.min(room, page.width - #data.x.texts - 1)
  for _, cells in ipairs(rows_of(page, data, function(value)
    return shade(page, data, value)
  end)) do
    local name = room >= 3 and page:fit(cells[1], room) or ""
    page:add(text.pad(name, math.max(0, room)) .. " " .. table.concat(cells, "", 2))
  end
  page:wrapped(("columns: %s %s"):format(data.x.title, table.concat(data.x.texts, ", ")))
  if data.low <= data.high then
    page:wrapped(("%s %s to %s %s, ? not known"):format(shade(page, data, data.low),
      heat.text(data, data.low), shade(page, data, data.high), heat.text(data, data.high)))
  end
end

--- Draws the data that heat.read returned.
function M.draw(page, data)
  page:title(data.title)
  if data.y.title ~= "" or data.x.title ~= "" then
    page:wrapped(("rows: %s; columns: %s"):format(data.y.title, data.x.title))
  end
  if not add_values(page, data) then
    add_shades(page, data)
  end
  if data.measure.title ~= "" then
    page:wrapped(("%s; * is the %s value"):format(data.measure.title,
      data.measure.better == "low" and "lowest" or "highest"))
  end
  page:notes(data.notes)
end

return M
