--- Workloads: traces that are generated from a seed. A workload can be given wherever a trace
-- can. The same options and seed give the same requests on every machine.
--
--     local workload = pymalloc.workload
--     local w = workload.ramps { requests = 100000 } .. workload.storms { seed = 7 }
--     print(pymalloc.analyse(w))
--     pymalloc.trace.save(w, "ramps-and-storms.trace.xz")
--
-- Every generator takes requests (their number, default 100,000) and seed (an integer, default
-- 1). All options are integers; pymalloc.workload.names gives defaults and limits. Unless stated
-- otherwise, all sizes from least to most are equally likely.

local core = require "pymalloc.core"
local events = require "pymalloc.event"
local generators = require "pymalloc.workload.generators"
local like = require "pymalloc.workload.like"
local object = require "pymalloc.workload.object"
local options_module = require "pymalloc.workload.options"
local original = require "pymalloc.workload.original"
local random = require "pymalloc.workload.random"
local streams = require "pymalloc.workload.streams"
local traces = require "pymalloc.trace"

local check_integer, refuse = options_module.check_integer, options_module.refuse

local M = {}

--- pymalloc.Workload: a trace that is generated; `#w` is its number of requests, `a .. b` makes
-- the requests of a and then those of b, with a mark before each.
-- @tfield string name such as "uniform, seed 1"
-- @tfield integer requests their number
-- @tfield string text the requests, as the text of a trace; it is made when it is first read
local Workload = object.methods

