-- Tests bench/figures.lua, which reads runs of the benchmarks, and compares docs/speed-figures.md
-- and the README with the recorded runs.

local figures = dofile("bench/figures.lua")

local function read(lines)
  return figures.read(lines:gmatch("[^\n]+"))
end

-- Rounds of one workload, for the cached heap and for a peer.
local function rounds(own, peer)
  local lines = {}
  for name, times in pairs { cached = own, glibc = peer } do
    for round, ns in ipairs(times) do
      table.insert(lines, ("%s\twarm64\tpair\tcore\t%d\t%.3f\t20\t8\t4"):format(name, round, ns))
    end
  end
  return read(table.concat(lines, "\n"))
end

describe("the figures of a run", function()
  it("are medians over the rounds, with the facts of the machine in front", function()
    local run = read "#processor\tsome\ncached\twarm64\tpair\tcore\t1\t3.0\t20\t8\t4\n"
    assert.equal("some", run.facts.processor)
    assert.equal(3.0, run:median("warm64", "cached"))
    assert.same({ peak = 20, kept = 8, trimmed = 4 }, run:memory("warm64", "cached"))
    assert.equal(3.0, rounds({ 9, 3, 1 }, { 1 }):median("warm64", "cached"))
  end)

  it("leave out the memory that was not recorded", function()
    local run = read "cached\twarm64\tpair\tcore\t1\t3.0\n"
    assert.is_nil(run:memory("warm64", "cached"))
  end)

  it("name a workload that is slower than the best peer by more than the spreads", function()
    local slower = rounds({ 11, 11.2, 11.1, 11, 11.2 }, { 10, 10.1, 9.9, 10, 10 }):slower("cached")
    assert.equal(1, #slower)
    assert.equal("warm64", slower[1].workload)
    assert.equal("glibc", slower[1].peer)
    assert.near(1.11, slower[1].ratio, 1e-9)
  end)

  it("name no workload whose difference is within the spreads", function()
    assert.same({}, rounds({ 8, 11, 14, 8, 14 }, { 10, 10, 10, 10, 10 }):slower("cached"))
    assert.same({}, rounds({ 9, 9, 9 }, { 10, 10, 10 }):slower("cached"))
  end)
end)

-- The lines that a call of bench/machines.lua prints for the recorded runs.
local function printed(what)
  local pipe = assert(io.popen(("lua5.4 bench/machines.lua %s bench/results/*.tsv"):format(what)))
  local text = pipe:read("a")
  assert.is_true(pipe:close())
  return text
end

local function contents(path)
  local file <close> = assert(io.open(path))
  return file:read("a")
end

describe("the recorded runs", function()
  it("are shown in docs/speed-figures.md as they are in bench/results", function()
    assert.equal(printed("page"), contents("docs/speed-figures.md"),
      "script/bench --machines writes it")
  end)

  it("have the tables that docs/speed.md shows of one of them", function()
    local page = contents("docs/speed.md")
    local run = assert(page:match("<!%-%- script/bench %-%-machines: (%S+) %-%->\n"))
    local pipe = assert(io.popen("lua5.4 bench/table.lua summary <" .. run))
    local tables = pipe:read("a")
    assert.is_true(pipe:close())
    assert.matches("geometric mean", tables)
    assert.truthy(page:find(tables, 1, true), "script/bench --machines writes them")
  end)

  it("have the ranges that the README gives", function()
    local ranges = printed("ranges")
    assert.matches("|.-|.-%d to %d", ranges)
    assert.truthy(contents("README.md"):find(ranges, 1, true), "script/bench --machines writes it")
  end)
end)
