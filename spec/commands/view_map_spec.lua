-- Tests how pictures as text stay short: lua/pymalloc/view/map.lua, strip.lua and lists.lua.

local heaps = require "spec.support.heaps"
local pymalloc = require "pymalloc"

local PLAIN = { ascii = true, colour = false, width = 80 }

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

describe("the picture of a heap", function()
  it("has a square of 8 pools a row for each arena, side by side if they fit", function()
    local heap <close> = pymalloc.heap()
    local block = heap:malloc(8)
    assert.equal("arena 0\n|1.......|" .. ("\n|........|"):rep(7) .. "\n63 free\n",
      pymalloc.view.text(heap, PLAIN):match("arena 0\n.-free\n"))
    local kept = { block }
    while heap:stats().arenas_current < 3 do
      table.insert(kept, heap:malloc(512))
    end
    assert.matches("arena 0     arena 1     arena 2\n|1#######|  |########|  |1.......|\n",
      pymalloc.view.text(heap, PLAIN))
    assert.is_true(#kept > 2 * 63 * 7)
  end)

  it("has a line for each of 7 to 24 arenas, and a sign for each of more", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    local kept = {}
    local function drawn(arenas)
      while heap:stats().arenas_current < arenas do
        table.insert(kept, heap:malloc(64))
      end
      return pymalloc.view.text(heap, PLAIN)
    end
    assert.matches("arena 0   arena 1   arena 2", drawn(3))
    assert.matches("\narena\n   0 |####| 0 free\n", drawn(9))
    assert.matches("\n  23 |[1-7]...| 3 free\n", drawn(24))
    assert.matches("\n25 arenas, a sign each by its live bytes\n"
      .. "     0 |" .. ("#"):rep(24) .. "[1-7]|\n", drawn(25))
    assert.matches("\n    32 |[1-7]|\n", drawn(33))
  end)

  it("has the beginning and the end of a long list only", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    local kept = {}
    for i = 1, 60 do
      kept[i] = heap:malloc(64)
    end
    for i = 1, 60, 3 do
      kept[i]:free()
    end
    local pools = heap:usedpools(3)
    local line = pymalloc.view.text(heap, { width = 1000, ascii = true, colour = false })
      :match("class 3[^\n]*")
    local first, last = pools[1], pools[#pools]
    assert.equal(("class 3 (64 bytes): %d:%d"):format(first.arena, first.offset),
      line:match("^.-:%s%d+:%d+"))
    assert.matches((" ... %d more ... "):format(#pools - 9), line, 1, true)
    assert.matches((" %d:%d$"):format(last.arena, last.offset), line)
  end)
end)

describe("the picture of an arena", function()
  it("has 8 pools a row, 16 of 256 pools where they fit, and signs only of more", function()
    local function rows_of(options, width)
      local heap <close> = pymalloc.heap(options)
      local block = heap:malloc(8)
      local drawn = pymalloc.view.text(heap:arena(0), { ascii = true, colour = false,
        width = width })
      block:free()
      return drawn:match("\n(.*)\npools:"), select(2, drawn:gsub("\n[^\n]*|", ""))
    end
    assert.matches("^       0 |   01     ." .. ("     ."):rep(6) .. "\n   32768 |", (rows_of {}))
    assert.equal(8, select(2, rows_of {}))
    local options = { profile = "3.11", pool_bytes = 4096 }
    assert.equal(16, select(2, rows_of(options, 110)))
    assert.equal(32, select(2, rows_of(options, 80)))
    options = { pool_bytes = 256, threshold = 64, arena_bytes = 1 << 24 }
    local rows, row_count = rows_of(options)
    assert.equal(25, row_count)
    assert.matches("%.%.%. 64768 more pools %.%.%.", rows)
  end)
end)

describe("the picture of a pool", function()
  it("lists the beginning and the end of a long free chain", function()
    local heap <close> = pymalloc.heap()
    local kept = {}
    for i = 1, 253 do
      kept[i] = heap:malloc(16)
    end
    for i = 2, 253 do
      kept[i]:free()
    end
    local text = pymalloc.view.text(kept[1]:pool(), PLAIN)
    assert.matches("free chain: 4080 %-> 4064 %-> ", text)
    assert.matches("%.%.%. 228 more %.%.%.", text)
    assert.matches("80 %->%s+64$", text)
    assert.is_true(select(2, text:gsub("\n", "")) < 20)
  end)
end)
