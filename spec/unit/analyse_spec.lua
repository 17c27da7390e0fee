-- Analyses of traces: csrc/analyse, bindings/lua/analysis.c and pymalloc.analyse.

local lives = require "spec.support.lives"
local pymalloc = require "pymalloc"

local function analyse(text, options)
  return assert(pymalloc.analyse({ text = text }, options))
end

local function sum(rows, name)
  local total = 0
  for _, row in ipairs(rows) do
    total = total + row[name]
  end
  return total
end

local function mean(values)
  local total = 0
  for _, value in ipairs(values) do
    total = total + value
  end
  return total // #values
end

-- The counts of values by the least value of their bin.
local function binned(values)
  local counts = {}
  for _, value in ipairs(values) do
    local bin = lives.bin(value)
    local from = bin == 0 and 0 or 1 << (bin - 1)
    counts[from] = (counts[from] or 0) + 1
  end
  return counts
end

local function by_from(rows, count)
  local counts = {}
  for _, row in ipairs(rows) do
    counts[row.from] = row[count]
  end
  return counts
end

local function quantiles_of(values)
  local read = {}
  for _, percent in ipairs { 1, 10, 25, 50, 75, 90, 99, 100 } do
    read["p" .. percent] = lives.quantile(values, percent)
  end
  return read
end

