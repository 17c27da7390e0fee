--- Traces of programs that do not exist, made from a seed by a fixed rule.
--
--     local workload = require "pymalloc.lesson.workload"
--     local trace = workload.trace(7)
--     local cost = workload.cost(trace, { profile = "3.11" })
--
-- The rule: a program has five phases. In each phase it makes 8000 objects of
-- four sizes from 16 to 512 bytes, of which small ones are more likely. The
-- objects form lots of 100 that were made one after another. At the end of a
-- phase the program frees nine of ten lots, old or new. After the last phase it
-- frees nine of ten lots once more.

local pymalloc = require "pymalloc"

local M = {}

local PHASES, OBJECTS, LOT_OBJECTS, SIZES, KEPT_OF = 5, 8000, 100, 4, 10
local LEAST, MOST = 16, 512

local STOPS, CALL_BYTES = 100, 4096

-- A generator of pseudo-random numbers from 0 to 1, the same for a seed.
local function dice(seed)
  local state = seed * 2654435761 % (1 << 31)
  return function()
    state = (state * 1103515245 + 12345) % (1 << 31)
    return (state >> 8) / (1 << 23)
  end
end

local function draw_sizes(throw)
  local sizes = {}
  for i = 1, SIZES do
    sizes[i] = LEAST + math.floor((MOST - LEAST) * throw() ^ 3)
  end
  return sizes
end

-- Adds the frees of nine of ten lots, in a random order.
local function drop(lines, lots, throw)
  for _ = 1, #lots - #lots // KEPT_OF do
    local lot = table.remove(lots, 1 + math.floor(#lots * throw()))
    for id = lot, lot + LOT_OBJECTS - 1 do
      table.insert(lines, "f " .. id)
    end
  end
end

--- The trace of a program.
function M.trace(seed)
  local throw = dice(seed)
  local lines, lots, id = {}, {}, 1
  for _ = 1, PHASES do
    local sizes = draw_sizes(throw)
    for _ = 1, OBJECTS // LOT_OBJECTS do
      table.insert(lots, id)
      for _ = 1, LOT_OBJECTS do
        table.insert(lines, ("a %d %d"):format(id, sizes[1 + math.floor(SIZES * throw())]))
        id = id + 1
      end
    end
    drop(lines, lots, throw)
  end
  drop(lines, lots, throw)
  return assert(pymalloc.trace.parse(table.concat(lines, "\n") .. "\n"))
end

--- The bytes of a heap while a trace runs on it, at evenly spaced stops.
-- @param stops the number of stops; 100 by default
-- @return an array of tables: requests = number of requests done, held = bytes of all
-- arenas, used = bytes of all live blocks; and the number of arenas obtained in total
function M.curve(trace, options, stops)
  local run = assert(pymalloc.replay(trace, options))
  local curve = {}
  stops = stops or STOPS
  for i = 1, stops do
    assert(run:seek(run.length * i // stops))
    local stats = run.heap:stats()
    curve[i] = { requests = run.op, held = stats.arena_bytes, used = stats.allocated_bytes }
  end
  return curve, run.heap:stats().arenas_allocated_total
end

--- The cost of a geometry for a trace: the average number of bytes in arenas, and
-- 4096 more for each arena obtained, which stand for the call to the system.
-- @return the cost in bytes, the average, and the number of arenas obtained
function M.cost(trace, options)
  local curve, arenas = M.curve(trace, options)
  local sum = 0
  for _, stop in ipairs(curve) do
    sum = sum + stop.held
  end
  local mean = sum // #curve
  return mean + arenas * CALL_BYTES, mean, arenas
end

return M
