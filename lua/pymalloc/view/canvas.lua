-- The canvas of a picture: its width, signs, colours and lines.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"

local M = { columns = text.columns, pad = text.pad }
M.__index = M

local WIDTH_LEAST, WIDTH_DEFAULT, WIDTH_MOST = 40, 80, 1000

-- The signs, by name, of both character sets.
local unicode = {
  live = "█", free = "░", virgin = "·", cached = "▒", waste = "╳",
  full = "█", empty = "░", uncarved = "·",
  fill = { "▁", "▂", "▃", "▄", "▅", "▆", "▇" },
  bar = "│", arrow = "→", line = "─",
}
local ascii = {
  live = "#", free = "o", virgin = ".", cached = "c", waste = "x",
  full = "#", empty = "o", uncarved = ".",
  fill = { "1", "2", "3", "4", "5", "6", "7" },
  bar = "|", arrow = "->", line = "-",
}

local codes = {
  live = "32", full = "32", used = "36", free = "33", cached = "35", empty = "33",
  virgin = "90",
  uncarved = "90", title = "1", faint = "90", changed = "31",
}

--- Is the encoding of the locale UTF-8?
function M.is_utf8()
  for _, name in ipairs { "LC_ALL", "LC_CTYPE", "LANG" } do
    local value = os.getenv(name)
    if value and value ~= "" then
      return value:lower():find("utf%-?8") ~= nil
    end
  end
  return false
end

--- May pictures on standard output have colours?
function M.may_colour()
  return terminal.has_colours(io.stdout)
end

local function choose(option, otherwise)
  if option == nil then
    return otherwise()
  end
  return option
end

local function check_width(width)
  width = width == nil and WIDTH_DEFAULT or width
  return check.integer("view.text", "width", width, WIDTH_LEAST, WIDTH_MOST)
end

local allowed = { "width", "ascii", "colour", "block", "lists", "struct" }

-- Checks the options of view.text and makes a canvas of them.
function M.new(options)
  options = options == nil and {} or options
  if type(options) ~= "table" then
    error("pymalloc: view.text: options must be a table, got " .. core.describe(options), 0)
  end
  check.keys("view.text", "option", options, allowed)
  local is_ascii = choose(options.ascii, function() return not M.is_utf8() end)
  return setmetatable({
    width = check_width(options.width),
    block = options.block,
    is_struct = options.struct and true or false,
    has_lists = options.lists ~= false,
    signs = is_ascii and ascii or unicode,
    has_colours = choose(options.colour, M.may_colour),
    lines = {},
  }, M)
end

-- Text in a style, if there are colours.
function M:paint(style, plain)
  local code = self.has_colours and codes[style]
  return code and ("\27[%sm%s\27[0m"):format(code, plain) or plain
end

-- The sign of that name, in its colour.
function M:sign(name)
  return self:paint(name, self.signs[name])
end

-- The sign for a pool with live and free blocks: a bar, higher for more live blocks.
function M:fill(live, capacity)
  local level = math.max(1, math.min(7, live * 8 // capacity))
  return self:paint("used", self.signs.fill[level])
end

function M:add(line)
  table.insert(self.lines, ((line or ""):gsub(" +$", "")))
end

-- Adds a title, in several lines if it is too long for one.
function M:title(title)
  for _, line in ipairs(text.wrap(title, self.width, "", "  ")) do
    self:add(self:paint("title", line))
  end
end

-- Adds words after `first`, in as many lines as they need; the other lines are
-- indented. Without words it adds "none".
function M:words(first, words, separator)
  local pieces = { words[1] or "none" }
  for i = 2, #words do
    pieces[i - 1] = pieces[i - 1] .. separator
    pieces[i] = words[i]
  end
  for _, line in ipairs(text.wrap(pieces, self.width, first)) do
    self:add(line)
  end
end

-- The signs as an array of rows of equal length.
function M.rows(signs, columns)
  local rows = {}
  for first = 1, #signs, columns do
    table.insert(rows, table.concat(signs, "", first, math.min(first + columns - 1, #signs)))
  end
  return rows
end

function M:text()
  return table.concat(self.lines, "\n")
end

return M
