local kit = require "experiments.kit"
local pymalloc = require "pymalloc"

local TURNS, BYTES = 1000000, 512

-- Fills the first arena; then allocates one more block and frees it, again and again. Returns
-- arenas obtained in the loop, and its seconds.
local function loop(profile, retain_bytes)
  local heap <close> = pymalloc.heap { profile = profile, retain_bytes = retain_bytes }
  local geometry = heap.geometry
  local blocks = geometry.pools_per_arena
    * ((geometry.pool_bytes - geometry.header_bytes) // BYTES)
  kit.fill(heap, blocks, BYTES)
  local before, start = heap:stats().arenas_allocated_total, os.clock()
  for _ = 1, TURNS do
    heap:free(heap:malloc(BYTES))
  end
  return heap:stats().arenas_allocated_total - before, os.clock() - start
end

return {
  title = "Thrashing: an arena for each turn of a loop",
  sources = {
    { "bpo-37257 (2019)", "https://github.com/python/cpython/issues/81438" },
    { "GH-14039, merged for 3.9: the arena at the end of usable_arenas is kept",
      "https://github.com/python/cpython/pull/14039" },
  },
  asked = "If all arenas are full, a loop that allocates one object and frees it can obtain and "
    .. "release an arena at every turn. Does the rule of 3.9 stop that?",
  method = ("One arena is filled. A loop of %s turns then allocates one block of %d bytes and "
    .. "frees it."):format(kit.commas(TURNS), BYTES),
  run = function()
    local old, new = loop "3.8", loop "3.9"
    return {
      text = kit.table({ "rule", "arenas obtained in the loop" },
        { { "3.8: released at once", kit.commas(old) }, { "3.9: the last one is kept",
          kit.commas(new) } }),
      facts = { { "arenas obtained, by the rule before 3.9, for each turn", old / TURNS, 1 },
        { "arenas obtained, by the rule of 3.9, in the whole loop", new, 1 } },
      sentence = "The rule of 3.9 saves an mmap and a munmap at each turn of such a loop.",
    }
  end,
  measure = function()
    local _, old = loop("3.8", 0)
    local _, new = loop("3.9", 0)
    return { text = kit.table({ "rule", "nanoseconds for each turn" },
      { { "3.8: released at once, pages given back", ("%.0f"):format(old / TURNS * 1e9) },
        { "3.9: the last one is kept", ("%.0f"):format(new / TURNS * 1e9) } }),
      sentence = "The times include the calls from Lua." }
  end,
}
