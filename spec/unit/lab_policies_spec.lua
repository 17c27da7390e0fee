-- Relations between the policies of csrc/lab that hold for whole traces: policies that are
-- functions of a script give the places of those that have a name, and the bytes at the peak
-- add up.

local pymalloc = require "pymalloc"
local simulate = pymalloc.lab.simulate

local REQUESTS = 4000

-- A line for a random request: of a live id, or of a new one.
local function line_of(random, live, number, share)
  if #live > 0 and random(100) > share then
    return ("f %d"):format(table.remove(live, random(#live)))
  elseif #live > 0 and random(10) == 1 then
    return ("r %d %d"):format(live[random(#live)], random(0, 70))
  end
  table.insert(live, number)
  return ("a %d %d"):format(number, random(0, 70))
end

-- Random requests whose number of live blocks rises and falls, so that arenas are obtained and
-- released.
local function random_text(seed)
  local state, lines, live = seed, {}, {}
  local function random(low, high)
    if not high then
      low, high = 1, low
    end
    state = (state * 6364136223846793005 + 1442695040888963407) & math.maxinteger
    return low + (state >> 20) % (high - low + 1)
  end
  for number = 1, REQUESTS do
    lines[number] = line_of(random, live, number, number % 1000 < 500 and 70 or 30)
  end
  return table.concat(lines, "\n") .. "\n"
end

local loaded

-- The fields of a design of small pools and arenas.
local function design(fields)
  local small = { profile = "classroom" }
  for name, value in pairs(fields) do
    small[name] = value
  end
  return small
end

-- The places of all requests, as text, and the result.
local function run(fields)
  local pieces = {}
  local result = assert(simulate(loaded, design(fields), { placements = function(text)
    table.insert(pieces, text)
  end }))
  return table.concat(pieces), result
end

local function check_alike(one, other)
  local places = run(one)
  local _, lines = places:gsub("\n", "")
  assert.equal(REQUESTS, lines)
  assert.is_true(places == run(other))
end

-- Each policy with a name, and a function that is the same policy.
local functions = {
  next_block = {
    ["last in, first out"] = function(pool) return pool.free[1] end,
    ["lowest address"] = function(pool) return math.min(table.unpack(pool.free)) end,
  },
  next_pool = {
    fullest = function(pool) return pool.capacity - pool.live end,
    emptiest = function(pool) return pool.live end,
    ["lowest address"] = function(pool) return pool.address end,
  },
  next_arena = {
    emptiest = function(arena) return -arena.free_pools end,
    ["lowest address"] = function(arena) return arena.slot end,
    ["most recently freed"] = function(arena) return -arena.requests end,
    oldest = function(arena) return arena.obtained end,
  },
  release = {
    ["at once"] = function() return true end,
    never = function() return false end,
  },
}

describe("a simulation", function()
  lazy_setup(function()
    loaded = assert(pymalloc.trace.loaded { text = random_text(7) })
  end)
  lazy_teardown(function() loaded:close() end)

  for kind, list in pairs(functions) do
    for name, policy in pairs(list) do
      it(("places blocks alike with %s '%s' and a function for this policy"):format(kind, name),
        function()
          check_alike({ [kind] = name }, { [kind] = policy })
        end)
    end
  end

  it("gives other places with each policy of pools and arenas, and with other seeds", function()
    local seen, count = {}, 0
    local function note(fields)
      local places = run(fields)
      assert.is_nil(seen[places])
      seen[places], count = true, count + 1
    end
    for _, kind in ipairs { "next_pool", "next_arena" } do
      for i, policy in ipairs(pymalloc.lab.policies()[kind]) do
        if kind == "next_pool" or i > 1 then -- the first one is CPython's in both
          note { [kind] = policy.name, seed = 1 }
        end
      end
    end
    note { next_arena = "random", seed = 2 }
    assert.equal(4 + 5 + 1, count)
  end)

  it("takes a pool of the arena whose pool came back in the same request, if most recently freed",
    function()
      local lines = {}
      for id = 1, 24 do -- 12 blocks in an arena, 3 in a pool
        table.insert(lines, ("a %d 64"):format(id))
      end
      for _, id in ipairs { 1, 2, 3, 4, 5, 6, 22, 23 } do
        table.insert(lines, "f " .. id)
      end
      table.insert(lines, "r 24 16") -- a pool of arena 0 is taken, one of arena 1 comes back
      table.insert(lines, "a 25 32")
      local one <close> = assert(pymalloc.trace.loaded { text = table.concat(lines, "\n") .. "\n" })
      local places = {}
      assert(simulate(one, design { next_arena = "most recently freed" },
        { placements = function(text) table.insert(places, text) end }))
      assert.matches("\n33 r 24 0:%d+:48\n34 a 25 1:768:48\n$", table.concat(places))
    end)

  it("places a block in each pool, where a pool has one block", function()
    local one <close> = assert(pymalloc.trace.loaded { text = "a 1 64\na 2 64\nf 1\na 3 64\n" })
    for _, policy in ipairs { "front of the ring", "fullest" } do
      local places = {}
      assert(simulate(one, design { pool_bytes = 128, next_pool = policy },
        { placements = function(text) table.insert(places, text) end }))
      assert.equal("1 a 1 0:0:48\n2 a 2 0:128:48\n3 f 1 -\n4 a 3 0:0:48\n", table.concat(places))
    end
  end)

  it("refuses a request that no machine can serve, as a heap does, and a free of it has no effect",
    function()
      local text = "a 1 9223372036854775808\nf 1\na 2 8\nr 2 9223372036854775808\nf 2\n"
      local one <close> = assert(pymalloc.trace.loaded { text = text })
      local of_design, of_heap = {}, {}
      assert(simulate(one, design {}, { placements = function(piece)
        table.insert(of_design, piece)
      end }))
      assert(pymalloc.trace.replay_file({ text = text }, { heap = { profile = "classroom" },
        placements = true, output = function(piece) table.insert(of_heap, piece) end }))
      assert.equal("1 a 1 NULL\n2 f 1 -\n3 a 2 0:0:48\n4 r 2 NULL\n5 f 2 -\n",
        table.concat(of_design))
      assert.equal(table.concat(of_heap), table.concat(of_design))
    end)

  it("allows as many arenas as the last of 300 lines says", function()
    local lines = {}
    for i = 1, 300 do
      table.insert(lines, ("x %d\na %d 64"):format(i < 300 and i or 0, i))
    end
    table.insert(lines, "a 301 64\na 302 64\n")
    local text = table.concat(lines, "\n")
    local one <close> = assert(pymalloc.trace.loaded { text = text })
    local of_design, of_heap = {}, {}
    assert(simulate(one, design {}, { placements = function(piece)
      table.insert(of_design, piece)
    end }))
    assert(pymalloc.trace.replay_file({ text = text }, { heap = { profile = "classroom" },
      placements = true, output = function(piece) table.insert(of_heap, piece) end }))
    assert.matches("\n301 a 301 L\n302 a 302 L\n$", table.concat(of_design))
    assert.equal(table.concat(of_heap), table.concat(of_design))
  end)

  it("places blocks alike with carving lazy and eager, last in, first out", function()
    check_alike({ carving = "lazy" }, { carving = "eager" })
    check_alike({ carving = "lazy", next_block = "lowest" },
      { carving = "eager", next_block = "lowest" })
  end)

  it("has bytes at the peak that add up, for each policy", function()
    local count = 0
    for kind, list in pairs(pymalloc.lab.policies()) do
      for _, policy in ipairs(list) do
        for _, more in ipairs { { cache = 3 }, { header = 0 }, { arena_offset = 64 } } do
          more[kind] = policy.name
          local _, result = run(more)
          assert.equal(result.held_peak, result.live_peak + result.waste_rounding
            + result.waste_headers + result.waste_free + result.waste_unused)
          assert.equal(result.held_end,
            (result.arenas_obtained - result.arenas_released) * 1024)
          count = count + 1
        end
      end
    end
    assert.equal(3 * 20, count)
  end)

  -- A simulation that writes no places has a loop of its own for each of these pairs.
  it("has one result with and without places, for each two policies of pools and blocks", function()
    local policies, count = pymalloc.lab.policies(), 0
    for _, pool in ipairs(policies.next_pool) do
      for _, block in ipairs(policies.next_block) do
        local fields = { next_pool = pool.name, next_block = block.name }
        local _, expected = run(fields)
        assert.same(expected, assert(simulate(loaded, design(fields))))
        count = count + 1
      end
    end
    assert.equal(4 * 3, count)
  end)

  it("gives each live block a place of its own, with each policy", function()
    for kind, list in pairs(pymalloc.lab.policies()) do
      for _, policy in ipairs(list) do
        local places = run { [kind] = policy.name, cache = 2 }
        local id_of, place_of = {}, {}
        for letter, id, place in places:gmatch("%d+ (%l) (%d+) (%S+)\n") do
          id_of[place_of[id] or ""], place_of[id] = nil, nil
          if letter ~= "f" and place:find(":") then
            assert.is_nil(id_of[place])
            id_of[place], place_of[id] = id, place
          end
        end
      end
    end
  end)

  it("with arenas of one pool keeps arenas, and uses them again", function()
    for _, order in ipairs { "fullest", "emptiest", "random" } do
      for _, release in ipairs { "keep 1", "keep the last", "never" } do
        local _, result = run { arena_bytes = 256, next_arena = order, release = release }
        assert.is_true(result.arenas_obtained < result.arenas_released + result.arenas_highwater
          + 1)
        assert.equal(result.held_end, 256 * (result.arenas_obtained - result.arenas_released))
      end
    end
  end)
end)

describe("classes that a function chooses", function()
  local own = assert(pymalloc.trace.loaded { text = "a 1 1\na 2 16\na 3 17\na 4 64\n" })

  it("are the sizes that it returns", function()
    local places = {}
    assert(simulate(own, design { header = 0, classes = function(bytes)
      return bytes <= 16 and 16 or 64
    end }, { placements = function(text) table.insert(places, text) end }))
    assert.equal("1 a 1 0:0:0\n2 a 2 0:0:16\n3 a 3 0:256:0\n4 a 4 0:256:64\n",
      table.concat(places))
  end)

  for title, case in pairs {
    ["a size that is too small"] = { function() return 16 end,
      "classes%(17%) must be an integer from 17 to 1048576, got 16" },
    ["a size although a smaller class holds the request"] = { function(bytes)
      return bytes == 10 and 64 or (bytes + 15) // 16 * 16
    end, "classes%(10%) is 64, but the class of 16 bytes holds it" },
    ["no number"] = { function() return {} end, "classes%(1%) must be an integer .*, got a table" },
  } do
    it("refuse " .. title, function()
      assert.error_matches(function() simulate(own, design { classes = case[1] }) end, case[2])
    end)
  end

  it("may be a list that does not end: it is refused", function()
    local endless = setmetatable({}, { __index = function(_, i)
      return math.type(i) and i or nil
    end })
    assert.error_matches(function() simulate(own, design { classes = endless }) end,
      "classes must have at most 1024 elements")
  end)
end)

describe("a simulation of a terabyte", function()
  it("has memory for the pools that are used only", function()
    local own <close> = assert(pymalloc.trace.loaded { text = "a 1 16\na 2 32\n" })
    local result = assert(simulate(own, { pool_bytes = 1 << 20, arena_bytes = 1 << 40 }))
    assert.same({ 1 << 40, 2 * 1 + 0 }, { result.held_peak, result.touched_pages })
  end)

  it("has as many arenas as it needs", function()
    local lines = {}
    for id = 1, 1 << 17 do
      lines[id] = "a " .. id .. " 8"
    end
    local own <close> = assert(pymalloc.trace.loaded { text = table.concat(lines, "\n") .. "\n" })
    local result = assert(simulate(own, { profile = "3.11", pool_bytes = 1 << 20,
      header = (1 << 20) - 16, classes = { 16 }, threshold = 16, arena_bytes = 1 << 23,
      arena_offset = 16 }))
    assert.equal(((1 << 17) + 6) // 7 << 23, result.held_end)
  end)
end)
