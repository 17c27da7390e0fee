-- A slow and simple count of sizes, lifetimes and classes of a trace, with which specs compare
-- pymalloc.analyse.

local pymalloc = require "pymalloc"

local M = {}

-- The class of a size, or "raw".
local function class_of(size, geometry)
  if size == 0 or size > geometry.threshold then
    return "raw"
  end
  return (size + geometry.alignment - 1) // geometry.alignment
end

-- The bin of a value: 0 for 0, k for 2^(k-1) to 2^k - 1.
function M.bin(value)
  local bin = 0
  while value > 0 do
    value, bin = value >> 1, bin + 1
  end
  return bin
end

local function bump(counts, key, by)
  counts[key] = (counts[key] or 0) + (by or 1)
end

-- {=== The steps of a block

local steps = {}

function steps.born(sum, id, size, request)
  sum.live[id] = { size = size, born = request, clock = sum.allocated_bytes + size, resizes = 0,
    class = class_of(size, sum.geometry), placed = request }
  sum.births = sum.births + 1
  sum.allocated_bytes = sum.allocated_bytes + size
end

function steps.freed(sum, id, _, request)
  local block = sum.live[id]
  sum.live[id] = nil
  sum.deaths = sum.deaths + 1
  table.insert(sum.lifetimes, request - block.born)
  table.insert(sum.byte_lifetimes, sum.allocated_bytes - block.clock)
  bump(sum.joint, M.bin(block.size) .. " " .. M.bin(request - block.born))
  sum.freed_bytes = sum.freed_bytes + block.size
  bump(sum.chains, block.resizes)
end

-- CPython's rule for a block in a pool.
local function stays(block, size, alignment)
  local room = block.class * alignment
  return size <= room and 4 * size > 3 * room
end

function steps.resized(sum, id, size)
  local block = sum.live[id]
  if size > block.size then
    sum.allocated_bytes = sum.allocated_bytes + size - block.size
  else
    sum.freed_bytes = sum.freed_bytes + block.size - size
  end
  if block.class == "raw" then
    bump(sum.places, "raw")
  elseif stays(block, size, sum.geometry.alignment) then
    bump(sum.places, "in place")
  else
    bump(sum.places, "moved")
    sum.moved_bytes = sum.moved_bytes + math.min(size, block.class * sum.geometry.alignment)
    bump(sum.moved_away, block.class)
    block.class = class_of(size, sum.geometry)
    bump(sum.class_blocks, block.class)
  end
  block.size, block.resizes = size, block.resizes + 1
  sum.longest_chain = math.max(sum.longest_chain, block.resizes)
end

-- Returns the step that a request makes; nil for one that changes nothing.
local function step_of(sum, operation, id, size)
  if operation == "free" then
    return sum.live[id] and "freed"
  elseif size < 0 then -- 2^63 or more
    return nil
  end
  return sum.live[id] and "resized" or "born"
end

local function sum_live(sum)
  local blocks, bytes = 0, 0
  for _, block in pairs(sum.live) do
    blocks, bytes = blocks + 1, bytes + block.size
  end
  return blocks, bytes
end

--- Counts a trace with classes of a geometry { alignment =, threshold = }.
function M.count(trace, geometry)
  local sum = { geometry = geometry, live = {}, births = 0, deaths = 0, allocated_bytes = 0,
    freed_bytes = 0, requested_bytes = 0, requests = 0, lifetimes = {}, byte_lifetimes = {},
    joint = {}, chains = {}, places = {}, moved_away = {}, class_blocks = {}, sizes = {},
    curve_blocks = {}, curve_bytes = {}, request_sizes = {},
    moved_bytes = 0, longest_chain = 0 }
  for operation, id, size, count in pymalloc.trace.each(trace) do
    if id then
      sum.requests = sum.requests + 1
      size = operation == "calloc" and size * count or size
      local step = step_of(sum, operation, id, size)
      if step and step ~= "freed" then
        bump(sum.sizes, size)
        table.insert(sum.request_sizes, size)
        sum.requested_bytes = sum.requested_bytes + size
      end
      if step then
        steps[step](sum, id, size, sum.requests)
      end
      if step == "born" then
        bump(sum.class_blocks, sum.live[id].class)
      end
      sum.curve_blocks[sum.requests], sum.curve_bytes[sum.requests] = sum_live(sum)
    end
  end
  return sum
end

--- The value that `percent` of the numbers do not exceed.
function M.quantile(numbers, percent)
  local sorted = table.move(numbers, 1, #numbers, 1, {})
  table.sort(sorted)
  return sorted[(#sorted * percent + 99) // 100] or 0
end

--- A random trace of mallocs, callocs, reallocs and frees.
function M.random(seed, requests)
  math.randomseed(seed)
  local lines, live, next_id = {}, {}, 1
  local function size()
    local kind = math.random(8)
    return kind == 1 and math.random(0, 3000) or kind == 2 and 0 or math.random(1, 600)
  end
  for i = 1, requests do
    local kind = math.random(10)
    if kind <= 4 or #live == 0 then
      lines[i] = kind == 1 and ("c %d %d 3"):format(next_id, size()) or
        ("%s %d %d"):format(kind == 2 and "r" or "a", next_id, size())
      table.insert(live, next_id)
      next_id = next_id + 1
    elseif kind <= 7 then
      lines[i] = "f " .. table.remove(live, math.random(#live))
    elseif kind == 8 then
      lines[i] = "f " .. (1000000 + i)
    else
      lines[i] = ("r %d %d"):format(live[math.random(#live)], size())
    end
  end
  return assert(pymalloc.trace.parse(table.concat(lines, "\n") .. "\n"))
end

return M
