local core = require "pymalloc.core"

local replays = require "spec.support.replays"

local output_of = replays.output_of
local replay_text = core.trace.replay_text

describe("an interpreter of a trace", function()
  it("has a heap and ids of its own", function()
    local output = output_of("a 1 24\ni 1\na 2 24\na 1 24\nf 1\ni 0\na 3 24\nf 1\n",
      { placements = true })
    assert.equal("1 a 1 0:0:48\ninterpreter 1\n2 a 2 0:0:48\n3 a 1 0:0:72\n4 f 1 -\n"
      .. "interpreter 0\n5 a 3 0:0:72\n6 f 1 -\n", output)
  end)

  it("has statistics of its own, where there are several", function()
    local summary = assert(replay_text("a 1 24\ni 7\na 2 600\na 3 8\nf 3\ni 0\nf 1\n"))
    assert.same({ 2, 1, 0, 24 },
      { summary.requests, summary.small, summary.live_blocks, summary.peak_live_bytes })
    assert.equal(1, #summary.interpreters)
    local other = summary.interpreters[1]
    assert.same({ 7, 3, 1, 1, 1, 600 }, { other.interpreter, other.requests, other.small,
      other.raw, other.live_blocks, other.live_bytes })
    assert.equal(1, other.heap.arenas_highwater)
    assert.is_nil(assert(replay_text("a 1 24\ni 0\n")).interpreters)
  end)

  it("is one of many, which begin in any order", function()
    local lines = {}
    for _, number in ipairs { 1, 2, 3, 4, 5, 6, 7, 20, 9 } do
      table.insert(lines, ("i %d\na %d %d\n"):format(number, number, number))
    end
    local numbers = {}
    for i, other in ipairs(assert(replay_text(table.concat(lines))).interpreters) do
      numbers[i] = other.interpreter
      assert.equal(other.interpreter, other.live_bytes)
    end
    assert.same({ 1, 2, 3, 4, 5, 6, 7, 9, 20 }, numbers)
  end)

  it("has a state and a report of its own, headed by its number", function()
    local output = output_of("a 1 24\nd\ni 2\na 2 24\nd\n", { dump = true, stats = true })
    local heads = {}
    for line in output:gmatch("[^\n]+") do
      table.insert(heads, line:match("^ST%u+ %d+") or line:match("^interpreter %d+"))
    end
    assert.equal("STATE 1, interpreter 0, STATE 2, interpreter 2, STATE 2, "
      .. "interpreter 0, STATE 2, interpreter 2, STATE 2, "
      .. "interpreter 0, STATS 2, interpreter 2, STATS 2", table.concat(heads, ", "))
  end)

  it("does not change the number of requests between two states", function()
    local output = output_of("a 1 8\ni 1\na 2 8\ni 0\na 3 8\ni 1\na 4 8\na 5 8\n",
      { dump_every = 2 })
    local heads = {}
    for line in output:gmatch("STATE (%d+)") do
      table.insert(heads, line)
    end
    assert.equal("2 2 4 4", table.concat(heads, " "))
  end)

  it("does not change the number of requests between two calls of progress", function()
    local text, counts = {}, {}
    for i = 1, 250000 do
      text[i] = ("i %d\nf 1\n"):format(i % 3)
    end
    assert(replay_text(table.concat(text), { progress = function(count)
      table.insert(counts, count)
    end }))
    assert.same({ 100000, 200000 }, counts)
  end)

  it("has a limit of arenas of its own, which a line x in it sets", function()
    local output = output_of("i 1\nx 0\na 1 8\ni 0\na 2 8\n", { placements = true })
    assert.equal("interpreter 1\n1 a 1 L\ninterpreter 0\n2 a 2 0:0:48\n", output)
  end)

  it("has the geometry of the others", function()
    local _, _, summary = output_of("i 65535\na 1 8\n", { heap = { profile = "3.10" } })
    assert.equal(1 << 20, summary.interpreters[1].heap.arena_bytes)
  end)
end)
