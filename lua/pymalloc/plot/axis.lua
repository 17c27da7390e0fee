-- The scale of an axis: its range, its ticks, and the texts of values.

local check = require "pymalloc.plot.check"
local text = require "pymalloc.text"

local M = {}

local Axis = {}
Axis.__index = Axis

local BYTE_UNITS = { { "GiB", 1 << 30 }, { "MiB", 1 << 20 }, { "KiB", 1 << 10 }, { "B", 1 } }
local SECOND_UNITS = { { "s", 1 }, { "ms", 1e-3 }, { "µs", 1e-6 }, { "ns", 1e-9 } }

-- {=== Texts of values

-- The first unit that is not larger than the value; the smallest unit otherwise.
local function unit_of(units, value)
  for _, unit in ipairs(units) do
    if math.abs(value) >= unit[2] then
      return unit
    end
  end
  return units[#units]
end

-- A number without trailing zeros, with that many significant digits.
local function digits(value, significant)
  local shown = ("%." .. significant .. "g"):format(value)
  if shown:find("e") and math.abs(value) < 1e15 and math.abs(value) >= 1 then
    shown = ("%.0f"):format(value)
  end
  return shown
end

local function grouped(value, significant)
  local shown = digits(value, significant)
  local sign, whole, rest = shown:match("^(%-?)(%d+)(.*)$")
  if not whole or rest:find("e") then
    return shown
  end
  return sign .. text.group(math.tointeger(whole)) .. rest
end

-- The text of a value in an axis whose largest value is `largest`.
local function value_text(value, unit, largest, significant)
  if value == 0 then
    return unit == "percent" and "0 %" or "0"
  elseif unit == "percent" then
    return digits(value, significant) .. " %"
  elseif unit == "bytes" or unit == "seconds" then
    local chosen = unit_of(unit == "bytes" and BYTE_UNITS or SECOND_UNITS, largest)
    return ("%s %s"):format(grouped(value / chosen[2], significant), chosen[1])
  elseif math.abs(largest) >= 1e6 and math.abs(largest) < 1e18 then
    return ("%s M"):format(grouped(value / 1e6, significant))
  end
  return grouped(value, significant)
end

--- A value with three significant digits or, for whole bytes and counts, exactly where it is
-- short: "1.25 MiB", "48 B", "12,345".
function M.text(value, unit)
  if unit == "" and math.abs(value) < 1e6 and value == math.floor(value) then
    return grouped(value, 7)
  elseif unit == "bytes" and value == math.floor(value) and math.abs(value) < 1 << 40 then
    local chosen = unit_of(BYTE_UNITS, value)
    local exact = math.floor(value) % chosen[2] == 0
    return value_text(value, unit, value, exact and 7 or 3)
  end
  return value_text(value, unit, value, 3)
end

-- {=== Ticks

-- The smallest step of 1, 2 or 5 times a power of ten that divides the range in at most
-- `most` parts; for bytes, the smallest power of two.
local function step_of(range, most, unit)
  local least = range / most
  if unit == "bytes" then
    return math.max(1.0, 2.0 ^ math.ceil(math.log(least, 2) - 1e-9))
  end
  local power = 10.0 ^ math.floor(math.log(least, 10))
  for _, factor in ipairs { 1, 2, 5, 10 } do
    if power * factor >= least * (1 - 1e-9) then
      return power * factor
    end
  end
  return power * 10
end

local function linear_ticks(axis, most)
  local step = step_of(axis.high - axis.low, most, axis.unit)
  if axis.is_round then
    axis.high = math.ceil(axis.high / step - 1e-9) * step
    axis.low = math.floor(axis.low / step + 1e-9) * step
  end
  local largest = math.max(math.abs(axis.low), math.abs(axis.high))
  local first = math.ceil(axis.low / step - 1e-9)
  for number = first, math.floor(axis.high / step + 1e-9) do
    local value = number * step
    table.insert(axis.ticks, { value = value,
      text = value_text(value, axis.unit, largest, 6) })
  end
end

local function add_tick(axis, value)
  local slack = 1e-9
  if value >= axis.low * (1 - slack) and value <= axis.high * (1 + slack) then
    table.insert(axis.ticks, { value = value, text = M.text(value, axis.unit) })
  end
end

-- The parts of a decade that have ticks, as many as there is room for.
local function factors_of(axis, base, most)
  local decades = math.log(axis.high / axis.low, 10)
  if base == 10 and decades * 3 <= most then
    return { 1, 2, 5 }
  end
  return base == 10 and decades * 2 <= most and { 1, 3 } or { 1 }
end

local function log_ticks(axis, most)
  local base = axis.unit == "bytes" and 2.0 or 10.0
  local first = math.floor(math.log(axis.low, base) + 1e-9)
  local last = math.ceil(math.log(axis.high, base) - 1e-9)
  local factors = factors_of(axis, base, most)
  local every = math.max(1, math.ceil((last - first) / most))
  for exponent = first, last, every do
    for _, factor in ipairs(factors) do
      add_tick(axis, factor * base ^ exponent)
    end
  end
  if #axis.ticks == 0 then
    add_tick(axis, axis.low)
    add_tick(axis, axis.high)
  end
end

-- {=== The axis

-- Gives an axis whose values are all equal, or differ only by rounding, a range.
local function widen(axis)
  local size = math.max(math.abs(axis.low), math.abs(axis.high))
  if axis.high - axis.low > size * 1e-9 then
    return
  elseif axis.log then
    axis.low, axis.high = axis.low / 2, axis.high * 2
  elseif size == 0 then
    axis.high = 1.0
  else
    axis.low, axis.high = axis.low - size * 0.05, axis.high + size * 0.05
  end
end

-- Adds a part of the range before it and after it. An axis without values below 0 stays without
-- them.
local function pad(axis, part)
  if axis.log then
    local factor = (axis.high / axis.low) ^ part
    axis.low, axis.high = axis.low / factor, axis.high * factor
  else
    local more = (axis.high - axis.low) * part
    axis.low = axis.low < 0 and axis.low - more or math.max(0.0, axis.low - more)
    axis.high = axis.high + more
  end
end

--- The scale from `low` to `high` of an axis that check.axis returned.
-- @tparam table options ticks: how many parts the ticks divide the axis in, at most; zero: the
-- axis has 0; round: it begins and ends at a tick; pad: the part of the range that is added on
-- both sides
function M.new(what, given, low, high, options)
  local axis = setmetatable({ title = given.title, unit = given.unit, log = given.log,
    low = low * 1.0, high = high * 1.0, ticks = {}, is_round = options.round }, Axis)
  if axis.log and low <= 0 then
    check.refuse(what, "the values of %s must be above 0 as %s.log is true, got %s", given.name,
      given.name, ("%g"):format(low))
  end
  if options.zero and not axis.log then
    axis.low, axis.high = math.min(axis.low, 0.0), math.max(axis.high, 0.0)
  end
  widen(axis)
  pad(axis, options.pad or 0)
  if axis.log then
    log_ticks(axis, options.ticks)
  else
    linear_ticks(axis, options.ticks)
  end
  return axis
end

--- Where a value lies: 0 is the beginning of the axis, 1 its end.
function Axis:place(value)
  if self.log then
    return math.log(value / self.low) / math.log(self.high / self.low)
  end
  return (value - self.low) / (self.high - self.low)
end

--- The value at a place.
function Axis:value(place)
  if self.log then
    return self.low * (self.high / self.low) ^ place
  end
  return self.low + (self.high - self.low) * place
end

--- Does the axis contain 0, so that the distance of a value from 0 can be seen?
function Axis:has_zero()
  return not self.log and self.low <= 0 and self.high >= 0
end

return M