-- {=== Generators

local function generate(what, given)
  local read = options_module.read(what, given)
  return object.new(options_module.name_with(what, read), read.requests, function()
    return streams.cut(generators[what].begin(random.new(read.seed), read), read.requests)
  end)
end

--- Sizes from `least` to `most`, all equally likely; when more than `live` blocks are live, a
-- random one is freed.
-- @tparam[opt] table options requests, seed, least, most, live
-- @treturn pymalloc.Workload
-- @usage #pymalloc.workload.uniform { requests = 1000, live = 10 } --> 1000
function M.uniform(options)
  return (events.checked(generate, "uniform", options))
end

--- Lifetimes of an exponential distribution, `mean` requests on average.
-- @tparam[opt] table options requests, seed, least, most, mean
-- @treturn pymalloc.Workload
-- @usage pymalloc.workload.exponential { mean = 100 }.name --> exponential, mean 100, seed 1
function M.exponential(options)
  return (events.checked(generate, "exponential", options))
end

--- Sizes of `step`, 2 `step` ... `steps` `step` bytes and lifetimes of 1 to `longest` requests,
-- both by Zipf's law: the i-th is drawn with a weight of 1/i.
-- @tparam[opt] table options requests, seed, step, steps, longest
-- @treturn pymalloc.Workload
-- @usage #pymalloc.workload.zipf { requests = 10 } --> 10
function M.zipf(options)
  return (events.checked(generate, "zipf", options))
end

--- Blocks with the sizes and lifetimes of the built-in traces of CPython: pairs of size and
-- lifetime are drawn with the average of their shares in the two traces. Rare pairs are left out.
-- @tparam[opt] table options requests, seed
-- @treturn pymalloc.Workload
-- @usage #pymalloc.workload.python { requests = 10 } --> 10
function M.python(options)
  return (events.checked(generate, "python", options))
end

--- Calls that allocate up to `blocks` blocks each and free them, the last one first; up to `depth`
-- calls are inside one another.
-- @tparam[opt] table options requests, seed, least, most, blocks, depth
-- @treturn pymalloc.Workload
-- @usage #pymalloc.workload.stack { requests = 10 } --> 10
function M.stack(options)
  return (events.checked(generate, "stack", options))
end

--- The oldest block is freed when `live` blocks are live.
-- @tparam[opt] table options requests, seed, least, most, live
-- @treturn pymalloc.Workload
-- @usage
-- local w = pymalloc.workload.queue { requests = 3, live = 1 }
-- w.text:match("a 1.*") --> a 1 185\nf 1\na 2 141\n
function M.queue(options)
  return (events.checked(generate, "queue", options))
end

--- A storm allocates `storm` blocks of four sizes and frees them in a random order, except one
-- block in `keep`, which is never freed. The next storm has other sizes.
-- @tparam[opt] table options requests, seed, least, most, storm, keep
-- @treturn pymalloc.Workload
-- @usage #pymalloc.workload.storms { requests = 10 } --> 10
function M.storms(options)
  return (events.checked(generate, "storms", options))
end

--- A ramp allocates `ramp` blocks and frees all of them, the oldest first. Then the next ramp
-- begins.
-- @tparam[opt] table options requests, seed, least, most, ramp
-- @treturn pymalloc.Workload
-- @usage #pymalloc.workload.ramps { requests = 10, ramp = 5 } --> 10
function M.ramps(options)
  return (events.checked(generate, "ramps", options))
end

--- A batch allocates `batch` blocks and frees all of them except each `every`-th one, which is
-- never freed. Then the next batch begins.
-- @tparam[opt] table options requests, seed, least, most, batch, every
-- @treturn pymalloc.Workload
-- @usage #pymalloc.workload.survivors { requests = 10 } --> 10
function M.survivors(options)
  return (events.checked(generate, "survivors", options))
end

--- There are `lists` lists that grow by realloc as those of CPython 3.9 do, up to `longest`
-- elements of 8 bytes. A list that would become longer is freed, and a new one begins.
-- @tparam[opt] table options requests, seed, lists, longest
-- @treturn pymalloc.Workload
-- @usage
-- local w = pymalloc.workload.growth { requests = 3, lists = 1 }
-- w.text:match("a 1.*") --> a 1 32\nr 1 64\nr 1 128\n
function M.growth(options)
  return (events.checked(generate, "growth", options))
end

--- A Markov chain of `states` states, each with three sizes. States with an odd number have more
-- mallocs than frees; the others have more frees, of random blocks. A state lasts `stay` requests
-- on average, and begins with a mark.
-- @tparam[opt] table options requests, seed, least, most, states, stay
-- @treturn pymalloc.Workload
-- @usage #pymalloc.workload.markov { requests = 10 } --> 10
function M.markov(options)
  return (events.checked(generate, "markov", options))
end

--- The generators: their names, and the options that each has besides requests and seed.
-- @treturn table[] each with name, meaning, and options: for each of them default, least, most
-- @usage
-- pymalloc.workload.names()[1].name --> uniform
-- pymalloc.workload.names()[1].options.live.default --> 5000
function M.names()
  local list = {}
  for i, name in ipairs(generators.names) do
    local options = {}
    for option, limits in pairs(generators[name].options) do
      options[option] = { default = limits[1], least = limits[2], most = limits[3] }
    end
    list[i] = { name = name, meaning = generators[name].meaning, options = options }
  end
  return list
end

-- {=== Traces

local function check_trace(trace)
  if type(trace) == "userdata" then
    refuse("of", "trace must be a path or a trace, got %s", core.describe(trace))
  end
  traces.source(trace, "workload.of")
end

--- A trace as a workload, so that it can be combined with others. Ids are numbered anew; call
-- stacks and the requests of interpreters other than 0 are left out.
-- @tparam string|pymalloc.Trace trace
-- @treturn pymalloc.Workload or nil and a message
-- @usage #pymalloc.workload.of("@startup"):take(10) --> 10
function M.of(trace)
  events.checked(check_trace, trace)
  local requests, name = original.count(trace)
  if not requests then
    return nil, name
  end
  return object.new(name, requests, function()
    return streams.renumbered(original.stream(trace))
  end)
end

local function check_like(n, options)
  check_integer("like", "n", n, 1, options_module.REQUESTS_MOST)
  options = options or {}
  if type(options) ~= "table" then
    refuse("like", "options must be a table, got %s", core.describe(options))
  end
  for name in pairs(options) do
    if name ~= "seed" then
      refuse("like", "unknown option %s (allowed: seed)", tostring(name))
    end
  end
  return options_module.seed("like", options)
end

--- A workload that is like a trace, but longer or shorter. The trace is divided into up to 256
-- parts, and each part into windows of 64 requests. Each part of the workload is made of random
-- windows of the same part of the trace. So pairs of size and lifetime are as frequent as in the
-- trace, and the curve of live bytes has the same shape. A block that lives longer than a part is
-- freed at the place that corresponds to its free in the trace: request i of the trace corresponds
-- to request i * n / #trace.
-- @tparam string|pymalloc.Trace|pymalloc.LoadedTrace trace
-- @tparam integer n the number of requests; the workload has fewer if nearly no request of the
-- trace allocates
-- @tparam[opt] table options seed: an integer, default 1
-- @treturn pymalloc.Workload or nil, a message and "trace" for a trace that cannot be read
-- @usage #pymalloc.workload.like("@startup", 1000) --> 1000
function M.like(trace, n, options)
  local seed = events.checked(check_like, n, options)
  local lives, problem, kind = events.checked(events.without_place, like.read, trace)
  if not lives then
    return nil, problem, kind
  end
  local target, requests = like.target(lives, n, seed)
  return object.new(("like %s, seed %d"):format(lives.name, seed), requests, function()
    return streams.cut(like.stream(lives, target, seed), requests)
  end)
end

-- {=== Combining

local function check_take(workload, count)
  object.check(workload, "workload.take")
  return math.min(check_integer("take", "count", count, 0, math.maxinteger), #workload)
end

--- The first requests of a workload.
-- @tparam integer count
-- @treturn pymalloc.Workload with all requests, if there are fewer
-- @usage #pymalloc.workload.queue():take(10) --> 10
function Workload:take(count)
  local taken = events.checked(check_take, self, count)
  return object.new(("the first %d of %s"):format(taken, self.name), taken, function()
    return streams.cut(object.open(self), taken)
  end)
end

local function check_list(list)
  if type(list) ~= "table" then
    refuse("mix", "list must be an array of workloads, got %s", core.describe(list))
  elseif object.is_workload(list) or #list == 0 then
    refuse("mix", "list must be an array of workloads, got %s", #list == 0 and "an empty table"
      or tostring(list))
  end
end

-- The workloads and the weights of a list of workloads and { workload, weight }, and the seed.
local function read_parts(list)
  check_list(list)
  local parts, weights = {}, {}
  for i, part in ipairs(list) do
    local is_pair = type(part) == "table" and not object.is_workload(part)
    parts[i] = object.check(is_pair and part[1] or part, "workload.mix")
    weights[i] = check_integer("mix", "a weight", is_pair and part[2] or 1, 1, 1 << 16)
  end
  return parts, weights, options_module.seed("mix", list)
end

--- Requests of several workloads in a random order, until all have ended. The requests of one
-- workload keep their order.
-- @tparam table list an array of workloads, or of { workload, weight }: a workload with weight 3
-- has its turn three times as often as one with weight 1, which is the default; and seed
-- @treturn pymalloc.Workload
-- @usage
-- local stack = pymalloc.workload.stack { requests = 30 }
-- #pymalloc.workload.mix { { stack, 3 }, pymalloc.workload.ramps { requests = 10 } } --> 40
function M.mix(list)
  local parts, weights, seed = events.checked(read_parts, list)
  local names, requests = {}, 0
  for i, part in ipairs(parts) do
    names[i] = weights[i] == 1 and part.name or ("%d times %s"):format(weights[i], part.name)
    requests = requests + #part
  end
  return object.new(("mix (%s), seed %d"):format(table.concat(names, "; "), seed), requests,
    function()
      return streams.mix(object.open_all(parts), weights, seed)
    end)
end

return M
