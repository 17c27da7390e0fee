-- The simulator of csrc/lab: policies and designs. The designs that it refuses are in
-- lab_refusals_spec.lua, and the comparison with CPython's places in spec/fidelity/lab_spec.lua.

local pymalloc = require "pymalloc"
local simulate = pymalloc.lab.simulate

local function loaded_of(text)
  return assert(pymalloc.trace.loaded { text = text })
end

-- The place of each request of a text under a design: "0:0:48 0:0:64 - L".
local function places(text, design)
  local loaded <close> = loaded_of(text)
  local list = {}
  assert(simulate(loaded, design, { placements = function(lines)
    for place in lines:gmatch("(%S+)\n") do
      table.insert(list, place)
    end
  end }))
  return table.concat(list, " ")
end

local function result_of(text, design)
  local loaded <close> = loaded_of(text)
  return assert(simulate(loaded, design))
end

-- A small design: pools of 64 bytes with 4 blocks of 16, arenas of 4 pools, no header.
local function small(fields)
  local design = { profile = "3.6", classes = { 16 }, threshold = 16, pool_bytes = 64,
    arena_bytes = 256, header = 0 }
  for name, value in pairs(fields or {}) do
    design[name] = value
  end
  return design
end

-- Requests from words: "a1 a2 f1".
local function trace(words)
  return (words:gsub("(%a)(%d+) ?", function(letter, id)
    return letter == "a" and ("a %s 16\n"):format(id) or ("%s %s\n"):format(letter, id)
  end))
end

describe("the policy next_block", function()
  local text = trace "a1 a2 a3 a4 f2 f3 f1 a5 a6 a7"
  for policy, expected in pairs {
    ["last in, first out"] = "0:0:0 0:0:32 0:0:16",
    ["first in, first out"] = "0:0:16 0:0:32 0:0:0",
    ["lowest address"] = "0:0:0 0:0:16 0:0:32",
  } do
    it(policy .. " chooses among the freed blocks", function()
      assert.matches("%- %- %- " .. expected .. "$",
        places(text, small { next_block = policy }))
    end)
  end
end)

describe("the policy next_pool", function()
  -- Pools 0 and 64 are filled, then freed to 1, 3 and (pool 128) 2 live blocks; pool 0 gets a
  -- free block last.
  local fill = trace "a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 "
  local text = fill .. trace "f5 f9 f10 f1 f2 f3 a20"
  for policy, expected in pairs {
    ["front of the ring"] = "0:0:32",
    fullest = "0:64:0",
    emptiest = "0:0:32",
    ["lowest address"] = "0:0:32",
  } do
    it(policy .. " chooses among the pools with a free block", function()
      assert.matches(" " .. expected .. "$", places(text, small { next_pool = policy }))
    end)
  end

  it("front of the ring prefers the pool that became usable last", function()
    assert.matches(" 0:128:0$", places(fill .. trace "f1 f2 f5 f9 a20", small()))
    assert.matches(" 0:0:16$",
      places(fill .. trace "f1 f2 f5 f9 a20", small { next_pool = "lowest address" }))
  end)

  it("can be a function that ranks pools", function()
    local seen = {}
    local design = small { next_pool = function(pool)
      table.insert(seen, pool)
      return -pool.address
    end }
    assert.matches(" 0:128:0$", places(fill .. trace "f9 f5 f1 a20", design))
    assert.same({ address = 128, capacity = 4, class_bytes = 16, live = 3, requests = 13 },
      seen[10])
  end)
end)

describe("the policy next_arena", function()
  -- Three arenas of two pools, all full; then one pool of the third becomes free, two of the
  -- first, and one of the second.
  local function text()
    local words = {}
    for id = 1, 24 do
      table.insert(words, "a" .. id)
    end
    for _, pool in ipairs { 5, 1, 3 } do -- numbers of pools from 1, in the order of addresses
      for id = 4 * pool - 3, 4 * pool do
        table.insert(words, "f" .. id)
      end
    end
    return trace(table.concat(words, " ") .. " a30")
  end
  local function design(fields)
    fields.arena_bytes = 128
    return small(fields)
  end
  -- Each arena has one free pool: CPython's order puts the one that became usable last first.
  for policy, slot in pairs {
    fullest = 1, ["lowest address"] = 0, ["most recently freed"] = 1, oldest = 0,
  } do
    it(policy .. " chooses among the arenas with a free pool", function()
      local got = places(text(), design { next_arena = policy })
      assert.matches((" %d:%%d+:%%d+$"):format(slot), got)
    end)
  end

  it("random depends on the seed only", function()
    local found = {}
    for seed = 0, 20 do
      local place = places(text(), design { next_arena = "random", seed = seed })
      assert.equal(place, places(text(), design { next_arena = "random", seed = seed }))
      found[place:match("(%d+):%d+:%d+$")] = true
    end
    assert.same({ ["0"] = true, ["1"] = true, ["2"] = true }, found)
  end)

  it("can be a function that ranks arenas", function()
    local design_of = design { next_arena = function(arena) return -arena.slot end }
    assert.matches(" 2:0:48$", places(text(), design_of))
    local facts
    places(trace "a1", design { next_arena = function(arena)
      facts = arena
      return 0
    end })
    assert.same({ slot = 0, pools = 2, free_pools = 1, obtained = 1, arenas = 1, requests = 1 },
      facts)
  end)

  it("emptiest and fullest differ where arenas have different numbers of free pools", function()
    local words = { "a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 a13 a14 a15 a16 a17 a18 a19 a20 ",
      "a21 a22 a23 a24 a25 a26 a27 a28 a29 a30 a31 a32 ",
      "f17 f18 f19 f20 f1 f2 f3 f4 f5 f6 f7 f8 a40" }
    local all = trace(table.concat(words))
    assert.matches(" 1:0:48$", places(all, small { next_arena = "fullest" }))
    assert.matches(" 0:64:48$", places(all, small { next_arena = "emptiest" }))
  end)
end)