describe("an analysis of random requests", function()
  for seed, geometry in ipairs { "3.6", "3.11", "classroom" } do
    local trace = lives.random(seed, 3000)
    local analysis = assert(pymalloc.analyse(trace, { geometry = geometry, points = 3000 }))
    local slow = lives.count(trace, analysis.geometry)

    it("counts blocks and bytes as a simple count does, with " .. geometry, function()
      for _, name in ipairs { "requests", "births", "deaths", "allocated_bytes", "freed_bytes",
        "requested_bytes", "moved_bytes", "longest_chain" } do
        assert.equal(slow[name], analysis[name], name)
      end
    end)

    it("has the state after each request, with " .. geometry, function()
      assert.same(slow.curve_blocks, analysis.curve.live_blocks)
      assert.same(slow.curve_bytes, analysis.curve.live_bytes)
      assert.equal(math.max(table.unpack(slow.curve_bytes)), analysis.peak_live_bytes)
      assert.equal(math.max(table.unpack(slow.curve_blocks)), analysis.peak_live_blocks)
      assert.equal(analysis.peak_live_bytes, slow.curve_bytes[analysis.peak_bytes_at])
      assert.equal(mean(slow.curve_blocks), analysis.mean_live_blocks)
      assert.equal(mean(slow.curve_bytes), analysis.mean_live_bytes)
    end)

    it("has the histograms of lifetimes and sizes, with " .. geometry, function()
      assert.same(binned(slow.lifetimes), by_from(analysis.lifetimes, "blocks"))
      assert.same(binned(slow.byte_lifetimes), by_from(analysis.byte_lifetimes, "blocks"))
      assert.same(binned(slow.request_sizes), by_from(analysis.size_ranges, "requests"))
      local large = 0
      for size, requests in pairs(slow.sizes) do
        large = large + (size > analysis.geometry.threshold and requests or 0)
      end
      assert.equal(large, sum(analysis.large, "requests"))
      for _, row in ipairs(analysis.sizes) do
        assert.equal(slow.sizes[row.size], row.requests)
      end
      assert.equal(#slow.request_sizes, sum(analysis.sizes, "requests") + large)
    end)

    it("has exact quantiles, with " .. geometry, function()
      assert.same(quantiles_of(slow.request_sizes), analysis.quantiles.sizes)
      assert.same(quantiles_of(slow.lifetimes), analysis.quantiles.lifetimes)
      assert.same(quantiles_of(slow.byte_lifetimes), analysis.quantiles.byte_lifetimes)
    end)

    it("has size by lifetime, with " .. geometry, function()
      local joint = {}
      for _, row in ipairs(analysis.joint) do
        if row.from then
          joint[lives.bin(row.size_from) .. " " .. lives.bin(row.from)] = row.blocks
        end
      end
      assert.same(slow.joint, joint)
    end)

    it("counts reallocs and classes by CPython's rule, with " .. geometry, function()
      assert.equal(slow.places["in place"] or 0, analysis.realloc_in_place)
      assert.equal(slow.places.moved, analysis.realloc_moved)
      assert.equal(slow.places.raw, analysis.realloc_raw)
      for _, class in ipairs(analysis.classes) do
        local key = class.szidx and class.szidx + 1 or "raw"
        assert.equal(slow.class_blocks[key], class.blocks)
        assert.equal(slow.moved_away[key] or 0, class.moved_away)
      end
    end)

    it("has parts that sum up, with " .. geometry, function()
      local a = analysis
      assert.equal(a.births, a.deaths + a.kept)
      assert.equal(a.kept_bytes, a.allocated_bytes - a.freed_bytes)
      assert.equal(a.births, sum(a.joint, "blocks"))
      assert.equal(a.deaths, sum(a.lifetimes, "blocks"))
      assert.equal(a.deaths, sum(a.byte_lifetimes, "blocks"))
      assert.equal(a.requested_bytes, sum(a.size_ranges, "bytes"))
      assert.equal(a.requested_bytes, sum(a.sizes, "bytes") + sum(a.large, "bytes"))
      assert.equal(a.births + a.realloc_moved, sum(a.classes, "blocks"))
      assert.equal(a.kept, sum(a.classes, "kept"))
      assert.equal(a.realloc_in_place + a.realloc_moved + a.realloc_raw, sum(a.growths,
        "reallocs"))
      assert.equal(a.chains, sum(a.chain_lengths, "blocks"))
      assert.equal(a.births, sum(a.phases, "births"))
      assert.equal(a.allocated_bytes, sum(a.phases, "allocated_bytes"))
      assert.equal(a.kept_bytes, a.phases[#a.phases].live_bytes)
    end)

    it("agrees with a replay, with " .. geometry, function()
      local replayed = assert(pymalloc.trace.replay_text(trace.text,
        { heap = { profile = geometry } }))
      assert.equal(replayed.peak_live_small_bytes, analysis.peak_live_small)
      assert.equal(replayed.peak_live_bytes, analysis.peak_live_bytes)
      assert.equal(replayed.realloc_in_place, analysis.realloc_in_place)
      assert.equal(replayed.realloc_moved, analysis.realloc_moved)
      assert.equal(replayed.realloc_raw, analysis.realloc_raw)
      assert.equal(replayed.realloc_fresh, analysis.realloc_fresh)
      assert.equal(replayed.free_nothing, analysis.free_nothing)
      assert.equal(replayed.live_bytes, analysis.kept_bytes)
    end)
  end
end)

describe("an analysis", function()
  it("of no request has zeros and empty lists, and can be printed", function()
    local analysis = analyse("")
    assert.equal(0, analysis.requests)
    assert.same({}, analysis.sizes)
    assert.same({}, analysis.curve.requests)
    assert.equal("none", analysis.phases_by)
    assert.equal(0, analysis.churn.allocated_per_live)
    assert.matches("^text: 0 requests\n", tostring(analysis))
  end)

  it("counts a request of 2^63 bytes as refused, and it changes nothing", function()
    local analysis = analyse("a 1 9223372036854775808\nf 1\na 1 8\nr 1 18446744073709551615\nf 1\n")
    assert.same({ 2, 1, 1, 8 }, { analysis.refused, analysis.births, analysis.deaths,
      analysis.allocated_bytes })
  end)

  it("refuses a trace of more than 2^62 bytes in all", function()
    local text = "a 1 4611686018427387904\n"
    assert.equal(1 << 62, analyse(text).allocated_bytes)
    local analysis, problem = pymalloc.analyse { text = text .. "f 1\na 2 1\n" }
    assert.is_nil(analysis)
    assert.matches("more than 2^62 bytes in all", problem, 1, true)
  end)

  it("gives the growth of each realloc, on both sides of each factor", function()
    local analysis = analyse("a 1 800\nr 1 400\nr 1 799\nr 1 799\nr 1 800\nr 1 900\nr 1 1126\n"
      .. "r 1 1407\nr 1 2111\nr 1 4223\nr 1 4222\nr 1 16888\nr 1 67553\n")
    local growths = {}
    for _, row in ipairs(analysis.growths) do
      growths[row.growth] = row.reallocs
    end
    assert.same({ ["to half or less"] = 1, smaller = 1, ["the same size"] = 1,
      ["up to 1.125 times"] = 2, ["up to 1.25 times"] = 1, ["up to 1.5 times"] = 1,
      ["up to 2 times"] = 2, ["up to 4 times"] = 2, ["more than 4 times"] = 1 }, growths)
  end)

  it("tells which share dies young, in blocks and in bytes", function()
    local young = analyse("a 1 10\nf 1\na 2 20\na 3 10\nf 2\na 4 40\n").dies_young
    assert.same({ { below = 2, blocks = 1, bytes = 10, share = 0.25, bytes_share = 0.125 },
      { below = 4, blocks = 2, bytes = 30, share = 0.5, bytes_share = 0.375 } }, young)
  end)

  it("counts blocks that leave a class within the limit of young", function()
    local text = "a 1 8\na 2 8\nf 2\na 3 8\na 4 8\nf 1\n"
    assert.equal(2, analyse(text, { young = 6 }).classes[1].young)
    assert.equal(1, analyse(text, { young = 5 }).classes[1].young)
  end)

  it("has at most as many points as are asked for, the last at the end", function()
    local curve = analyse(("a 1 8\nf 1\n"):rep(50), { points = 7 }).curve
    assert.same({ 14, 28, 42, 57, 71, 85, 100 }, curve.requests)
    assert.same({ 0, 0, 0, 8, 8, 8, 0 }, curve.live_bytes)
  end)

  it("is of one interpreter, and counts the requests of others", function()
    local text = "a 1 8\ni 1\na 1 100\nf 1\n"
    local analysis = analyse(text, { interpreter = 1 })
    assert.same({ 2, 1, 100 }, { analysis.requests, analysis.left_out,
      analysis.peak_live_bytes })
  end)

  it("can be made of a loaded trace, which stays open", function()
    local loaded <close> = assert(pymalloc.trace.loaded { text = "a 1 8\n" })
    assert.equal(1, assert(pymalloc.analyse(loaded)).births)
    assert.equal(1, #loaded)
  end)
end)

describe("the phases of an analysis", function()
  it("begin at the marks of the trace", function()
    local analysis = analyse("a 1 8\nm load\na 2 16\nf 1\nm drop\nm idle\n")
    local names = {}
    for i, phase in ipairs(analysis.phases) do
      names[i] = ("%s %d-%d %d %d %d %d"):format(phase.name, phase.from, phase.to, phase.births,
        phase.deaths, phase.live_bytes, phase.peak_live_bytes)
    end
    assert.same({ "begin 1-1 1 0 8 8", "load 2-3 1 1 16 24", "drop 4-3 0 0 16 16",
      "idle 4-3 0 0 16 16" }, names)
    assert.equal("marks", analysis.phases_by)
  end)

  it("are the rises and falls of a quarter of the peak where it has no marks", function()
    local lines = {}
    for round = 0, 1 do
      for i = 1, 100 do
        table.insert(lines, ("a %d 10"):format(100 * round + i))
      end
      for i = 1, 70 do
        table.insert(lines, ("f %d"):format(100 * round + i))
      end
    end
    local analysis = analyse(table.concat(lines, "\n") .. "\n")
    local found = {}
    for i, phase in ipairs(analysis.phases) do
      found[i] = ("%s %d-%d"):format(phase.name, phase.from, phase.to)
    end
    assert.same({ "rise 1-100", "fall 101-170", "rise 171-270", "fall 271-340" }, found)
    assert.equal("live bytes", analysis.phases_by)
  end)
end)

describe("the sites of an analysis", function()
  local text = "w 1 0 app.py:30 main\nw 2 1 app.py:12 load list\nw 3 1 app.py:12 load dict\n"
    .. "a 1 24 @2\na 2 40 @3\na 3 8 @1\nf 1\na 4 5\nf 3\n"

  it("are grouped by line: blocks that die young, and those that are kept", function()
    local sites = analyse(text, { young = 5 }).sites
    assert.same({
      { where = "app.py:12 load", blocks = 2, bytes = 64, young = 1, young_bytes = 24, kept = 1,
        kept_bytes = 40, mean_lifetime = 3 },
      { where = "app.py:30 main", blocks = 1, bytes = 8, young = 1, young_bytes = 8, kept = 0,
        kept_bytes = 0, mean_lifetime = 3 },
      { where = "(no site)", blocks = 1, bytes = 5, young = 0, young_bytes = 0, kept = 1,
        kept_bytes = 5 },
    }, sites)
  end)

  it("are grouped as is asked for", function()
    local analysis = analyse(text, { by = "stack" })
    assert.equal("stack", analysis.sites_by)
    assert.equal("app.py:12 load dict\napp.py:30 main", analysis.sites[1].where)
    assert.equal("app.py", analyse(text, { by = "file" }).sites[1].where)
  end)

  it("are none where the trace has no call stacks", function()
    assert.same({}, analyse("a 1 8\n").sites)
  end)
end)
