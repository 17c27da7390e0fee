local pymalloc = require "pymalloc"
local heaps = require "spec.support.heaps"

local PLAIN = { ascii = true, colour = false, width = 80 }

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local function count(text, sign)
  return select(2, text:gsub(sign:gsub("%p", "%%%0"), ""))
end

-- Returns the signs of a picture: the parts of each line after its first bar. Between squares that
-- are side by side there are two spaces.
local function signs(text, separator)
  local list = {}
  for line in text:gmatch("[^\n]+") do
    for part in (line:match("|.*") or ""):gmatch("|([^|]*)") do
      if part:find("^[^%s]") or separator then
        table.insert(list, (part:gsub("%d+ free$", "")))
      end
    end
  end
  return table.concat(list, separator)
end

describe("the picture of a heap", function()
  it("has the numbers of arenas and live blocks in its title", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    local blocks = {}
    local function title_with(number)
      while #blocks < number do
        table.insert(blocks, heap:malloc(60))
      end
      return pymalloc.view.text(heap, PLAIN):match("^[^\n]*")
    end
    assert.equal("heap classroom: 0 arenas, 0 live blocks, 0 of them raw", title_with(0))
    assert.equal("heap classroom: 1 arena, 1 live block, 0 of them raw", title_with(1))
    assert.equal("heap classroom: 2 arenas, 13 live blocks, 0 of them raw", title_with(13))
  end)

  it("has the number of blocks in the cache or in quarantine in its title", function()
    for _, case in ipairs {
      { { cache_blocks = 10 }, "5 live blocks, 0 of them raw, 4 cached" },
      { { debug = true }, "2 live blocks, 0 of them raw, 1 in quarantine" },
    } do
      local heap <close> = pymalloc.heap(case[1])
      local first, second <const> = heap:malloc(60), heap:malloc(60)
      first:free()
      local line = pymalloc.view.text(heap, PLAIN):match("^[^\n]*")
      assert.equal("heap 3.6: 1 arena, " .. case[2], line)
      second:free()
    end
  end)

  it("leaves out the lists if the option says so", function()
    local heap <close> = pymalloc.heap { profile = "classroom" }
    local block = heap:malloc(60)
    local whole = pymalloc.view.text(heap, PLAIN)
    local short = pymalloc.view.text(heap, { ascii = true, colour = false, lists = false })
    assert.equal(whole, short .. "\nusable_arenas: arena 0\nclass 3 (64 bytes): 0:0")
    block:free()
  end)

  it("has a sign for each pool of each arena", function()
    for _, profile in ipairs { "classroom", "3.6", "3.11" } do
      local heap = heaps.busy { profile = profile }
      local text = signs(pymalloc.view.text(heap, PLAIN))
      local expected = { full = 0, empty = 0, used = 0, uncarved = 0 }
      for arena in heap:arenas() do
        expected.uncarved = expected.uncarved + arena.ntotalpools
        for pool in arena:pools() do
          expected[pool.state] = expected[pool.state] + 1
          expected.uncarved = expected.uncarved - 1
        end
      end
      assert.equal(expected.full, count(text, "#"))
      assert.equal(expected.empty, count(text, "o"))
      assert.equal(expected.uncarved, count(text, "."))
      assert.equal(expected.used, #text:gsub("[^1-7]", ""))
    end
  end)

  it("has a sign for a pool that grows with the number of its live blocks", function()
    local heap = pymalloc.heap { profile = "3.6" }
    local last = 0
    for _ = 1, 505 do
      heap:malloc(8)
      local sign = tonumber(signs(pymalloc.view.text(heap, PLAIN)):match("^%d"))
      assert.is_true(sign >= last)
      last = sign
    end
    assert.equal(7, last)
    heap:malloc(8)
    assert.equal("#", signs(pymalloc.view.text(heap, PLAIN)):sub(1, 1))
  end)

  it("lists the used pools and the usable arenas in order", function()
    local heap = heaps.busy { profile = "classroom" }
    local text = pymalloc.view.text(heap, { width = 1000, ascii = true, colour = false })
    local order = {}
    for i, arena in ipairs(heap:usable_arenas()) do
      order[i] = arena.index
    end
    local expected = #order == 0 and "none" or (#order == 1 and "arena " or "arenas ")
      .. table.concat(order, " ")
    assert.equal(expected, text:match("usable_arenas: ([^\n]*)"))
    local pools = {}
    for i, pool in ipairs(heap:usedpools(2)) do
      pools[i] = ("%d:%d"):format(pool.arena, pool.offset)
    end
    local listed = text:match("class 2 %(48 bytes%): ([^\n]*)")
    assert.equal(table.concat(pools, " ", 1, 6), listed:match("^(.-) %.%.%. %d+ more"))
    assert.equal(table.concat(pools, " ", #pools - 2), listed:match("more %.%.%. (.*)$"))
  end)
end)

describe("the picture of an arena", function()
  it("names the class of each carved pool", function()
    local heap = heaps.busy { profile = "3.6" }
    local arena = heap:arena(0)
    local classes = {}
    for class in (signs(pymalloc.view.text(arena, PLAIN), " ") .. " ")
      :gmatch("(%d+)[1-7#o] ") do
      table.insert(classes, tonumber(class))
    end
    local i = 0
    for pool in arena:pools() do
      i = i + 1
      assert.equal(pool.szidx, classes[i] or -1)
    end
    assert.equal(i, #classes)
  end)

  it("lists freepools in order, and marks a slot without an arena as closed", function()
    local heap, blocks = pymalloc.heap { profile = "classroom" }, {}
    for i = 1, 13 do
      blocks[i] = heap:malloc(64)
    end
    for i = 1, 9 do
      blocks[i]:free()
    end
    assert.matches("freepools: 512 256 0$", pymalloc.view.text(heap:arena(0), PLAIN))
    assert.equal("arena 2, closed: next unused slot 3", pymalloc.view.text(heap:arena(2), PLAIN))
  end)
end)

describe("the picture of a pool", function()
  local heap, blocks, pool

  before_each(function()
    heap, blocks = pymalloc.heap { profile = "3.6" }, {}
    for i = 1, 20 do
      blocks[i] = heap:malloc(100)
    end
    for _, i in ipairs { 3, 7, 4 } do
      blocks[i]:free()
    end
    pool = blocks[1]:pool()
  end)

  it("has a sign for each block, in order", function()
    local letters = { live = "#", free = "o", virgin = "." }
    local expected = {}
    for i, state in ipairs(pool:blocks()) do
      expected[i] = letters[state]
    end
    assert.equal(table.concat(expected), signs(pymalloc.view.text(pool, PLAIN)))
  end)

  it("lists every field of the header", function()
    local text = pymalloc.view.text(pool, PLAIN)
    for _, name in ipairs { "ref_count", "szidx", "nextoffset", "maxnextoffset", "arenaindex" } do
      assert.matches(name .. " +" .. pool[name] .. "%f[^%d]", text)
    end
    assert.matches("freeblock +" .. pool:freelist()[1], text)
    assert.matches("nextpool +class " .. pool.szidx, text)
  end)

  it("lists the free chain from its head", function()
    local chain = table.concat(pool:freelist(), " -> ")
    assert.matches("free chain: " .. chain:gsub("%-", "%%-") .. "$",
      pymalloc.view.text(pool, PLAIN))
  end)

  it("shows the bytes of a block, and the link of a free one", function()
    local first, second = table.unpack(pool:freelist())
    local text = pymalloc.view.text(pool, { block = first, ascii = true, colour = false })
    assert.matches(("^block 0:0:%d, free: class 12, 104 bytes\n"):format(first), text)
    assert.matches("link: " .. second, text)
    local bytes = heap:peek(pool.address + first, 16):gsub(".", function(byte)
      return ("%02x "):format(byte:byte())
    end)
    assert.truthy(text:find(bytes, 1, true))
  end)

  it("shows how many bytes of a buffer's block were requested", function()
    assert.matches("block 0:0:48, live: class 12, 104 bytes",
      pymalloc.view.text(blocks[1], PLAIN))
    assert.matches("100 requested, 4 extra", pymalloc.view.text(blocks[1], PLAIN))
    assert.matches("^raw block, live: 600 bytes", pymalloc.view.text(heap:malloc(600), PLAIN))
  end)

  it("shows the whole block if debug hooks put a head and a tail around it", function()
    local hooked <close> = pymalloc.heap { debug = true }
    local text = pymalloc.view.text(hooked:malloc(10), PLAIN)
    assert.matches("^block 0:0:48, live: class 5, 48 bytes\n", text)
    assert.matches("\n *48  00 00 00 00 00 00 00 0a 6f [fb ]+head: size, who, pads", text)
    assert.matches("10 requested, 22 extra", text)
  end)
end)

describe("the picture of a run", function()
  it("has the request, each of its events, and the pool", function()
    local run = assert(pymalloc.replay("traces/cpython-startup.trace.xz"))
    run:continue("pool_unfull")
    local text = pymalloc.view.text(run, PLAIN)
    local request = run:request()
    assert.matches(("^request %d of %d: free of id %d\n"):format(run.op, run.length, request.id),
      text)
    for _, event in ipairs(run:events()) do
      assert.matches("\n  " .. event.kind .. " ", text)
    end
    assert.matches("\npool 0:65536, used: class 7", text)
  end)
end)

describe("the picture of a request", function()
  it("has an id and a size of 2^63 and more without a sign", function()
    local run <close> = assert(pymalloc.replay {
      text = "a 9223372036854775808 18446744073709551615\n"
    })
    run:step()
    local lines = pymalloc.view.text(run)
    assert.equal("request 1 of 1: malloc of id 9223372036854775808, 18446744073709551615 bytes",
      lines:match("[^\n]+"))
    assert.match("malloc%(18446744073709551615%)", lines)
  end)
end)