describe("the policy release", function()
  -- One block is allocated and freed five times, then nothing happens for a while.
  local text = trace("a1 f1 a2 f2 a3 f3 a4 f4 a5 f5 f90 f91 f92 f93 f94 f95")
  for policy, expected in pairs {
    ["at once"] = { 5, 5 }, ["keep the last"] = { 1, 0 }, never = { 1, 0 }, ["keep 1"] = { 1, 0 },
    ["keep 0"] = { 5, 5 }, ["after 3"] = { 1, 1 }, ["after 1"] = { 5, 5 }, ["after 100"] = { 1, 0 },
  } do
    it(("%s obtains %d arenas and releases %d"):format(policy, expected[1], expected[2]), function()
      local result = result_of(text, small { release = policy })
      assert.same(expected, { result.arenas_obtained, result.arenas_released })
    end)
  end

  it("keep the last keeps one of two empty arenas, also where each is one pool", function()
    for _, next_arena in ipairs { "fullest", "lowest address", "oldest", "emptiest" } do
      for _, arena_bytes in ipairs { 64, 128 } do
        local words = {}
        for _, letter in ipairs { "a", "f" } do
          for id = 1, arena_bytes // 16 + 1 do -- one block more than an arena has
            table.insert(words, letter .. id)
          end
        end
        local result = result_of(trace(table.concat(words, " ")), small { next_arena = next_arena,
          release = "keep the last", arena_bytes = arena_bytes })
        assert.same({ 2, 1 }, { result.arenas_obtained, result.arenas_released })
      end
    end
  end)

  it("after N requests releases arenas in the order in which they became empty", function()
    local words, held, after = {}, {}, 10
    for _, letter in ipairs { "a", "f" } do
      for id = 1, 48 do -- four blocks in each of twelve arenas
        table.insert(words, letter .. id)
      end
    end
    local loaded <close> = loaded_of(trace(table.concat(words, " ") .. (" f90"):rep(20)))
    local result = assert(simulate(loaded, small { arena_bytes = 64, next_arena = "lowest address",
      release = "after " .. after }, { series = #loaded }))
    for request = 1, #loaded do
      local obtained = math.min(12, (request + 3) // 4)
      local released = 0
      for arena = 1, 12 do
        released = released + (48 + 4 * arena + after <= request and 1 or 0)
      end
      held[request] = 64 * (obtained - released)
    end
    assert.same(held, result.series.held)
  end)

  it("can be a function that decides about an empty arena", function()
    local calls = 0
    local result = result_of(text, small { release = function(arena)
      calls = calls + 1
      assert.equal(arena.pools, arena.free_pools)
      return calls == 2
    end })
    assert.same({ 5, 2, 1 }, { calls, result.arenas_obtained, result.arenas_released })
  end)
end)

describe("a design", function()
  it("with carving eager covers all blocks of a pool at once", function()
    local design = { profile = "3.11", pool_bytes = 1 << 16, arena_bytes = 1 << 20 }
    assert.equal(1, result_of("a 1 24\n", design).touched_pages)
    design.carving = "eager"
    assert.equal(16, result_of("a 1 24\n", design).touched_pages)
  end)

  it("with a cache serves the block that was freed last, and its pool stays in use", function()
    local result = result_of(trace "a1 f1 a2 f2", small { cache = 2, release = "at once" })
    assert.same({ 1, 0, 256 }, { result.arenas_obtained, result.arenas_released,
      result.held_end })
    assert.matches(" %- %- %- 0:64:0 0:0:16 0:0:0$",
      places(trace "a1 a2 a3 a4 a5 a6 f1 f2 f5 a7 a8 a9", small { cache = 3 }))
    assert.matches(" %- %- %- 0:64:0 0:0:0 0:0:16$",
      places(trace "a1 a2 a3 a4 a5 a6 f5 f2 f1 a7 a8 a9", small { cache = 1 }))
  end)

  it("takes classes that are a list, a step, or a number for each doubling", function()
    for _, case in ipairs {
      { { 24, 100, 512 }, { [24] = 24, [25] = 100, [101] = 512 } },
      { { step = 32 }, { [1] = 32, [33] = 64, [512] = 512 } },
      { { doubling = 2 },
        { [17] = 32, [33] = 48, [49] = 64, [65] = 96, [129] = 192, [512] = 512 } },
    } do
      for bytes, block in pairs(case[2]) do
        local result = result_of(("a 1 %d\n"):format(bytes), { profile = "3.11",
          classes = case[1] })
        assert.equal(block - bytes, result.waste_rounding)
      end
    end
  end)

  it("can have pools of a size for each class, in arenas of their own", function()
    local design = { profile = "3.11", pool_bytes = function(bytes)
      return bytes <= 64 and 4096 or 16384
    end }
    local result = result_of("a 1 64\na 2 65\n", design)
    assert.same({ 2, 1 << 21 }, { result.arenas_obtained, result.held_peak })
    assert.equal((4096 - 64) + (16384 - 80), result.waste_headers + result.waste_free)
  end)

  it("serves what no class holds by raw", function()
    local result = result_of("a 1 0\na 2 17\na 3 16\n", small())
    assert.same({ 1, 2, 16, 33 }, { result.small_requests, result.raw_requests, result.live_end,
      result.total_live_end })
  end)

  it("is named by its profile and the fields that differ from it", function()
    local names = {}
    for i, design in ipairs { "3.12", { profile = "3.6", pool_bytes = 16384, release = "keep 3" },
      { classes = { doubling = 4 }, next_arena = "lowest" },
      { next_pool = function() return 0 end }, { name = "mine" }, { classes = { 16, 512 } } } do
      names[i] = pymalloc.experiment { traces = { (pymalloc.trace.parse "a 1 8\n") },
        designs = { { lab = design } } }.rows[1].design
    end
    assert.same({ "3.12", "3.6, pool_bytes 16384, release keep 3",
      "3.11, classes 4 a doubling, next_arena lowest address", "3.11, next_pool a function", "mine",
      "3.11, classes 2 from 16 to 512" }, names)
  end)

  it("can be a design of an experiment", function()
    local result = pymalloc.experiment { traces = { "@startup" },
      designs = { "3.11", { lab = "3.11", name = "simulated" } } }
    for _, name in ipairs { "held_peak", "held_mean", "live_peak", "touched_pages" } do
      assert.equal(result.rows[1][name], result.rows[2][name])
    end
    assert.equal("simulated", result.rows[2].design)
  end)
end)

describe("lab.simulate", function()
  it("gives a series of points", function()
    local loaded <close> = loaded_of("a 1 16\na 2 600\nf 1\nf 2\n")
    local series = assert(simulate(loaded, small(), { series = 4 })).series
    assert.same({ requests = { 1, 2, 3, 4 }, held = { 256, 256, 0, 0 }, live = { 16, 16, 0, 0 },
      total = { 256, 856, 600, 0 }, total_live = { 16, 616, 600, 0 } }, series)
  end)

  it("simulates a terabyte, or says that the arena is larger than a size can be", function()
    local lines = {}
    for id = 1, 1000 do
      lines[id] = ("a %d 65536\n"):format(id)
    end
    local design = { profile = "3.11", threshold = 65536, classes = { 1 << 20 },
      pool_bytes = 1 << 20, header = 0, arena_bytes = 1 << 40 }
    if #string.pack("T", 0) == 4 then
      assert.error_matches(function() result_of(table.concat(lines), design) end,
        "arena_bytes must be from 0 to 4294967295, got 1099511627776")
      return
    end
    assert.equal(1 << 40, result_of(table.concat(lines), design).held_peak)
  end)

  it("gives means over more byte-requests than 64 bits can count", function()
    local bytes = 1 << 62
    local text = ("a 1 %d\n"):format(bytes) .. ("a 2 16\nf 2\n"):rep(8)
    assert.equal(bytes, result_of(text, small()).total_live_mean // 4096 * 4096)
  end)

  it("lists the policies with a sentence each", function()
    local names = {}
    for kind, list in pairs(pymalloc.lab.policies()) do
      for _, policy in ipairs(list) do
        assert.is_true(#policy.sentence >= 10)
        table.insert(names, kind)
      end
    end
    table.sort(names)
    assert.equal(2 + 6 + 3 + 4 + 5, #names)
  end)

  it("keeps the requests while a policy closes the loaded trace", function()
    local own = loaded_of(("a 1 16\nf 1\n"):rep(100))
    local result = assert(simulate(own, small { next_arena = function()
      if own then
        own:close()
        own = nil
        collectgarbage()
      end
      return 0
    end }))
    assert.equal(200, result.requests)
  end)
end)
