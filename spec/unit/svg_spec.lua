-- Tests pictures as SVG.

local command = require "spec.support.command"
local pymalloc = require "pymalloc"

local function count(text, pattern)
  return select(2, text:gsub(pattern, ""))
end

-- Asserts that the text is well-formed XML, by Python's parser.
local function assert_xml(text)
  local file <close> = command.file(text, ".svg")
  local _, errors, code = command.run(command.leaks_allowed
    .. "python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' " .. file.path)
  assert.equal(0, code, errors)
end

describe("view.svg", function()
  it("draws a heap with a cell for each pool, whose title describes the pool", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    local kept = {}
    for i = 1, 20 do
      kept[i] = heap:malloc(48)
    end
    local svg = pymalloc.view.svg(heap)
    assert_xml(svg)
    assert.equal(8, count(svg, "<title>pymalloc.Pool") + count(svg, "<title>a pool that was never"))
    assert.matches("<title>pymalloc.Pool 0:256 full, 4 of 4 blocks of 48 bytes live</title>", svg)
    assert.equal(4 + 1, count(svg, "<title>pymalloc.Pool %d:%d+ full"))
    assert.equal(#kept, heap:stats().blocks)
  end)

  it("draws a pool with its header and its blocks, and numbers the free chain", function()
    local heap <close> = pymalloc.heap()
    local kept = {}
    for i = 1, 38 do
      kept[i] = heap:malloc(100)
    end
    kept[3]:free()
    kept[8]:free()
    local svg = pymalloc.view.svg(kept[1]:pool())
    assert_xml(svg)
    assert.equal(36, count(svg, "<title>live block at"))
    for place, number in ipairs { 8, 3 } do
      assert.matches(("free block at %d</title></rect>\n<text[^>]*>%d</text>"):format(
        48 + (number - 1) * 104, place), svg)
    end
    assert.matches(">maxnextoffset</text>\n<text[^>]*>3992</text>", svg)
  end)

  it("has a colour for every state of a block", function()
    local heap <close> = pymalloc.heap { cache_blocks = 8 }
    local first, second <const> = heap:malloc(60), heap:malloc(60)
    first:free()
    local svg = pymalloc.view.svg(second:pool())
    assert.equal(3, count(svg, "<title>cached block at"))
    assert.equal(count(svg, "fill="), count(svg, 'fill="#%x%x%x%x%x%x"'))
  end)

  it("frames the block of a buffer, and draws an arena, a run and a raw buffer", function()
    local heap <close> = pymalloc.heap()
    local b, raw = heap:malloc(24), heap:malloc(600)
    assert.matches('stroke%-width="3"><title>live block at 48<', pymalloc.view.svg(b))
    assert.matches("pymalloc.Buffer u8%[600%] raw", pymalloc.view.svg(raw))
    assert.matches("<title>pymalloc.Arena 0 usable, 63 of 64", pymalloc.view.svg(heap:arena(0)))
    local run = pymalloc.replay { text = "a 1 24\n" }
    run:step()
    assert.matches("pymalloc.Run at 1 of 1 requests", pymalloc.view.svg(run))
    assert_xml(pymalloc.view.svg(run))
  end)

  it("has the width that is given", function()
    local heap <close> = pymalloc.heap()
    local kept = heap:malloc(24)
    assert.matches('^<svg[^>]* width="400" ', pymalloc.view.svg(heap, { width = 400 }))
    local function height(width)
      local svg = pymalloc.view.svg(heap, { width = width })
      return math.tointeger(svg:match('height="(%d+)"'))
    end
    assert.is_true(height(300) > height(2000))
    kept:free()
  end)

  it("draws a heap while the collector frees its blocks, as view.text does", function()
    local function collect()
      debug.sethook()
      if collectgarbage("isrunning") then
        collectgarbage()
      end
    end
    for after = 20, 2000, 20 do -- instructions of Lua
      for _, draw in ipairs { pymalloc.view.text, pymalloc.view.svg } do
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
    assert.is_true(collectgarbage("isrunning"))
  end)

  it("refuses a value that it cannot draw", function()
    local heap = pymalloc.heap()
    local function refuses(message, ...)
      local ok, problem = pcall(pymalloc.view.svg, ...)
      assert.is_false(ok)
      assert.matches("pymalloc: " .. message, problem)
    end
    refuses("view.svg: x must be a heap, a snapshot, an arena, a pool, a buffer or a run, got 3", 3)
    refuses("view.svg: .* got pymalloc.Diff", pymalloc.diff(heap:snapshot(), heap:snapshot()))
    refuses("view.svg: options must be a table, got 3", heap, 3)
    for got, width in pairs { ["299"] = 299, ["400.5"] = 400.5, ["a string"] = "400" } do
      refuses("view.svg: width must be an integer, 300 or more, got " .. got, heap,
        { width = width })
    end
    heap:close()
    refuses("the heap is closed", heap)
  end)
end)
