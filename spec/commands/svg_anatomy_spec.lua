-- Tests the picture of the parts of a heap, and that all pictures hold what they draw:
-- lua/pymalloc/view/svg/.

local heaps = require "spec.support.heaps"
local pymalloc = require "pymalloc"
local svgs = require "spec.support.svg"

local STARTUP = "@startup"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

describe("view.anatomy", function()
  local function anatomy(x, options)
    local picture = svgs.read(pymalloc.view.anatomy(x, options))
    picture:assert_inside()
    return picture
  end

  it("has the arenas vector, an arena, a pool, its header, a live and a free block", function()
    local heap <close>, pool, kept = heaps.with_chain()
    local picture = anatomy(heap)
    for _, wanted in ipairs { "arenas vector", "0: usable", "arena 0", "usable_arenas",
      "freepools", "usedpools, class 12", "pool 0:0, used: class 12, blocks of 104 bytes, 35 of 38 "
      .. "live", "nextoffset", "live block 0:0:48", "free block 0:0:776", "link: 256",
      "96 more bytes, unused" } do
      assert.is_true(picture:has_text(wanted), wanted)
    end
    assert.truthy(picture:find("text", tostring(pool.nextoffset)))
    assert.equal(37, #kept)
  end)

  it("draws the pool that is marked, of a snapshot and of a run too", function()
    local run <close> = assert(pymalloc.replay(STARTUP))
    run:seek(20000)
    local marked = { highlight = "0:8192" }
    assert.is_true(anatomy(run, marked):has_text("pool 0:8192, "))
    assert.equal(pymalloc.view.anatomy(run, marked), pymalloc.view.anatomy(run.heap, marked))
    assert.equal(pymalloc.view.anatomy(run), pymalloc.view.anatomy(run.heap:snapshot()))
    anatomy(run)
  end)

  it("draws a heap without a pool, and refuses anything else", function()
    local heap <close> = pymalloc.heap()
    assert.is_true(anatomy(heap):has_text("The heap has no pool yet."))
    assert.error_matches(function() pymalloc.view.anatomy(3) end,
      "view.anatomy: x must be a heap, a snapshot or a run, got 3")
    assert.error_matches(function() pymalloc.view.anatomy(heap, { width = 719 }) end,
      "view.anatomy: width must be an integer from 720 to 4000, got 719")
  end)
end)

local function draw(x, options)
  svgs.read(pymalloc.view.svg(x, options)):assert_inside()
end

describe("pictures of any width", function()
  for _, profile in ipairs { "3.6", "3.11", "classroom" } do
    it("have all texts and cells inside, of a heap of " .. profile, function()
      local run <close> = assert(pymalloc.replay(STARTUP, { profile = profile }))
      run:seek(21000)
      local before = run.heap:snapshot()
      run:continue("pool_unfull")
      local arena = run.heap:usable_arenas()[1] or run.heap:arena(0)
      for _, width in ipairs { 320, 500, 1300, 4000 } do
        draw(run, { width = width })
        draw(run.heap, { width = width, title = ("W"):rep(90) })
        draw(run.heap, { width = width, before = before })
        draw(arena, { width = width })
        draw(arena:pool(0), { width = width })
        draw(arena:pool(0), { width = width, block = run.heap.geometry.header_bytes })
      end
    end)
  end
end)
