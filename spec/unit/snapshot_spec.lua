local json = require "dkjson"
local pymalloc = require "pymalloc"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

-- Returns the old and new values of a record's changes, by field.
local function changes_of(record)
  local map = {}
  for _, change in ipairs(record.changes) do
    map[change.field] = { change.old, change.new }
  end
  return map
end

local function places(list)
  local texts = {}
  for i, block in ipairs(list) do
    texts[i] = ("%d:%d:%d"):format(block.arena, block.pool, block.block)
  end
  return texts
end

-- Removes the addresses of places, which a snapshot of a heap does not have. Returns the table.
local function without_addresses(record)
  record.address = nil
  for _, value in pairs(record) do
    if type(value) == "table" then
      without_addresses(value)
    end
  end
  return record
end

describe("a snapshot", function()
  local heap, blocks

  before_each(function()
    heap, blocks = pymalloc.heap { profile = "classroom" }, {}
    for i = 1, 14 do
      blocks[i] = heap:malloc(64)
    end
  end)

  after_each(function()
    heap:close()
  end)

  it("does not change when the heap changes", function()
    local snapshot = heap:snapshot()
    local count = snapshot.arenas[1].pools[1].ref_count
    blocks[1]:free()
    assert.equal(count, snapshot.arenas[1].pools[1].ref_count)
    assert.equal(count - 1, heap:snapshot().arenas[1].pools[1].ref_count)
    assert.equal("pymalloc.Snapshot classroom with 2 arenas, 14 live blocks", tostring(snapshot))
  end)

  it("is equal to its copy after JSON encoding and decoding", function()
    blocks[5]:free()
    blocks[4]:free()
    blocks[6]:free()
    local snapshot = heap:snapshot()
    local loaded = assert(json.decode(assert(json.encode(snapshot))))
    assert.equal("nothing changed", tostring(pymalloc.diff(snapshot, loaded)))
    blocks[1]:free()
    assert.same(pymalloc.diff(snapshot, heap:snapshot()), pymalloc.diff(loaded, heap:snapshot()))
  end)

  it("does not differ from another one of the same state", function()
    local diff = pymalloc.diff(heap:snapshot(), heap:snapshot())
    assert.equal("nothing changed", tostring(diff))
  end)
end)

