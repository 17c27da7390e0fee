-- The call stacks that requested the blocks in a snapshot of a run: pymalloc.snapshot.owners.

local pymalloc = require "pymalloc"

local TEXT = "w 1 0 app.py:30 main\nw 2 1 app.py:12 load list\n"
  .. "a 1 24 @2\na 2 40 @1\na 18446744073709551615 24\na 4 600 @1\nf 2\na 5 24 @2\n"

local function run_of(text)
  local run = assert(pymalloc.replay { text = text })
  run:seek(run.length)
  return run
end

-- The blocks as "request id: frames".
local function lines_of(blocks)
  local lines = {}
  for i, block in ipairs(blocks) do
    lines[i] = ("%d %d: %s"):format(block.request, block.id,
      block.where and table.concat(block.where, " < ") or "-")
  end
  return lines
end

local WANTED = { "1 1: app.py:12 load list < app.py:30 main", "3 -1: -",
  "6 5: app.py:12 load list < app.py:30 main" }

describe("a snapshot of a run", function()
  it("has the call stacks that requested the blocks that pin an arena", function()
    local run <close> = run_of(TEXT)
    local snapshot = run.heap:snapshot()
    assert.same(WANTED, lines_of(snapshot:pinned_by(0)))
    assert.same(lines_of(run.heap:pinned_by(0)), lines_of(snapshot:pinned_by(0)))
    assert.same(WANTED, lines_of(snapshot:release_candidates()[1].pinned))
  end)

  it("has these call stacks in its JSON too", function()
    local run <close> = run_of(TEXT)
    local read = assert(pymalloc.snapshot.parse(run.heap:snapshot():json()))
    assert.same(WANTED, lines_of(read:pinned_by(0)))
    assert.same({ { "app.py:12 load list", "app.py:30 main" } }, read.stacks)
  end)

  it("agrees with the run's heap on every block of a recorded program", function()
    local run <close> = assert(pymalloc.replay("@startup"))
    run:seek(20000)
    local snapshot = run.heap:snapshot()
    for arena in run.heap:arenas() do
      assert.same(lines_of(run.heap:pinned_by(arena)), lines_of(snapshot:pinned_by(arena.index)))
    end
  end)

  it("has no difference to that of the same state", function()
    local run <close> = run_of(TEXT)
    local before = run.heap:snapshot()
    run:back(2)
    run:seek(run.length)
    assert.equal(0, #pymalloc.diff(before, run.heap:snapshot()).pools)
    assert.is_true(before:check())
  end)

  it("is refused when what it tells was damaged", function()
    local run <close> = run_of(TEXT)
    for _, case in ipairs {
      { function(snapshot) snapshot.stacks = 5 end, "stacks must be an array, got 5" },
      { function(snapshot) snapshot.stacks[1][1] = 5 end, "stacks%[1%]%[1%] must be a string" },
      { function(snapshot) snapshot.arenas[1].pools[1].owners = "x" end,
        "owners must be a table, got a string" },
      { function(snapshot) snapshot.arenas[1].pools[1].owners.ids[1] = "x" end,
        "owners.ids%[1%] must be an integer" },
    } do
      local snapshot = run.heap:snapshot()
      case[1](snapshot)
      assert.error_matches(function() snapshot:pinned_by(0) end, case[2])
    end
    local snapshot = run.heap:snapshot()
    snapshot.stacks = nil
    snapshot.arenas[1].pools[1].owners.ids = {}
    assert.is_nil(snapshot:pinned_by(0)[1].where)
  end)
end)

describe("a snapshot of another heap", function()
  it("has no owners", function()
    local heap <close> = pymalloc.heap()
    local block <const> = heap:malloc(24)
    local snapshot = heap:snapshot()
    assert.is_nil(snapshot.stacks)
    assert.is_nil(snapshot.arenas[1].pools[1].owners)
    assert.is_nil(snapshot:pinned_by(0)[1].request)
    block:free()
  end)
end)
