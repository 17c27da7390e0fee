-- Sets the parameters of Lua's collector, which Lua 5.4 and 5.5 name differently.

local M = {}

-- The values that Lua 5.4 begins with. It does not tell the present ones.
local DEFAULTS <const> = { pause = 200, stepmul = 100, stepsize = 1 << 13 }

-- Lua 5.4 takes the binary logarithm of the size of a step.
local function set_54(values)
  local step = 0
  while 1 << step < values.stepsize do
    step = step + 1
  end
  collectgarbage("incremental", values.pause, values.stepmul, step)
end

local function set_55(values)
  for name, value in pairs(values) do
    values[name] = collectgarbage("param", name, value)
  end
  return values
end

-- Puts the collector into incremental mode with these values of pause, stepmul and stepsize
-- (a percentage, a percentage, bytes); those that are nil are the defaults. Lua 5.4 takes a pause
-- of 0 as the present one, which is the default. Returns a function that puts it back.
function M.incremental(pause, stepmul, stepsize)
  local mode = collectgarbage("incremental")
  local values = { pause = pause, stepmul = stepmul, stepsize = stepsize }
  if _VERSION == "Lua 5.4" then
    set_54(setmetatable(values, { __index = DEFAULTS }))
    return function()
      set_54(DEFAULTS)
      collectgarbage(mode)
    end
  end
  local old = set_55(values)
  return function()
    set_55(old)
    collectgarbage(mode)
  end
end

-- Calls action() at every cycle of the collector while body() runs. Returns the number of calls.
function M.each_cycle(action, body)
  local count, is_over = 0, false
  local function again()
    if not is_over then
      setmetatable({}, { __gc = again })
      count = count + 1
      pcall(action)
    end
  end
  again()
  body()
  is_over = true
  return count
end

return M
