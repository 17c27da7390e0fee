local pymalloc = require "pymalloc"
local heaps = require "spec.support.heaps"
local profiles = require "spec.support.profiles"
local requests = require "spec.support.requests"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

-- Makes a heap and runs most requests of a list on it. Returns the heap and its
-- live buffers.
local function lived_in(options)
  local heap, buffers = pymalloc.heap(options), {}
  local list = requests.list("storms", 5, 3000, heap.geometry)
  for i = 1, #list - 400 do
    local op, id, size = table.unpack(list[i])
    if op == "a" then
      buffers[id] = heap:malloc(size)
    else
      heap:free(buffers[id])
      buffers[id] = nil
    end
  end
  return heap, buffers
end

local function lines_of(text)
  local lines = {}
  for line in text:gmatch("([^\n]*)\n") do
    table.insert(lines, line)
  end
  return lines
end

-- Returns the number after a label of the report.
local function value(report, label)
  local text = report:match("\n" .. label .. " *= *([%d,]+)\n")
  return math.tointeger((text:gsub(",", "")))
end

local LABELS = {
  allocated_bytes = "# bytes in allocated blocks",
  available_bytes = "# bytes in available blocks",
  header_bytes = "# bytes lost to pool headers",
  quantization_bytes = "# bytes lost to quantization",
  alignment_bytes = "# bytes lost to arena alignment",
  arenas_allocated_total = "# arenas allocated total",
  arenas_reclaimed = "# arenas reclaimed",
  arenas_highwater = "# arenas highwater mark",
  arenas_current = "# arenas allocated current",
  unused_pool_bytes = "%d+ unused pools %* %d+ bytes",
  arena_bytes = "Total",
}

-- Computes the numbers of the statistics from every block, through the views.
local function recount(heap)
  local header_bytes = heap.geometry.header_bytes
  local counted = {
    allocated_bytes = 0, available_bytes = 0, header_bytes = 0,
    quantization_bytes = 0, unused_pool_bytes = 0, arenas_current = 0,
  }
  local function add(name, amount)
    counted[name] = counted[name] + amount
  end
  for arena in heap:arenas() do
    add("arenas_current", 1)
    add("unused_pool_bytes", heap.geometry.pool_bytes * arena.ntotalpools)
    for pool in arena:pools() do
      local live = 0
      for _, state in ipairs(pool:blocks()) do
        live = live + (state == "live" and 1 or 0)
      end
      if live > 0 then
        local free = pool.capacity - live
        add("allocated_bytes", live * pool.size)
        add("available_bytes", free * pool.size)
        add("header_bytes", header_bytes)
        add("quantization_bytes",
          heap.geometry.pool_bytes - header_bytes - pool.capacity * pool.size)
        add("unused_pool_bytes", -heap.geometry.pool_bytes)
      end
    end
  end
  return counted
end

describe("the report", function()
  it("of a few blocks is CPython's, byte for byte", function()
    local heap <close> = pymalloc.heap()
    heaps.take(heap, 3, 8)
    heaps.take(heap, 2, 16)
    heaps.take(heap, 1, 512)
    heaps.take(heap, 3, 1000)
    assert.same({
      "Small block threshold = 512, in 64 size classes.",
      "",
      "class   size   num pools   blocks in use  avail blocks",
      "-----   ----   ---------   -------------  ------------",
      "    0      8           1               3           503",
      "    1     16           1               2           251",
      "   63    512           1               1             6",
      "",
      "# arenas allocated total           =                    1",
      "# arenas reclaimed                 =                    0",
      "# arenas highwater mark            =                    1",
      "# arenas allocated current         =                    1",
      "1 arenas * 262144 bytes/arena      =              262,144",
      "",
      "# bytes in allocated blocks        =                  568",
      "# bytes in available blocks        =               11,112",
      "61 unused pools * 4096 bytes       =              249,856",
      "# bytes lost to pool headers       =                  144",
      "# bytes lost to quantization       =                  464",
      "# bytes lost to arena alignment    =                    0",
      "Total                              =              262,144",
    }, lines_of(heap:debugmallocstats()))
  end)

  it("of a new heap is all zeros", function()
    local heap <close> = pymalloc.heap()
    local lines = lines_of(heap:debugmallocstats())
    assert.equal("", lines[5])
    for i = 6, #lines do
      assert.equal(lines[i] == "" and "" or "0", lines[i]:sub(-1))
    end
  end)

  for _, name in ipairs(profiles.names) do
    it("has the numbers of heap:stats(), in " .. name, function()
      local heap <close> = lived_in { profile = name }
      local report, stats = heap:debugmallocstats(), heap:stats()
      for field, label in pairs(LABELS) do
        assert.equal(stats[field], value(report, label), field)
      end
    end)
  end
end)

