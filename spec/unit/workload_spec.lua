-- The generators of pymalloc.workload.

local pymalloc = require "pymalloc"
local generators = require "pymalloc.workload.generators"
local random = require "pymalloc.workload.random"

local workload = pymalloc.workload

-- A hash of a text by FNV-1a, 64 bits.
local function hash(text)
  local sum = 0xcbf29ce484222325
  for i = 1, #text do
    sum = (sum ~ text:byte(i)) * 0x100000001b3
  end
  return ("%016x"):format(sum)
end

-- The requests of a workload as "a 1 8" ..., without marks.
local function requests_of(w)
  local list = {}
  for line in w.text:gmatch("[^\n]+") do
    if line:find("^[acrf] ") then
      table.insert(list, line)
    end
  end
  return list
end

-- The message of the error that a function raises, which is of the line in this spec.
local function refusal(call, ...)
  local ok, problem = pcall(call, ...)
  assert.is_false(ok)
  return assert(problem:match("^%S*workload_spec.lua:%d+: (pymalloc: .*)"), problem)
end

describe("the random numbers of workloads", function()
  it("are those of xoshiro256** with a seed by splitmix64", function()
    -- The upper halves of the numbers that the published algorithms give, with integers of any
    -- size taken modulo 2^64.
    local draw = random.new(1)
    local first = {}
    for i = 1, 4 do
      first[i] = ("%08x"):format(draw())
    end
    assert.same({ "b3f2af6d", "853b5596", "92f89756", "642e1c7b" }, first)
  end)

  it("are exponential with the mean that is asked for", function()
    local draw, sum, above = random.new(5), 0, 0
    for _ = 1, 100000 do
      local value = random.exponential(draw, 1000)
      sum = sum + value
      above = above + (value > 1000 and 1 or 0)
    end
    assert.is_true(math.abs(sum / 100000 - 1000) < 10, sum / 100000)
    assert.is_true(math.abs(above / 100000 - math.exp(-1)) < 0.005, above / 100000)
  end)

  it("follow Zipf's law", function()
    local draw, choose, counts = random.new(5), random.zipf(8), { 0, 0, 0, 0, 0, 0, 0, 0 }
    for _ = 1, 100000 do
      local i = choose(draw)
      counts[i] = counts[i] + 1
    end
    for i = 2, 8 do
      assert.is_true(math.abs(counts[1] / counts[i] / i - 1) < 0.05, i)
    end
  end)
end)

describe("a generator", function()
  -- Hashes of the texts of 1,000 requests with seed 1. They must not change, because experiments
  -- name the seeds of their workloads.
  local golden = {
    uniform = "9057c8ee9c1ae25c", exponential = "d81531e1ea4b5247", zipf = "9077dacc27f36d0d",
    python = "bc643949acca340d", stack = "63ab74dc0e5f68f4", queue = "5f912d7402b2cd63",
    storms = "98c100354bde2ebb", ramps = "24f2f2ed2dadea49", survivors = "1c739e960285332f",
    growth = "d007980774e6f23f", markov = "6642e8366aa03cba",
  }

  for _, generator in ipairs(workload.names()) do
    local name = generator.name
    local make = workload[name]

    it("makes the same requests for a seed on every machine: " .. name, function()
      local one, other = make { requests = 1000, seed = 1 }, make { requests = 1000, seed = 1 }
      assert.equal(one.text, other.text)
      assert.equal(golden[name], hash(one.text))
      assert.not_equal(one.text, make { requests = 1000, seed = 2 }.text)
    end)

    it("makes a valid trace with the number of requests that is asked for: " .. name, function()
      for _, requests in ipairs { 0, 1, 20000 } do
        local w = make { requests = requests }
        local summary = assert(pymalloc.trace.replay_text(w))
        assert.same({ requests, requests, requests, 0 }, { #w, w.requests, summary.requests,
          summary.free_nothing })
      end
    end)

    it("refuses wrong names and values of options of " .. name, function()
      for _, wrong in ipairs { { sede = 1 }, { seed = 1.5 }, { requests = -1 }, 5 } do
        local problem = refusal(function() local w = make(wrong) return w end)
        assert.matches("^pymalloc: workload." .. name .. ": ", problem)
      end
      for option, limits in pairs(generator.options) do
        for _, value in ipairs { limits.least - 1, limits.most + 1, "x" } do
          assert.error_matches(function() make { [option] = value } end, option .. " must be an "
            .. "integer from " .. limits.least .. " to " .. limits.most)
        end
      end
    end)
  end

  it("whose least is above its most is refused", function()
    assert.error_matches(function() workload.queue { least = 9, most = 8 } end,
      "least must not exceed most, got 9 and 8")
  end)

  it("has a name with the options that are not the defaults", function()
    local w = workload.queue { live = 7, seed = 3, requests = 1234, least = 16 }
    assert.equal("queue, live 7, seed 3", w.name)
    assert.equal("pymalloc.Workload queue, live 7, seed 3, 1,234 requests", tostring(w))
  end)
end)

