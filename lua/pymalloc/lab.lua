--- The laboratory: a simulator of allocators, and oracles, which compute how many bytes could be
-- saved.
--
-- The simulator places requests as an allocator of arenas, pools and blocks does, without
-- touching memory: addresses are numbers. Its parts are policies that are chosen by name. With
-- the policies of CPython, each block has the address that it has on the exact heap. An oracle
-- reads the whole trace before it places a block, which no allocator can do. The difference
-- between an allocator and an oracle is the number of bytes that could be saved.
--
--     local loaded = assert(pymalloc.trace.loaded "@json")
--     local exact = pymalloc.lab.simulate(loaded, { profile = "3.11" })
--     local other = pymalloc.lab.simulate(loaded, { profile = "3.11",
--       classes = { doubling = 8 }, next_arena = "lowest address" })
--     local least = pymalloc.lab.oracle(loaded, "lifetimes", { profile = "3.11" })
--     print(exact.held_peak, other.held_peak, least.held_peak)

local answers = require "pymalloc.lab.answer"
local best = require "pymalloc.lab.best_classes"
local core = require "pymalloc.core"
local designs = require "pymalloc.lab.design"
local events = require "pymalloc.event"
local oracles = require "pymalloc.lab.oracle"
local scores = require "pymalloc.lab.score"
local sources = require "pymalloc.experiment.sources"
local trace = require "pymalloc.trace"

local M = {}

local ALIGNMENT, THRESHOLD = 16, 512 -- those of CPython 3.8 and later
local CLASSES_MAX = 512

