-- Bounds the number of points of a line. The range of x is divided in COLUMNS equal parts; of
-- the points in a part, the first, the lowest, the highest and the last are kept, so that a
-- picture of COLUMNS pixels looks the same, and no peak is lost.

local M = {}

M.COLUMNS = 400
M.POINTS = 4 * M.COLUMNS -- the most points of a reduced line
M.FEW = 2 * M.COLUMNS -- up to this many points, all are kept

-- Adds the points of some numbers, in their order; a number may be there twice.
local function add_points(points, xs, ys, ...)
  local numbers = { ... }
  table.sort(numbers)
  for i, number in ipairs(numbers) do
    if number ~= numbers[i - 1] then
      table.insert(points, { x = xs[number], y = ys[number] })
    end
  end
end

-- Adds the kept points of one part, from number `from` up to the last whose x is below `limit`;
-- false where all values are missing. Returns the next number.
local function add_part(points, xs, ys, count, from, limit)
  local first, last, lowest, highest
  local low, high = math.huge, -math.huge
  local i = from
  while i <= count and xs[i] < limit do
    local y = ys[i]
    if y then
      first, last = first or i, i
      if y < low then
        low, lowest = y, i
      end
      if y > high then
        high, highest = y, i
      end
    end
    i = i + 1
  end
  if first then
    add_points(points, xs, ys, first, lowest, highest, last)
  elseif i > from and points[#points] then
    table.insert(points, false)
  end
  return i
end

local function all_points(xs, ys, count)
  local points = {}
  for i = 1, count do
    if ys[i] then
      table.insert(points, { x = xs[i], y = ys[i] })
    elseif points[#points] then
      table.insert(points, false)
    end
  end
  return points
end

--- Points { x =, y = } of a line whose x ascend, with false where the line is interrupted: where
-- y is false or nil. The second result is true if some points were left out.
-- @param x_axis the axis, which has all x
function M.line(xs, ys, count, x_axis)
  if count <= M.FEW then
    return all_points(xs, ys, count), false
  end
  local points, from = {}, 1
  for column = 1, M.COLUMNS do
    local limit = column < M.COLUMNS and x_axis:value(column / M.COLUMNS) or math.huge
    from = add_part(points, xs, ys, count, from, limit)
  end
  return points, true
end

return M
