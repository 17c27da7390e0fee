-- Runs a list of requests on the allocator of a live CPython and on a heap, and
-- reports the first difference. CPython's allocator cannot be reset, so that each
-- list needs a process of its own:
--
--   lua5.4 bindings/python/beside_cpython.lua list BEHAVIOUR SEED COUNT OFFSET
--   lua5.4 bindings/python/beside_cpython.lua trace PATH OFFSET [RHYTHM]
--   lua5.4 bindings/python/beside_cpython.lua lines OFFSET
--
-- "list" runs a list of spec/support/requests.lua. "lines" reads a trace from
-- standard input; after each line it compares everything, checks all invariants and
-- prints "ok".
--
-- OFFSET is the distance of arenas from the alignment of pools; the arenas are then
-- placed side by side. With "mapped" CPython maps its arenas itself. The program
-- prints the numbers of comparisons as "name=count" words; or it prints the first
-- difference and fails.
local pymalloc = require "pymalloc"
local cpython = require "pymalloc.cpython"

local STOPS = 20 -- in a list: at each of them all headers are compared

-- {=== The two sides

local function open_sides(offset)
  local real = cpython.heap(math.tointeger(offset))
  return {
    real = real,
    heap = pymalloc.heap { profile = "3.11", arena_offset = real.arena_offset },
    is_placed = offset ~= "mapped",
    addresses = {}, -- id -> block of CPython
    buffers = {},   -- id -> block of the heap
    counts = { requests = 0, addresses = 0, headers = 0, stops = 0 },
  }
end

local function differ(sides, what, real, ours)
  io.stdout:write(("at request %d, %s: CPython has\n%s\nthe heap has\n%s\n"):format(
    sides.counts.requests, what, real, ours))
  os.exit(1)
end

local function same(sides, what, real, ours)
  if real ~= ours then
    differ(sides, what, tostring(real), tostring(ours))
  end
end

local function place_text(place)
  return place and ("%d:%d:%d"):format(place.arena, place.pool, place.offset) or "L"
end

-- Compares the results of a request: the same place, or NULL on both sides.
local function answered(sides, id, address, buffer)
  local real = address and place_text(sides.real:locate(address)) or "NULL"
  local ours = buffer and place_text(buffer:location()) or "NULL"
  sides.counts.addresses = sides.counts.addresses + 1
  same(sides, "the place of block " .. id, real, ours)
  if address then
    sides.addresses[id], sides.buffers[id] = address, buffer
  end
end

-- {=== Requests, by the letter of their line in a trace

local run = {}

function run.a(sides, id, size)
  answered(sides, id, sides.real:malloc(size), (sides.heap:malloc(size)))
end

-- heap:calloc raises an error for a product above PTRDIFF_MAX; it counts as NULL here.
function run.c(sides, id, count, size)
  local address = sides.real:calloc(count, size)
  local is_possible = size == 0 or count <= math.maxinteger // size
  answered(sides, id, address, is_possible and sides.heap:calloc(count, size) or nil)
end

function run.r(sides, id, size)
  local old = sides.buffers[id]
  if not old then
    return run.a(sides, id, size)
  end
  answered(sides, id, sides.real:realloc(sides.addresses[id], size),
    (sides.heap:realloc(old, size)))
end

function run.f(sides, id)
  local buffer = sides.buffers[id]
  if buffer then
    sides.real:free(sides.addresses[id])
    sides.heap:free(buffer)
    sides.addresses[id], sides.buffers[id] = nil, nil
  end
end

local function request(sides, op, ...)
  if op == "x" then
    local count = ... >= 0 and ... or nil
    sides.real:allow_arenas(count)
    sides.heap:allow_arenas(count)
  else
    sides.counts.requests = sides.counts.requests + 1
    run[op](sides, ...)
  end
end

-- {=== Stops: all that can be read of both sides is compared

local function first_difference(real, ours)
  local lines = ours:gmatch("[^\n]*")
  for line in real:gmatch("[^\n]*") do
    local other = lines()
    if line ~= other then
      return line, other or "(nothing)"
    end
  end
  return "(nothing)", lines() or "(nothing)"
end

local function same_text(sides, what, real, ours)
  if real ~= ours then
    differ(sides, what, first_difference(real, ours))
  end
end

-- Compares the eight fields and the free chain of each pool header, and the counts of arenas.
local function stop(sides)
  local real, count = sides.real:headers()
  same_text(sides, "headers", real, (cpython.headers(sides.heap, sides.is_placed)))
  local arenas, stats = sides.real:counts(), sides.heap:stats()
  same(sides, "arenas obtained", arenas.obtained, stats.arenas_allocated_total)
  same(sides, "arenas released", arenas.released, stats.arenas_reclaimed)
  sides.counts.headers = sides.counts.headers + count
  sides.counts.stops = sides.counts.stops + 1
  sides.counts.released = arenas.released
end

local function report(heap)
  return (heap:debugmallocstats():gsub("\narena map counts.*", ""))
end

local function finish(sides)
  stop(sides)
  same_text(sides, "report", sides.real:debugmallocstats(), report(sides.heap))
  assert(sides.heap:check())
  local words = {}
  for name, count in pairs(sides.counts) do
    table.insert(words, name .. "=" .. count)
  end
  table.sort(words)
  print(table.concat(words, " "))
end

-- {=== Where requests come from

local sources = {}

-- Runs a list of the generator that the specs use.
function sources.list(behaviour, seed, count, offset)
  local requests = require "spec.support.requests"
  local sides = open_sides(offset)
  local list = requests.list(behaviour, math.tointeger(seed), math.tointeger(count),
    sides.heap.geometry)
  local rhythm = #list // STOPS
  for i, one in ipairs(list) do
    request(sides, table.unpack(one))
    if i % rhythm == 0 then
      stop(sides)
    end
  end
  finish(sides)
end

local function numbers(line)
  local _, first, second, third = line:match("^(%S+)%s*(%S*)%s*(%S*)%s*(%S*)")
  return math.tointeger(first), math.tointeger(second), math.tointeger(third)
end

function sources.trace(path, offset, rhythm)
  local sides = open_sides(offset)
  local pipe <close> = assert(io.popen("xz -dc -- '" .. path .. "'"))
  rhythm = math.tointeger(rhythm) or 50000 -- requests between two stops
  for line in pipe:lines() do
    local op = line:match("^[acrfx]")
    if op then
      request(sides, op, numbers(line))
      if sides.counts.requests % rhythm == 0 then
        stop(sides)
      end
    end
  end
  finish(sides)
end

function sources.lines(offset)
  local sides = open_sides(offset)
  io.stdout:setvbuf("line")
  for line in io.lines() do
    request(sides, line:match("^[acrfx]"), numbers(line))
    stop(sides)
    assert(sides.heap:check())
    print("ok")
  end
  finish(sides)
end

sources[arg[1]](table.unpack(arg, 2))
