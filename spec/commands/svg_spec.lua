-- Tests the pictures as SVG: lua/pymalloc/view/svg/.

local heaps = require "spec.support.heaps"
local pymalloc = require "pymalloc"
local svgs = require "spec.support.svg"

local STARTUP = "@startup"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

-- The titles of rectangles that match a pattern, in order.
local function tips(picture, pattern)
  local found = {}
  for _, element in ipairs(picture:all "title") do
    if element.parent.name == "rect" and element.text:find(pattern) then
      table.insert(found, element.text)
    end
  end
  return found
end

local function draw(x, options)
  local picture = svgs.read(pymalloc.view.svg(x, options))
  assert.is_true(#picture:all("title")[1].text > 0)
  assert.is_true(#(picture:all("desc")[1].text or "") > 0)
  picture:assert_inside()
  return picture
end

describe("the SVG of a heap", function()
  it("has a cell for each pool, whose title describes the pool", function()
    for _, profile in ipairs { "classroom", "3.6", "3.11" } do
      local heap <close> = pymalloc.heap { profile = profile }
      local kept = {}
      for i = 1, 20 do
        kept[i] = heap:malloc(48)
      end
      local picture = draw(heap)
      for arena in heap:arenas() do
        for pool in arena:pools() do
          local tip = tostring(pool):gsub("^pymalloc%.", "")
          assert.truthy(picture:find("title", tip), tip)
        end
      end
      local pool_count, carved = 0, 0
      for arena in heap:arenas() do
        pool_count = pool_count + arena.ntotalpools
        for _ in arena:pools() do
          carved = carved + 1
        end
      end
      assert.equal(pool_count - carved, #tips(picture, "^a pool that was never carved"))
      assert.equal(carved, #tips(picture, "^Pool %d+:%d+ "))
      assert.equal(20, #kept)
    end
  end)

  it("says that it has no arena", function()
    local heap <close> = pymalloc.heap()
    assert.is_true(draw(heap):has_text("no arena"))
  end)
end)

describe("the SVG of an arena", function()
  -- The numbers of cells in each row, from the tips of the pools.
  local function rows_of(picture)
    local rows, order = {}, {}
    for _, element in ipairs(picture:all "title") do
      local y = element.parent.name == "rect" and element.parent.attributes.y
      if y and element.text:find("pool", 1, true) or y and element.text:find("^Pool") then
        if not rows[y] then
          rows[y] = 0
          table.insert(order, y)
        end
        rows[y] = rows[y] + 1
      end
    end
    local counts = {}
    for i, y in ipairs(order) do
      counts[i] = rows[y]
    end
    return counts
  end

  it("is a square of 8 by 8 pools, 16 by 4 where wide, and 16 by 16 of 256 pools", function()
    local function counts(options, look)
      local heap <close> = pymalloc.heap(options)
      local kept = heap:malloc(24)
      local picture = draw(heap:arena(0), look)
      local rows = table.concat(rows_of(picture), " ", 1, heap:arena(0).ntotalpools > 200 and 16
        or math.ceil(heap:arena(0).ntotalpools / (look and look.width and 16 or 8)))
      kept:free()
      return rows
    end
    assert.equal("8 8 8 8 8 8 8 8", counts { profile = "3.6" })
    assert.equal("16 16 16 16", counts({ profile = "3.6" }, { width = 1280 }))
    assert.equal("8 8 8 8 8 8 8 7", counts { profile = "3.11", arena_offset = 4096 })
    assert.equal(("16 "):rep(15) .. "16", counts { profile = "3.11", pool_bytes = 4096 })
  end)

  it("has class and fill of each pool, as the heap has them", function()
    local run <close> = assert(pymalloc.replay(STARTUP))
    run:seek(300)
    local arena = run.heap:arena(0)
    local texts = table.concat(draw(arena):texts(), "\n")
    for pool in arena:pools() do
      local fill = pool.state == "empty" and "empty"
        or ("%d of %d"):format(pool.ref_count, pool.capacity)
      local words = ("class %d\n%s"):format(pool.szidx, fill)
      assert.truthy(texts:find(words, 1, true), words)
    end
  end)

  it("lists freepools in its order, and says of a closed slot that it has none", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    local blocks = {}
    for i = 1, 13 do
      blocks[i] = heap:malloc(64)
    end
    for i = 1, 9 do
      blocks[i]:free()
    end
    assert.is_true(draw(heap:arena(0)):has_text("freepools: 512 → 256 → 0"))
    assert.is_true(draw(heap:arena(2)):has_text("arena 2, closed"))
  end)
end)

describe("the SVG of a pool", function()
  it("has the fields of the header with their values", function()
    local heap <close>, pool = heaps.with_chain()
    local texts = table.concat(draw(pool):texts(), "\n")
    for _, name in ipairs { "ref_count", "szidx", "nextoffset", "maxnextoffset", "arenaindex" } do
      assert.truthy(texts:find(("%s\n%d\n"):format(name, pool[name]), 1, true), name)
    end
    assert.truthy(texts:find(("freeblock\n%d\n"):format(pool:freelist()[1]), 1, true))
    assert.equal(1, heap:stats().arenas_current)
  end)

  it("has the blocks to scale, and the rest in which no block fits", function()
    local heap <close>, pool = heaps.with_chain()
    local picture = draw(pool)
    local widths, covered = {}, 0
    for _, element in ipairs(picture:all "title") do
      local bytes = element.parent.name == "rect" and math.tointeger(tonumber(
        element.text:match("(%d+) bytes")))
      if bytes then
        widths[bytes] = (tonumber(element.parent.attributes.width) + 1) / bytes
        covered = covered + bytes
      end
    end
    assert.equal(heap.geometry.pool_bytes, covered)
    assert.is_true(math.abs(widths[104] - widths[48]) < 0.01)
    assert.is_true(math.abs(widths[104] - widths[4096 - 48 - 38 * 104]) < 0.01)
    assert.equal(35, #tips(picture, "^live block at"))
    assert.equal(3, #tips(picture, "^free block at"))
  end)

  it("numbers the free chain and draws it as arrows from the header on", function()
    local heap <close>, pool = heaps.with_chain()
    local picture = draw(pool)
    local heads = 0
    for _, element in ipairs(picture:all "path") do
      heads = heads + (element.attributes.d:find("z$") and 1 or 0)
    end
    local chain = pool:freelist()
    assert.equal(#chain, heads)
    for position, offset in ipairs(chain) do
      local cell = picture:find("title", ("free block at %d, 104 bytes"):format(offset)).parent
      local name = picture:find("text", "free " .. position)
      local middle = tonumber(cell.attributes.x) + tonumber(cell.attributes.width) / 2
      assert.is_true(math.abs(middle - tonumber(name.attributes.x)) < 0.2)
    end
    assert.is_true(picture:has_text("free chain (3 blocks): 776 → 256 → 3,896 → NULL"))
    assert.equal(35, heap:stats().blocks)
  end)

  it("draws the first 12 links of a long chain and says how many there are", function()
    local heap <close> = pymalloc.heap()
    local kept = {}
    for i = 1, 300 do
      kept[i] = heap:malloc(8)
    end
    for i = 1, 299 do
      kept[i]:free()
    end
    local picture = draw(kept[300]:pool())
    assert.is_true(picture:has_text("free chain (300 blocks, the first 12 as arrows): 2,432"))
    assert.is_true(picture:has_text("... 288 more ..."))
  end)

  it("has a colour for cached blocks", function()
    local heap <close> = pymalloc.heap { cache_blocks = 8 }
    local first, second <const> = heap:malloc(60), heap:malloc(60)
    first:free()
    assert.equal(3, #tips(draw(second:pool()), "^cached block at"))
    assert.is_true(draw(heap, { block = "0:0:48" }):has_text("The block is cached."))
  end)

  it("of a snapshot is that of the heap", function()
    local heap <close>, pool = heaps.with_chain()
    assert.equal(pymalloc.view.svg(pool), pymalloc.view.svg(heap:snapshot():arena(0):pool(0)))
    assert.equal(pymalloc.view.svg(heap), pymalloc.view.svg(heap:snapshot()))
    assert.equal(pymalloc.view.svg(heap:arena(0)), pymalloc.view.svg(heap:snapshot():arena(0)))
  end)
end)

describe("the SVG of a block", function()
  it("has its bytes, and says which were requested", function()
    local heap <close> = pymalloc.heap()
    local b = heap:buffer("u8", 100)
    b:fill(0xab)
    local picture = draw(b)
    local found = {}
    for _, shown in ipairs(picture:texts()) do
      found[shown] = (found[shown] or 0) + 1
    end
    assert.equal(100, found.ab)
    assert.is_true(picture:has_text("100 bytes requested, 4 bytes are extra."))
    assert.is_true(draw(heap:malloc(600)):has_text("raw block, live: 600 bytes"))
  end)

  it("at an offset of a pool shows the link of a free block", function()
    local heap <close>, pool = heaps.with_chain()
    local picture = draw(pool, { block = 776 })
    assert.is_true(picture:has_text("block 0:0:776, free: class 12, 104 bytes"))
    assert.is_true(picture:has_text("the next free block of the pool is at 256."))
    local bytes = {}
    for _, shown in ipairs(picture:texts()) do
      if shown:find("^%x%x$") then
        table.insert(bytes, string.char(tonumber(shown, 16)))
      end
    end
    assert.equal(heap:peek(pool.address + 776, 104), table.concat(bytes):sub(-104))
    assert.equal(pymalloc.view.svg(pool, { block = 776 }),
      pymalloc.view.svg(heap, { block = "0:0:776" }))
  end)
end)

describe("the SVG of a run", function()
  it("has the request, its events, and frames for what the request changed", function()
    local run <close> = assert(pymalloc.replay(STARTUP))
    run:continue("pool_unfull")
    local picture = draw(run)
    assert.is_true(picture:has_text(("request %d of %d: free of id %d"):format(run.op, run.length,
      run:request().id)))
    for _, event in ipairs(run:events()) do
      assert.is_true(picture:has_text(event.kind .. " "), event.kind)
    end
    local pools = {}
    for _, event in ipairs(run:events()) do
      for _, change in ipairs(event.changes) do
        if change.pool then
          pools[change.pool] = true
        end
      end
    end
    local frames = 0
    for _ in pairs(pools) do
      frames = frames - 1
    end
    for _, element in ipairs(picture:all "rect") do
      frames = frames + (element.attributes["stroke-width"] == "3.5" and 1 or 0)
    end
    assert.equal(3, frames) -- besides the pools: two legends, and one block
    assert.is_true(picture:has_text("changed by the request"))
  end)
end)

describe("the SVG of a diff", function()
  it("has the changed arenas before and after, and the changes", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    local first = heap:malloc(24)
    local before = heap:snapshot()
    local second = heap:malloc(60)
    first:free()
    local after = heap:snapshot()
    local picture = draw(pymalloc.diff(before, after))
    assert.is_true(picture:has_text("1 block allocated, 1 freed; 0 arenas new, 0 gone"))
    assert.is_true(picture:has_text("before") and picture:has_text("after"))
    assert.equal(1, #tips(picture, "^Pool 0:0 used, 1 of 6"))
    assert.equal(1, #tips(picture, "^Pool 0:256 used, 1 of 3"))
    assert.equal(pymalloc.view.svg(pymalloc.diff(before, after)),
      pymalloc.view.svg(heap, { before = before }))
    assert.equal(pymalloc.view.svg(pymalloc.diff(before, after)),
      pymalloc.view.svg(before, { after = after }))
    second:free()
  end)
end)