describe("the requests of", function()
  it("uniform have all sizes from least to most, and about live blocks", function()
    local a = assert(pymalloc.analyse(workload.uniform { least = 10, most = 13, live = 100 }))
    assert.same({ 10, 11, 12, 13 }, { a.sizes[1].size, a.sizes[2].size, a.sizes[3].size,
      a.sizes[4].size })
    for _, row in ipairs(a.sizes) do
      assert.is_true(math.abs(row.requests / a.births - 0.25) < 0.01)
    end
    assert.is_true(math.abs(a.mean_live_blocks - 100) < 10, a.mean_live_blocks)
  end)

  it("exponential have lifetimes of that mean", function()
    local a = assert(pymalloc.analyse(workload.exponential { mean = 500 }))
    local half = 500 * math.log(2)
    assert.is_true(math.abs(a.quantiles.lifetimes.p50 / half - 1) < 0.05)
  end)

  it("stack free the block that was allocated last", function()
    local ids = {}
    for _, line in ipairs(requests_of(workload.stack { requests = 5000 })) do
      local id = line:match("^%l (%d+)")
      if line:find("^a") then
        table.insert(ids, id)
      else
        assert.equal(table.remove(ids), id)
      end
    end
  end)

  it("queue free the oldest block, and keep `live` blocks", function()
    local freed = 0
    local w = workload.queue { requests = 5000, live = 10 }
    for _, line in ipairs(requests_of(w)) do
      local id = line:match("^f (%d+)")
      if id then
        freed = freed + 1
        assert.equal(tostring(freed), id)
      end
    end
    assert.equal(10, pymalloc.analyse(w).peak_live_blocks)
  end)

  it("storms keep one block of a hundred of each storm", function()
    local a = pymalloc.analyse(workload.storms { requests = 2 * 1000 + 2 * 990, storm = 1000 })
    assert.same({ 2000, 1980, 20 }, { a.births, a.deaths, a.kept })
  end)

  it("ramps rise to ramp blocks and fall to none", function()
    local a = pymalloc.analyse(workload.ramps { requests = 400, ramp = 100 })
    assert.same({ 200, 200, 100 }, { a.births, a.deaths, a.peak_live_blocks })
    assert.same({ "rise", "fall", "rise", "fall" }, { a.phases[1].name, a.phases[2].name,
      a.phases[3].name, a.phases[4].name })
  end)

  it("survivors free all but each tenth of a batch", function()
    local w = workload.survivors { requests = 95 + 86, batch = 95, every = 10 }
    local left = {}
    for _, line in ipairs(requests_of(w)) do
      local letter, id = line:match("^(%l) (%d+)")
      left[math.tointeger(id)] = letter == "a" or nil
    end
    assert.same({ [10] = true, [20] = true, [30] = true, [40] = true, [50] = true, [60] = true,
      [70] = true, [80] = true, [90] = true }, left)
  end)

  it("growth resize by CPython's rule for lists", function()
    local w = workload.growth { requests = 9, lists = 1, longest = 64 }
    assert.same({ "a 1 32", "r 1 64", "r 1 128", "r 1 192", "r 1 256", "r 1 320", "r 1 416",
      "r 1 512", "f 1" }, requests_of(w))
  end)

  it("markov mark the begin of each state", function()
    local a = pymalloc.analyse(workload.markov { requests = 50000, stay = 2000 })
    assert.equal("marks", a.phases_by)
    assert.is_true(#a.phases > 15 and #a.phases < 40, #a.phases)
    assert.matches("^state [1-4]$", a.phases[1].name)
  end)

  it("zipf have sizes of whole steps, small ones most often", function()
    local a = pymalloc.analyse(workload.zipf { step = 8, steps = 4 })
    local sizes = {}
    for i, row in ipairs(a.sizes) do
      sizes[i] = row.size
    end
    assert.same({ 8, 16, 24, 32 }, sizes)
    assert.is_true(math.abs(a.sizes[1].requests / a.sizes[4].requests - 4) < 0.2)
  end)

  it("python have the sizes and lifetimes of the built-in traces", function()
    local share = {}
    for _, name in ipairs { "@startup", "@json" } do
      local a = assert(pymalloc.analyse(name))
      for _, row in ipairs(a.joint) do
        local key = row.from and row.size_from .. " " .. row.from
        if key then
          share[key] = (share[key] or 0) + row.blocks * 1000000 // a.births
        end
      end
    end
    for _, row in ipairs(generators.PYTHON) do
      local key = row[1] .. " " .. row[2]
      assert.equal(row[3], (share[key] + 1000) // 2000, key)
      share[key] = nil
    end
    for key, rest in pairs(share) do
      assert.is_true((rest + 1000) // 2000 < 5, key)
    end
  end)
end)
