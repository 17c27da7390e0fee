-- Readers of the numbers that options take. Each returns the number, or nil and
-- a message.

local M = {}

local units = { [""] = 0, K = 10, M = 20, G = 30 }

local function refuse(option, expected, got)
  return nil, ("option '%s' takes %s, got '%s'"):format(option, expected, got)
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
