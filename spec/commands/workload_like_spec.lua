-- pymalloc.workload.like: measures of a workload and of the trace that it is made like differ by no
-- more than a bound.

local pymalloc = require "pymalloc"

local like = pymalloc.workload.like

-- The shares of rows in the sum of one field, by a key.
local function shares(rows, key_of, field)
  local sums, all = {}, 0
  for _, row in ipairs(rows) do
    local key = key_of(row)
    sums[key] = (sums[key] or 0) + row[field]
    all = all + row[field]
  end
  for key, sum in pairs(sums) do
    sums[key] = sum / all
  end
  return sums
end

-- The total variation distance of two distributions: the largest difference of the shares of any
-- set of values. It is 0 for equal distributions, and 1 for two without a common value.
local function distance(one, other)
  local sum = 0
  for key, share in pairs(one) do
    sum = sum + math.abs(share - (other[key] or 0))
  end
  for key, share in pairs(other) do
    sum = sum + (one[key] and 0 or share)
  end
  return sum / 2
end

-- The distance of the requests by size: by classes of 16 bytes, and by ranges for larger sizes.
local function size_distance(one, other)
  local function class(row)
    return row.size and (row.size + 15) // 16 or "from " .. row.from
  end
  local function sizes(analysis)
    local rows = table.move(analysis.sizes, 1, #analysis.sizes, 1, {})
    return shares(table.move(analysis.large, 1, #analysis.large, #rows + 1, rows), class,
      "requests")
  end
  return distance(sizes(one), sizes(other))
end

-- The distance of the blocks by lifetime. Lifetimes of `limit` and more, a power of two, count as
-- one value.
local function lifetime_distance(one, other, limit)
  local function range(row)
    return math.min(row.from, limit)
  end
  return distance(shares(one.lifetimes, range, "blocks"), shares(other.lifetimes, range, "blocks"))
end

-- The largest difference of the live bytes at 50 moments, as shares of the peaks.
local function curve_distance(one, other)
  local most = 0
  for i = 1, 50 do
    local a = one.curve.live_bytes[i] / one.peak_live_bytes
    local b = other.curve.live_bytes[i] / other.peak_live_bytes
    most = math.max(most, math.abs(a - b))
  end
  return most
end

-- The mean utilisation over the trace, in per cent.
local function utilisation(trace, profile)
  return pymalloc.experiment { traces = { trace }, designs = { profile },
    measure = { "utilisation_mean" } }.rows[1].utilisation_mean
end

-- Each case: the trace; the length of the workload as a multiple of the trace's; the bounds of the
-- distances of sizes and of lifetimes; `limit` of lifetime_distance; the bound of the distance of
-- curves; and the bound of the ratio of the peaks, divided by that multiple.
local cases = {
  { "@startup", 1, 0.01, 0.05, math.maxinteger, 0.04, 1.1 },
  { "@json", 1, 0.001, 0.05, math.maxinteger, 0.02, 1.1 },
  { "@startup", 4, 0.01, 0.05, 64, 0.08, 1.1 },
  { "@startup", 0.25, 0.06, 0.05, 64, 0.2, 1.4 },
}

describe("a workload like a trace", function()
  local same_length = {} -- by the name of the trace

  for _, case in ipairs(cases) do
    local name, factor, sizes, lifetimes, limit, curve, most = table.unpack(case)
    local original = assert(pymalloc.analyse(name, { points = 50 }))
    local n = math.floor(original.requests * factor)
    local made = assert(like(name, n))
    same_length[name] = factor == 1 and made or same_length[name]
    local analysis = assert(pymalloc.analyse(made, { points = 50 }))
    local title = ("%s, %d requests"):format(name, n)

    it("has the number of requests that is asked for: " .. title, function()
      assert.equal(n, #made)
      assert.equal(n, analysis.requests)
      assert.equal(0, analysis.free_nothing)
    end)

    it("has its sizes: " .. title, function()
      local found = size_distance(original, analysis)
      assert.is_true(found < sizes, found)
    end)

    it("has its lifetimes: " .. title, function()
      local found = lifetime_distance(original, analysis, limit)
      assert.is_true(found < lifetimes, found)
    end)

    it("has its curve of live bytes: " .. title, function()
      local found = curve_distance(original, analysis)
      assert.is_true(found < curve, found)
      local ratio = analysis.peak_live_bytes / original.peak_live_bytes / factor
      assert.is_true(ratio < most and ratio > 1 / most, ratio)
    end)
  end

  for name, points in pairs { ["@startup"] = 2, ["@json"] = 7 } do
    it("of the same length has its utilisation under 3.6 and 3.11: " .. name, function()
      for _, profile in ipairs { "3.6", "3.11" } do
        local wanted, found = utilisation(name, profile), utilisation(same_length[name], profile)
        assert.is_true(math.abs(wanted - found) < points, profile .. ": " .. found)
      end
    end)
  end

  it("is the same for a seed, and another for another seed", function()
    local one = like("@startup", 5000, { seed = 3 })
    assert.equal(one.text, like("@startup", 5000, { seed = 3 }).text)
    assert.not_equal(one.text, like("@startup", 5000, { seed = 4 }).text)
    assert.equal("like @startup, seed 3", one.name)
  end)

  it("has reallocs as the trace has, none of a block that is not live", function()
    local original = pymalloc.analyse("@startup")
    local made = pymalloc.analyse(like("@startup", original.requests))
    assert.equal(0, made.realloc_fresh)
    assert.is_true(math.abs(made.reallocs - original.reallocs) < original.reallocs // 20)
  end)

  it("can be made of a loaded trace, and of another workload", function()
    local loaded <close> = pymalloc.trace.loaded("@startup")
    assert.equal(like("@startup", 2000).text, (like(loaded, 2000).text:gsub("^(#[^\n]*\n)[^\n]*",
      "%1# like @startup, seed 1")))
    local queue = pymalloc.workload.queue { requests = 5000, live = 100 }
    local analysis = pymalloc.analyse(like(queue, 20000))
    assert.is_true(math.abs(analysis.mean_live_blocks - 100) < 15, analysis.mean_live_blocks)
  end)

  it("has fewer requests where those of the trace hardly allocate", function()
    local w = like({ text = "a 1 8\n" .. ("f 9\n"):rep(1000) }, 1000)
    assert.is_true(#w > 0 and #w < 20, #w)
    assert.equal(#w, pymalloc.analyse(w).requests)
  end)

  it("of a trace without blocks, or of none, is nil and a message", function()
    local w, problem, kind = like({ text = "f 1\n" }, 10)
    assert.same({ nil, "text has no block", "trace" }, { w, problem, kind })
    w, problem = like("/nowhere/x.trace", 10)
    assert.is_nil(w)
    assert.matches("^/nowhere/x.trace cannot be opened", problem)
  end)

  for title, case in pairs {
    ["no request"] = { { "@startup", 0 }, "n must be an integer from 1 to 1073741824, got 0" },
    ["a seed that is not an integer"] = { { "@startup", 1, { seed = 0.5 } },
      "seed must be an integer" },
    ["an unknown option"] = { { "@startup", 1, { sede = 1 } },
      "unknown option sede (allowed: seed)" },
    ["options that are not a table"] = { { "@startup", 1, 7 }, "options must be a table, got 7" },
    ["a number as the trace"] = { { 12, 1 }, "trace must be a path or a trace, got 12" },
    ["a file handle as the trace"] = { { io.stdout, 1 }, "pymalloc.LoadedTrace expected" },
  } do
    it("is refused with " .. title, function()
      local ok, problem = pcall(function()
        local w = like(table.unpack(case[1]))
        return w
      end)
      assert.is_false(ok)
      assert.matches("workload_like_spec.lua:%d+: pymalloc: ", problem)
      assert.matches(case[2], problem, 1, true)
    end)
  end
end)
