-- Draws stacked bars for a terminal: a sign for each part, or a colour.

local bars = require "pymalloc.plot.bars"
local names = require "pymalloc.experiment.names"
local text = require "pymalloc.text"

local M = {}

local UNICODE = { "█", "▒", "░", "╳", "▚", "─", "·", "+" }
local ASCII = { "#", "=", "-", "x", "+", "o", ".", ":" }

local function sign(page, number)
  local signs = page.is_ascii and ASCII or UNICODE
  return page:paint(number, signs[number])
end

-- The signs of a bar; a part ends at the column that is nearest to its end. The second result
-- is true if a part that is not 0 has no sign.
local function strip(page, data, bar, columns)
  local parts, sum, at, is_hidden = {}, 0, 0, false
  for number in ipairs(data.parts) do
    sum = sum + (bar.values[number] or 0)
    local last = math.floor(sum / data.y.high * columns + 0.5)
    table.insert(parts, sign(page, number):rep(last - at))
    is_hidden = is_hidden or last == at and (bar.values[number] or 0) > 0
    at = last
  end
  return table.concat(parts), is_hidden
end

-- The names in that many columns; different names stay different.
local function fitted(page, data, columns)
  local list = {}
  for i, bar in ipairs(data.bars) do
    list[i] = page:plain(bar.name)
  end
  return names.fit(list, math.max(8, columns))
end

--- Draws the data that bars.read returned.
function M.draw(page, data)
  page:title(data.title)
  local name_room, sum_room = 8, 0
  for _, bar in ipairs(data.bars) do
    name_room = math.max(name_room, text.columns(page:plain(bar.name)))
    sum_room = math.max(sum_room, text.columns(page:plain(bars.sum_text(data, bar))))
  end
  name_room = math.min(name_room, page.width // 2 - 4)
  local columns = page.width - name_room - sum_room - 3
  local short, has_hidden = fitted(page, data, name_room), false
  for i, bar in ipairs(data.bars) do
    local signs, is_hidden = strip(page, data, bar, columns)
    has_hidden = has_hidden or is_hidden
    page:add(("%s  %s %s"):format(text.pad(short[i], name_room), signs,
      page:plain(bars.sum_text(data, bar))))
  end
  local entries = {}
  for i, part in ipairs(data.parts) do
    entries[i] = sign(page, i) .. " " .. page:fit(part, page.width - 2)
  end
  if bars.has_legend(data) then
    page:entries(entries)
  end
  if data.y.title ~= "" then
    page:wrapped(data.y.title)
  end
  if has_hidden then
    page:wrapped("Parts that are too small for a sign are not drawn.")
  end
  page:notes(data.notes)
end

return M
