local kit = require "experiments.kit"
local pymalloc = require "pymalloc"

local COUNT, BYTES = 400000, 64

-- Frees all blocks but one in `every`, which is the last of each group, or a random one.
-- Returns the arenas held before and after.
local function held(options, every, is_random)
  local heap <close> = pymalloc.heap(options)
  local blocks, throw = kit.fill(heap, COUNT, BYTES), kit.dice(1)
  local before = heap:stats().arena_bytes
  for first = 1, COUNT, every do
    local survivor = first + (is_random and throw(every) or every) - 1
    for i = first, math.min(first + every - 1, COUNT) do
      if i ~= survivor then
        heap:free(blocks[i])
      end
    end
  end
  return before, heap:stats().arena_bytes
end

-- The published example: 13 survivors at the worst places.
local function worst()
  local heap <close> = pymalloc.heap { profile = "3.11", arena_offset = 4096 }
  local each = heap.geometry.pools_per_arena * (16336 // BYTES)
  local blocks = kit.fill(heap, 13 * each, BYTES)
  for i, block in ipairs(blocks) do
    if i % each ~= 0 then
      heap:free(block)
    end
  end
  local stats = heap:stats()
  return stats.arena_bytes // heap.geometry.arena_bytes, stats.blocks, each
end

local designs = { kit.geometries[2], kit.geometries[3], kit.geometries[4] }

return {
  title = "Survivors: one block pins an arena",
  sources = {
    { "gh-144319 (2026): one live float keeps 2 MiB of addresses reserved",
      "https://github.com/python/cpython/issues/144319" },
    { "devpi 735 (2019): a server that uses more and more memory",
      "https://github.com/devpi/devpi/issues/735" },
  },
  asked = "An arena cannot be released while one block in it lives. How many survivors hold how "
    .. "much memory? The discussions name the effect; we found no table of it.",
  method = ("%s blocks of %d bytes are allocated and freed, but for one random block of each "
    .. "group of n. The rows have the memory that is still held."):format(kit.commas(COUNT),
    BYTES),
  run = function()
    local rows = {}
    for _, every in ipairs { 100, 1000, 4000, 16000, 64000 } do
      local row = { ("1 in %s (%s bytes live)"):format(kit.commas(every),
        kit.commas(COUNT // every * BYTES)) }
      for _, design in ipairs(designs) do
        local options = {}
        for name, value in pairs(design) do
          options[name] = name ~= "name" and value or nil
        end
        local before, after = held(options, every, true)
        table.insert(row, ("%s (%s)"):format(kit.kib(after), kit.percent(after, before)))
      end
      table.insert(rows, row)
    end
    local arenas, survivors, each = worst()
    return {
      text = kit.table({ "survivors", designs[1].name, designs[2].name, designs[3].name }, rows),
      sentence = ("At the worst places, %d blocks (%d bytes) among %s pin all %d arenas of 1 MiB "
        .. "with 63 pools: one in %s. Smaller arenas hold less where survivors are few.")
        :format(survivors, survivors * BYTES, kit.commas(13 * each), arenas, kit.commas(each)),
    }
  end,
}