describe("statistics", function()
  for _, name in ipairs(profiles.names) do
    it("are equal to a count over every block, in " .. name, function()
      local heap <close>, buffers = lived_in { profile = name }
      local stats = heap:stats()
      for field, counted in pairs(recount(heap)) do
        assert.equal(counted, stats[field], field)
      end
      local live = 0
      for _ in pairs(buffers) do
        live = live + 1
      end
      assert.equal(live, stats.blocks)
      assert.equal(stats.arenas_allocated_total - stats.arenas_current, stats.arenas_reclaimed)
    end)

    it("account for every byte of the arenas, in " .. name, function()
      local heap <close> = lived_in { profile = name }
      local stats = heap:stats()
      assert.is_true(stats.arenas_current > 0)
      assert.equal(stats.arenas_current * heap.geometry.arena_bytes, stats.arena_bytes)
      assert.equal(stats.arena_bytes,
        stats.allocated_bytes + stats.available_bytes + stats.unused_pool_bytes
          + stats.header_bytes + stats.quantization_bytes + stats.alignment_bytes)
    end)
  end

  it("count one lost pool for each arena that is not aligned to pools", function()
    local heap <close> = lived_in { profile = "3.11", arena_offset = 4096 }
    local stats = heap:stats()
    assert.equal(16384 * stats.arenas_current, stats.alignment_bytes)
    assert.equal(stats.arenas_current * 1048576,
      stats.allocated_bytes + stats.available_bytes + stats.unused_pool_bytes
        + stats.header_bytes + stats.quantization_bytes + stats.alignment_bytes)
  end)
end)

describe("the arena map section", function()
  local function map_lines(heap)
    local lines = lines_of(heap:debugmallocstats())
    for i, line in ipairs(lines) do
      if line == "arena map counts" then
        return { table.unpack(lines, i) }
      end
    end
  end

  it("counts two nodes if arenas lie on both sides of a node's boundary", function()
    local faults = require "pymalloc_faults"
    local GIB, MIB = 1 << 30, 1 << 20
    local aligned <close> = pymalloc.heap { profile = "3.11" }
    local offset <close> = pymalloc.heap { profile = "3.11", arena_offset = 4096 }
    -- A bottom node of 3.11 covers 16 GiB: 16,384 arenas of 1 MiB.
    assert.same({ 1, 1 }, { faults.map_nodes(aligned, 16 * GIB - MIB, 1) })
    assert.same({ 1, 2 }, { faults.map_nodes(aligned, 16 * GIB - MIB, 2) })
    -- An arena that is not aligned lies in two entries of the map.
    assert.same({ 1, 2 }, { faults.map_nodes(offset, 16 * GIB - MIB, 1) })
  end)

  it("is missing before 3.10", function()
    local heap <close> = pymalloc.heap { profile = "3.9" }
    heap:malloc(8)
    assert.is_nil(map_lines(heap))
  end)

  it("counts the nodes that heap:stats() counts", function()
    local heap <close> = pymalloc.heap { profile = "3.10" }
    heap:malloc(8)
    assert.equal(1, heap:stats().map_mid_nodes)
    assert.equal(1, heap:stats().map_bot_nodes)
  end)

  it("has the node sizes of 3.10", function()
    local heap <close> = pymalloc.heap { profile = "3.10" }
    heap:malloc(8)
    assert.same({
      "arena map counts",
      "# arena map mid nodes              =                    1",
      "# arena map bot nodes              =                    1",
      "",
      "# bytes lost to arena map root     =                8,192",
      "# bytes lost to arena map mid      =                8,192",
      "# bytes lost to arena map bot      =                2,048",
      "Total                              =               18,432",
    }, map_lines(heap))
  end)

  it("has the node sizes of 3.11", function()
    local heap <close> = pymalloc.heap { profile = "3.11" }
    heap:malloc(8)
    assert.same({
      "arena map counts",
      "# arena map mid nodes              =                    1",
      "# arena map bot nodes              =                    1",
      "",
      "# bytes lost to arena map root     =              262,144",
      "# bytes lost to arena map mid      =              262,144",
      "# bytes lost to arena map bot      =              131,072",
      "Total                              =              655,360",
    }, map_lines(heap))
  end)
end)
