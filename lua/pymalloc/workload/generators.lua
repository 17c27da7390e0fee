-- The generators of workloads. Each has a meaning, its options with their defaults and limits,
-- and begin(draw, options), which returns a generator as pymalloc.workload.blocks describes.

local blocks = require "pymalloc.workload.blocks"
local random = require "pymalloc.workload.random"

local M = {}

local below, between, exponential = random.below, random.between, random.exponential

local BYTES, COUNT = 1 << 30, 1 << 24 -- the most that an option may be

-- {=== Sizes and lifetimes

M.uniform = {
  meaning = "sizes LEAST to MOST, equally likely; a random block is freed when more than LIVE are "
    .. "live",
  options = { least = { 1, 0, BYTES }, most = { 512, 0, BYTES }, live = { 5000, 1, COUNT } },
  begin = function(draw, options)
    local bag, id = blocks.bag(), 0
    return function()
      local is_high = bag.count() >= options.live
      if bag.count() > 0 and below(draw, 4) < (is_high and 3 or 1) then
        return "f", bag.take(draw)
      end
      id = id + 1
      bag.add(id)
      return "a", id, between(draw, options.least, options.most)
    end
  end,
}

M.exponential = {
  meaning = "sizes LEAST to MOST, equally likely; lifetimes of an exponential distribution, MEAN "
    .. "requests on average",
  options = { least = { 1, 0, BYTES }, most = { 512, 0, BYTES }, mean = { 5000, 1, COUNT } },
  begin = function(draw, options)
    return blocks.with_lifetimes(function()
      return between(draw, options.least, options.most), exponential(draw, options.mean)
    end)
  end,
}

M.zipf = {
  meaning = "sizes STEP, 2 STEP ... STEPS STEP, and lifetimes of 1 to LONGEST requests, both by "
    .. "Zipf's law: the i-th has a weight of 1/i",
  options = { step = { 16, 1, BYTES }, steps = { 32, 1, 4096 }, longest = { 16384, 1, 65536 } },
  begin = function(draw, options)
    local size, lifetime = random.zipf(options.steps), random.zipf(options.longest)
    return blocks.with_lifetimes(function()
      return options.step * size(draw), lifetime(draw)
    end)
  end,
}

-- { size, lifetime, blocks }: of a thousand blocks, `blocks` have a size from `size` to below twice
-- that and a lifetime from `lifetime` requests to below twice that. It is the average of the shares
-- in the traces @startup and @json; shares below 5 are left out.
M.PYTHON = {
  { 8, 1, 8 }, { 16, 2, 33 }, { 16, 4, 13 }, { 16, 65536, 19 }, { 16, 131072, 20 },
  { 32, 1, 122 }, { 32, 2, 135 }, { 32, 4, 19 }, { 32, 8, 7 }, { 32, 16, 25 }, { 32, 32, 12 },
  { 32, 64, 8 }, { 32, 128, 7 }, { 32, 256, 9 }, { 32, 512, 11 }, { 32, 1024, 5 },
  { 32, 2048, 8 }, { 32, 4096, 11 }, { 32, 8192, 19 }, { 32, 16384, 81 }, { 32, 32768, 22 },
  { 32, 65536, 45 }, { 32, 131072, 14 }, { 32, 524288, 8 }, { 64, 1, 19 }, { 64, 2, 27 },
  { 64, 4, 11 }, { 64, 8, 7 }, { 64, 4096, 6 }, { 64, 8192, 19 }, { 64, 16384, 51 },
  { 64, 32768, 59 }, { 64, 65536, 6 }, { 64, 131072, 5 }, { 64, 524288, 8 }, { 128, 4, 6 },
  { 128, 32, 8 }, { 128, 8192, 9 }, { 128, 16384, 10 }, { 128, 65536, 6 }, { 128, 131072, 6 },
}

M.python = {
  meaning = "sizes and lifetimes as frequent as in the built-in traces @startup and @json",
  options = {},
  begin = function(draw)
    local weights = {}
    for i, row in ipairs(M.PYTHON) do
      weights[i] = row[3]
    end
    local kind = random.weighted(weights)
    return blocks.with_lifetimes(function()
      local size, lifetime = table.unpack(M.PYTHON[kind(draw)])
      return between(draw, size, 2 * size - 1), between(draw, lifetime, 2 * lifetime - 1)
    end)
  end,
}

-- {=== Orders of frees

M.stack = {
  meaning = "calls that each allocate up to BLOCKS blocks and free them, the last one first; up to "
    .. "DEPTH calls are inside one another",
  options = { least = { 16, 0, BYTES }, most = { 256, 0, BYTES }, blocks = { 8, 1, COUNT },
    depth = { 100, 1, COUNT } },
  begin = function(draw, options)
    local frames, ids, id, left, is_return = {}, {}, 0, 0, false
    return function()
      if left == 0 then -- a call or a return
        is_return = #frames == options.depth or #frames > 0 and below(draw, 2) == 0
        left = is_return and table.remove(frames) or 1 + below(draw, options.blocks)
        if not is_return then
          table.insert(frames, left)
        end
      end
      left = left - 1
      if is_return then
        return "f", table.remove(ids)
      end
      id = id + 1
      table.insert(ids, id)
      return "a", id, between(draw, options.least, options.most)
    end
  end,
}

M.queue = {
  meaning = "the oldest block is freed when LIVE blocks are live",
  options = { least = { 16, 0, BYTES }, most = { 256, 0, BYTES }, live = { 5000, 1, COUNT } },
  begin = function(draw, options)
    local queue, id = blocks.queue(), 0
    return function()
      if queue.count() >= options.live then
        return "f", queue.take()
      end
      id = id + 1
      queue.add(id)
      return "a", id, between(draw, options.least, options.most)
    end
  end,
}

M.storms = {
  meaning = "STORM blocks of four sizes are allocated and freed in a random order, except one in "
    .. "KEEP; then the same again, with other sizes",
  options = { least = { 16, 0, BYTES }, most = { 512, 0, BYTES }, storm = { 2000, 1, COUNT },
    keep = { 100, 1, COUNT } },
  begin = function(draw, options)
    local bag, id, born, left, sizes = blocks.bag(), 0, 0, 0, {}
    return function()
      if left > 0 then
        left = left - 1
        return "f", bag.take(draw)
      elseif born == 0 then
        bag = blocks.bag()
        for i = 1, 4 do
          sizes[i] = between(draw, options.least, options.most)
        end
      end
      id, born = id + 1, born + 1
      bag.add(id)
      if born == options.storm then
        left, born = options.storm - options.storm // options.keep, 0
      end
      return "a", id, sizes[1 + below(draw, 4)]
    end
  end,
}

M.ramps = {
  meaning = "RAMP blocks are allocated, then freed, the oldest first; then the same again",
  options = { least = { 16, 0, BYTES }, most = { 256, 0, BYTES }, ramp = { 10000, 1, COUNT } },
  begin = function(draw, options)
    local id, freed = 0, 0
    local is_up = true
    return function()
      if is_up then
        id = id + 1
        is_up = id % options.ramp ~= 0
        return "a", id, between(draw, options.least, options.most)
      end
      freed = freed + 1
      is_up = freed == id
      return "f", freed
    end
  end,
}

M.survivors = {
  meaning = "BATCH blocks are allocated, then freed, except each EVERY-th; then the same again",
  options = { least = { 16, 0, BYTES }, most = { 256, 0, BYTES }, batch = { 10000, 1, COUNT },
    every = { 100, 2, COUNT } },
  begin = function(draw, options)
    local id, freed = 0, 0
    local is_up = true
    return function()
      if not is_up then
        freed = freed + (freed % options.every == options.every - 1 and 2 or 1)
        if freed <= id then
          return "f", freed
        end
        is_up, freed = true, id
      end
      id = id + 1
      is_up = id % options.batch ~= 0
      return "a", id, between(draw, options.least, options.most)
    end
  end,
}

M.growth = {
  meaning = "LISTS lists that grow by realloc as those of CPython do, by an eighth, up to LONGEST "
    .. "elements of 8 bytes; a longer list is freed, and a new one begins",
  options = { lists = { 50, 1, COUNT }, longest = { 2000, 1, COUNT } },
  begin = function(draw, options)
    local ids, lengths, last_id = {}, {}, 0
    return function()
      local list = 1 + below(draw, options.lists)
      if not ids[list] then
        last_id = last_id + 1
        ids[list], lengths[list] = last_id, 4
        return "a", last_id, 8 * 4
      end
      local id, length = ids[list], lengths[list] + 1
      length = (length + (length >> 3) + 6) & ~3 -- list_resize() of CPython 3.9
      if length > options.longest then
        ids[list] = nil
        return "f", id
      end
      lengths[list] = length
      return "r", id, 8 * length
    end
  end,
}

-- {=== Phases

-- State `number` of the program: sizes, and how many of 16 requests are frees, fewer or more
-- than half.
local function new_state(draw, options, number)
  local state = { sizes = {}, frees = number % 2 == 1 and 5 or 11 }
  for i = 1, 3 do
    state.sizes[i] = between(draw, options.least, options.most)
  end
  return state
end

M.markov = {
  meaning = "a Markov chain of STATES states with three sizes each; every second state has more "
    .. "frees than mallocs; a state begins with a mark and lasts STAY requests on average",
  options = { least = { 16, 0, BYTES }, most = { 512, 0, BYTES }, states = { 4, 1, 1000 },
    stay = { 5000, 1, COUNT } },
  begin = function(draw, options)
    local bag, id, left, states, state = blocks.bag(), 0, 0, {}, nil
    for i = 1, options.states do
      states[i] = new_state(draw, options, i)
    end
    return function()
      if left == 0 then
        local number = 1 + below(draw, options.states)
        state, left = states[number], exponential(draw, options.stay)
        return "m", "state " .. number
      end
      left = left - 1
      if bag.count() > 0 and below(draw, 16) < state.frees then
        return "f", bag.take(draw)
      end
      id = id + 1
      bag.add(id)
      return "a", id, state.sizes[1 + below(draw, 3)]
    end
  end,
}

--- The names, in order.
M.names = { "uniform", "exponential", "zipf", "python", "stack", "queue", "storms", "ramps",
  "survivors", "growth", "markov" }

return M
