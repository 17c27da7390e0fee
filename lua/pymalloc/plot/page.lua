-- The text of a plot for a terminal: its width, signs and colours, and the frame around a
-- raster.

local check = require "pymalloc.plot.check"
local canvas = require "pymalloc.view.canvas"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"

local M = {}
local Page = {}
Page.__index = Page

local WIDTH_LEAST, WIDTH_MOST = 40, 400
local fields = { width = true, height = true, ascii = true, colour = true }

M.SIGNS = { "*", "+", "o", "x", "#", "=", "@", "%", "&", "$", "~", "^" }

local FAINT = "90"
local COLOURS = { "34", "33", "32", "35", "36", "31", "94", "93", "92", "95", "96", "91" }

--- Checks the options of the text of a plot: width (columns), height (rows of the data), ascii
-- and colour. `is_file`: the text is for a file, which has no colours by default.
function M.new(what, given, is_file)
  given = given == nil and {} or given
  check.fields(what, "the options", given, fields)
  local is_ascii = given.ascii
  if is_ascii == nil then
    is_ascii = not canvas.is_utf8()
  end
  local has_colours = given.colour
  if has_colours == nil then
    has_colours = not is_file and canvas.may_colour()
  end
  return setmetatable({
    width = check.integer(what, "width", given.width, WIDTH_LEAST, WIDTH_MOST,
      terminal.columns(WIDTH_LEAST, WIDTH_MOST)),
    height = check.integer(what, "height", given.height, 4, 100, 14),
    is_ascii = check.boolean(what, "ascii", is_ascii),
    has_colours = check.boolean(what, "colour", has_colours), lines = {},
  }, Page)
end

function Page:add(line)
  table.insert(self.lines, (line:gsub(" +$", "")))
end

-- The text cut to the width of the page.
function Page:fit(shown, width)
  width = width or self.width
  return check.cut(self:plain(shown), math.max(3, width))
end

--- The text, in ASCII where the page is.
function Page:plain(shown)
  if not self.is_ascii then
    return shown
  end
  return (shown:gsub("µ", "u"):gsub("[\xC2-\xF4][\x80-\xBF]+", "?"))
end

function Page:wrapped(shown, first)
  for _, line in ipairs(text.wrap(self:plain(shown), self.width, first)) do
    self:add(check.cut(line, self.width))
  end
end

function Page:bold(shown)
  return self.has_colours and "\27[1m" .. shown .. "\27[0m" or shown
end

--- The text in the colour of a series; in grey for the number 0.
function Page:paint(number, shown)
  if not self.has_colours then
    return shown
  end
  local code = number < 1 and FAINT or COLOURS[(number - 1) % #COLOURS + 1]
  return ("\27[%sm%s\27[0m"):format(code, shown)
end

function Page:title(title)
  if title ~= "" then
    for _, line in ipairs(text.wrap(self:plain(title), self.width)) do
      self:add(self:bold(check.cut(line, self.width)))
    end
  end
end

function Page:notes(notes)
  for _, note in ipairs(notes) do
    self:wrapped(note)
  end
end

--- Adds entries, which are texts with signs, in as many lines as they need.
function Page:entries(entries)
  local line, columns = {}, 0
  for _, entry in ipairs(entries) do
    local need = text.columns(entry)
    if columns > 0 and columns + 3 + need > self.width then
      self:add(table.concat(line, "   "))
      line, columns = {}, 0
    end
    table.insert(line, entry)
    columns = columns + need + (columns > 0 and 3 or 0)
  end
  if #line > 0 then
    self:add(table.concat(line, "   "))
  end
end

-- {=== Axes around a raster

-- The text of the tick of a vertical axis that is nearest to a row's centre, for each row.
local function row_labels(axis, rows, page)
  local labels, room = {}, 0
  for i = 1, #axis.ticks do
    local tick = axis.ticks[i]
    local row = rows - math.floor(axis:place(tick.value) * (rows - 1) + 0.5)
    if not labels[row] then
      labels[row] = page:plain(tick.text)
      room = math.max(room, text.columns(labels[row]))
    end
  end
  return labels, room
end

--- The columns that are left for a raster beside the ticks of an axis.
function Page:raster_width(axis)
  local _, room = row_labels(axis, self.height, self)
  return self.width - room - 2
end

-- The line with the texts of the ticks of a horizontal axis.
local function tick_line(axis, columns, page)
  local line, at = {}, 0
  for _, tick in ipairs(axis.ticks) do
    local shown = page:plain(tick.text)
    local length = text.columns(shown)
    local centre = math.floor(axis:place(tick.value) * (columns - 1) + 0.5)
    local first = math.max(0, math.min(columns - length, centre - length // 2))
    if first >= at + (at > 0 and 2 or 0) then
      table.insert(line, (" "):rep(first - at) .. shown)
      at = first + length
    end
  end
  return table.concat(line)
end

--- Adds a raster with its axes. `sign` is as for Raster:row.
function Page:raster(raster, x_axis, y_axis, sign)
  local labels, room = row_labels(y_axis, raster.rows, self)
  local bar, corner, line = "│", "└", "─"
  if self.is_ascii then
    bar, corner, line = "|", "+", "-"
  end
  if y_axis.title ~= "" then
    self:add(self:fit(y_axis.title))
  end
  for row = 1, raster.rows do
    local label = labels[row] or ""
    self:add((" "):rep(room - text.columns(label)) .. label .. " " .. bar
      .. raster:row(row, sign, function(owner, character)
        return self:paint(owner, character)
      end))
  end
  self:add((" "):rep(room + 1) .. corner .. line:rep(raster.columns))
  self:add((" "):rep(room + 2) .. tick_line(x_axis, raster.columns, self))
  if x_axis.title ~= "" then
    local title = self:fit(x_axis.title, raster.columns)
    self:add((" "):rep(room + 2 + (raster.columns - text.columns(title)) // 2) .. title)
  end
end

function Page:text()
  return table.concat(self.lines, "\n")
end

return M
