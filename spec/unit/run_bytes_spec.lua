-- Tests csrc/timeline/timeline_bytes.c and timeline_append.c, by bindings/lua/run_bytes.c and
-- run_change.c.

local core = require "pymalloc.core"
local pymalloc = require "pymalloc"

local KINDS = { "at", "live", "raw", "rounding", "headers", "free", "unused", "arenas", "pools" }

local function text_run(lines, options)
  return assert(pymalloc.replay({ text = table.concat(lines, "\n") .. "\n" }, options))
end

-- A point of a curve, without its highest values.
local function point(curve, number)
  local values = {}
  for i, kind in ipairs(KINDS) do
    values[i] = curve[kind][number]
  end
  return values
end

local function bytes_now(run)
  local values, bytes = {}, core.run.bytes(run)
  for i, kind in ipairs(KINDS) do
    values[i] = bytes[kind]
  end
  return values
end

describe("the curve of a run", function()
  for _, profile in ipairs { "3.6", "3.11", "classroom" } do
    it("is equal to counts by walks over the heap under " .. profile, function()
      local run <close> = assert(pymalloc.replay("@startup", { profile = profile }))
      local curve = core.run.curve(run, 0, run.length, 60)
      assert.same(61, #curve.at)
      for i, at in ipairs(curve.at) do
        run:seek(at)
        assert.same(bytes_now(run), point(curve, i))
      end
    end)
  end

  it("is equal where arenas begin at an offset, which costs each of them a pool", function()
    local run <close> = assert(pymalloc.replay("@startup", { arena_offset = 64 }))
    local curve = core.run.curve(run, 30000, 40000, 7)
    for i, at in ipairs(curve.at) do
      run:seek(at)
      assert.same(bytes_now(run), point(curve, i))
    end
  end)

  it("has every request where there are as many points", function()
    local run <close> = text_run { "a 1 24", "a 2 700", "r 1 600", "r 2 40", "f 1", "f 2", "f 9" }
    local curve = core.run.curve(run, 0, 7, 7)
    assert.same({ 0, 1, 2, 3, 4, 5, 6, 7 }, curve.at)
    assert.same({ 0, 24, 24, 0, 0, 0, 0, 0 }, curve.live)
    assert.same({ 0, 0, 700, 1300, 640, 40, 0, 0 }, curve.raw)
    assert.same({ 0, 1, 1, 0, 0, 0, 0, 0 }, curve.pools)
  end)

  it("has the highest values between two points", function()
    local run <close> = text_run { "a 1 24", "a 2 48", "a 3 700", "f 3", "f 2", "f 1" }
    local curve = core.run.curve(run, 0, 6, 1)
    assert.same({ 0, 0 }, curve.live)
    assert.same({ 0, 72 }, curve.live_most)
    assert.same({ 0, 700 }, curve.raw_most)
    assert.same({ 0, 1 }, curve.arenas_most)
  end)

  it("leaves the run where it is, with the events of its request", function()
    local run <close> = assert(pymalloc.replay("@startup"))
    run:seek(777)
    local hash, event = run.heap:hash(), tostring(run:events()[2])
    core.run.curve(run, 0, run.length, 10)
    assert.same({ 777, hash, event }, { run.op, run.heap:hash(), tostring(run:events()[2]) })
  end)

  it("ends before a request that cannot be run", function()
    local run <close> = text_run { "a 1 24", "a 2 48", "a 1 8", "a 3 8" }
    assert.same({ 0, 1, 2 }, core.run.curve(run, 0, 4, 4).at)
  end)

  it("refuses times beyond the trace and numbers of points out of range", function()
    local run <close> = text_run { "a 1 24" }
    for _, arguments in ipairs { { 0, 2, 5 }, { 1, 0, 5 }, { 0, 1, 0 }, { 0, 1, 1 << 40 }, {} } do
      assert.error_matches(function()
        core.run.curve(run, table.unpack(arguments))
      end, "^pymalloc: run: ")
    end
  end)
end)

describe("a request that is added to a run", function()
  local run

  before_each(function()
    run = text_run { "a 1 24", "a 2 48", "f 1", "a 3 24" }
  end)

  after_each(function()
    run:close()
  end)

  local function add(line)
    assert(core.run.append(run, line))
    assert(run:step())
  end

  it("replaces the requests behind the present one", function()
    run:seek(3)
    add "a 7 500"
    assert.same({ 4, 4, 7, 500 }, { run.op, run.length, run:request().id, run:request().size })
    run:seek(0)
    run:seek(4)
    assert.same(500, run:block(7).size)
    assert.is_nil(run:block(3))
  end)

  it("frees nothing where the id is not live, as in a trace", function()
    run:seek(4)
    local before = run.heap:hash()
    for _, line in ipairs { "f 1", "f 77" } do
      add(line)
      assert.equal(before, run.heap:hash())
    end
    assert.same({ 6, 6, 77 }, { run.op, run.length, run:request().id })
    add "a 77 24"
    assert.is_truthy(run:block(77))
  end)

  it("leads to the state of a trace that has it", function()
    run:seek(2)
    for _, line in ipairs { "r 2 700", "c 5 3 8", "a 6 16", "f 5", "r 9 33" } do
      add(line)
    end
    local same <close> = text_run { "a 1 24", "a 2 48", "r 2 700", "c 5 3 8", "a 6 16", "f 5",
      "r 9 33" }
    same:seek(same.length)
    assert.same(same.heap:hash(), run.heap:hash())
    assert.same(same:digest(), run:digest())
  end)

  it("is refused if it cannot be run, and the run is as before", function()
    run:seek(4)
    local refused = {
      ["a 2 8"] = "id 2 is live already", ["c 2 1 8"] = "id 2 is live already",
      [""] = "this one is empty", ["a 5"] = "line:1: ",
      ["m text"] = "a line has to be a request", ["a 5 8\na 6 8"] = "one line is added at a time",
      ["a 5 8\n!"] = "line:2: ",
    }
    for line, message in pairs(refused) do
      local ok, problem = core.run.append(run, line)
      assert.is_nil(ok)
      assert.matches(message, problem)
      assert.same(4, run.length)
    end
  end)

  it("can be one of 60,000, between which the run still finds its checkpoints #long", function()
    local whole = text_run {}
    for number = 1, 60000 do
      assert(core.run.append(whole, number % 3 == 0 and "f " .. number - 1
        or ("a %d %d"):format(number, number % 512 + 1)))
      assert(whole:step())
    end
    local hash = whole.heap:hash()
    whole:seek(0)
    whole:seek(60000)
    assert.same(hash, whole.heap:hash())
    whole:close()
  end)

  it("finds the first of the requests after which a figure is largest", function()
    local turns = text_run { "a 1 24", "f 1", "a 2 24", "f 2", "a 3 24" }
    assert.same({ 1, 1 }, { core.run.most(turns, "live"), core.run.most(turns, "held") })
    turns:close()
  end)

  it("drops the checkpoints behind the request that it replaces", function()
    local old, new = {}, {}
    for number = 1, 20000 do
      old[number] = ("a %d %d"):format(number, number % 512 + 1)
      new[number] = number <= 5000 and old[number] or ("a %d 8"):format(number)
    end
    local changed, whole = text_run(old), text_run(new)
    changed:seek(20000)
    changed:seek(5000)
    for number = 5001, 20000 do
      assert(core.run.append(changed, new[number]))
      assert(changed:step())
    end
    for _, op in ipairs { 15000, 9000, 19999 } do -- each from the nearest checkpoint
      changed:seek(op)
      whole:seek(op)
      assert.same(whole.heap:hash(), changed.heap:hash())
    end
    changed:close()
    whole:close()
  end)

  it("leaves a trace that other runs share as it is", function()
    local loaded <close> = pymalloc.trace.loaded("@startup")
    local one <close> = pymalloc.replay(loaded)
    local other <close> = pymalloc.replay(loaded)
    one:seek(100)
    assert(core.run.append(one, "a 99999999 24"))
    other:seek(other.length)
    assert.same({ 101, 43354, 43354 }, { one.length, other.length, #loaded })
  end)
end)

describe("a run of a loaded trace", function()
  it("is equal to that of its path, and survives the close of the trace", function()
    local loaded = pymalloc.trace.loaded("@startup")
    local run <close> = pymalloc.replay(loaded, { profile = "3.9" })
    local same <close> = pymalloc.replay("@startup", { profile = "3.9" })
    loaded:close()
    assert.same(same:digest(), run:digest())
    assert.error_matches(function()
      pymalloc.replay(loaded)
    end, "the loaded trace is closed")
  end)

  it("takes no interpreter, as the trace has the requests of one", function()
    local loaded <close> = pymalloc.trace.loaded({ text = "a 1 8\n" })
    assert.error_matches(function()
      pymalloc.replay(loaded, { interpreter = 1 })
    end, "interpreter must be nil for a LoadedTrace")
  end)
end)

describe("the digest of a run", function()
  it("tells places that differ, although the last states are equal", function()
    local one <close> = text_run { "a 9 8", "a 1 8", "a 2 8", "f 1", "f 2", "a 3 8", "f 3", "f 9" }
    local other <close> = text_run { "a 9 8", "a 1 8", "a 2 8", "f 2", "f 1", "a 3 8", "f 3",
      "f 9" }
    one:seek(one.length)
    other:seek(other.length)
    assert.same(one.heap:hash(), other.heap:hash())
    assert.are_not.same(one:digest(), other:digest())
  end)

  it("leaves the run where it is", function()
    local run <close> = assert(pymalloc.replay("@startup"))
    run:seek(500)
    run:digest()
    assert.same(500, run.op)
  end)

  it("ends at a request that cannot be run, and counts a free of no block", function()
    local run <close> = text_run { "a 1 24", "f 2", "a 1 8", "a 3 8" }
    local other <close> = text_run { "a 1 24", "f 2", "a 1 8", "a 3 600" }
    local shorter <close> = text_run { "a 1 24" }
    assert.same(run:digest(), other:digest())
    assert.are_not.same(run:digest(), shorter:digest())
    assert.same(0, run.op)
  end)
end)
