-- Coroutines, whose stacks are made, grown and freed; and tables that grow from
-- empty, each of which Lua reallocates several times.
local function range(n)
  return coroutine.wrap(function()
    for i = 1, n do
      coroutine.yield(i)
    end
  end)
end

local function deep(n)
  return n == 0 and 0 or 1 + deep(n - 1)
end

local total = 0
for i = 1, 200000 do
  for value in range(i % 5 + 1) do
    total = total + value
  end
end
for _ = 1, 10000 do
  total = total + coroutine.wrap(deep)(150)
end
for _ = 1, 5000 do
  local grown, names = {}, {}
  for i = 1, 300 do
    grown[i] = i
    names["k" .. i % 100] = i
  end
  total = total + #grown + (names.k99 and 1 or 0)
end
assert(total == 1400000 + 10000 * 150 + 5000 * 301)
