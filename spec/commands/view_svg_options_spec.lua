-- Tests the options, the bounds and the escaping of pictures as SVG: lua/pymalloc/view/svg/.

local command = require "spec.support.command"
local pymalloc = require "pymalloc"
local svgs = require "spec.support.svg"

local MOST = 256 * 1024 -- bytes of a picture

-- Asserts that the text is well-formed XML, by Python's parser.
local function assert_xml(text)
  local file <close> = command.file(text, ".svg")
  local _, errors, code = command.run(command.leaks_allowed
    .. "python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' " .. file.path)
  assert.equal(0, code, errors)
end

describe("an option of view.svg", function()
  local heap, kept

  before_each(function()
    heap = pymalloc.heap()
    kept = { heap:malloc(24), heap:malloc(100) }
  end)

  after_each(function()
    heap:close()
  end)

  it("sets width, scale and title, which is escaped", function()
    local svg = pymalloc.view.svg(heap, { width = 400, scale = 1.5,
      title = "<script>alert('&\"')</script>" })
    assert_xml(svg)
    local picture = svgs.read(svg)
    assert.equal("600", picture.root.attributes.width)
    assert.equal("<script>alert('&\"')</script>", picture:all("title")[1].text)
    assert.equal(0, #picture:all "script")
  end)

  it("theme selects light, dark or both, with the same elements", function()
    local function count(svg)
      return #svgs.read(svg).elements
    end
    local light = pymalloc.view.svg(heap, { theme = "light" })
    local dark = pymalloc.view.svg(heap, { theme = "dark" })
    local auto = pymalloc.view.svg(heap)
    assert.equal(count(light), count(dark))
    assert.equal(count(light) + 1, count(auto))
    assert.truthy(auto:find("@media (prefers-color-scheme:dark)", 1, true))
    assert.is_nil(light:find("<style", 1, true) or dark:find("<style", 1, true))
    assert.truthy(light:find("#ffffff", 1, true) and dark:find("#16181d", 1, true))
  end)

  it("highlight frames a place that is given as text, as a view or as an array", function()
    local function frames(x, marked)
      local _, count = pymalloc.view.svg(x, { highlight = marked, theme = "light" })
        :gsub('stroke%-width="3.5"', "")
      return count
    end
    local arena, pool = heap:arena(0), kept[1]:pool()
    for _, marked in ipairs { "0:0", "0:0:48", pool, kept[1], kept[1]:location(),
      { arena = 0, pool = 0 } } do
      assert.equal(2, frames(arena, marked), tostring(marked)) -- the pool, and the legend
    end
    assert.equal(3, frames(arena, { "0:0", kept[2] }))
    assert.equal(2, frames(heap, arena))
    assert.equal(2, frames(pool, kept[1]))
    assert.equal(1, frames(pool, "0:4096:48")) -- of another pool
    assert.equal(0, frames(pool, nil))
  end)

  it("columns is the number of pools in a row", function()
    local function height(columns)
      local svg = pymalloc.view.svg(heap:arena(0), { columns = columns })
      return tonumber(svgs.read(svg).root.attributes.height)
    end
    assert.is_true(height(4) > height(8) and height(8) > height(32))
  end)

  it("that is wrong is refused, with what is allowed", function()
    local pool = kept[1]:pool()
    local snapshot = heap:snapshot()
    for _, case in ipairs {
      { heap, 3, "options must be a table, got 3" },
      { heap, { zoom = 1 }, "unknown option zoom %(allowed: width, scale, theme, title, columns, "
        .. "highlight, block, before, after%)" },
      { pool, { columns = 4 }, "unknown option columns %(allowed: width, scale, theme, title, "
        .. "highlight, block%)" },
      { heap, { width = 319 }, "width must be an integer from 320 to 4000, got 319" },
      { heap, { width = "400" }, "width must be an integer from 320 to 4000, got a string" },
      { heap, { scale = 0 }, "scale must be a number from 0.1 to 20, got 0" },
      { heap, { theme = "red" }, "theme must be one of 'light', 'dark', 'auto', got 'red'" },
      { heap, { columns = 0 }, "columns must be an integer from 1 to 256, got 0" },
      { heap, { highlight = "x" }, "highlight must be a place such as '0:4096:48', .* got 'x'" },
      { heap, { highlight = { "0:0", {} } }, "highlight must be a place .* got a table" },
      { heap, { highlight = "0:1:2:3" }, "highlight must be a place .* got '0:1:2:3'" },
      { heap, { before = 3 }, "before must be a whole snapshot: got 3" },
      { heap, { after = {} }, "after must be a whole snapshot: " },
      { heap, { before = snapshot, after = snapshot }, "before and after cannot be combined" },
      { pool, { block = 47 }, "block must be an offset from 48 to 4079 in the pool, got 47" },
      { heap, { block = 48 }, "block must be the place of a block, got 48" },
      { heap, { block = "x" }, "block must be a place such as '0:4096:48', or .* got 'x'" },
      { heap, { block = "0:4096" }, "block must be the place of a block, got '0:4096'" },
      { heap, { block = "7:0:48" }, "block must be in a pool of the heap: there is no pool 7:0" },
      { heap, { block = "0:0:4080" }, "block must be an offset from 48 to 4079 in the pool" },
      { snapshot, { block = "0:0:48" }, "block must be nil for a pool of a snapshot" },
      { heap:snapshot():arena(0):pool(0), { block = 48 }, "block must be nil for a pool of a " },
    } do
      local ok, problem = pcall(function()
        local drawn = pymalloc.view.svg(case[1], case[2])
        return drawn
      end)
      assert.is_false(ok, case[3])
      assert.matches("svg_options_spec%.lua:%d+: pymalloc: view.svg: " .. case[3], problem)
    end
  end)
end)

describe("view.svg", function()
  it("refuses a value that it cannot draw", function()
    local heap = pymalloc.heap()
    assert.error_matches(function() pymalloc.view.svg(3) end, "pymalloc: view.svg: x must be a "
      .. "heap, a snapshot, an arena, a pool, a buffer, a run or a diff, got 3")
    heap:close()
    local ok, problem = pcall(function()
      local drawn = pymalloc.view.svg(heap)
      return drawn
    end)
    assert.is_false(ok)
    assert.matches("svg_options_spec%.lua:%d+: pymalloc: the heap is closed", problem)
  end)

  it("draws a heap while the collector frees its blocks, as view.text does", function()
    local function collect()
      debug.sethook()
      if collectgarbage("isrunning") then
        collectgarbage("step") -- of all young objects
      end
    end
    collectgarbage("generational")
    for after = 20, 2000, 20 do -- instructions of Lua
      for _, draw in ipairs { pymalloc.view.text, pymalloc.view.svg, pymalloc.view.anatomy } do
        local heap <close> = pymalloc.heap { profile = "classroom" }
        for _ = 1, 20 do
          heap:malloc(24) -- This buffer is garbage at once.
        end
        debug.sethook(collect, "", after)
        local ok, picture = pcall(draw, heap)
        debug.sethook()
        assert.is_true(ok, picture)
      end
    end
    collectgarbage("incremental")
    assert.is_true(collectgarbage("isrunning"))
  end)

  it("escapes what a trace says", function()
    local run <close> = assert(pymalloc.replay { text = "a 1 24\nm <script>&\"'</script>\n" })
    run:step()
    local svg = pymalloc.view.svg(run)
    assert_xml(svg)
    assert.is_nil(svg:find("<script", 1, true))
    assert.truthy(svg:find("mark: &lt;script&gt;&amp;", 1, true))
  end)
end)

describe("a picture as SVG has at most 256 KiB", function()
  local function draw(x, options)
    local svg = pymalloc.view.svg(x, options)
    assert.is_true(#svg <= MOST, #svg)
    return svgs.read(svg)
  end

  local function says(picture, wanted)
    return table.concat(picture:texts(), "\n"):find(wanted, 1, true) ~= nil
  end

  local function filled(options, count, size)
    local heap, kept = pymalloc.heap(options), {}
    for i = 1, count do
      kept[i] = heap:malloc(size or i % 512 + 1)
    end
    return heap, kept
  end

  it("for a heap of 200,000 blocks, whose cells are then arenas, and it says so", function()
    local heap <close>, kept = filled({}, 200000)
    local picture = draw(heap)
    assert.is_true(says(picture, ("The heap has %d arenas, too many to draw their pools"):format(
      heap:stats().arenas_current)))
    assert.equal(200000, #kept)
  end)

  it("for a heap of thousands of arenas, whose cells are then several arenas", function()
    local heap <close>, kept = filled({ arena_bytes = 8192 }, 60000, 512)
    assert.is_true(says(draw(heap), "each cell is 2 arenas"))
    assert.equal(60000, #kept)
  end)

  it("for a heap with as many pools as are drawn", function()
    local heap <close>, kept = filled({}, 7 * 64 * 128, 512)
    assert.equal(128, heap:stats().arenas_current)
    assert.is_false(says(draw(heap), "too many"))
    assert.equal(7 * 64 * 128, #kept)
  end)

  it("for an arena of 65,536 pools, whose cells are then 32 pools", function()
    local heap <close>, kept = filled({ pool_bytes = 256, threshold = 64, arena_bytes = 1 << 24 },
      100, 24)
    assert.is_true(says(draw(heap:arena(0)), "Each cell is 32 pools; its shade is their fill."))
    assert.is_true(says(draw(heap), "cell"))
    assert.equal(100, #kept)
  end)

  it("for a pool of 8,186 blocks in which each other is free, and it says so", function()
    local heap <close>, kept = filled({ pool_bytes = 65536, arena_bytes = 1 << 20 }, 8186, 8)
    for i = 1, 8186, 2 do
      kept[i]:free()
    end
    local picture = draw(kept[2]:pool())
    assert.is_true(says(picture, "The pool has 8186 blocks, too many to draw each"))
    assert.is_true(says(picture, "pieces at the end of the pool are not drawn"))
    draw(heap)
  end)

  it("for the pool of 3.11 with the most blocks, each of which is drawn", function()
    local heap <close>, kept = filled({ profile = "3.11" }, 1021, 16)
    for i = 1, 1021, 2 do
      kept[i]:free()
    end
    assert.is_false(says(draw(kept[2]:pool()), "too many"))
    assert.equal(510, heap:stats().blocks)
  end)

  it("for a diff of heaps with many changes", function()
    local heap <close>, kept = filled({}, 50000)
    local before = heap:snapshot()
    for i = 1, 50000, 2 do
      kept[i]:free()
    end
    local picture = draw(heap, { before = before })
    assert.is_true(says(picture, "more arenas that differ"))
    assert.is_true(says(picture, "more lines of changes not drawn"))
  end)
end)
