--- Real allocators: a trace is replayed in a new process on the allocator of that process, and
-- its resident bytes are read along the way.
--
--     local result = pymalloc.real.replay("@json", "jemalloc")
--     print(result.total_peak, result.total_end, result.total_trimmed)
--
-- The process makes the requests of the trace, and writes to one byte in each page that a block
-- covers. The bytes are those of anonymous pages (/proc/self/smaps_rollup: Anonymous and Swap
-- without LazyFree), less those that the process had before the first request. The trace, the
-- table of blocks and the results are in shared memory, which is not counted. The pages
-- of an allocator that maps shared memory for blocks are not counted either: its results are too
-- small.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local events = require "pymalloc.event"
local known = require "pymalloc.real.known"
local message = require "pymalloc.real.message"
local preloaded = require "pymalloc.preloaded"
local sorted_keys = require "pymalloc.sorted_keys"
local trace = require "pymalloc.trace"

local M = {}

local LIBC, LIBRARY, CPYTHON = 0, 1, 2
local touches = { pages = 0, all = 1, none = 2 }

local defaults = { samples = 200, touch = "pages", huge_pages = false, timeout = 600,
  interpreter = 0, environment = {} }

-- {=== Options

local function refuse(format, ...)
  check.refuse("real", format, ...)
end

local function check_environment(given)
  if type(given) ~= "table" then
    refuse("environment must be a table, got %s", core.describe(given))
  end
  for name, value in pairs(given) do
    if type(name) ~= "string" or not name:find("^[%a_][%w_]*$") then
      refuse("environment has a variable whose name is %s", check.quote(name))
    elseif type(value) ~= "string" or value:find("\0", 1, true) then
      refuse("environment: the value of %s must be a string without zero bytes, got %s", name,
        core.describe(value))
    end
  end
end

--- Checks options, and fills in the defaults. A wrong option raises a message.
-- @local
function M.options(given)
  if given ~= nil and type(given) ~= "table" then
    refuse("options must be a table, got %s", core.describe(given))
  end
  check.keys("real", "option", given or {}, sorted_keys(defaults))
  local options = setmetatable({}, { __index = defaults })
  for name, value in pairs(given or {}) do
    options[name] = value
  end
  check.integer("real", "samples", options.samples, 1, 1000000)
  check.integer("real", "timeout", options.timeout, 1, 1000000)
  if not touches[options.touch] then
    refuse("touch must be 'pages', 'all' or 'none', got %s", core.describe(options.touch))
  elseif type(options.huge_pages) ~= "boolean" then
    refuse("huge_pages must be a boolean, got %s", core.describe(options.huge_pages))
  end
  check_environment(options.environment)
  return options
end

-- {=== Commands

-- Variables of the environment that would change which allocator serves the process.
local unset = { "LD_PRELOAD", "PYTHONMALLOC", "PYTHONMALLOCSTATS", "PYTHONPATH", "PYTHONHOME",
  "PYTHONSTARTUP" }

local function words_of(variables, command, environment)
  local words = { "env" }
  for _, name in ipairs(unset) do
    table.insert(words, "-u")
    table.insert(words, name)
  end
  for name, value in pairs(environment) do
    table.insert(words, name .. "=" .. value)
  end
  table.insert(words, "PYMALLOC_REAL=" .. core.real.PLAN_FILE)
  table.move(variables, 1, #variables, #words + 1, words)
  return table.move(command, 1, #command, #words + 1, words)
end

local CALL = "import ctypes, os; ctypes.PyDLL(os.environ['PYMALLOC_REAL_LIBRARY'])"
  .. ".pymalloc_real_replay()"

local function python_words(real, python, environment)
  return words_of({ "PYMALLOC_REAL_LIBRARY=" .. real, "PYTHONMALLOC=pymalloc" },
    { python, "-S", "-s", "-c", CALL }, environment)
end

-- The library real.so comes first: the constructors of libraries that are preloaded run in
-- the order from the last to the first.
local function library_words(real, library, environment)
  -- a function that is looked up at its first call makes the stack grow
  return words_of({ "LD_BIND_NOW=1", "LD_PRELOAD=" .. real .. (library and ":" .. library or "") },
    { "sh", "-c", ":" }, environment)
end

-- {=== Running

local function run(loaded, kind, words, options)
  return core.real.run(loaded, words, kind, touches[options.touch], options.huge_pages,
    options.samples, options.timeout)
end

-- Runs the trace on the first library of a list that can be loaded.
local function run_library(loaded, real, one, options)
  local outcome, problem
  for _, name in ipairs(one.libraries) do
    local link <close>, failure = preloaded.link(name)
    if not link then
      return nil, failure
    end
    local words = library_words(real.path, link.path, options.environment)
    outcome, problem = run(loaded, LIBRARY, words, options)
    if not outcome or outcome.is_begun or outcome.ended ~= "exit" or outcome.code ~= 0 then
      break
    end
  end
  return outcome, problem
end

local function run_one(loaded, real, one, options)
  if one.python then
    return run(loaded, CPYTHON, python_words(real.path, one.python, options.environment), options)
  elseif one.libraries then
    return run_library(loaded, real, one, options)
  end
  return run(loaded, LIBC, library_words(real.path, nil, options.environment), options)
end

-- The outcome of a replay on what the table `one` says; or nil and a message.
local function outcome_of(loaded, one, options)
  if one.problem then
    return nil, one.name .. ": " .. one.problem
  end
  local path, missing = preloaded.library("pymalloc.real")
  if not path then
    return nil, missing
  end
  local real <close>, problem = preloaded.link(path)
  if not real then
    return nil, problem
  end
  local outcome, failure = run_one(loaded, real, one, options)
  if not outcome then
    return nil, ("%s: the process cannot run: %s"):format(one.name, failure)
  elseif not outcome.is_done then
    return nil, message.of(one, outcome, options)
  end
  return outcome
end

-- {=== Results

local function mean(values, after, count, samples)
  local sum, number = 0, 0
  for i = 1, #values do
    -- the sample at the most live bytes is not one of those that are evenly spread
    if (after[i] * samples) % count < samples then
      sum, number = sum + values[i], number + 1
    end
  end
  return number > 0 and sum / number or 0
end

-- The place of the most resident bytes; of several, the first with the most live bytes.
local function peak(resident, live)
  local at = 1
  for i, bytes in ipairs(resident) do
    local most = resident[at]
    at = (bytes > most or bytes == most and live[i] > live[at]) and i or at
  end
  return at
end

local function result_of(one, outcome, options)
  local resident, live = outcome.resident, outcome.live
  local at, count = peak(resident, live), outcome.requests
  local samples = math.min(options.samples, count)
  return { allocator = one.name, library = outcome.library, source = outcome.source,
    trim = outcome.trim ~= "" and outcome.trim or nil, requests = count,
    refused = outcome.refused, baseline = outcome.baseline, seconds = outcome.seconds,
    page_faults = outcome.page_faults,
    total_peak = resident[at] or 0, total_live_peak = live[at] or 0,
    total_mean = mean(resident, outcome.after, count, samples),
    total_live_mean = mean(live, outcome.after, count, samples),
    total_end = resident[#resident] or 0, total_live_end = live[#live] or 0,
    total_trimmed = outcome.trim ~= "" and outcome.trimmed or nil,
    series = { requests = outcome.after, total = resident, total_live = live } }
end

--- The result of a replay of requests in memory.
-- @local
function M.measure(loaded, one, options)
  local outcome, problem = outcome_of(loaded, one, options)
  if not outcome then
    return nil, problem
  end
  return result_of(one, outcome, options)
end

-- {=== The functions of the module

local function open(given, options)
  if getmetatable(given) == "pymalloc.LoadedTrace" then
    return given
  end
  return trace.loaded(given, { interpreter = options.interpreter })
end

--- Replays a trace on a real allocator, in a process of its own.
--
-- A request for 0 bytes is made as one for 1 byte. Transparent huge pages are off in the
-- process, so that results do not depend on their setting. Variables of the environment that
-- tune an allocator, such as MALLOC_CONF, reach it; the option environment sets more.
-- @tparam string|pymalloc.Trace|pymalloc.LoadedTrace given a trace
-- @tparam string allocator glibc, jemalloc, mimalloc, tcmalloc; cpython, which is python3, or
-- one such as cpython3.12, by PyObject_Malloc; or the path of a library that has malloc,
-- calloc, realloc and free
-- @tparam[opt] table options samples: how often resident bytes are read, at evenly spread
-- requests, default 200 (once more after the request with the most live bytes); touch: "pages",
-- "all" (every byte of a block is written) or "none"; huge_pages: true leaves them on; timeout:
-- seconds after which the process is killed, default 600; environment: a table of variables
-- and values; interpreter: of a trace with several
-- @treturn table total_peak, total_mean, total_end: resident bytes; total_trimmed: after the
-- last request and the allocator's function that returns free memory, whose name is in trim
-- (nil: none is known); total_live_peak, total_live_mean, total_live_end: bytes requested and
-- live at the same moments; seconds: time of the processor for requests and writes;
-- page_faults; refused: requests that failed; baseline; library; source; series: arrays
-- requests, total and total_live; or nil and a message
-- @usage
-- local result = pymalloc.real.replay(trace, "glibc")
-- result.requests --> 3
function M.replay(given, allocator, options)
  options = events.checked(M.options, options)
  local one = events.checked(known.read, allocator)
  local loaded, problem = open(given, options)
  if not loaded then
    return nil, problem
  end
  local result, failure = M.measure(loaded, one, options)
  if loaded ~= given then
    loaded:close()
  end
  return result, failure
end

--- The allocators that replay knows by name.
-- @treturn table[] name; library: the file that has the allocator; or problem: the reason why a
-- trace cannot be replayed on it
-- @usage
-- pymalloc.real.allocators()[1].name --> glibc
function M.allocators()
  local list = {}
  local options = M.options()
  local loaded <close> = assert(trace.loaded(assert(trace.parse("a 1 8\nf 1\n"))))
  for i, name in ipairs(known.names) do
    local result, problem = M.measure(loaded, known.read(name), options)
    list[i] = { name = name, library = result and result.library, problem = problem }
  end
  return list
end

return M