-- {=== The simulator

--- pymalloc.Design: the sizes and policies of an allocator, for the simulator. A field that is nil
-- has the value of the profile.
-- @tfield string profile the geometry that the design begins with; default "3.11"
-- @tfield integer alignment default distance of size classes, in bytes
-- @tfield table|function classes an array of block sizes, ascending; or { step = bytes }; or
-- { doubling = count }: `count` sizes from each power of two to the next; or a function of the
-- size of a request that returns the size of its block
-- @tfield integer threshold the largest request that pools serve, at most 65536
-- @tfield integer|integer[]|function pool_bytes the size of all pools; or an array with the size
-- for each class; or a function of the block size that returns the size of its pools
-- @tfield integer arena_bytes a power of two
-- @tfield integer arena_offset address of each arena modulo the pool size
-- @tfield integer header bytes at the start of a pool; 0: it is kept elsewhere
-- @tfield string|function next_block which block of a pool is served; or a function of a table
-- with free, class_bytes, capacity, live, address and requests that returns an element of free:
-- these are the numbers of the free blocks, from 0 in the order of addresses; the one that was
-- freed last is the first
-- @tfield string|function next_pool the pool of a class from which the next block is taken; or a
-- function of a table with class_bytes, capacity, live, address and requests that returns a number,
-- called when the pool gets or loses a block: the pool with the least number is the next
-- @tfield string|function next_arena the arena from which the next pool is taken; or a function
-- that returns a number, as for next_pool, of a table with slot, pools, free_pools, obtained (1 for
-- the first arena), arenas (the number held) and requests
-- @tfield string carving when the blocks of a pool are linked
-- @tfield string|function release when an arena without live blocks is released: "keep 3" keeps
-- three of them, "after 1000" waits 1000 requests; or a function that is called when an arena
-- becomes empty, with a table as for next_arena, and returns true to release the arena
-- @tfield integer cache the number of freed blocks that a cache in front of the pools keeps for
-- each class, last in, first out
-- @tfield integer seed of next_arena "random"
-- @tfield string name default: the profile and the fields that differ from it

--- The policies that a design can name.
-- @treturn table for each of next_block, next_pool, next_arena, carving and release, an array of
-- tables with name and sentence
-- @usage pymalloc.lab.policies().carving[1].name --> lazy
function M.policies()
  return core.lab.policies()
end

local function check_options(options)
  if type(options) ~= "table" then
    error("pymalloc: lab.simulate: options must be a table, got " .. core.describe(options), 0)
  end
  for name in pairs(options) do
    if name ~= "series" and name ~= "placements" then
      error(("pymalloc: lab.simulate: unknown option %s (allowed: placements, series)"):format(
        tostring(name)), 0)
    end
  end
  if options.placements ~= nil and type(options.placements) ~= "function" then
    error("pymalloc: lab.simulate: placements must be a function, got "
      .. core.describe(options.placements), 0)
  end
  return options
end

--- Simulates a design that pymalloc.lab.design has read.
-- @local
function M.run(loaded, design, options)
  local calls = design.functions
  return events.unplaced(core.lab.simulate, loaded, design, options.series or 0,
    options.placements, calls.next_pool, calls.next_arena, calls.next_block, calls.release)
end

--- Simulates a design on the requests of a trace.
-- @tparam pymalloc.LoadedTrace loaded
-- @tparam string|pymalloc.Design design the name of a profile, or a table
-- @tparam[opt] table options series: a number of points, for a table of held and live bytes over
-- the requests; placements: a function that is called with text, a line for each request, as
-- replay writes it
-- @treturn table the measures that pymalloc.experiment lists, except those of time; or nil, a
-- message and "ENOMEM"
-- @usage
-- local loaded = pymalloc.trace.loaded(trace)
-- local result = pymalloc.lab.simulate(loaded, { profile = "3.6", arena_bytes = 1 << 20 })
-- result.held_peak --> 1048576
function M.simulate(loaded, design, options)
  options = events.checked(check_options, options == nil and {} or options)
  design = events.checked(designs.read, design)
  local result, problem, kind = events.checked(M.run, loaded, design, options)
  return result, problem, kind
end

-- The requests of a loaded trace, a trace or a path, and whether they are to be closed; or nil
-- and a message.
local function requests_of(given)
  if getmetatable(given) == "pymalloc.LoadedTrace" then
    return given
  end
  local loaded, problem = trace.loaded(given)
  return loaded, loaded == nil and problem or true
end

-- Calls use(loaded) with the requests of `given`. Returns its results; or nil and a message.
local function with_requests(given, use)
  local loaded, opened = requests_of(given)
  if not loaded then
    return nil, opened
  end
  local results = table.pack(pcall(use, loaded))
  if opened then
    loaded:close()
  end
  if not results[1] then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

-- {=== Oracles

--- The bytes that an oracle holds. An oracle reads the whole trace before it places a block.
--
-- "live" counts the bytes that are live: no allocator holds less. With the granularity "arenas"
-- they are counted in whole arenas, which is a bound for allocators that hold whole arenas of
-- that size; with "pools", in pools of each size class and in whole arenas, which is a bound for
-- allocators with these classes, pools and arenas.
--
-- "lifetimes" uses the time at which each block is freed, and puts blocks that are freed at about
-- the same time into the same pools and arenas. It gives each block an address, so an allocator
-- that had this information could hold as little. It is a heuristic: a better placement may exist.
-- @tparam pymalloc.LoadedTrace|pymalloc.Trace|string given the requests, a trace or a path
-- @tparam string which "live" or "lifetimes"
-- @tparam[opt] table options granularity ("bytes", the default; "arenas" or "pools"); profile,
-- alignment, threshold, pool_bytes, arena_bytes and arena_offset: the geometry; series: the
-- number of points of the curves; placements: true for the field placements
-- @treturn table the measures of pymalloc.experiment by name; series; placements: for each
-- request that pools serve the address of its block, as a number, and 0 for each other one; or
-- nil and a message
-- @usage
-- local least = pymalloc.lab.oracle(trace, "live")
-- least.held_peak --> 64
-- local placed = pymalloc.lab.oracle(trace, "lifetimes", { profile = "classroom" })
-- placed.held_peak --> 1024
-- placed.waste_unused --> 512
function M.oracle(given, which, options)
  local ok, checked = pcall(oracles.read, which, options or {}, { "series", "placements" })
  if not ok then
    error(checked, 2)
  end
  return with_requests(given, function(loaded)
    return oracles.run(checked, loaded, options or {})
  end)
end

-- {=== Classes

local function check_number(name, value, least, most)
  if math.type(value) ~= "integer" or value < least or value > most then
    error(("pymalloc: lab.best_classes: %s must be an integer from %d to %d, got %s"):format(name,
      least, most, core.describe(value)), 3)
  end
end

local function check_class_options(k, options)
  check_number("k", k, 1, CLASSES_MAX)
  check_number("alignment", options.alignment, 1, 4096)
  check_number("threshold", options.threshold, options.alignment,
    options.alignment * CLASSES_MAX)
  if options.weight ~= "requests" and options.weight ~= "peak" then
    error(("pymalloc: lab.best_classes: weight must be 'requests' or 'peak', got %s"):format(
      core.describe(options.weight)), 3)
  end
end

local function read_class_options(given)
  local options = { alignment = ALIGNMENT, threshold = THRESHOLD, weight = "requests" }
  for name, value in pairs(given or {}) do
    if options[name] == nil then
      error(("pymalloc: lab.best_classes: unknown option %s (allowed: alignment, threshold, "
        .. "weight)"):format(tostring(name)), 3)
    end
    options[name] = value
  end
  return options
end

local function sum_of(counts)
  local count, bytes = 0, 0
  for size, number in pairs(counts) do
    count, bytes = count + number, bytes + number * size
  end
  return count, bytes
end

--- The k size classes with which the fewest bytes of a trace are wasted by rounding up. The result
-- is exact: no other k multiples of the alignment waste less. The last class is the largest
-- requested size that is not above the threshold, rounded up.
-- @tparam pymalloc.LoadedTrace|pymalloc.Trace|string given the requests, a trace or a path
-- @tparam integer k the number of classes
-- @tparam[opt] table options alignment (default 16): classes are multiples of it; threshold
-- (default 512): larger requests are left out; weight: "requests" (the default) counts the
-- bytes wasted by all requests, "peak" those wasted when the most bytes are live
-- @treturn table classes: an array of at most k sizes; waste: the bytes that they waste;
-- requests and requested: the number of requests or live blocks, and their bytes; weight;
-- profiles: a table with the fields "3.6" and "3.11", the bytes that the classes of these profiles,
-- which are 8 and 16 bytes apart, waste for the same sizes; or nil and a message
-- @usage
-- local found = pymalloc.lab.best_classes(trace, 1, { alignment = 8 })
-- found.classes --> { 40 }
-- found.waste --> 16
-- found.profiles["3.11"] --> 16
function M.best_classes(given, k, options)
  options = read_class_options(options)
  check_class_options(k, options)
  return with_requests(given, function(loaded)
    local counted = core.size_counts(loaded, options.threshold)
    local counts = options.weight == "peak" and counted.live or counted.requests
    local classes, waste = best.find(best.steps(counts, options.alignment), k)
    local count, bytes = sum_of(counts)
    return { classes = classes, waste = waste, requests = count, requested = bytes,
      weight = options.weight, profiles = { ["3.6"] = best.linear_waste(counts, 8),
        ["3.11"] = best.linear_waste(counts, 16) } }
  end)
end

-- {=== Scores

-- Reads an answer: the path of a file, or the table of a design.
local function read_answer(given)
  if type(given) == "string" then
    return answers.read(given)
  elseif type(given) ~= "table" then
    error(("pymalloc: lab.score: answer must be the path of a file or a table, got %s"):format(
      core.describe(given)), 0)
  end
  return answers.of_table(given)
end

local function check_traces(traces)
  if type(traces) ~= "table" or #traces == 0 then
    error(("pymalloc: lab.score: traces must be an array with at least one element, got %s")
      :format(type(traces) == "table" and "an empty table" or core.describe(traces)), 0)
  end
  for _, given in ipairs(traces) do
    sources.check(given)
  end
end

--- The score of an answer: a design that holds little and obtains arenas rarely. It is
-- 0.6 * utilisation + 0.4 * (1 - traffic). The utilisation is live_mean / held_mean. The traffic
-- is the number of arenas obtained, divided by the number that a baseline obtains, and at most 1;
-- the baseline is profile 3.11 with arenas of two pools (32,768 bytes), which are released at
-- once. An answer must serve the requests of 1 to 512 bytes from its pools, and no others.
--
-- An answer in a file is a Lua text that returns the table of a design. It runs in a sandbox:
-- with the functions of math, string and table, without those that reach files or the system,
-- and with limits on steps, memory and time. It may run 10,000,000 steps of Lua until it returns;
-- its policies may run 10,000,000 steps and 1,000 more for each request of the trace.
-- @tparam string|pymalloc.Design answer path of a file, or a design
-- @tparam table traces an array of traces or paths
-- @treturn table score, utilisation and traffic: the means over the traces; traces: an array of
-- tables with the fields trace, requests, score, utilisation, traffic, held_mean, live_mean,
-- arenas_obtained and baseline_obtained; design: its name; answer: the hash of the file, 16
-- hexadecimal digits, nil for a table; or nil and a message
-- @usage
-- local result = pymalloc.lab.score({ profile = "3.11" }, { "@startup" })
-- result.traces[1].arenas_obtained --> 2
-- result.traces[1].baseline_obtained --> 51
-- result.score > 0.5 --> true
function M.score(answer, traces)
  local ok, read, problem = pcall(function()
    check_traces(traces)
    return read_answer(answer)
  end)
  if not ok then
    error(read, 2)
  elseif not read then
    return nil, problem
  end
  return scores.score(read, traces)
end

return M
