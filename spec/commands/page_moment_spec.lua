-- Tests lua/pymalloc/page.lua: the facts on a moment are equal to the heap's own dump, statistics
-- and snapshot, at random stops of the built-in traces.

local page = require "pymalloc.page"
local pymalloc = require "pymalloc"

local STOPS = 5

-- {=== The dump of a heap, written from facts

local function slot_text(slot)
  return type(slot) == "number" and tostring(slot) or "-"
end

local function join(first, list)
  local words = { first }
  for _, element in ipairs(list) do
    table.insert(words, tostring(element))
  end
  return table.concat(words, " ")
end

local function value(facts, name)
  for _, field in ipairs(facts.header) do
    if field.name == name then
      return field.value
    end
  end
end

local function pool_line(pool)
  local line = ("pool %s count=%s szidx=%s nextoffset=%s maxnextoffset=%s arenaindex=%s %s")
    :format(pool.address, value(pool, "ref_count"), value(pool, "szidx"),
      value(pool, "nextoffset"), value(pool, "maxnextoffset"), value(pool, "arenaindex"),
      pool.state)
  return join(line .. " free", pool.freelist)
end

local function arena_line(arena)
  local links = arena.state == "full" and "full"
    or ("next=%s prev=%s"):format(slot_text(arena.nextarena), slot_text(arena.prevarena))
  local places = {}
  for i, offset in ipairs(arena.freepools) do
    places[i] = arena.slot .. ":" .. offset
  end
  return join(("arena %d pool_address=%d nfreepools=%d ntotalpools=%d %s freepools"):format(
    arena.slot, arena.pool_address, arena.nfreepools, arena.ntotalpools, links), places)
end

local function add_arena(lines, session, arena)
  table.insert(lines, arena_line(arena))
  for i = 0, arena.carved - 1 do
    local offset = i * session.geometry.pool_bytes
    table.insert(lines, pool_line(page.pool(session.session, arena.slot, offset)))
  end
end

-- The lines of heap:dump() but the one of the heap itself and those of slots without an arena.
local function lines_of_facts(session, moment)
  local lines = { join("usable", moment.usable_arenas), join("unused",
    moment.unused_arena_objects) }
  for _, arena in ipairs(moment.arenas) do
    add_arena(lines, session, arena)
  end
  for _, class in ipairs(moment.usedpools) do
    local places = {}
    for i, place in ipairs(class.pools) do
      places[i] = place.arena .. ":" .. place.pool
    end
    table.insert(lines, join(("class %d size=%d used"):format(class.szidx,
      session.classes[class.szidx + 1].bytes), places))
  end
  return table.concat(lines, "\n") .. "\n"
end

local function lines_of_dump(heap)
  local lines = {}
  for line in heap:dump():gmatch("[^\n]+") do
    if not line:find("^globals") and not line:find("^arena %d+ free") then
      table.insert(lines, line)
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

-- {=== Statistics and the map

local function compare_stats(facts, heap)
  local stats = heap:stats()
  assert.same(stats.arena_bytes, facts.held)
  assert.same(stats.allocated_bytes, facts.live + facts.rounding)
  assert.same(stats.available_bytes, facts.free)
  assert.same(stats.unused_pool_bytes, facts.unused)
  assert.same(stats.header_bytes + stats.quantization_bytes + stats.alignment_bytes,
    facts.headers)
  assert.same({ stats.arenas_current, stats.blocks, stats.raw_blocks, stats.arenas_highwater },
    { facts.arenas, facts.blocks, facts.raw_blocks, facts.highwater })
end

local STATES = { [0] = "virgin", "empty", "used", "full" }

-- The pools of a map as lines, without the virgin ones.
local function lines_of_map(map, pool_bytes)
  local lines, at = {}, 1
  while at <= #map do
    local slot, count = string.unpack("<I4I4", map, at)
    for i = 0, count - 1 do
      local ref_count = string.unpack("<I4", map, at + 8 + 4 * i)
      local szidx = string.unpack("<I2", map, at + 8 + 4 * count + 2 * i)
      local state = STATES[map:byte(at + 8 + 6 * count + i)]
      if state ~= "virgin" then
        table.insert(lines, ("%d:%d %d %d %s"):format(slot, i * pool_bytes, ref_count, szidx,
          state))
      end
    end
    at = at + 8 + 8 * count
  end
  return lines
end

local function lines_of_snapshot(snapshot)
  local lines = {}
  for _, arena in ipairs(snapshot.arenas) do
    for _, pool in ipairs(arena.pools) do
      table.insert(lines, ("%d:%d %d %d %s"):format(arena.index, pool.offset, pool.ref_count,
        pool.size and pool.szidx or 0xffff, pool.state))
    end
  end
  return lines
end

-- {=== Specs

for _, trace in ipairs { "@startup", "@json" } do
  for _, profile in ipairs { "3.6", "3.11" } do
    describe(("a moment of %s under %s"):format(trace, profile), function()
      local session, run

      setup(function()
        session = page.open(trace, { geometry = { profile = profile } })
        run = assert(pymalloc.replay(trace, { profile = profile }))
      end)

      teardown(function()
        page.close(session.session)
        run:close()
      end)

      it("is equal to the heap's dump, statistics and snapshot at random stops", function()
        math.randomseed(13)
        for _ = 1, STOPS do
          local op = math.random(0, session.requests)
          local moment = page.seek(session.session, op)
          run:seek(op)
          assert.same(lines_of_dump(run.heap), lines_of_facts(session, moment), "request " .. op)
          compare_stats(moment.stats, run.heap)
          assert.same(lines_of_snapshot(run.heap:snapshot()), lines_of_map(
            page.map(session.session), session.geometry.pool_bytes))
          assert.same(run.heap:hash(), page.hash(session.session))
        end
      end)

      it("has the events of its request", function()
        local op = session.requests // 2
        local moment = page.seek(session.session, op)
        run:seek(op)
        local texts = {}
        for i, event in ipairs(run:events(true)) do
          texts[i] = tostring(event)
        end
        for i, event in ipairs(moment.events) do
          assert.same(texts[i], event.text)
        end
        assert.same(#texts, #moment.events + moment.left_out)
      end)

      it("has the digest of the library's run", function()
        assert.same(run:digest(), page.digest(session.session))
      end)
    end)
  end
end

describe("the bytes of a moment", function()
  it("count what was requested and is live, in pools and in raw blocks", function()
    local session = page.openText("a 1 24\na 2 600\na 3 30\nf 1\nr 3 20\n").session
    local stats = page.seek(session, 5).stats
    assert.same({ 20, 600, 1, 1 }, { stats.live, stats.raw, stats.pools, stats.raw_blocks })
    page.close(session)
  end)
end)

describe("the clock", function()
  local session

  before_each(function()
    session = page.open("@startup", { from = 1000, to = 2000, name = "a part" })
  end)

  after_each(function()
    page.close(session.session)
  end)

  it("goes from `from` to `to`, and no further", function()
    assert.same({ 1000, 2000, 2000, "a part" },
      { session.from, session.to, session.requests, session.name })
    assert.same(1000, page.moment(session.session).op)
    assert.same(1000, page.step(session.session, -5).op)
    assert.same(2000, page.step(session.session, 1000000).op)
    assert.error_matches(function()
      page.seek(session.session, 999)
    end, "^op must be an integer from 1000 to 2000, got 999$")
  end)

  it("has the same state as the whole trace there", function()
    local whole = page.open("@startup").session
    page.seek(whole, 1500)
    page.seek(session.session, 1500)
    assert.same(page.hash(whole), page.hash(session.session))
    page.close(whole)
  end)

  it("ends before a request that cannot be run, and says why", function()
    local ended = page.openText("a 1 8\na 2 8\na 1 16\na 3 8\n")
    assert.same(2, ended.requests)
    assert.same({ "The rest of the trace cannot be run: request 3: id 1 is live already." },
      ended.notices)
    page.close(ended.session)
  end)

  it("stays where it is if a condition is not met", function()
    page.seek(session.session, 1500)
    assert.is_nil(page.continue(session.session, "arena_release", 1))
    assert.is_nil(page.continue(session.session, "arenas_grow", -1))
    assert.same(1500, page.moment(session.session).op)
  end)
end)

describe("two sessions of one trace", function()
  it("share its requests and have a moment each", function()
    local one = page.open("@startup")
    local other = page.reopen(one.session, { geometry = { profile = "3.12" } })
    page.seek(one.session, 20000)
    page.seek(other.session, 20000)
    assert.same({ "3.6", "3.12" }, { one.geometry.name, other.geometry.name })
    local run = assert(pymalloc.replay("@startup", { profile = "3.12" }))
    run:seek(20000)
    page.close(one.session)
    assert.same(run.heap:hash(), page.hash(other.session))
    page.close(other.session)
  end)
end)
