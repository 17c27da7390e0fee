local damages = require "spec.support.damage"
local heaps = require "spec.support.heaps"
local pymalloc = require "pymalloc"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

-- The value of a link that leads to nothing.
local NULL = 0

describe("check of arenas and pools", function()
  local heap, damage, pool, block

  before_each(function()
    heap = damages.heap()
    damage = damages.new(heap)
    local at = damages.addresses(heap)
    pool, block = at.pool, at.block
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  it("passes for a heap that is not damaged", function()
    assert.is_true(heap:check())
    assert.equal("4 1 2", heap:dump():match("usable ([%d ]+)"))
    assert.equal("0:256 0:0", heap:dump():match("class 3 size=64 used ([%d: ]+)"))
  end)

  describe("[region.place]", function()
    it("detects an arena whose address is not that of its slot", function()
      damage:set_arena(1, "address", pool(1, 0) + 16):assert_breaks("region.place")
      damage:set_arena(1, "address", pool(2, 0)):assert_breaks("region.place")
    end)

    it("names the arena, its address and the address of its slot", function()
      local message = damage:set_arena(1, "address", 4096):assert_breaks("region.place")
      assert.matches("arena 1 lies at 0x1000; its slot is at 0x%x+", message)
    end)
  end)

  describe("[arena.extent]", function()
    it("detects a wrong number of pools", function()
      damage:set_arena(1, "ntotalpools", 5):assert_breaks("arena.extent")
    end)

    -- Where an arena has three pools or more, one may be lost to the arena's address.
    it("detects one pool fewer where none can be lost to the address", function()
      for _, options in ipairs { { profile = "classroom", pool_bytes = 512 },
        { profile = "classroom", arena_offset = 16 } } do
        local other <close> = pymalloc.heap(options)
        local _ <close> = other:malloc(16)
        local pools = other:arena(0).ntotalpools
        damages.new(other):set_arena(0, "ntotalpools", pools - 1):assert_breaks("arena.extent")
        assert(other:check())
      end
    end)

    it("detects a pool_address beyond the arena, before it, or inside a pool", function()
      for _, address in ipairs { pool(1, 5), pool(0, 3), pool(1, 3) + 8 } do
        damages.new(heap):set_arena(1, "pool_address", address):assert_breaks("arena.extent")
      end
    end)
  end)

  describe("[arena.free_pools]", function()
    it("detects a count that is not the number of free pools", function()
      for _, count in ipairs { 0, 2 } do
        damages.new(heap):set_arena(1, "nfreepools", count):assert_breaks("arena.free_pools")
      end
    end)
  end)

  describe("[arena.empty]", function()
    it("detects a freepools list without the empty pools", function()
      damage:set_arena(1, "freepools", NULL):assert_breaks("arena.empty")
    end)

    it("detects a freepools list with a pool that is not empty", function()
      damage:set_arena(1, "freepools", pool(1, 2)):assert_breaks("arena.empty")
    end)

    it("detects a freepools list with a pool of another arena", function()
      damage:set_arena(1, "freepools", pool(4, 0)):assert_breaks("arena.empty")
    end)

    it("detects a freepools list that leads out of the heap", function()
      damage:set_arena(1, "freepools", 8):assert_breaks("arena.empty")
    end)

    it("detects a freepools list that runs in a circle", function()
      damage:set_pool(pool(1, 0), "nextpool", pool(1, 0)):assert_breaks("arena.empty")
    end)
  end)

  describe("[pool.arena]", function()
    it("detects the number of another slot", function()
      damage:set_pool(pool(0, 0), "arenaindex", 1):assert_breaks("pool.arena")
    end)
  end)

  describe("[pool.class]", function()
    it("detects a class that does not exist", function()
      for _, szidx in ipairs { 4, 0xffff, 0xffffffff } do
        local message = damages.new(heap):set_pool(pool(0, 0), "szidx", szidx)
          :assert_breaks("pool.class")
        assert.matches(("szidx is %d; there are 4 classes"):format(szidx), message)
      end
    end)

    it("detects a class that the pool's offsets do not fit", function()
      damage:set_pool(pool(0, 0), "szidx", 2):assert_breaks("pool.class")
    end)

    it("detects a maxnextoffset of another class", function()
      damage:set_pool(pool(0, 0), "maxnextoffset", 256 - 48):assert_breaks("pool.class")
    end)

    it("detects a nextoffset in the header, in a block, or beyond the pool", function()
      for _, offset in ipairs { 0, 49, 47, 48 + 4 * 64, 0xfffffff0 } do
        damages.new(heap):set_pool(pool(0, 0), "nextoffset", offset):assert_breaks("pool.class")
      end
    end)
  end)

  describe("[pool.chain]", function()
    it("detects a link into the middle of a block", function()
      damage:set_pool(pool(0, 0), "freeblock", block(0, 0, 1) + 8):assert_breaks("pool.chain")
    end)

    it("detects a link to another pool, to the header, or out of the heap", function()
      for _, address in ipairs { block(0, 1, 2), pool(0, 0), 8, -8 } do
        damages.new(heap):set_pool(pool(0, 0), "freeblock", address):assert_breaks("pool.chain")
      end
    end)

    it("detects a link to a block that is not carved", function()
      damage:set_pool(pool(3, 0), "freeblock", pool(3, 0) + 48 + 5 * 16)
        :assert_breaks("pool.chain")
    end)

    it("detects a link that a write to a freed block has changed", function()
      local text = damage:set_link(block(0, 0, 2), 0x4141):assert_breaks("pool.chain")
      assert.matches("pool 0 of arena 0: link 1 of the free chain leads to 0x4141,", text)
    end)

    it("detects a chain that runs in a circle, as after a double free", function()
      damage:set_link(block(0, 0, 2), block(0, 0, 2)):assert_breaks("pool.chain")
    end)
  end)

  describe("[pool.count]", function()
    it("detects a count of live blocks that is one too small or too large", function()
      for _, count in ipairs { 1, 3 } do
        damages.new(heap):set_pool(pool(0, 0), "ref.count", count):assert_breaks("pool.count")
      end
    end)

    it("detects a chain in which a free block is missing", function()
      damage:set_link(block(1, 0, 2), NULL):assert_breaks("pool.count")
    end)

    it("detects a block of a full pool that is on the chain", function()
      damage:set_pool(pool(0, 2), "freeblock", block(0, 2, 0))
      damage:set_link(block(0, 2, 0), NULL)
      damage:assert_breaks("pool.count")
    end)
  end)

  describe("[pool.ready]", function()
    it("detects an empty chain of a pool that has virgin blocks", function()
      damage:set_pool(pool(3, 0), "freeblock", NULL):assert_breaks("pool.ready")
    end)
  end)
end)
