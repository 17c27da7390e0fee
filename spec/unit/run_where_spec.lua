local complaint = require "spec.support.complaint"
local pymalloc = require "pymalloc"

local TEXT = [[
# pymalloc trace 1
w 1 0 app.py:30 main
w 2 1 app.py:12 load list
a 1 24 @2
m loaded
a 2 24 @1
a 3 700 @2
r 1 40 @1
m again
m again
f 1
a 4 24
i 3
a 9 8 @1
f 9
]]

local function open(options)
  return assert(pymalloc.replay({ text = TEXT }, options))
end

describe("the call stack of a request", function()
  it("is given with a block and with a request, as its frames", function()
    local run <close> = open()
    run:seek(1)
    local frames = { "app.py:12 load list", "app.py:30 main" }
    assert.same(frames, run:block(1).where)
    assert.same(frames, run:where(run:block(1).address).where)
    assert.same(frames, run:request().where)
    assert.same(frames, run:request(3).where)
    assert.equal(2, run:request(3).site)
  end)

  it("is that of the last resize of a block", function()
    local run <close> = open()
    run:seek(4)
    assert.same({ "app.py:30 main" }, run:block(1).where)
    run:back()
    assert.equal("app.py:12 load list", run:block(1).where[1])
  end)

  it("is nil for a free, and for a request without a site", function()
    local run <close> = open()
    run:seek(6)
    assert.is_nil(run:request(5).where)
    assert.is_nil(run:request(6).where)
    assert.is_nil(run:block(4).where)
    assert.is_nil(run:block(4).site)
  end)

  it("has at most 256 frames, the innermost ones", function()
    local lines = { "w 1 0 frame 1" }
    for i = 2, 1000 do
      lines[i] = ("w %d %d frame %d"):format(i, i - 1, i)
    end
    local run <close> = pymalloc.replay { text = table.concat(lines, "\n") .. "\na 1 8 @1000\n" }
    run:step()
    assert.equal(256, #run:block(1).where)
    assert.equal("frame 1000", run:block(1).where[1])
  end)

  it("is kept for requests before the first one that has a site, and after it", function()
    local text = ("f 1\n"):rep(1000) .. "w 1 0 f\na 1 8 @1\n" .. ("f 1\na 1 8\n"):rep(1000)
    local run <close> = pymalloc.replay { text = text }
    for number = 1, run.length do
      assert.equal(number == 1001, run:request(number).where ~= nil)
    end
  end)

  it("is given with the blocks of heap:pinned_by of the heap of a run", function()
    local run <close> = open()
    run:seek(4)
    local places = run.heap:pinned_by(0)
    assert.same({ 2, 1 }, { places[1].id, places[2].id })
    assert.same({ 2, 4 }, { places[1].request, places[2].request })
    assert.same({ "app.py:30 main" }, places[2].where)
    assert.same(places, run.heap:release_candidates()[1].pinned)
    local heap <close> = pymalloc.heap()
    local block <close> = heap:buffer("u8", 8)
    assert.is_nil(heap:pinned_by(block:location().arena)[1].id)
  end)
end)

describe("the marks of a run", function()
  it("are listed with the requests done before them", function()
    local run <close> = open()
    assert.same({ { op = 1, text = "loaded" }, { op = 4, text = "again" },
      { op = 4, text = "again" } }, run:marks())
  end)

  it("can be gone to, forwards and backwards", function()
    local run <close> = open()
    assert.equal(4, run:continue { mark = "again" })
    assert.equal(4, run.op)
    assert.is_nil(run:continue { mark = "again" })
    assert.equal(run.length, run.op)
    assert.equal(4, run:reverse { mark = true })
    assert.equal(1, run:reverse { mark = true })
    assert.is_nil(run:reverse { mark = true })
    assert.equal(0, run.op)
    assert.is_nil(run:continue { mark = "agai" })
  end)

  it("refuse what is not a condition", function()
    local run <close> = open()
    assert.equal("pymalloc: run:continue: mark must be a text or true, got 5",
      complaint(function() run:continue { mark = 5 } end))
    assert.equal("pymalloc: run:reverse: a condition with mark has no kind",
      complaint(function() run:reverse { mark = "x", kind = "pool_full" } end))
  end)
end)

describe("a run of one interpreter", function()
  it("has its requests only, and counts those of others", function()
    local run <close> = open()
    assert.same({ 6, 2 }, { run.length, run.left_out })
    local other <close> = open { interpreter = 3 }
    assert.same({ 2, 6 }, { other.length, other.left_out })
    assert.same({ "app.py:30 main" }, other:request(1).where)
    local none <close> = open { interpreter = 1 }
    assert.same({ 0, 8 }, { none.length, none.left_out })
  end)

  it("has its allowances only", function()
    local text = "i 1\nx 0\ni 0\na 1 8\ni 1\na 2 8\n"
    for interpreter, is_small in pairs { [0] = true, [1] = false } do
      local run <close> = pymalloc.replay({ text = text }, { interpreter = interpreter })
      run:step()
      assert.equal(is_small, run:block(interpreter + 1).arena ~= nil)
    end
  end)

  it("takes the other options of a heap too, and refuses what is not a number", function()
    local run <close> = open { interpreter = 3, profile = "classroom" }
    assert.equal("classroom", run.heap.geometry.profile)
    for _, bad in ipairs { -1, 65536, "x", 1.5 } do
      assert.matches("^pymalloc: replay: interpreter must be",
        complaint(function() open { interpreter = bad } end))
    end
  end)
end)
