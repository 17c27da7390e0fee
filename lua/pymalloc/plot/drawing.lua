-- An SVG drawing: its elements, and the colours that they have on a light and on a dark
-- background. With the theme "auto" each element has its light colour as an attribute, and a
-- class, whose rule gives the dark colour where the reader prefers dark pages. A program that
-- does not know such rules shows the light picture.

local sorted_keys = require "pymalloc.sorted_keys"
local theme = require "pymalloc.plot.theme"
local text = require "pymalloc.text"

local M = {}
local Drawing = {}
Drawing.__index = Drawing

local FONT = "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"

M.MONO = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"

--- The text as content of an element or value of an attribute.
function M.escape(plain)
  return (text.printable(plain):gsub("[&<>\"']", { ["&"] = "&amp;", ["<"] = "&lt;",
    [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }))
end

-- A coordinate with at most one decimal.
local function number(value)
  return (("%.1f"):format(value):gsub("%.0$", ""):gsub("^%-0$", "0"))
end
M.number = number

--- A drawing of that size and theme, which check.size has checked.
function M.new(size)
  return setmetatable({ width = size.width, height = size.height, scale = size.scale,
    theme = size.theme, elements = {}, classes = {}, hatchings = {} }, Drawing)
end

function Drawing:add(format, ...)
  table.insert(self.elements, format:format(...))
end

-- {=== Colours

--- The attributes for a role of the fill and one of the stroke; nil is none.
function Drawing:paint(fill, stroke)
  local names, attributes = {}, {}
  for _, pair in ipairs { { "fill", fill or "none" }, { "stroke", stroke } } do
    local property, role = pair[1], pair[2]
    local colours = theme.roles[role]
    if colours then
      local colour = colours[self.theme] or colours.light
      table.insert(attributes, (' %s="%s"'):format(property, colour))
      local class = ("pym-%s-%s"):format(property, role)
      self.classes[class] = ("%s:%s"):format(property, colours.dark)
      table.insert(names, class)
    elseif role then
      table.insert(attributes, (' %s="%s"'):format(property, role))
    end
  end
  if self.theme == "auto" and #names > 0 then
    table.insert(attributes, (' class="%s"'):format(table.concat(names, " ")))
  end
  return table.concat(attributes)
end

-- The rules of the classes that were used.
function Drawing:rules()
  local names = sorted_keys(self.classes)
  for i, name in ipairs(names) do
    names[i] = (".%s{%s}"):format(name, self.classes[name])
  end
  return self.theme == "auto"
    and "<style>@media (prefers-color-scheme:dark){" .. table.concat(names) .. "}</style>\n" or ""
end

-- {=== Elements

local function tip_of(tip)
  return tip and "<title>" .. M.escape(tip) .. "</title>" or ""
end

--- A text; options are size, anchor, role, bold, mono and turned (degrees).
function Drawing:text(x, y, shown, options)
  options = options or {}
  local turned = options.turned
    and (' transform="rotate(%d %s %s)"'):format(options.turned, number(x), number(y)) or ""
  local font = (options.bold and ' font-weight="bold"' or "")
    .. (options.mono and (' font-family="%s"'):format(M.MONO) or "")
  self:add('<text x="%s" y="%s" font-size="%s"%s%s%s%s>%s</text>', number(x), number(y),
    number(options.size or 13), options.anchor and (' text-anchor="%s"'):format(options.anchor)
    or "", font, turned,
    self:paint(options.role or "text"), M.escape(shown))
end

function Drawing:line(x1, y1, x2, y2, role, width, dash)
  self:add('<line x1="%s" y1="%s" x2="%s" y2="%s" stroke-width="%s"%s%s/>', number(x1),
    number(y1), number(x2), number(y2), number(width or 1),
    dash and dash ~= "" and (' stroke-dasharray="%s"'):format(dash) or "", self:paint(nil, role))
end

-- The attributes of a line: width, and dash.
local function line_attributes(options)
  return (options.width and (' stroke-width="%s"'):format(number(options.width)) or "")
    .. (options.dash and options.dash ~= "" and (' stroke-dasharray="%s"'):format(options.dash)
    or "")
end

--- A rectangle; options are radius, stroke (a role), width and dash of its outline, and tip.
function Drawing:rect(x, y, width, height, fill, options)
  options = options or {}
  local tip = tip_of(options.tip)
  self:add('<rect x="%s" y="%s" width="%s" height="%s"%s%s%s%s', number(x), number(y),
    number(width), number(height), options.radius
    and (' rx="%s"'):format(number(options.radius)) or "", line_attributes(options),
    self:paint(fill, options.stroke), tip == "" and "/>" or ">" .. tip .. "</rect>")
end

-- Hatchings in the colour of the background, as paths in a square of 8.
local hatchings = { "", "M0 8L8 0", "M4 3v2", "M0 0L8 8", "M0 4H8", "M4 0V8", "M0 8L8 0M0 0L8 8",
  "M0 4H8M4 0V8" }

--- Hatches a rectangle as a number from 1 says; 1 means no hatching.
function Drawing:hatch(x, y, width, height, hatching)
  local path = hatchings[(hatching - 1) % #hatchings + 1]
  if path == "" then
    return
  end
  local id = ("pym-%s-hatch%d"):format(self.theme, hatching)
  if not self.hatchings[id] then
    self.hatchings[id] = true
    self:add('<pattern id="%s" width="8" height="8" patternUnits="userSpaceOnUse">'
      .. '<path d="%s" stroke-width="1.6"%s/></pattern>', id, path, self:paint(nil, "background"))
  end
  self:add('<rect x="%s" y="%s" width="%s" height="%s" fill="url(#%s)" pointer-events="none"/>',
    number(x), number(y), number(width), number(height), id)
end

--- A path with the commands of SVG in an array of strings.
function Drawing:path(commands, options)
  local tip = tip_of(options.tip)
  self:add('<path d="%s"%s stroke-linejoin="round"%s%s', table.concat(commands),
    line_attributes(options), self:paint(options.fill, options.stroke),
    tip == "" and "/>" or ">" .. tip .. "</path>")
end

--- The marker of a series at a place; a hollow one shows the background inside.
function Drawing:marker(x, y, series, options)
  options = options or {}
  local radius = options.radius or 4
  local fill = options.hollow and "background" or theme.series(series)
  local paint = self:paint(fill, options.hollow and theme.series(series) or "background")
  local stroke = options.hollow and 1.5 or 0.8
  local shape, tip = theme.marker(series), tip_of(options.tip)
  if shape == "circle" then
    self:add('<circle cx="%s" cy="%s" r="%s" stroke-width="%s"%s>%s</circle>', number(x),
      number(y), number(radius), number(stroke), paint, tip)
    return
  end
  local corners = {}
  for i = 1, #shape, 2 do
    table.insert(corners, number(x + radius * shape[i]) .. "," .. number(y + radius * shape[i + 1]))
  end
  self:add('<polygon points="%s" stroke-width="%s"%s>%s</polygon>', table.concat(corners, " "),
    number(stroke), paint, tip)
end

--- The SVG. `title` and `description` are for readers who do not see it.
function Drawing:svg(title, description)
  local head = ('<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" '
    .. 'viewBox="0 0 %d %d" role="img" font-family="%s">\n'):format(
    number(self.width * self.scale), number(self.height * self.scale), self.width, self.height,
    FONT)
  local ground = ('<rect width="100%%" height="100%%"%s/>\n'):format(self:paint("background"))
  return table.concat { head, "<title>", M.escape(title), "</title>\n<desc>",
    M.escape(description), "</desc>\n", self:rules(), ground, table.concat(self.elements, "\n"),
    "\n</svg>\n" }
end

-- {=== Widths of texts

-- The width of characters in units of the font's size, in a wide font: texts of other fonts
-- are then narrower than the room that they get.
local function character_width(code)
  if code > 0x2e80 then
    return 1.05
  elseif code > 127 then
    return 0.68
  end
  local character = string.char(code)
  return character:find("[iljtfrI.,:;'|!() ]") and 0.38 or character:find("[mwMW@%%]") and 0.95
    or character:find("%u") and 0.72 or 0.63
end

--- The width that a text of that size has at most in usual fonts.
function M.text_width(shown, size)
  local width = 0
  for _, code in utf8.codes(text.printable(shown)) do
    width = width + character_width(code)
  end
  return width * (size or 13)
end

-- The text without the end that does not fit, for which it has "...".
local function fit(shown, width, size)
  if M.text_width(shown, size) <= width then
    return shown
  end
  local cut = shown
  repeat
    local last = utf8.offset(cut, -1)
    cut = last and cut:sub(1, last - 1) or ""
  until cut == "" or M.text_width(cut .. "...", size) <= width
  return cut .. "..."
end
M.fit = fit

--- The name of a design, which M.wrap does not break between a field and its value.
function M.glue(name)
  return (name:gsub("([%w_]) (%d)", "%1\u{a0}%2"))
end

--- The text as lines of at most that width; a word that is too wide is cut.
function M.wrap(shown, width, size)
  local lines, line = {}, nil
  for whole in text.printable(shown):gmatch("%S+") do
    local word = fit(whole, width, size)
    local longer = line and line .. " " .. word
    if longer and M.text_width(longer, size) <= width then
      line = longer
    else
      table.insert(lines, line)
      line = word
    end
  end
  table.insert(lines, line)
  return lines
end

return M
