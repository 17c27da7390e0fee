-- The colours of plots. Each role has a colour on a light and on a dark background. The six
-- colours of series differ also for people who do not see red, green or blue, and have a
-- contrast of 3 to 1 or more with the background.

local M = {}

M.roles = {
  background = { light = "#ffffff", dark = "#16181d" },
  text = { light = "#1d2026", dark = "#eceef2" },
  faint = { light = "#5a6270", dark = "#a3abb8" },
  grid = { light = "#e3e6ea", dark = "#30343d" },
  axis = { light = "#8a92a0", dark = "#767e8c" },
  held = { light = "#fbdcc0", dark = "#57371f" },
  missing = { light = "#c4c9d1", dark = "#4a505c" },
  series1 = { light = "#0072b2", dark = "#56a8f0" },
  series2 = { light = "#d55e00", dark = "#ff8a3d" },
  series3 = { light = "#008060", dark = "#2cc295" },
  series4 = { light = "#b3508a", dark = "#e79ac8" },
  series5 = { light = "#6b4e00", dark = "#e8d547" },
  series6 = { light = "#222222", dark = "#ffffff" },
}

M.SERIES = 6

--- The role of the colour of a series.
function M.series(number)
  return "series" .. (number - 1) % M.SERIES + 1
end

--- The dashes of the lines of series, as SVG has them. Their number and that of the colours
-- have no common divisor: 30 series differ in colour or dashes.
M.dashes = { "", "7 4", "2 3", "11 3 2 3", "14 4" }

function M.dash(number)
  return M.dashes[(number - 1) % #M.dashes + 1]
end

--- The marker of a series, by its number: the outline in units of the marker's radius.
local markers = {
  "circle",
  { -0.9, -0.9, 0.9, -0.9, 0.9, 0.9, -0.9, 0.9 },
  { 0, -1.2, 1.1, 0.8, -1.1, 0.8 },
  { 0, -1.3, 1.3, 0, 0, 1.3, -1.3, 0 },
  { 0, 1.2, 1.1, -0.8, -1.1, -0.8 },
  { -1.2, -0.5, -0.5, -1.2, 0, -0.6, 0.5, -1.2, 1.2, -0.5, 0.6, 0, 1.2, 0.5, 0.5, 1.2, 0, 0.6,
    -0.5, 1.2, -1.2, 0.5, -0.6, 0 },
  { -0.4, -1.2, 0.4, -1.2, 0.4, -0.4, 1.2, -0.4, 1.2, 0.4, 0.4, 0.4, 0.4, 1.2, -0.4, 1.2, -0.4,
    0.4, -1.2, 0.4, -1.2, -0.4, -0.4, -0.4 },
}

function M.marker(number)
  return markers[(number - 1) % #markers + 1]
end

-- {=== Shades of one colour, for heat maps and pictures of space

M.SHADES = 9

local ends = {
  light = { { 0xe4, 0xf0, 0xf9 }, { 0x3d, 0x8f, 0xc6 }, { 0x05, 0x2f, 0x52 } },
  dark = { { 0x1f, 0x2b, 0x3a }, { 0x2f, 0x7f, 0xbd }, { 0xd5, 0xec, 0xff } },
}

local function mix(from, to, share)
  local parts = {}
  for i = 1, 3 do
    parts[i] = math.floor(from[i] + (to[i] - from[i]) * share + 0.5)
  end
  return ("#%02x%02x%02x"):format(table.unpack(parts))
end

local function shade(theme, number)
  local share = (number - 1) / (M.SHADES - 1) * 2
  local three = ends[theme]
  if share <= 1 then
    return mix(three[1], three[2], share)
  end
  return mix(three[2], three[3], share - 1)
end

-- The luminance of a colour as WCAG 2 defines it.
local function luminance(colour)
  local parts = {}
  for i = 1, 3 do
    local part = tonumber(colour:sub(2 * i, 2 * i + 1), 16) / 255
    parts[i] = part <= 0.04045 and part / 12.92 or ((part + 0.055) / 1.055) ^ 2.4
  end
  return 0.2126 * parts[1] + 0.7152 * parts[2] + 0.0722 * parts[3]
end

-- Black or white, whichever has more contrast with the colour.
local function text_on(colour)
  return luminance(colour) > 0.179 and "#000000" or "#ffffff"
end

for number = 1, M.SHADES do
  local light, dark = shade("light", number), shade("dark", number)
  M.roles["shade" .. number] = { light = light, dark = dark }
  M.roles["on" .. number] = { light = text_on(light), dark = text_on(dark) }
end

--- The number of the shade of a share from 0 to 1.
function M.shade(share)
  return math.max(1, math.min(M.SHADES, 1 + math.floor(share * M.SHADES)))
end

return M
