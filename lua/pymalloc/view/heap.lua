-- Draws a heap as text: its live arenas, and the lists of the heap.

local lists = require "pymalloc.view.lists"
local map = require "pymalloc.view.map"
local strip = require "pymalloc.view.strip"
local text = require "pymalloc.text"

local M = {}

local SLOTS_LISTED, POOLS_LISTED = 60, 9 -- of a list

local function indexes(views)
  local list = {}
  for i, view in ipairs(views) do
    list[i] = tostring(view.index)
  end
  return list
end

local function draw_usedpools(canvas, heap)
  for szidx = 0, heap.geometry.class_count - 1 do
    local places = {}
    for i, pool in ipairs(heap:usedpools(szidx)) do
      places[i] = ("%d:%d"):format(pool.arena, pool.offset)
    end
    if #places > 0 then
      local size = (szidx + 1) * heap.geometry.alignment
      canvas:words(("class %d (%d bytes): "):format(szidx, size),
        lists.shorten(places, POOLS_LISTED), "")
    end
  end
end

-- The cached blocks and those in quarantine, which are free to the program. Pools count
-- them as live.
local function kept(stats)
  local cached_blocks, held_blocks = stats.cached_blocks or 0, stats.held_blocks or 0
  local cached = cached_blocks > 0 and (", %d cached"):format(cached_blocks) or ""
  local held = held_blocks > 0 and (", %d in quarantine"):format(held_blocks) or ""
  return cached .. held
end

-- The title of a heap: one line.
function M.title(heap)
  local stats = heap:stats()
  local raw = stats.raw_blocks and (", %d of them raw"):format(stats.raw_blocks) or ""
  local medium_blocks = stats.medium_blocks or 0
  local medium = medium_blocks > 0 and (", %d in spans"):format(medium_blocks) or ""
  return ("heap %s: %s, %s%s%s%s"):format(heap.geometry.name or heap.geometry.profile or "",
    text.count(stats.arenas_current, "arena"), text.count(stats.blocks, "live block"), raw,
    medium, kept(stats))
end

-- The word before the slots of a list; nothing before "none".
local function word_for(slots)
  return #slots == 0 and "" or #slots == 1 and "arena " or "arenas "
end

-- The slots of usable_arenas in order; of a long list, those in the middle are left out.
function M.usable_text(heap, most)
  local slots = indexes(heap:usable_arenas())
  return #slots == 0 and "none" or word_for(slots) .. lists.elided(slots, most, " → ")
end

function M.draw(canvas, heap)
  canvas:title(M.title(heap))
  map.draw(canvas, heap)
  strip.draw_legend(canvas)
  if canvas.has_lists then
    local slots = indexes(heap:usable_arenas())
    canvas:words("usable_arenas: " .. word_for(slots), lists.shorten(slots, SLOTS_LISTED), "")
    draw_usedpools(canvas, heap)
  end
end

return M
