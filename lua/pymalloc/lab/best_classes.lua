-- The best size classes for a trace, by dynamic programming over the sizes that it requests.
--
-- A request of s bytes wastes c - s bytes in the least class c that is not below s. Classes are
-- multiples of the alignment. In a best choice each class is the rounded size of a request: a
-- class without such a size could be lowered to the next one that has. So the sizes
-- are merged to `steps`, one for each multiple of the alignment that a size rounds up to:
--
--     step    c        count   requested
--     1       16          20         240      sizes 1 to 16
--     2       32           7         201      sizes 17 to 32
--     3       64           1          60      sizes 49 to 64
--
-- The least waste of the steps 1 to j with k classes, of which step j is the last, is the least,
-- over the last step i of the class before, of that of 1 to i with k - 1 classes plus that of
-- the steps i + 1 to j in the class of j.

local M = {}

--- The steps of a histogram, in ascending order, with running sums.
-- @param counts the number of requests by size
function M.steps(counts, alignment)
  local count_of, bytes_of, sizes = {}, {}, {}
  for size, count in pairs(counts) do
    local class = (size + alignment - 1) // alignment * alignment
    if not count_of[class] then
      count_of[class], bytes_of[class] = 0, 0
      table.insert(sizes, class)
    end
    count_of[class] = count_of[class] + count
    bytes_of[class] = bytes_of[class] + count * size
  end
  table.sort(sizes)
  local steps, count, bytes = { [0] = { count = 0, bytes = 0 } }, 0, 0
  for i, class in ipairs(sizes) do
    count, bytes = count + count_of[class], bytes + bytes_of[class]
    steps[i] = { class = class, count = count, bytes = bytes }
  end
  return steps
end

-- The waste of the steps after `first` up to `last`, in the class of `last`.
local function waste_of(steps, first, last)
  local low, high = steps[first], steps[last]
  return (high.count - low.count) * high.class - (high.bytes - low.bytes)
end

-- The least waste for each last step with one class more than `before` has, and the last step
-- of the class before.
local function add_class(steps, before)
  local least, from = {}, {}
  for last = 1, #steps do
    for first = 1, last - 1 do
      local waste = before[first] and before[first] + waste_of(steps, first, last)
      if waste and (not least[last] or waste < least[last]) then
        least[last], from[last] = waste, first
      end
    end
  end
  return least, from
end

--- At most k classes with the least waste.
-- @return the classes in ascending order, and the waste in bytes
function M.find(steps, k)
  if #steps == 0 then
    return {}, 0
  end
  k = math.min(k, #steps)
  local least, froms = {}, {}
  for last = 1, #steps do
    least[last] = waste_of(steps, 0, last)
  end
  for number = 2, k do
    least, froms[number] = add_class(steps, least)
  end
  local classes, last = {}, #steps
  for number = k, 1, -1 do
    classes[number] = steps[last].class
    last = froms[number] and froms[number][last]
  end
  return classes, least[#steps]
end

--- The waste of classes that are the multiples of an alignment.
-- @param counts the number of requests by size
function M.linear_waste(counts, alignment)
  local waste = 0
  for size, count in pairs(counts) do
    waste = waste + count * (-size % alignment)
  end
  return waste
end

return M
