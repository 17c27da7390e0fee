-- Tests the quarantine of debug heaps: freed blocks that are not used again at once.

local pymalloc = require "pymalloc"
local bytes = require "spec.support.bytes"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

describe("the quarantine", function()
  it("holds a freed block, all bytes of which are db", function()
    local heap <close> = pymalloc.heap { debug = true, quarantine = 2 }
    local blocks = heaps.take(heap, 3, 10)
    local address = blocks[1]:address()
    heap:free(blocks[1])
    assert.equal(bytes.repeated("db", 42), bytes.hex(heap:peek(address - 16, 42)))
    assert.not_equal(address, heap:malloc(10):address())
    heap:free(blocks[2])
    heap:free(blocks[3]) -- The first block leaves the quarantine.
    assert.equal(address, heap:malloc(10):address())
  end)

  it("[block.dead] is searched by check for writes to freed blocks", function()
    for offset, told in pairs { [0] = 0, [8] = 8, [9] = 9, [-16] = -16, [25] = 25 } do
      local heap = pymalloc.heap { debug = true }
      local block = heap:malloc(10)
      local address = block:address()
      heap:free(block)
      heap:poke(address + offset, "A")
      assert.matches(("^block.dead: write after free at p%+d: the block of 10 bytes at "
                      .. "p=0x%x, freed by request #2$"):format(told, address):gsub("[+-]", "%%%0"),
                     bytes.error_of(heap.check, heap))
      bytes.has_lines(bytes.error_of(heap.close, heap),
                ("Found by request #2: 0x41 at p%+d"):format(told))
    end
  end)

  it("reports a write when the block leaves, and continues", function()
    local heap <close> = pymalloc.heap { debug = true, quarantine = 1 }
    local first, second = heap:malloc(10), heap:malloc(10)
    local address = first:address()
    heap:free(first)
    heap:poke(address, "A")
    bytes.has_lines(bytes.error_of(heap.free, heap, second), [[
Found by request #4: 0x41 at p+0
freed by request #3.
Fatal error: write after free]])
    assert.is_true(heap:check())
  end)

  it("gives its blocks back if there is no other memory", function()
    local heap <close> = pymalloc.heap {
      profile = "3.6", debug = true, max_bytes = 2 << 20, quarantine = 1000,
    }
    for _ = 1, 200 do -- max_bytes has room for fewer than 70 of them
      local block = assert(heap:malloc(30000))
      heap:free(block)
    end
    assert(heap:check())
  end)

  it("has a limit in bytes", function()
    local heap <close> = pymalloc.heap { debug = true, quarantine = 1000 }
    for _ = 1, 20 do
      heap:free(heap:malloc(4 << 20))
    end
    assert.is_true(heap:stats().raw_blocks <= 4)
  end)

  it("holds blocks again after larger ones have left it", function()
    local heap <close> = pymalloc.heap { debug = true, quarantine = 3 }
    for _ = 1, 20 do
      heap:free(heap:malloc(4 << 20)) -- 80 MiB in all, of which 16 are the limit
    end
    for _ = 1, 3 do
      heap:free(heap:malloc(10))
    end
    assert.equal(3, heap:stats().held_blocks)
  end)
end)
