-- Values of measures as text: bytes in one unit for a whole table, with as many decimals as
-- it takes to tell different values apart.

local text = require "pymalloc.text"

local M = {}

local DECIMALS_MOST = 3
local ALIKE = 1e-9 -- of a value
local ABSENT = "-"

-- The unit of bytes: the largest of which the largest value has at least ten.
local byte_units = { { "GiB", 1 << 30 }, { "MiB", 1 << 20 }, { "KiB", 1 << 10 } }
local second_units = { { "s", 1 }, { "ms", 1e-3 } }

-- Units that a table writes as they are, with the decimals that their values have at least.
local plain_units = { percent = { "%", 1 }, ratio = { "x", 2 } }

local function is_finite(value)
  return math.type(value) and value == value and math.abs(value) < math.huge
end

local function largest(values)
  local most = 0
  for _, value in ipairs(values) do
    most = is_finite(value) and math.max(most, math.abs(value)) or most
  end
  return most
end

-- The first unit of which `most` has at least `least`, and its size.
local function choose(units, most, least, name, size)
  for _, unit in ipairs(units) do
    if most >= least * unit[2] then
      return unit[1], unit[2]
    end
  end
  return name, size
end

--- The unit in which a table writes values.
-- @param unit that of the measure: "bytes", "percent", "seconds", "ratio" or ""
-- @param values numbers; others among them are ignored
-- @return a table with the fields name, size (what a value is divided by) and decimals (the
-- fewest)
function M.unit(unit, values)
  local most = largest(values)
  if unit == "bytes" then
    local name, size = choose(byte_units, most, 10, "bytes", 1)
    return { name = name, size = size, decimals = 0 }
  elseif unit == "seconds" then
    local name, size = choose(second_units, most, 1, "us", 1e-6)
    return { name = name, size = size, decimals = 1 }
  end
  local plain = plain_units[unit] or { "", 0 }
  return { name = plain[1], size = 1, decimals = plain[2] }
end

-- 1234567.25, 1 -> "1,234,567.3"
local function number_text(value, decimals)
  local whole, rest = ("%." .. decimals .. "f"):format(value):match("^(%-?%d+)(.*)$")
  local sign, digits = whole:match("^(%-?)(%d+)$")
  local grouped = digits:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return sign .. grouped .. rest
end

-- Do two values differ by more than rounding errors?
local function differ(one, other)
  return math.abs(one - other) > ALIKE * math.max(math.abs(one), math.abs(other))
end

-- Do some different values have equal texts, or is a value with a fraction written without it?
local function hides(values, unit, decimals)
  local value_of = {}
  for _, value in ipairs(values) do
    if is_finite(value) then
      local scaled = value / unit.size
      local written = number_text(scaled, decimals)
      local before = value_of[written] or value
      if differ(before, value) or decimals == 0 and scaled % 1 ~= 0 then
        return true
      end
      value_of[written] = value
    end
  end
  return false
end

local function decimals_of(values, unit)
  for decimals = unit.decimals, DECIMALS_MOST - 1 do
    if not hides(values, unit, decimals) then
      return decimals
    end
  end
  return DECIMALS_MOST
end

--- The texts of the values of a column. The text of a value that is not known, nil, is "-".
-- @param values an array of `count` values, of which any may be nil
-- @param unit what M.unit returned
function M.column(values, count, unit)
  local known, texts = {}, {}
  for i = 1, count do
    if values[i] ~= nil then
      table.insert(known, values[i])
    end
  end
  local decimals = decimals_of(known, unit)
  for i = 1, count do
    local value = values[i]
    if value == nil then
      texts[i] = ABSENT
    elseif is_finite(value) then
      texts[i] = number_text(value / unit.size, decimals)
    else
      texts[i] = text.printable(tostring(value))
    end
  end
  return texts
end

return M
