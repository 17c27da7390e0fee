-- Closures: functions with upvalues of their own, which are composed and called.
local function counter(step)
  local value = 0
  return function()
    value = value + step
    return value
  end
end

local function compose(f, g)
  return function(x)
    return f(g(x))
  end
end

local total = 0
for i = 1, 1000000 do
  local next_value = counter(i % 7)
  next_value()
  total = total + next_value()
end
for _ = 1, 12000 do
  local f = function(x) return x + 1 end
  for _ = 1, 20 do
    f = compose(f, function(x) return x + 1 end)
  end
  total = total + f(0)
end
assert(total == 5999996 + 12000 * 21)
