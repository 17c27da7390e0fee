-- Numbers as people write and read them.

local M = {}

local units = { [""] = 0, K = 10, M = 20, G = 30 }

-- 1234567 -> "1,234,567"
function M.group(number)
  local digits = ("%d"):format(number)
  local grouped = digits:reverse():gsub("(%d%d%d)", "%1,"):reverse()
  return (grouped:gsub("^,", ""))
end

-- 262144 -> "256 KiB"; 48 -> "48 bytes"
function M.size(bytes)
  for _, unit in ipairs { "G", "M", "K" } do
    local whole = 1 << units[unit]
    if bytes >= whole and bytes % whole == 0 then
      return ("%d %siB"):format(bytes // whole, unit)
    end
  end
  return ("%d bytes"):format(bytes)
end

-- The share of a part in per cent: "98.4 %"; "-" of nothing.
function M.share(part, whole)
  if whole == 0 then
    return "-"
  end
  return ("%.1f %%"):format(100 * part / whole)
end

-- {=== Reading the argument of an option: the number, or nil and why not

local function refuse(option, expected, text)
  return nil, ("option '%s' takes %s, got '%s'"):format(option, expected, text)
end

-- A reader of sizes: "4096" -> 4096; "256K" -> 262144.
function M.size_reader(option)
  return function(text)
    local digits, unit = text:match("^(%d+)([KMG]?)$")
    local number = math.tointeger(tonumber(digits))
    if number and number <= math.maxinteger >> units[unit] then
      return number << units[unit]
    end
    return refuse(option, "a number of bytes, like 4096 or 256K", text)
  end
end

-- A reader of whole numbers that are not below `least`.
function M.count_reader(option, least)
  return function(text)
    local number = text:match("^%d+$") and math.tointeger(tonumber(text))
    if number and number >= least then
      return number
    end
    return refuse(option, ("a whole number, %d or more"):format(least), text)
  end
end

return M
