-- The measures of an experiment, against a slow model: after each request of a run, the model
-- asks the heap for its statistics and visits its pools.

local measures = require "pymalloc.experiment.measures"
local pymalloc = require "pymalloc"

-- Requests of all kinds on 300 ids, the same for a seed.
local function random_trace(seed, count)
  local lines, is_live, state = {}, {}, seed
  local function draw(most)
    state = (state * 1103515245 + 12345) % (1 << 31)
    return 1 + (state >> 8) % most
  end
  for i = 1, count do
    local id, size = draw(300), draw(4) == 1 and draw(900) or draw(120)
    local letters = is_live[id] and "ffr" or "aaacr"
    local letter = letters:sub(draw(#letters)):sub(1, 1)
    is_live[id] = letter ~= "f"
    lines[i] = letter == "f" and "f " .. id or letter == "c" and ("c %d 2 %d"):format(id,
      size // 2) or ("%s %d %d"):format(letter, id, size)
  end
  return { text = table.concat(lines, "\n") .. "\n", name = "random" }
end

-- {=== The model

-- Notes the bytes that the request makes live or dead: a raw block stays raw.
local function update(model, request, threshold)
  local before = model.live[request.id]
  if before then
    model[before.kind] = model[before.kind] - before.bytes
    model.live[request.id] = nil
  end
  if request.op == "free" then
    return
  end
  local bytes = request.size * (request.count or 1)
  local is_raw = bytes == 0 or bytes > threshold or before and before.kind == "raw"
  local kind = is_raw and "raw" or "small"
  model.live[request.id] = { bytes = bytes, kind = kind }
  model[kind] = model[kind] + bytes
  model[kind .. "_requests"] = model[kind .. "_requests"] + 1
end

local function visit_pools(model, heap)
  local geometry = heap.geometry
  local sums = { headers = 0, free = 0, unused = 0, blocks = 0 }
  for arena in heap:arenas() do
    sums.unused = sums.unused + arena.nfreepools * geometry.pool_bytes
    sums.headers = sums.headers + geometry.arena_bytes - arena.ntotalpools * geometry.pool_bytes
    local first = arena.index * geometry.arena_bytes
      + (geometry.arena_offset > 0 and geometry.pool_bytes or 0)
    for pool in arena:pools() do
      local start = first + pool.offset
      for page = start // 4096, (start + pool.nextoffset - 1) // 4096 do
        model.pages[page] = true
      end
      if pool.ref_count > 0 then
        sums.blocks = sums.blocks + pool.ref_count * pool.size
        sums.free = sums.free + (pool.capacity - pool.ref_count) * pool.size
        sums.headers = sums.headers + geometry.pool_bytes - pool.capacity * pool.size
      end
    end
  end
  return sums
end

local function point(model, heap)
  local held = heap:stats().arena_bytes
  return { held = held, live = model.small, total = held + model.raw,
    total_live = model.small + model.raw }
end

-- Are more bytes held than at the peak, or as many, of which more are live?
local function is_more(held, live, peak_held, peak_live)
  return held > peak_held or held == peak_held and held > 0 and live > peak_live
end

-- For each field of a point, the measures of its mean and its last value.
local of_field = {
  held = { "held_mean", "held_end" }, live = { "live_mean", "live_end" },
  total = { "total_mean", "total_end" }, total_live = { "total_live_mean", "total_live_end" },
}

-- Runs a trace and returns its measures, and the points after each request.
local function measure_slowly(trace, options)
  local run <close> = assert(pymalloc.replay(trace, options))
  local model = { live = {}, pages = {}, small = 0, raw = 0, small_requests = 0, raw_requests = 0 }
  local found, points, sums = { held_peak = 0, total_peak = 0, live_most = 0 }, {}, nil
  for i = 1, run.length do
    run:seek(i)
    update(model, run:request(), run.heap.geometry.threshold)
    local kinds, now = visit_pools(model, run.heap), point(model, run.heap)
    points[i] = now
    if is_more(now.held, now.live, found.held_peak, found.live_peak) then
      found.held_peak, found.live_peak, sums = now.held, now.live, kinds
    end
    if is_more(now.total, now.total_live, found.total_peak, found.total_live_peak) then
      found.total_peak, found.total_live_peak = now.total, now.total_live
    end
    found.live_most = math.max(found.live_most, now.live)
  end
  found.waste_rounding = sums.blocks - found.live_peak
  found.waste_headers, found.waste_free, found.waste_unused = sums.headers, sums.free, sums.unused
  for name, of in pairs(of_field) do
    local sum = 0
    for _, one in ipairs(points) do
      sum = sum + one[name]
    end
    found[of[1]], found[of[2]] = sum / #points, points[#points][name]
  end
  found.small_requests, found.raw_requests = model.small_requests, model.raw_requests
  found.requests, found.touched_pages = run.length, 0
  for _ in pairs(model.pages) do
    found.touched_pages = found.touched_pages + 1
  end
  return found, points
end

-- {=== The comparison

local function measured(trace, design, plan)
  plan = plan or {}
  plan.traces, plan.designs = { trace }, { design }
  plan.measure = plan.measure or measures.names()
  return assert(pymalloc.experiment(plan)).rows
end

local function check_kinds(row)
  assert.equal(row.held_peak, row.live_peak + row.waste_rounding + row.waste_headers
    + row.waste_free + row.waste_unused)
end

local designs = {
  "3.6", "3.8", "3.11", "classroom", { profile = "3.6", pool_bytes = 16384 },
  { profile = "3.6", arena_offset = 2048 }, { profile = "classroom", release = "never" },
  { profile = "classroom", arena_bytes = 65536, pool_bytes = 8192 },
}

describe("the measures of the exact heap", function()
  for _, design in ipairs(designs) do
    it("are those of a slow model, for " .. require "pymalloc.geometry_name"(design), function()
      local trace = random_trace(7, 1500)
      local options = type(design) == "string" and { profile = design } or design
      local wanted, points = measure_slowly(trace, options)
      local row = measured(trace, design, { series = 100 })[1]
      for name, value in pairs(wanted) do
        assert.equal(value, row[name], name)
      end
      check_kinds(row)
      assert.equal(100 * wanted.live_peak / wanted.held_peak, row.utilisation_peak)
      assert.equal(100 * wanted.live_mean / wanted.held_mean, row.utilisation_mean)
      for i = 1, 100 do
        assert.equal(15 * i, row.series.requests[i])
        for name, value in pairs(points[15 * i]) do
          assert.equal(value, row.series[name][i], name)
        end
      end
    end)
  end

  it("agree with the summary of a replay, for each profile #long", function()
    local names = { small_requests = "small", raw_requests = "raw", requests = "requests",
      live_most = "peak_live_small_bytes", live_end = "live_small_bytes",
      total_live_end = "live_bytes" }
    local limited = { text = "x 1\n" .. random_trace(8, 900).text }
    for _, trace in ipairs { "@startup", limited } do
      for _, profile in ipairs(pymalloc.profiles()) do
        local summary = pymalloc.trace.replay_file(trace, { heap = { profile = profile.name } })
        local row = measured(trace, profile.name, { measure = { "held_peak" } })[1]
        for name, field in pairs(names) do
          assert.equal(summary[field], row[name], name)
        end
        assert.equal(summary.heap.arenas_highwater * profile.arena_bytes, row.held_peak)
        assert.equal(summary.heap.arena_bytes, row.held_end)
        assert.equal(summary.heap.arenas_allocated_total, row.arenas_obtained)
        assert.equal(summary.heap.arenas_reclaimed, row.arenas_released)
        check_kinds(row)
      end
    end
  end)

  it("add up for heaps with a cache and with guard bytes", function()
    local trace = random_trace(3, 3000)
    for _, design in ipairs { { cache_blocks = 20, cache_bytes = 4096 }, { debug = true },
      { profile = "classroom", cache_blocks = 4, cache_bytes = 512 } } do
      local row = measured(trace, design)[1]
      check_kinds(row)
      assert.is_true(row.held_peak > 0 and row.waste_free > 0)
    end
  end)

  it("count a call of the system for each arena that is not retained", function()
    local lines = {}
    for _, letter in ipairs { "a", "f", "a", "f" } do
      for id = 1, 300 do
        table.insert(lines, letter == "a" and ("a %d 64\n"):format(id) or ("f %d\n"):format(id))
      end
    end
    local trace = { text = table.concat(lines) }
    local row = measured(trace, { profile = "classroom", arena_bytes = 4096, retain_bytes = 0 })[1]
    assert.equal(2 * row.arenas_highwater, row.arenas_released)
    assert.equal(1 + row.arenas_obtained + row.arenas_released, row.system_calls)
    local retained = measured(trace, { profile = "classroom", arena_bytes = 4096,
      retain_bytes = 1 << 20 })[1]
    assert.equal(1 + retained.arenas_highwater, retained.system_calls)
  end)

  it("are of each interpreter of a trace", function()
    local one, other = random_trace(1, 400), random_trace(2, 500)
    local both = { name = "both", text = one.text .. "i 5\n" .. other.text .. "i 0\na 999 8\n" }
    one.text = one.text .. "a 999 8\n"
    local rows = measured(both, "3.6", { measure = { "held_mean" } })
    assert.equal("both, interpreter 5", rows[2].trace)
    for i, trace in ipairs { one, other } do
      local alone = measured(trace, "3.6", { measure = { "held_mean" } })[1]
      for _, name in ipairs(measures.names()) do
        assert.equal(alone[name], rows[i][name], name)
      end
    end
  end)

  it("show the most live bytes of the moments when the most is held", function()
    local trace = { text = "a 1 100\na 2 300\nf 1\na 3 50\nf 2\n" }
    local row = measured(trace, "3.11")[1]
    assert.equal(1 << 20, row.held_peak)
    assert.equal(400, row.live_peak)
    assert.equal((1 << 20) - 2 * 16384, row.waste_unused)
    assert.equal(100 * 400 / (1 << 20), row.utilisation_peak)
  end)

  it("are 0 for a trace of raw requests only, whose utilisation is not known", function()
    local row = measured({ text = "x 0\na 1 100\na 2 3000\nf 1\n" }, "3.6")[1]
    assert.equal(0, row.held_peak)
    assert.equal(0, row.touched_pages)
    assert.equal(2, row.raw_requests)
    assert.equal(3100, row.total_peak)
    assert.equal((100 + 3100 + 3000) / 3, row.total_mean)
    assert.is_nil(row.utilisation_peak)
  end)

  it("have as many points as there are requests, where more are wanted", function()
    local trace = { text = "a 1 8\na 2 700\nf 2\n" }
    local row = measured(trace, "3.6", { series = 1000 })[1]
    assert.same({ requests = { 1, 2, 3 }, held = { 262144, 262144, 262144 }, live = { 8, 8, 8 },
      total = { 262144, 262844, 262144 }, total_live = { 8, 708, 8 } }, row.series)
    assert.same({}, measured({ text = "" }, "3.6", { series = 5 })[1].series.held)
  end)

  it("have time, instructions and page faults only on request", function()
    local trace = random_trace(4, 2000)
    local row = measured(trace, "3.6")[1]
    assert.is_true(row.seconds > 0)
    assert.is_true(row.page_faults > 0)
    assert.is_true(row.instructions == nil or row.instructions > 2000 * 10)
    row = measured(trace, "3.6", { measure = { "held_peak" } })[1]
    assert.is_nil(row.seconds or row.page_faults or row.instructions)
  end)
end)

describe("the list of measures", function()
  it("has a name, a unit and a sentence for each", function()
    local units = { bytes = true, percent = true, seconds = true, [""] = true }
    for _, measure in ipairs(measures.list) do
      assert.matches("^%l[%l_]+$", measure.name)
      assert.is_true(units[measure.unit], measure.name)
      assert.matches("^[%l ].*%l", measure.text)
    end
  end)

  it("has every field of a result, and those of real allocators", function()
    local row = measured(random_trace(5, 100), "3.6", { series = 2 })[1]
    local others = { trace = true, design = true, geometry = true, kind = true, series = true }
    for name in pairs(row) do
      assert.is_true(others[name] or measures.of[name] ~= nil, name)
    end
    for _, name in ipairs(measures.names()) do
      assert.is_true(row[name] ~= nil or name == "instructions" or name == "total_trimmed", name)
    end
  end)
end)
