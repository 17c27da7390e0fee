-- The space that the blocks of a trace take over time: csrc/trace/space.c and bindings/lua/space.c.

local core = require "pymalloc.core"
local pymalloc = require "pymalloc"

local SMALL = "a 1 24\na 2 512\nf 1\nr 3 30\nr 3 32\nr 3 500\nf 2\na 4 600\nf 3\n"

-- The results of trace.space as a table.
local function space_of(loaded, options, columns, rows, spans)
  local results = table.pack(core.trace.space(loaded, options, columns, rows, spans))
  local names = { "columns", "rows", "column_requests", "row_bytes", "extent", "spans" }
  local space = { live = {}, held = {}, all = {} }
  for i, name in ipairs(names) do
    space[name] = results[i]
  end
  for i, name in ipairs { "live", "held", "all" } do
    for at = 1, #results[6 + i], 8 do
      table.insert(space[name], (string.unpack("=I8", results[6 + i], at)))
    end
  end
  return space
end

local function sum(list)
  local total = 0
  for _, value in ipairs(list) do
    total = total + value
  end
  return total
end

describe("trace.space", function()
  it("has a span for each block in its place with its size", function()
    local loaded <close> = pymalloc.trace.loaded(pymalloc.trace.parse(SMALL))
    local space = space_of(loaded, { profile = "3.6" }, 100, 100, 100)
    assert.equal(9, space.columns)
    assert.equal(5, space.spans)
    assert.same({ 48, 24, 0, 2, -- id 1
      48, 30, 3, 4, -- id 3, then with 32 bytes in the same place
      48, 32, 4, 5, 4144, 512, 1, 6, -- id 2
      8240, 500, 5, 8 }, space.all) -- id 3 again, which moved
  end)

  it("adds up the bytes live and held after each request in the cells", function()
    local loaded <close> = pymalloc.trace.loaded(pymalloc.trace.parse(SMALL))
    local space = space_of(loaded, { profile = "3.6" }, 3, 64, 0)
    assert.same({ 3, 64, 3, 4096, 262144 }, { space.columns, space.rows, space.column_requests,
      space.row_bytes, space.extent })
    local function cell(grid, column, row)
      return grid[(row - 1) * 3 + column]
    end
    assert.equal(24 * 2, cell(space.live, 1, 1))
    assert.equal(512 * 2, cell(space.live, 1, 2))
    assert.equal(512 * 3, cell(space.live, 2, 2))
    assert.equal(30 + 32, cell(space.live, 2, 1))
    assert.equal(500, cell(space.live, 2, 3))
    assert.equal(500 * 2, cell(space.live, 3, 3))
    assert.equal(4096 * 3, cell(space.held, 1, 64))
    assert.equal(4096 * 2, cell(space.held, 3, 64)) -- released by the last request
  end)

  it("agrees with the mean bytes that experiments measure, whatever the grid", function()
    for _, trace in ipairs { "@startup", pymalloc.workload.storms { requests = 20000 } } do
      local loaded <close> = pymalloc.trace.loaded(trace)
      for _, options in ipairs { { profile = "3.6" }, { profile = "3.11" },
        { profile = "3.6", arena_bytes = 65536, release = "never" } } do
        local measured = core.trace.measure(loaded, options, 0)
        for _, side in ipairs { { 1, 1 }, { 7, 13 }, { 360, 160 } } do
          local space = space_of(loaded, options, side[1], side[2], 0)
          assert.is_true(space.columns <= side[1] and space.rows <= side[2])
          assert.equal(math.floor(measured.live_mean * #loaded + 0.5), sum(space.live))
          assert.equal(math.floor(measured.held_mean * #loaded + 0.5), sum(space.held))
        end
      end
    end
  end)

  it("follows arenas that are released and obtained again", function()
    local lines = {}
    for round = 1, 3 do
      table.insert(lines, ("a %d 8\nf %d"):format(round, round))
    end
    local loaded <close> = pymalloc.trace.loaded { text = table.concat(lines, "\n") .. "\n" }
    local space = space_of(loaded, { profile = "3.6" }, 6, 1, 0)
    assert.same({ 262144, 0, 262144, 0, 262144, 0 }, space.held)
  end)

  it("refuses a trace that is closed and numbers that are out of range", function()
    local loaded = pymalloc.trace.loaded(pymalloc.trace.parse(SMALL))
    assert.error_matches(function() core.trace.space(loaded, {}, 0, 1, 1) end,
      "trace.space: columns must be from 1 to 10000, got 0")
    loaded:close()
    assert.error_matches(function() core.trace.space(loaded, {}, 1, 1, 1) end, "is closed")
  end)
end)
