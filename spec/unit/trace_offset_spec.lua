-- Lines o of a trace: arenas that miss the alignment of pools, as those of a CPython may do.

local core = require "pymalloc.core"
local model_replay = require "spec.support.model_replay"
local pymalloc = require "pymalloc"
local replays = require "spec.support.replays"

local output_of = replays.output_of
local replay_text = core.trace.replay_text

-- Requests that need `arenas` arenas of the profile classroom, whose arenas have four pools.
local function fill(first, blocks)
  local lines = {}
  for id = first, first + blocks - 1 do
    table.insert(lines, ("a %d 64\n"):format(id))
  end
  return table.concat(lines)
end

local BLOCKS_OF_POOL = 3
local CLASSROOM = { profile = "classroom" }

-- The numbers of pools of the arenas, and the bytes that the report says are lost.
local function arenas_of(text, options)
  local run <close> = assert(pymalloc.replay({ text = text }, options))
  run:seek(run.length)
  assert(run.heap:check())
  local counts = {}
  for arena in run.heap:arenas() do
    table.insert(counts, arena.ntotalpools)
  end
  local lost = run.heap:debugmallocstats():match("lost to arena alignment += +([%d,]+)")
  return table.concat(counts, " "), math.tointeger(tonumber((lost:gsub(",", ""))))
end

describe("a line o of a trace", function()
  it("takes a pool of each arena that is obtained after it", function()
    local text = "o 128\n" .. fill(1, 6 * BLOCKS_OF_POOL) .. "o 512\n"
      .. fill(100, 4 * BLOCKS_OF_POOL)
    local counts, lost = arenas_of(text, CLASSROOM)
    assert.equal("3 3 4", counts)
    assert.equal(2 * 256, lost)
  end)

  it("does not change the places of blocks in an arena", function()
    local text = fill(1, 3 * BLOCKS_OF_POOL)
    local options = { placements = true, heap = CLASSROOM }
    assert.equal(output_of(text, options), output_of("o 100\n" .. text, options))
  end)

  it("has no effect if it is a multiple of the pool size", function()
    local text = "o 4096\n" .. fill(1, 3)
    assert.equal("4", (arenas_of(text, CLASSROOM)))
    assert.equal("64", (arenas_of(text, { profile = "3.9" })))
    assert.equal("63", (arenas_of(text, { profile = "3.11" })))
  end)

  it("has no effect with the option arena_offset, or where an arena has two pools", function()
    local text = "o 4096\n" .. fill(1, 3)
    assert.equal("63", (arenas_of("o 0\n" .. fill(1, 3), { profile = "3.11",
      arena_offset = 4096 })))
    assert.equal("2", (arenas_of(text, { profile = "3.11", arena_bytes = 32768 })))
    assert.equal("3", (arenas_of(text, { profile = "3.11", arena_bytes = 65536 })))
  end)

  it("is of the heap of one interpreter", function()
    local text = "o 128\ni 1\n" .. fill(1, 3) .. "i 0\n" .. fill(1, 3)
    for interpreter, pools in pairs { [0] = "3", [1] = "4" } do
      assert.equal(pools, (arenas_of(text, { profile = "classroom", interpreter = interpreter })))
    end
    local report = output_of(text, { stats = true, heap = CLASSROOM })
    local lost = {}
    for bytes in report:gmatch("lost to arena alignment += +(%d+)") do
      table.insert(lost, bytes)
    end
    assert.same({ "256", "0" }, lost)
  end)

  for line, problem in pairs {
    ["o"] = "expected 'o N', found 'o'",
    ["o -1"] = "expected 'o N', found 'o -1'",
    ["o 1048576"] = "expected 'o N', found 'o 1048576' (an offset is at most 1048575)",
    ["o 0 1"] = "expected 'o N', found 'o 0 1'",
  } do
    it(("is refused as '%s'"):format(line), function()
      local _, said = replay_text(line .. "\n")
      assert.equal("text:1: " .. problem, said)
    end)
  end
end)

-- A recorded start-up, with another offset after each 700 requests.
local function changing()
  local lines, count = {}, 0
  for line in assert(pymalloc.trace.load("@startup")).text:gmatch("[^\n]+") do
    count = count + 1
    if count % 700 == 1 then
      table.insert(lines, "o " .. (count // 700 * 4096) % 16384)
    end
    table.insert(lines, line)
  end
  return table.concat(lines, "\n") .. "\n"
end

describe("a trace with several lines o", function()
  local SMALL <const> = { profile = "3.11", arena_bytes = 131072 }
  local text = changing()

  it("gives the states and reports of the model", function()
    local path = os.tmpname()
    local _ <close> = setmetatable({}, { __close = function() os.remove(path) end })
    local file <close> = assert(io.open(path, "w"))
    file:write(text)
    file:close()
    local pieces = {}
    local heap <close> = pymalloc.heap(SMALL)
    model_replay.run(path, heap.geometry, { placements = true, stats = true,
      dump_every = 10000, write = function(piece) table.insert(pieces, piece) end })
    local ours = output_of(text, { placements = true, stats = true, dump_every = 10000,
      arena_map = false, heap = SMALL })
    assert.is_true(ours:find("ntotalpools=7", 1, true) and ours:find("ntotalpools=8", 1, true)
      and true)
    assert.is_true(table.concat(pieces) == ours)
  end)

  it("is simulated as it runs on the heap", function()
    local loaded = assert(pymalloc.trace.loaded { text = text })
    for _, heap in ipairs { SMALL, { profile = "3.11", arena_bytes = 131072,
      arena_offset = 4096 } } do
      local pieces = {}
      local result = assert(pymalloc.lab.simulate(loaded, heap, {
        placements = function(piece) table.insert(pieces, piece) end }))
      assert.is_true(table.concat(pieces) == output_of(text, { placements = true, heap = heap }))
      for name, value in pairs(assert(core.trace.measure(loaded, heap, 0))) do
        if result[name] and not name:find("^utilisation_") then
          assert.equal(value, result[name], name)
        end
      end
    end
  end)

  it("has the same states backwards", function()
    local run <close> = assert(pymalloc.replay({ text = text }, SMALL))
    local states = {}
    for op = 0, run.length, 3000 do
      run:seek(op)
      states[op] = run.heap:dump()
    end
    for op = run.length // 3000 * 3000, 0, -3000 do
      run:seek(op)
      assert.is_true(run.heap:dump() == states[op], op)
    end
  end)
end)
