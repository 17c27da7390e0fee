-- pymalloc.real replays a trace on the allocator of another process. The specs build
-- libraries whose footprint is known (spec/real/fake_allocator.c).

local fake_real = require "spec.support.fake_real"
local live_python = require "spec.support.live_python"
local pymalloc = require "pymalloc"

local PAGE = 4096

local library, trace_of, blocks = fake_real.library, fake_real.trace_of, fake_real.blocks

describe("a replay on a real allocator", function()
  if not fake_real.is_built then
    return pending("the library real.so was not built: there is no GNU C library")
  end

  it("counts the pages that blocks have, exactly", function()
    local fake <close> = library("")
    local result = assert(pymalloc.real.replay(blocks(100, 2 * PAGE), fake.path,
      { samples = 100 }))
    assert.equal(300 * PAGE, result.total_peak)
    assert.equal(300 * PAGE, result.total_end)
    assert.equal(200 * PAGE, result.total_live_peak)
    assert.equal(300 * PAGE * 101 / 200, result.total_mean)
    assert.equal(200 * PAGE * 101 / 200, result.total_live_mean)
    assert.equal(fake.path, result.library)
    assert.equal("/proc/self/smaps_rollup", result.source)
  end)

  it("counts only the page of the header where blocks are not touched", function()
    local fake <close> = library("")
    local pages = {}
    for _, touch in ipairs { "none", "pages", "all" } do
      local result = assert(pymalloc.real.replay(blocks(10, 4 * PAGE), fake.path,
        { touch = touch }))
      table.insert(pages, result.total_end // PAGE)
    end
    assert.same({ 10, 50, 50 }, pages)
  end)

  it("counts freed pages until the allocator returns them", function()
    local fake <close> = library("")
    local lines = {}
    for id = 1, 100 do
      table.insert(lines, ("a %d %d"):format(id, PAGE - 16))
    end
    for id = 1, 60 do
      table.insert(lines, ("f %d"):format(id))
    end
    local result = assert(pymalloc.real.replay(trace_of(lines), fake.path))
    assert.same({ 100, 40, "malloc_trim" },
      { result.total_end // PAGE, result.total_trimmed // PAGE, result.trim })
    assert.equal(40 * (PAGE - 16), result.total_live_end)
  end)

  it("does not count pages that the kernel may take at any time", function()
    local fake <close> = library("-DLAZY")
    local result = assert(pymalloc.real.replay(blocks(50, PAGE - 16, true), fake.path))
    assert.equal(50 * PAGE, result.total_peak)
    assert.equal(0, result.total_end)
  end)

  it("takes samples at even distances, and at the first peak of the live bytes", function()
    local fake <close> = library("")
    local function requests_of(lines, samples)
      return assert(pymalloc.real.replay(trace_of(lines), fake.path,
        { samples = samples })).series.requests
    end
    local rising, even = {}, { "a 1 100", "f 1", "a 2 100", "f 2", "a 3 100", "f 3" }
    for id = 1, 10 do
      table.insert(rising, ("a %d 100"):format(id))
    end
    assert.same({ 4, 7, 10 }, requests_of(rising, 3))
    assert.same({ 1, 6 }, requests_of(even, 1))
    assert.same({ 1, 3, 6 }, requests_of(even, 2))
  end)

  it("finds the peak between the evenly spread samples", function()
    local fake <close> = library("-DLAZY")
    local lines = {}
    for id = 1, 30 do
      table.insert(lines, ("a %d 100"):format(id))
    end
    for id = 1, 30 do
      table.insert(lines, ("f %d"):format(id))
    end
    local result = assert(pymalloc.real.replay(trace_of(lines), fake.path, { samples = 1 }))
    assert.same({ 30, 60 }, result.series.requests)
    assert.same({ 30 * PAGE, 0 }, result.series.total)
    assert.same({ 30 * PAGE, 0 }, { result.total_peak, result.total_mean // 1 })
  end)

  it("makes each request with its size", function()
    local fake <close> = library("")
    local result = assert(pymalloc.real.replay(trace_of { "a 1 0", "c 2 2 5000", "r 1 9000",
      "r 3 10", "f 9", "f 2", "a 4 18446744073709551615" }, fake.path, { samples = 7 }))
    local pages = {}
    for i, bytes in ipairs(result.series.total) do
      pages[i] = bytes // PAGE
    end
    assert.same({ 1, 4, 7, 8, 8, 8, 8 }, pages)
    assert.same({ 0, 10000, 19000, 19010, 19010, 9010, 9010 }, result.series.total_live)
    assert.equal(1, result.refused)
  end)

  it("sets variables of the environment", function()
    local lines = {}
    for id = 1, 20 do -- glibc returns blocks of this size to the system, or keeps them
      table.insert(lines, ("a %d 100000"):format(id))
    end
    for id = 1, 20 do
      table.insert(lines, ("f %d"):format(id))
    end
    local function held(threshold)
      return assert(pymalloc.real.replay(trace_of(lines), "glibc", { touch = "all",
        environment = { MALLOC_MMAP_THRESHOLD_ = threshold,
          MALLOC_TRIM_THRESHOLD_ = "100000000" } })).total_end
    end
    assert.is_true(held("200000") > 1900000)
    assert.is_true(held("50000") < 100000)
  end)

  it("takes a trace without a request", function()
    local fake <close> = library("")
    local result = assert(pymalloc.real.replay(trace_of { "k" }, fake.path))
    assert.same({ 0, 0, 0, 0 }, { result.requests, result.total_peak, result.total_mean,
      result.total_end })
  end)

  it("finds a library whose path has a space", function()
    local fake <close> = library("", " with a space.so")
    assert.equal(3 * PAGE, assert(pymalloc.real.replay(blocks(3, 8), fake.path)).total_end)
  end)

  it("can be on the C library and on each allocator that is installed", function()
    for i, one in ipairs(pymalloc.real.allocators()) do
      assert.equal(({ "glibc", "jemalloc", "mimalloc", "tcmalloc", "cpython" })[i], one.name)
      assert.matches(one.problem and "installed" or "^/", one.problem or one.library)
      local result = pymalloc.real.replay(blocks(1000, 1000), one.name)
      assert.is_true(not result or result.total_end > 900000 and result.total_end < 3000000)
    end
  end)

  it("holds on CPython's allocator as many pages as the exact heap touches", function()
    local python = live_python.interpreters(11, 12)[1]
    if not python then
      return pending("Python 3.11 or 3.12 is not installed")
    end
    local lines = {}
    for id = 1, 30000 do
      table.insert(lines, ("a %d %d"):format(id, 16 + id % 31 * 16))
    end
    local trace = trace_of(lines)
    local held = pymalloc.experiment { traces = { trace }, designs = { "3.11" },
      measure = { "touched_pages" } }.rows[1].touched_pages * PAGE
    local result = assert(pymalloc.real.replay(trace, ("cpython3.%d"):format(python.minor)))
    assert.is_true(math.abs(result.total_end - held) < held / 100,
      ("%d bytes, the heap %d"):format(result.total_end, held))
  end)
end)

describe("a design with the field real", function()
  if not fake_real.is_built then
    return pending("the library real.so was not built: there is no GNU C library")
  end

  it("has a row with the measures of a real allocator", function()
    local fake <close> = library("")
    local row = pymalloc.experiment { traces = { blocks(10, 2 * PAGE) }, series = 5,
      designs = { { real = fake.path, name = "fake", samples = 10 } },
      measure = { "total_peak", "total_trimmed", "held_peak" } }.rows[1]
    assert.same({ "fake", 30 * PAGE, 30 * PAGE }, { row.design, row.total_peak,
      row.total_trimmed })
    assert.is_nil(row.held_peak)
    assert.same({ 2, 4, 6, 8, 10 }, row.series.requests)
    assert.same({ 6 * PAGE, 12 * PAGE, 18 * PAGE, 24 * PAGE, 30 * PAGE }, row.series.total)
  end)

  it("compares bytes held in all, and draws them, where a plan names no measure", function()
    local fake <close> = library("")
    local result = pymalloc.experiment { traces = { blocks(10, 2 * PAGE) }, series = 5,
      designs = { { real = fake.path, name = "fake", samples = 10 }, "3.11" } }
    local names = {}
    for i, column in ipairs(result.columns) do
      names[i] = column.name
    end
    assert.matches("total_peak total_mean total_end", table.concat(names, " "), 1, true)
    assert.matches("Bytes held in all", result:plot { kind = "lines" }:text(), 1, true)
    assert.matches("total_peak", result:plot { kind = "bars" }:text(), 1, true)
    assert.is_nil(result:plot { kind = "lines" }:text():find("no value is known", 1, true))
  end)

  it("has a row with the problem where it cannot be measured", function()
    local result = pymalloc.experiment { traces = { blocks(1, 8) },
      designs = { { real = "/nowhere/none.so" }, "3.11" }, measure = { "total_peak" } }
    assert.equal("/nowhere/none.so: No such file or directory", result.rows[1].problem)
    assert.is_nil(result.rows[1].total_peak)
    assert.is_number(result.rows[2].total_peak)
  end)

  it("refuses a field of another kind", function()
    local ok, problem = pcall(pymalloc.experiment, { traces = { "@json" },
      designs = { { real = "glibc", pool_bytes = 4096 } } })
    assert.is_false(ok)
    assert.matches("unknown field pool_bytes of a design with the field real", problem, 1, true)
  end)
end)