describe("a snapshot of a heap", function()
  local heap, blocks

  -- A heap whose pools are empty, used, full and never carved.
  before_each(function()
    heap, blocks = pymalloc.heap { profile = "3.9" }, {}
    for i = 1, 9000 do
      blocks[i] = heap:malloc(i * 7 % 600)
    end
    for i = 1, 9000 do
      if i < 6000 and i % 3 ~= 0 or i > 2000 and i < 4000 then
        blocks[i]:free()
      end
    end
  end)

  after_each(function()
    heap:close()
  end)

  it("has the pools of freepools in the order of the list", function()
    local seen = 0
    for _, record in ipairs(heap:snapshot().arenas) do
      local offsets, arena = {}, heap:arena(record.index)
      for first in arena:pools() do
        if first.address == arena.freepools then
          local pool = first
          while pool do
            table.insert(offsets, pool.offset)
            pool = pool:next()
          end
          break
        end
      end
      assert.same(offsets, record.freepools)
      seen = seen + #offsets
    end
    assert.is_true(seen > 10)
  end)

  it("is drawn as the heap is", function()
    local snapshot = heap:snapshot()
    assert.equal(pymalloc.view.text(heap), pymalloc.view.text(snapshot))
    assert.equal(pymalloc.view.svg(heap), pymalloc.view.svg(snapshot))
    local states = {}
    for arena in heap:arenas() do
      local other = snapshot:arena(arena.index)
      assert.equal(pymalloc.view.text(arena), pymalloc.view.text(other))
      for pool in arena:pools() do
        states[pool.state] = true
        assert.equal(pymalloc.view.text(pool), pymalloc.view.text(other:pool(pool.offset)))
        assert.equal(pymalloc.view.svg(pool), pymalloc.view.svg(other:pool(pool.offset)))
      end
    end
    assert.same({ empty = true, used = true, full = true }, states)
  end)

  it("has the statistics and the report of the heap", function()
    local snapshot, stats = heap:snapshot(), heap:stats()
    for name, value in pairs(snapshot:stats()) do
      assert.same(stats[name], value, name)
    end
    assert.equal(heap:debugmallocstats(), snapshot:debugmallocstats())
  end)

  it("names the blocks that pin arenas, as the heap does", function()
    local snapshot = heap:snapshot()
    assert.same(without_addresses(heap:release_candidates()), snapshot:release_candidates())
    assert.same(without_addresses(heap:pinned_by(1)), snapshot:pinned_by(1))
    assert.error_matches(function() snapshot:pinned_by(99) end, "there is no arena 99")
    assert.error_matches(function() snapshot:arena(99) end, "there is no arena 99")
  end)

  it("is saved to a file and loaded", function()
    local base = os.tmpname()
    local snapshot = heap:snapshot()
    assert.is_true(snapshot:save(base .. ".json.gz"))
    local loaded = assert(pymalloc.snapshot.load(base .. ".json.gz"))
    assert.equal("nothing changed", tostring(pymalloc.diff(snapshot, loaded)))
    assert.equal(snapshot:debugmallocstats(), loaded:debugmallocstats())
    assert.is_true(loaded:check())
    os.remove(base)
    os.remove(base .. ".json.gz")
    local _, problem = pymalloc.snapshot.load(base .. ".json.gz")
    assert.matches("No such file", problem)
  end)

  -- Each change of the state, and the invariant that it breaks.
  local damages = {
    { "pool.chain", function(_, pool) pool.free[1] = pool.free[2] end },
    { "pool.chain", function(_, pool) pool.free[1] = pool.free[1] + 1 end },
    { "pool.count", function(_, pool) table.remove(pool.free) end },
    { "pool.ready", function(_, pool) pool.free = {} end },
    { "pool.class", function(_, pool) pool.maxnextoffset = 0 end },
    { "arena.free_pools", function(s) s.arenas[2].nfreepools = s.arenas[2].nfreepools + 1 end },
    { "arena.empty", function(s, pool) s.arenas[2].freepools[1] = pool.offset end },
    { "arena.extent", function(s) s.arenas[2].ntotalpools = 1 end },
    { "used.members", function(s) table.remove(s.usedpools[3].pools) end },
    { "used.members", function(s) s.usedpools[3].szidx = 31 end },
    { "usable.members", function(s) table.remove(s.usable_arenas) end },
    { "usable.sorted", function(s)
      table.insert(s.usable_arenas, table.remove(s.usable_arenas, 1))
    end },
    { "unused.members", function(s) table.remove(s.unused_arena_objects) end },
    { "arenas.counters", function(s) s.globals.arenas_highwater = 0 end },
  }

  it("shows each broken invariant by its name", function()
    for i, damage in ipairs(damages) do
      local snapshot = heap:snapshot()
      assert.same({}, snapshot:faults())
      local pool
      for _, candidate in ipairs(snapshot.arenas[2].pools) do
        pool = candidate.state == "used" and #candidate.free > 1 and candidate or pool
      end
      damage[2](snapshot, pool)
      local names = {}
      for _, fault in ipairs(snapshot:faults()) do
        names[fault.invariant] = true
      end
      assert.is_true(names[damage[1]], ("damage %d breaks %s"):format(i, damage[1]))
      assert.error_matches(function() snapshot:check() end, "^pymalloc: %w+%.[%w_]+: .+: .+")
    end
  end)

  it("is refused at the caller's line if fields were changed", function()
    local here = debug.getinfo(1, "S").short_src
    for name, method in pairs(debug.getmetatable(heap:snapshot()).__index) do
      assert.error_matches(function() method({}) end,
        name .. ": self must be a snapshot, got a table")
      local snapshot = heap:snapshot()
      snapshot.geometry.alignment = "16"
      local ok, problem = pcall(function() method(snapshot, 0) end)
      assert.is_false(ok)
      assert.equal(here, problem:match("^(.-):%d+: pymalloc: snapshot:" .. name
        .. ": the snapshot is not whole: geometry.alignment must be an integer"))
    end
    local snapshot = heap:snapshot()
    snapshot.arenas[1].pools[1].capacity = 1
    assert.error_matches(function() pymalloc.view.text(snapshot) end, "the snapshot is not whole")
    assert.error_matches(function() pymalloc.view.svg(snapshot) end, "the snapshot is not whole")
  end)
end)

