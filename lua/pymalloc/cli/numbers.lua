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

-- A reader of whole numbers that are not below `least`, and not above `most` if it is given.
function M.count_reader(option, least, most)
  return function(text)
    local number = text:match("^%d+$") and math.tointeger(tonumber(text))
    if number and number >= least and number <= (most or number) then
      return number
    elseif most then
      return refuse(option, ("a whole number from %d to %d"):format(least, most), text)
    end
    return refuse(option, ("a whole number, %d or more"):format(least), text)
  end
end

-- A reader of the number of an interpreter.
function M.interpreter_reader(option)
  return M.count_reader(option, 0, 65535) -- TRACE_INTERPRETER_MAX
end

return M
