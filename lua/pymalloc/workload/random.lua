-- Pseudo-random integers, the same for a seed on every machine: xoshiro256**, whose state
-- splitmix64 makes of the seed. There are no floats, and Lua's integers of 64 bits wrap around
-- everywhere alike.
--
-- A draw from n values takes the upper 32 bits of a number, times n, divided by 2^32: each
-- value has its share of 2^32, rounded.

local M = {}

local function splitmix(seed)
  return function()
    seed = seed + 0x9e3779b97f4a7c15
    local mixed = (seed ~ (seed >> 30)) * 0xbf58476d1ce4e5b9
    mixed = (mixed ~ (mixed >> 27)) * 0x94d049bb133111eb
    return mixed ~ (mixed >> 31)
  end
end

--- A generator: a function that returns the next 32 bits, as an integer from 0.
function M.new(seed)
  local mix = splitmix(seed)
  local a, b, c, d = mix(), mix(), mix(), mix()
  return function()
    local five = b * 5
    local result = ((five << 7) | (five >> 57)) * 9
    local shifted = b << 17
    c = c ~ a
    d = d ~ b
    b = b ~ c
    a = a ~ d
    c = c ~ shifted
    d = (d << 45) | (d >> 19)
    return result >> 32
  end
end

--- An integer from 0 to count - 1, for a count up to 2^31.
function M.below(random, count)
  return random() * count >> 32
end

--- An integer from least to most.
function M.between(random, least, most)
  return least + (random() * (most - least + 1) >> 32)
end

--- An integer, 1 or more, that is distributed exponentially with that mean, up to 2^30. It is
-- made by von Neumann's method, which only compares: a number counts if the run of ever smaller
-- numbers that follows it is of even length, counted from itself, and otherwise 1 is added.
function M.exponential(random, mean)
  local whole = 0
  while true do
    local first = random()
    local last, length = first, 0
    repeat
      local next_one = random()
      local is_less = next_one < last
      last, length = next_one, length + 1
    until not is_less
    if length % 2 == 1 then
      return 1 + whole * mean + (first * mean >> 32)
    end
    whole = whole + 1
  end
end

--- A function that draws the number i, from 1, with a weight of weights[i]: integers, up to
-- 2^31 together.
function M.weighted(weights)
  local sums, sum = {}, 0
  for i, weight in ipairs(weights) do
    sum = sum + weight
    sums[i] = sum
  end
  return function(random)
    local wanted = random() * sum >> 32
    local low, high = 1, #sums
    while low < high do
      local middle = (low + high) // 2
      if wanted < sums[middle] then
        high = middle
      else
        low = middle + 1
      end
    end
    return low
  end
end

--- The same by Zipf's law: i is drawn with a weight of 1/i, up to `most`.
function M.zipf(most)
  local weights = {}
  for i = 1, most do
    weights[i] = (1 << 24) // i
  end
  return M.weighted(weights)
end

return M