describe("a diff", function()
  local heap, blocks

  before_each(function()
    heap, blocks = pymalloc.heap { profile = "classroom" }, {}
    for i = 1, 12 do
      blocks[i] = heap:malloc(64)
    end
  end)

  after_each(function()
    heap:close()
  end)

  local function diff_of(change)
    local before = heap:snapshot()
    change()
    return pymalloc.diff(before, heap:snapshot())
  end

  it("lists the blocks that were allocated and freed", function()
    local kept
    local diff = diff_of(function()
      blocks[2]:free()
      blocks[9]:free()
      kept = heap:malloc(64)
    end)
    assert.same({ "0:0:112" }, places(diff.blocks.freed))
    assert.same({}, places(diff.blocks.allocated))
    assert.equal("0:512:176", heaps.place(kept))
  end)

  it("lists the changed fields of a pool with their old and new values", function()
    local diff = diff_of(function() blocks[2]:free() end)
    assert.equal(1, #diff.pools.changed)
    assert.same({ state = { "full", "used" }, ref_count = { 3, 2 }, free = { "", "112" } },
      changes_of(diff.pools.changed[1]))
    assert.same({}, diff.arenas.changed)
  end)

  it("lists new arenas and pools, and those that are gone", function()
    local diff = diff_of(function() blocks[13] = heap:malloc(10) end)
    assert.same({ { arena = 1 } }, diff.arenas.new)
    assert.same({ { arena = 1, pool = 0, szidx = 0 } }, diff.pools.new)
    diff = diff_of(function() blocks[13]:free() end)
    assert.same({ { arena = 1 } }, diff.arenas.gone)
    assert.same({ { arena = 1, pool = 0, szidx = 0 } }, diff.pools.gone)
    assert.same({ "1:0:48" }, places(diff.blocks.freed))
  end)

  it("lists an arena that was released and obtained again as gone and as new", function()
    blocks[13] = heap:malloc(10)
    local diff = diff_of(function()
      blocks[13]:free()
      blocks[13] = heap:malloc(10)
    end)
    assert.same({ { arena = 1 } }, diff.arenas.gone)
    assert.same({ { arena = 1 } }, diff.arenas.new)
  end)

  it("lists every live block of a pool that changed its class as allocated", function()
    for i = 1, 3 do
      blocks[i]:free()
    end
    local diff = diff_of(function() heap:malloc(16) end)
    assert.same({ "0:0:48" }, places(diff.blocks.allocated))
    assert.same({ 3, 0 }, changes_of(diff.pools.changed[1]).szidx)
  end)

  it("prints one line for each change", function()
    local diff = diff_of(function() blocks[2]:free() end)
    local text = pymalloc.view.text(diff, { ascii = true, colour = false })
    assert.equal(table.concat({
      "heap: blocks 12 -> 11",
      "pool 0:0: state full -> used, ref_count 3 -> 2, free - -> 112",
      "freed (1): 0:0:112",
    }, "\n"), text)
  end)

  it("refuses arguments that are not snapshots", function()
    assert.error_matches(function() pymalloc.diff(1, heap:snapshot()) end,
      "argument 1 must be a snapshot, got 1")
    assert.error_matches(function() pymalloc.diff(heap:snapshot(), {}) end,
      "argument 2 must be a snapshot of format 1, got format nil")
    local future = heap:snapshot()
    future.format = 2
    assert.error_matches(function() pymalloc.diff(future, future) end,
      "must be a snapshot of format 1, got format 2")
  end)
end)

describe("heap:release_candidates", function()
  it("lists the arenas by the number of live blocks, then by slot, with the blocks", function()
    local heap, blocks = pymalloc.heap { profile = "classroom" }, {}
    for i = 1, 36 do
      blocks[i] = heap:malloc(64)
    end
    for i = 13, 23 do
      blocks[i]:free()
    end
    local candidates = heap:release_candidates()
    assert.same({ 1, 0, 2 },
      { candidates[1].arena, candidates[2].arena, candidates[3].arena })
    assert.same({ 1, 12, 12 },
      { candidates[1].blocks, candidates[2].blocks, candidates[3].blocks })
    assert.equal(64, candidates[1].bytes)
    local place = candidates[1].pinned[1]
    assert.equal("pymalloc.Place 1:768:176", tostring(heap:locate(place.address)))
    assert.same({ { arena = 1, pool = 768, offset = 176, size = 64, address = place.address } },
      candidates[1].pinned)
    assert.same(without_addresses(candidates), heap:snapshot():release_candidates())
    local arenas = heap:stats().arenas_current
    blocks[24]:free()
    assert.equal(arenas - 1, heap:stats().arenas_current)
  end)
end)
