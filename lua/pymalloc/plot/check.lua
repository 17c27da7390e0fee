-- Checks the options of plots. Each function raises a message; `what` is the name of the
-- function that was called, such as "plot.lines".

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local sorted_keys = require "pymalloc.sorted_keys"
local text = require "pymalloc.text"

local M = {}

M.UNITS = { "bytes", "percent", "seconds", "" }
M.NUMBER_MOST = 1e18 -- of a value; the steps between ticks are then still exact enough

local NAME_BYTES, NAME_COLUMNS = 400, 100

local refuse = check.refuse
M.refuse, M.quote = refuse, check.quote

--- Refuses a value that is not a table, and a field that is not allowed.
-- @param name of the table, such as "series[2]"
-- @param allowed a set of names
function M.fields(what, name, given, allowed)
  if type(given) ~= "table" then
    refuse(what, "%s must be a table, got %s", name, core.describe(given))
  end
  for field in pairs(given) do
    if not allowed[field] then
      refuse(what, "unknown field %s of %s (allowed: %s)", tostring(field), name,
        table.concat(sorted_keys(allowed), ", "))
    end
  end
end

--- A value that is not an array of the length that is wanted, in words: "3 elements", "a string".
function M.length(value)
  return type(value) == "table" and text.count(#value, "element") or core.describe(value)
end

--- An array with 1 to `most` elements.
function M.array(what, name, given, most)
  local count = type(given) == "table" and #given or 0
  if count < 1 or count > most then
    refuse(what, "%s must be an array with 1 to %d elements, got %s", name, most, M.length(given))
  end
  return given
end

--- A number that can be drawn.
function M.number(what, name, value)
  local number = type(value) == "number" and value
  if not number or not (number >= -M.NUMBER_MOST and number <= M.NUMBER_MOST) then
    refuse(what, "%s must be a number from -1e18 to 1e18, got %s", name,
      number and ("%g"):format(number) or core.describe(value))
  end
  return number
end

-- The same, or false where the value is missing.
function M.number_or_missing(what, name, value)
  if value == nil or value == false then
    return false
  end
  return M.number(what, name, value)
end

function M.integer(what, name, value, least, most, default)
  return check.integer(what, name, value == nil and default or value, least, most)
end

function M.boolean(what, name, value)
  if value ~= nil and type(value) ~= "boolean" then
    refuse(what, "%s must be a boolean, got %s", name, core.describe(value))
  end
  return value == true
end

--- One of several texts.
function M.choice(what, name, value, list, default)
  value = value == nil and default or value
  for _, choice in ipairs(list) do
    if value == choice then
      return value
    end
  end
  refuse(what, "%s must be one of '%s', got %s", name, table.concat(list, "', '"),
    type(value) == "string" and "'" .. text.printable(value) .. "'" or core.describe(value))
end

-- The text with at most that many columns; the end of a longer one is replaced by "...".
local function cut(given, columns)
  local length = utf8.len(given)
  if length <= columns then
    return given
  end
  return given:sub(1, utf8.offset(given, columns - 2) - 1) .. "..."
end
M.cut = cut

--- A text that can be shown: without control characters, and bounded. nil and false become the
-- default.
function M.text(what, name, value, default)
  if value == nil and default then
    return default
  elseif type(value) ~= "string" and type(value) ~= "number" then
    refuse(what, "%s must be a string, got %s", name, core.describe(value))
  end
  local shown = text.printable(tostring(value):sub(1, NAME_BYTES))
  return cut(shown:gsub("\xEF\xBF[\xBE\xBF]", "?"), NAME_COLUMNS)
end

local axis_fields = { title = true, unit = true, log = true, better = true }

--- An axis: { title =, unit =, log =, better = }; nil is an axis without title.
function M.axis(what, name, given)
  given = given == nil and {} or given
  M.fields(what, name, given, axis_fields)
  return {
    name = name,
    title = M.text(what, name .. ".title", given.title, ""),
    unit = M.choice(what, name .. ".unit", given.unit, M.UNITS, ""),
    log = M.boolean(what, name .. ".log", given.log),
    better = M.choice(what, name .. ".better", given.better, { "low", "high" }, "low"),
  }
end

--- The fields that every plot has.
M.look_fields = { title = true, note = true, width = true, height = true, scale = true,
  theme = true }

--- The set of the fields of a plot, of which look_fields are some.
function M.with_look(fields)
  local set = {}
  for name in pairs(M.look_fields) do
    set[name] = true
  end
  for _, name in ipairs(fields) do
    set[name] = true
  end
  return set
end

local function check_scale(what, value)
  value = value == nil and 1 or value
  if type(value) ~= "number" or not (value >= 0.1 and value <= 20) then
    refuse(what, "scale must be a number from 0.1 to 20, got %s", type(value) == "number"
      and ("%g"):format(value) or core.describe(value))
  end
  return value
end

--- The size and the theme of an SVG; what is not given is taken from `otherwise`.
function M.size(what, given, otherwise)
  return {
    width = M.integer(what, "width", given.width, 320, 4000, otherwise.width or 800),
    height = M.integer(what, "height", given.height, 180, 4000, otherwise.height or 450),
    scale = check_scale(what, given.scale == nil and otherwise.scale or given.scale),
    theme = M.choice(what, "theme", given.theme, { "light", "dark", "auto" },
      otherwise.theme or "auto"),
  }
end

--- The fields that every plot has, checked.
function M.look(what, given)
  local look = M.size(what, given, {})
  look.title = M.text(what, "title", given.title, "")
  look.notes = { given.note ~= nil and M.text(what, "note", given.note) or nil }
  return look
end

return M
