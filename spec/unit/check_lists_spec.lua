local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local arenas = require "spec.support.arenas"
local damages = require "spec.support.damage"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

-- The value of a link that leads to nothing.
local NULL = 0

describe("check of lists", function()
  local heap, damage, pool, slot_address

  before_each(function()
    heap = damages.heap()
    damage = damages.new(heap)
    local at = damages.addresses(heap)
    pool, slot_address = at.pool, at.slot
  end)

  after_each(function()
    assert(heap:check())
    heap:close()
  end)

  describe("[used.links]", function()
    it("detects a prevpool that is not the previous pool", function()
      damage:set_pool(pool(0, 0), "prevpool", pool(0, 0)):assert_breaks("used.links")
    end)

    it("detects a nextpool that leads to no pool", function()
      for _, address in ipairs { NULL, 8, pool(0, 2) + 8, pool(5, 0) } do
        damages.new(heap):set_pool(pool(0, 1), "nextpool", address):assert_breaks("used.links")
      end
    end)

    it("detects a ring that does not end with its last pool", function()
      damage:set_pool(faults.ring(heap, 3), "prevpool", pool(0, 1)):assert_breaks("used.links")
    end)
  end)

  describe("[used.members]", function()
    it("detects a used pool that is not on the list", function()
      local ring = faults.ring(heap, 3)
      damage:set_pool(ring, "nextpool", pool(0, 0))
      damage:set_pool(pool(0, 0), "prevpool", ring)
      damage:assert_breaks("used.members")
    end)

    it("detects a full pool that is on the list", function()
      local ring = faults.ring(heap, 3)
      damage:set_pool(ring, "nextpool", pool(0, 2))
      damage:set_pool(pool(0, 2), "prevpool", ring)
      damage:set_pool(pool(0, 2), "nextpool", pool(0, 1))
      damage:set_pool(pool(0, 1), "prevpool", pool(0, 2))
      damage:assert_breaks("used.members")
    end)

    it("detects a pool on the list of another class", function()
      local ring = faults.ring(heap, 1)
      damage:set_pool(ring, "nextpool", pool(3, 0))
      damage:set_pool(ring, "prevpool", pool(3, 0))
      damage:set_pool(pool(3, 0), "nextpool", ring)
      damage:set_pool(pool(3, 0), "prevpool", ring)
      damage:set_pool(faults.ring(heap, 0), "nextpool", faults.ring(heap, 0))
      damage:set_pool(faults.ring(heap, 0), "prevpool", faults.ring(heap, 0))
      damage:assert_breaks("used.members")
    end)
  end)

  describe("[usable.links]", function()
    it("detects a prevarena that is not the previous arena", function()
      damage:set_arena(2, "prevarena", slot_address(4)):assert_breaks("usable.links")
    end)

    it("detects a head that has an arena before it", function()
      damage:set_arena(4, "prevarena", slot_address(1)):assert_breaks("usable.links")
    end)

    it("detects a link that leads to no slot", function()
      for _, address in ipairs { 8, slot_address(1) + 8, slot_address(15) + 64 } do
        damages.new(heap):set_arena(1, "nextarena", address):assert_breaks("usable.links")
      end
      damages.new(heap):set_heap("order.usable_arenas", 8):assert_breaks("usable.links")
    end)
  end)

  describe("[usable.sorted]", function()
    it("detects an arena before one that has fewer free pools", function()
      damage:set_heap("order.usable_arenas", slot_address(2))
      damage:set_arena(2, "prevarena", NULL):set_arena(2, "nextarena", slot_address(4))
      damage:set_arena(4, "prevarena", slot_address(2)):set_arena(1, "nextarena", NULL)
      damage:assert_breaks("usable.sorted")
    end)
  end)

  describe("[usable.lasts]", function()
    it("detects a group whose last arena is another one", function()
      damage:set_last(1, slot_address(4)):assert_breaks("usable.lasts")
    end)

    it("detects a group without a last arena", function()
      damage:set_last(2, NULL):assert_breaks("usable.lasts")
    end)

    it("detects an empty group that has a last arena", function()
      for _, address in ipairs { slot_address(2), slot_address(5), 8 } do
        damages.new(heap):set_last(3, address):assert_breaks("usable.lasts")
      end
      damages.new(heap):set_last(0, slot_address(0)):assert_breaks("usable.lasts")
    end)
  end)

  describe("[usable.members]", function()
    it("detects an arena with a free pool that is not on the list", function()
      damage:set_heap("order.usable_arenas", slot_address(1))
      damage:set_arena(1, "prevarena", NULL)
      damage:assert_breaks("usable.members")
    end)

    it("detects a full arena that is on the list", function()
      damage:set_heap("order.usable_arenas", slot_address(0))
      damage:set_arena(0, "prevarena", NULL):set_arena(0, "nextarena", slot_address(4))
      damage:set_arena(4, "prevarena", slot_address(0))
      damage:assert_breaks("usable.members")
    end)

    it("detects a slot without an arena that is on the list", function()
      damage:set_arena(2, "nextarena", slot_address(5))
      damage:set_arena(5, "prevarena", slot_address(2))
      damage:set_last(2, slot_address(2))
      damage:assert_breaks("usable.members")
    end)
  end)

  describe("[unused.members]", function()
    it("detects slots without an arena that are not on the list", function()
      damage:set_heap("unused_arena_objects", NULL):assert_breaks("unused.members")
    end)

    it("detects an arena that is on the list", function()
      local message = damage:set_arena(6, "nextarena", slot_address(0))
        :assert_breaks("unused.members")
      assert.matches("which is not a slot without an arena", message)
      damages.new(heap):set_heap("unused_arena_objects", slot_address(0))
        :assert_breaks("unused.members")
    end)

    it("detects a link that leads to no slot", function()
      for _, address in ipairs { 8, slot_address(7) + 8, slot_address(15) + 64 } do
        damages.new(heap):set_arena(6, "nextarena", address):assert_breaks("unused.members")
      end
    end)

    it("detects a list that runs in a circle", function()
      damage:set_arena(15, "nextarena", slot_address(5)):assert_breaks("unused.members")
    end)
  end)

  describe("[arenas.counters]", function()
    it("detects a narenas_currently_allocated that is not the number of arenas", function()
      damage:set_heap("narenas_currently_allocated", 4):assert_breaks("arenas.counters")
    end)

    it("detects a narenas_highwater below narenas_currently_allocated", function()
      damage:set_heap("narenas_highwater", 4):assert_breaks("arenas.counters")
    end)

    it("detects a narenas_highwater above the total of arenas", function()
      damage:set_heap("narenas_highwater", 7):assert_breaks("arenas.counters")
    end)
  end)
end)

describe("check [arenas.release]", function()
  -- Makes a heap with the rule never and with arenas whose pools are all free,
  -- then writes another rule to it.
  local function assert_breaks(all_free, rule)
    local heap <close> = pymalloc.heap { profile = "classroom", release = "never" }
    for _, arena in ipairs(arenas.fill(heap, all_free)) do
      arenas.empty_pools(heap, arena, 4)
    end
    return damages.new(heap):set_heap("geometry.release", rule):assert_breaks("arenas.release")
  end

  it("detects an arena whose pools are all free if the rule is at_once", function()
    local message = assert_breaks(1, 0)
    assert.matches('1 arenas are all free; the release rule "at_once" leaves at most 0', message)
  end)

  it("detects two arenas whose pools are all free if the rule is keep_last", function()
    assert.matches('the release rule "keep_last" leaves at most 1', assert_breaks(2, 1))
  end)
end)
