-- The measures of random requests in random geometries: relations that hold between them.
--
-- PYMALLOC_SEED selects other requests and geometries, or those that failed.

local core = require "pymalloc.core"
local pymalloc = require "pymalloc"
local requests = require "spec.support.requests"

local SEED = math.tointeger(os.getenv "PYMALLOC_SEED") or 1
local GEOMETRIES, COUNT, POINTS = 12, 1500, 50

local function trace_of(behaviour, seed, options)
  local lines = {}
  for i, request in ipairs(requests.list(behaviour, seed, COUNT, options)) do
    lines[i] = table.concat(request, " ")
  end
  return { text = table.concat(lines, "\n") .. "\n", name = behaviour }
end

local function check_bytes(row, arena_bytes)
  assert.equal(row.held_peak, row.live_peak + row.waste_rounding + row.waste_headers
    + row.waste_free + row.waste_unused)
  assert.equal(row.arenas_highwater * arena_bytes, row.held_peak)
  assert.equal((row.arenas_obtained - row.arenas_released) * arena_bytes, row.held_end)
  assert.is_true(row.live_peak <= row.live_most and row.live_most <= row.held_peak)
  assert.is_true(row.held_mean <= row.held_peak and row.live_mean <= row.held_mean)
  assert.is_true(row.held_peak <= row.total_peak and row.total_live_peak <= row.total_peak)
  assert.is_true(row.touched_pages * 4096 >= row.live_most)
  assert.is_true(row.system_calls >= 1)
end

-- The points of a series are within the peaks, and the last one is the end.
local function check_series(row)
  local series = row.series
  for i = 1, #series.requests do
    assert.is_true(series.live[i] <= series.held[i] and series.held[i] <= row.held_peak)
    assert.is_true(series.total_live[i] <= series.total[i] and series.total[i] <= row.total_peak)
    assert.equal(series.total[i] - series.held[i], series.total_live[i] - series.live[i])
  end
  local last = #series.requests
  assert.equal(row.requests, series.requests[last])
  for _, name in ipairs { "held", "live", "total", "total_live" } do
    assert.equal(row[name .. "_end"], series[name][last])
  end
end

local function check_all(behaviour, seed, options)
  local heap <close> = core.heap(options)
  local arena_bytes = heap.geometry.arena_bytes
  local result = assert(pymalloc.experiment { traces = { trace_of(behaviour, seed, options) },
    designs = { options }, series = POINTS })
  check_bytes(result.rows[1], arena_bytes)
  check_series(result.rows[1])
end

describe("the measures of an experiment agree with each other", function()
  for _, behaviour in ipairs(requests.names) do
    it(("for %s requests in random geometries"):format(behaviour), function()
      for seed = SEED, SEED + GEOMETRIES - 1 do
        local ok, problem = pcall(check_all, behaviour, seed, requests.geometry(seed))
        assert(ok, ("PYMALLOC_SEED=%d: %s"):format(seed, tostring(problem)))
      end
    end)
  end
end)
