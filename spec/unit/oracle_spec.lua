-- Tests csrc/lab and pymalloc.lab.oracle: the live bytes, and the bytes held by a placement for
-- which the lifetimes of all blocks are known.

local pymalloc = require "pymalloc"

local lab = pymalloc.lab

local function trace_of(text)
  return assert(pymalloc.trace.parse(text))
end

-- A random trace of small and raw requests and resizes.
local function random_text(count, seed)
  local lines, live, next_id = {}, {}, 1
  math.randomseed(seed)
  for i = 1, count do
    local choice = math.random()
    if #live == 0 or choice < 0.5 then
      lines[i] = ("a %d %d"):format(next_id, math.random() < 0.9 and math.random(0, 512)
        or math.random(513, 4000))
      table.insert(live, next_id)
      next_id = next_id + 1
    elseif choice < 0.6 then
      lines[i] = ("r %d %d"):format(live[math.random(#live)], math.random(0, 700))
    else
      lines[i] = ("f %d"):format(table.remove(live, math.random(#live)))
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

-- The bytes live in pools after each request, counted from what a heap of the profile says.
local function live_on_a_heap(text, profile)
  local heap <close> = pymalloc.heap { profile = profile }
  local blocks, live, counts = {}, 0, {}
  local function small_bytes(id)
    local block = blocks[id]
    return block and heap:locate(block.buffer:address()) and block.bytes or 0
  end
  for letter, id, bytes in text:gmatch("(%a) (%d+) ?(%d*)") do
    live = live - small_bytes(id)
    bytes = math.tointeger(bytes)
    if letter == "a" then
      blocks[id] = { buffer = heap:malloc(bytes), bytes = bytes }
    elseif letter == "r" then
      blocks[id] = { buffer = heap:realloc(blocks[id].buffer, bytes), bytes = bytes }
    else
      blocks[id].buffer:free()
      blocks[id] = nil
    end
    live = live + small_bytes(id)
    table.insert(counts, live)
  end
  return counts
end

local function sum_of(list)
  local sum = 0
  for _, value in ipairs(list) do
    sum = sum + value
  end
  return sum
end

local function assert_waste_adds_up(result)
  assert.equal(result.held_peak, result.live_peak + result.waste_rounding + result.waste_headers
    + result.waste_free + result.waste_unused)
end

describe("the oracle 'live'", function()
  it("counts the bytes that a heap has live in pools after each request", function()
    for seed, profile in ipairs { "3.6", "3.11", "classroom" } do
      local text = random_text(2000, seed)
      local counts = live_on_a_heap(text, profile)
      local result = lab.oracle(trace_of(text), "live", { profile = profile, series = 2000 })
      assert.same(counts, result.series.live)
      assert.same(counts, result.series.held)
      assert.equal(math.max(table.unpack(counts)), result.held_peak)
      assert.equal(result.held_peak, result.live_most)
      assert.near(sum_of(counts) / #counts, result.held_mean, 1e-6)
      assert.equal(counts[#counts], result.held_end)
      assert_waste_adds_up(result)
    end
  end)

  it("has curves of fewer points, which are evenly spread", function()
    local trace = trace_of(random_text(500, 3))
    local all = lab.oracle(trace, "live", { series = 500 }).series
    local few = lab.oracle(trace, "live", { series = 7 }).series
    for i = 1, 7 do
      local request = i * 500 // 7
      assert.same({ request, all.held[request], all.total[request], all.total_live[request] },
        { few.requests[i], few.held[i], few.total[i], few.total_live[i] })
    end
    assert.equal(7, #few.live)
  end)

  it("counts whole arenas, and whole pools of each class", function()
    -- classroom: pools of 256 bytes with 13 blocks of 16 bytes, or 6 of 32; 4 pools an arena
    local lines = {}
    for id = 1, 14 do
      lines[id] = ("a %d 16"):format(id)
    end
    for id = 15, 21 do
      lines[id] = ("a %d 20"):format(id)
    end
    lines[22] = "a 22 64"
    local trace = trace_of(table.concat(lines, "\n") .. "\n")
    local live = 14 * 16 + 7 * 20 + 64
    local function held(granularity)
      local result = lab.oracle(trace, "live", { profile = "classroom",
        granularity = granularity })
      assert_waste_adds_up(result)
      assert.equal(live, result.live_end)
      return result.held_peak, result.arenas_obtained
    end
    assert.same({ live }, { held "bytes" })
    assert.same({ 1024, 1 }, { held "arenas" })
    assert.same({ 2048, 2 }, { held "pools" }) -- 2 + 2 + 1 pools
  end)

  it("holds nothing for a trace without requests, and knows no utilisation then", function()
    local result = lab.oracle(trace_of "# pymalloc trace 1\n", "live", { series = 5 })
    assert.same({ 0, 0, 0 }, { result.held_peak, result.held_mean, result.requests })
    assert.is_nil(result.utilisation_mean)
    assert.same({}, result.series.held)
  end)

  it("changes nothing for a request that is too large, or a free of nothing", function()
    local result = lab.oracle(trace_of "a 1 8\nr 1 18446744073709551615\nf 9\n", "live")
    assert.same({ 8, 8, 3, 1, 0 }, { result.live_end, result.total_live_end, result.requests,
      result.small_requests, result.raw_requests })
  end)
end)

describe("the oracle 'lifetimes'", function()
  -- Fails if two blocks overlap while both are live, or a block is not of its class.
  local function assert_apart(text, options, result)
    local owner, range_of, number = {}, {}, 0
    local function leave(id)
      for unit = range_of[id] and range_of[id][1] or 1, range_of[id] and range_of[id][2] or 0 do
        owner[unit] = nil
      end
      range_of[id] = nil
    end
    for letter, id, bytes in text:gmatch("(%a) (%d+) ?(%d*)") do
      number = number + 1
      local address = result.placements[number]
      leave(id)
      if address ~= 0 then
        assert.not_equal("f", letter)
        assert.equal(0, address % options.alignment)
        range_of[id] = { address // options.alignment,
          (address + bytes - 1) // options.alignment }
        for unit = range_of[id][1], range_of[id][2] do
          assert.is_nil(owner[unit], "request " .. number)
          owner[unit] = id
        end
      end
    end
  end

  for seed = 1, 6 do
    it("places no block over a live one, and holds no less than is live: seed " .. seed, function()
      local text = random_text(3000, seed)
      local options = pymalloc.profiles()[seed % 2 == 0 and 6 or 5]
      local name = options.name
      local trace = trace_of(text)
      local loaded <close> = pymalloc.trace.loaded(trace)
      local result = lab.oracle(loaded, "lifetimes", { profile = name, placements = true,
        series = 3000 })
      local bound = lab.oracle(loaded, "live", { profile = name, granularity = "pools",
        series = 3000 })
      assert_apart(text, options, result)
      assert_waste_adds_up(result)
      assert.same(bound.series.live, result.series.live)
      for i, held in ipairs(bound.series.held) do
        assert.is_true(result.series.held[i] >= held)
      end
      assert.equal(result.arenas_obtained - result.arenas_released,
        result.held_end // options.arena_bytes)
    end)
  end

  it("places blocks of which thousands die between two deaths in an arena", function()
    local lines, live = {}, {}
    math.randomseed(1)
    for id = 1, 12000 do
      table.insert(lines, ("a %d %d"):format(id, math.random(1, 64)))
      table.insert(live, id)
      if math.random() < 0.9 then
        table.insert(lines, ("f %d"):format(table.remove(live, math.random(#live))))
      end
    end
    local text = table.concat(lines, "\n") .. "\n"
    local result = lab.oracle(trace_of(text), "lifetimes", { profile = "classroom",
      placements = true })
    assert_apart(text, { alignment = 16 }, result)
    assert_waste_adds_up(result)
  end)

  -- Sixty blocks of 64 bytes fill 20 pools, which are five arenas; every third block is never
  -- freed. In the order of the requests, each pool has one block that is never freed.
  it("places blocks that are never freed apart from those that are freed", function()
    local lines, died = {}, {}
    for id = 1, 60 do
      table.insert(lines, ("a %d 64"):format(id))
      if id % 3 ~= 0 then
        table.insert(died, ("f %d"):format(id))
      end
    end
    local trace = trace_of(table.concat(lines, "\n") .. "\n" .. table.concat(died, "\n") .. "\n")
    local result = pymalloc.experiment { traces = { trace }, designs = { "classroom",
      { oracle = "lifetimes", profile = "classroom" },
      { oracle = "live", granularity = "pools", profile = "classroom" } } }
    local exact, lifetimes, bound = table.unpack(result.rows)
    assert.same({ 5120, 5120 }, { exact.held_peak, exact.held_end })
    assert.same({ 5120, 2048 }, { lifetimes.held_peak, lifetimes.held_end })
    assert.same({ 5120, 2048 }, { bound.held_peak, bound.held_end })
  end)

  it("releases an arena at once, and obtains it again", function()
    local result = lab.oracle(trace_of "a 1 8\nf 1\na 2 8\nf 2\n", "lifetimes",
      { profile = "classroom" })
    assert.same({ 1, 2, 2, 0 }, { result.arenas_highwater, result.arenas_obtained,
      result.arenas_released, result.held_end })
  end)

  it("holds nothing for a trace without requests", function()
    local result = lab.oracle(trace_of "# pymalloc trace 1\n", "lifetimes")
    assert.same({ 0, 0, 0 }, { result.held_peak, result.held_mean, result.requests })
  end)

  -- The number of blocks is such that their ranks fill a table of the oracle's searches to the
  -- last word.
  it("fills pools one after another with blocks that live to the end", function()
    local lines = {}
    for id = 1, 4090 do
      lines[id] = ("a %d 16"):format(id)
    end
    local result = lab.oracle(trace_of(table.concat(lines, "\n") .. "\n"), "lifetimes",
      { profile = "3.11", placements = true })
    assert.same({ 1048576, 16 * 4090 }, { result.held_end, result.live_end })
    local of_pool = {}
    for _, address in ipairs(result.placements) do
      of_pool[address // 16384] = (of_pool[address // 16384] or 0) + 1
    end
    assert.same({ [0] = 1021, 1021, 1021, 1021, 6 }, of_pool)
  end)

  it("needs a second pool for a moment, where a block of a full pool moves in its class", function()
    local lines = {}
    for id = 1, 13 do
      lines[id] = ("a %d 16"):format(id)
    end
    lines[14] = "r 5 12"
    local result = lab.oracle(trace_of(table.concat(lines, "\n") .. "\n"), "lifetimes",
      { profile = "classroom", placements = true })
    local first, moved = result.placements[1] // 256, result.placements[14] // 256
    assert.not_equal(first, moved)
    assert.equal(1024, result.held_peak)
  end)

  it("takes the new place of a block that moves before it leaves the old one", function()
    local result = lab.oracle(trace_of "a 1 8\nr 1 64\nr 1 60\nr 1 100\nr 1 8\n", "lifetimes",
      { profile = "classroom", placements = true })
    local first, second, same, raw, still_raw = table.unpack(result.placements)
    assert.not_equal(first, second)
    assert.equal(second, same)
    assert.same({ 0, 0 }, { raw, still_raw })
  end)
end)

describe("wrong calls of pymalloc.lab.oracle", function()
  local trace = trace_of "a 1 8\n"
  for _, case in ipairs {
    { "another", nil, "must be 'live' or 'lifetimes', got 'another'" },
    { nil, nil, "must be 'live' or 'lifetimes', got " },
    { "live", 5, "options must be a table, got 5" },
    { "live", { granularity = "blocks" }, "must be 'bytes', 'arenas' or 'pools'" },
    { "lifetimes", { granularity = "pools" }, "only 'live' has a granularity" },
    { "live", { release = "never" }, "unknown field release %(allowed: granularity, " },
    { "live", { pool_bytes = 5 }, "pool_bytes is 5" },
    { "live", { series = 0 }, "series must be an integer from 1" },
    { "live", { profile = "2.7" }, "profile" },
  } do
    it(("say what is wrong: %s, %s"):format(case[1], case[3]), function()
      assert.error_matches(function() lab.oracle(trace, case[1], case[2]) end, case[3])
    end)
  end

  it("return a message for a trace that cannot be read", function()
    local result, problem = lab.oracle("/no/such.trace", "live")
    assert.is_nil(result)
    assert.matches("/no/such.trace", problem)
  end)

  it("refuse a loaded trace that is closed", function()
    local loaded = pymalloc.trace.loaded(trace)
    loaded:close()
    assert.error_matches(function() lab.oracle(loaded, "live") end, "closed")
  end)
end)
