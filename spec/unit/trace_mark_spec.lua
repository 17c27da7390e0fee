local command = require "spec.support.command"
local core = require "pymalloc.core"
local pymalloc = require "pymalloc"

local replay_text = core.trace.replay_text

describe("a mark of a trace", function()
  it("is in the summary of a replay, with the figures of its moment", function()
    local summary = assert(replay_text("m begin\na 1 24\na 2 600\nm two live\nf 2\nm end\n"))
    assert.same({
      { text = "begin", requests = 0, live_blocks = 0, live_bytes = 0, arenas = 0,
        arena_bytes = 0 },
      { text = "two live", requests = 2, live_blocks = 2, live_bytes = 624, arenas = 1,
        arena_bytes = 256 << 10 },
      { text = "end", requests = 3, live_blocks = 1, live_bytes = 24, arenas = 1,
        arena_bytes = 256 << 10 },
    }, summary.phases)
    assert.is_nil(assert(replay_text("a 1 24\n")).phases)
  end)

  it("counts the blocks of all interpreters", function()
    local phase = assert(replay_text("a 1 24\ni 1\na 2 30\nm both\n")).phases[1]
    assert.same({ 2, 54, 2 }, { phase.live_blocks, phase.live_bytes, phase.arenas })
  end)

  it("is kept if it is among the first 10,000, and counted otherwise", function()
    local summary = assert(replay_text(("m x\nf 1\n"):rep(10003)))
    assert.equal(10000, #summary.phases)
    assert.equal(9999, summary.phases[10000].requests)
    assert.equal(3, summary.phases_left_out)
  end)

  it("is written by pymalloc.trace.mark while a function is recorded", function()
    local recorded = pymalloc.trace.record(function()
      assert.is_true(pymalloc.trace.mark("load"))
      local list = {}
      assert.is_true(coroutine.wrap(pymalloc.trace.mark)("  a\nb\27 "))
      return list
    end)
    local marks = {}
    for operation, _, _, _, _, text in pymalloc.trace.each(recorded) do
      if operation == "mark" then
        table.insert(marks, text)
      end
    end
    assert.same({ "load", "a?b?" }, marks)
    assert.is_false(pymalloc.trace.mark("nobody records"))
    assert.has_error(function() pymalloc.trace.mark(5) end,
      "pymalloc: trace.mark: text must be a string, got 5")
  end)

  it("is cut at 200 bytes, and is ? where nothing is left", function()
    local recorded = pymalloc.trace.record(function()
      pymalloc.trace.mark(("x"):rep(300))
      pymalloc.trace.mark(("y"):rep(201))
      pymalloc.trace.mark(" \t ")
      pymalloc.trace.mark("")
    end)
    assert.matches("\nm " .. ("y"):rep(200) .. "\n", recorded.text)
    assert.matches("\nm " .. ("x"):rep(200) .. "\n", recorded.text)
    assert.equal(2, select(2, recorded.text:gsub("\nm %?", "")))
    assert.equal(4, #assert(replay_text(recorded.text)).phases)
  end)

  it("survives save, load and convert, packed or not", function()
    local text = "# pymalloc trace 1\nw 1 0 a.py:3\na 1 8 @1\nm load\ni 2\na 2 8\n"
    local file <close> = command.file("", ".trace.xz")
    local copy <close> = command.file("", ".trace.gz")
    assert(pymalloc.trace.save(assert(pymalloc.trace.parse(text)), file.path))
    local _, _, code = command.run(("%s convert %s %s"):format(command.pymalloc, file.path,
      copy.path))
    assert.equal(0, code)
    assert.equal(text, pymalloc.trace.load(copy.path).text)
  end)
end)
