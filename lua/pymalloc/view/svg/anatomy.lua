-- The labelled picture of a heap's parts: the arenas vector, an arena, a pool of it with its
-- header and blocks, and a live and a free block with its link.

local blocks = require "pymalloc.view.svg.blocks"
local arenas = require "pymalloc.view.svg.arena"
local drawings = require "pymalloc.plot.drawing"
local header = require "pymalloc.view.svg.header"
local heap_view = require "pymalloc.view.heap"
local lists = require "pymalloc.view.lists"
local pool_picture = require "pymalloc.view.svg.pool"
local pool_view = require "pymalloc.view.pool"
local pools = require "pymalloc.view.svg.pools"
local text = require "pymalloc.text"

local M = {}

local SLOT_WIDTH, SLOT_HEIGHT, SLOTS_DRAWN = 128, 26, 7
local SQUARE, SPACE, PAD = 208, 44, 12

-- {=== The pool that is drawn

-- The rank of a pool as an example. It is higher for a pool that has live, free and virgin blocks,
-- and about 12 of them.
local function rank_of(pool)
  if not pool.capacity then
    return 0
  end
  local free = #pool:freelist()
  local virgin = pool.capacity - pool.ref_count - free
  return (pool.ref_count > 0 and 4000 or 0) + (free > 1 and 4000 or free > 0 and 2000 or 0)
    + (virgin > 0 and 2000 or 0) - math.abs(pool.capacity - 12)
end

-- The pool of the highest rank, and its arena; nil if the heap has none.
local function best_pool(heap, marks)
  local best, home, highest
  for arena in heap:arenas() do
    for pool in arena:pools() do
      local is_marked = marks.pools[("%d:%d"):format(pool.arena, pool.offset)]
      local rank = rank_of(pool) + (is_marked and 1 << 40 or 0)
      if not highest or rank > highest then
        best, home, highest = pool, arena, rank
      end
    end
  end
  return best, home
end

-- {=== The arenas vector

local function slots_of(heap, slot)
  local states, last = {}, slot
  for arena in heap:arenas() do
    states[arena.index], last = arena.state, math.max(last, arena.index)
  end
  local list = {}
  for i = 0, math.min(last, SLOTS_DRAWN - 1) do
    list[i + 1] = i
  end
  if slot > SLOTS_DRAWN - 1 then
    list[SLOTS_DRAWN] = slot
  end
  return list, states, last
end

-- Draws the slots. Returns the middle of the right edge of the one that has the arena, and the
-- lower end of all.
local function draw_vector(picture, heap, slot, x, y)
  local list, states, last = slots_of(heap, slot)
  local edge
  for i, index in ipairs(list) do
    local top = y + (i - 1) * SLOT_HEIGHT
    local is_here = index == slot
    picture.drawing:rect(x, top, SLOT_WIDTH, SLOT_HEIGHT, is_here and "shade3" or "background",
      { stroke = "axis", tip = ("slot %d of the arenas vector"):format(index) })
    picture.drawing:text(x + PAD, top + 18, ("%d: %s"):format(index, states[index] or "no arena"),
      { size = 13, bold = is_here, role = is_here and "on3" or "text" })
    edge = is_here and top + SLOT_HEIGHT / 2 or edge
  end
  local shown = list[#list]
  if last > shown or shown > #list - 1 then
    picture.drawing:text(x + PAD, y + #list * SLOT_HEIGHT + 18,
      ("%d slots in use"):format(last + 1), { size = 12, role = "faint" })
  end
  return x + SLOT_WIDTH, edge, y + (#list + 1) * SLOT_HEIGHT
end

-- {=== The arena

-- Draws the pools of an arena as a square. Returns the cell of the pool.
local function draw_arena(picture, arena, pool, heap, x, y)
  local facts = pools.merge(pools.facts(arena), 256)
  local columns = arenas.columns(#facts, 0)
  local cell = SQUARE // columns
  local number = pool.offset // heap.geometry.pool_bytes
  local marks = { [("%d:%d"):format(pool.arena, pool.offset)] = true }
  pools.square(picture.drawing, facts, { x = x, y = y, columns = columns, width = cell,
    height = cell }, marks)
  return { x = x + number % columns * cell, y = y + number // columns * cell, width = cell - 3,
    height = cell - 3, right = x + math.min(#facts, columns) * cell,
    bottom = y + (#facts + columns - 1) // columns * cell }
end

local function places_text(list)
  local places = {}
  for i, pool in ipairs(list) do
    places[i] = ("%d:%d"):format(pool.arena, pool.offset)
  end
  return #places == 0 and "empty" or lists.elided(places, 4, " ↔ ")
end

-- The lines beside the arena: the lists of the heap, each with its meaning.
local function facts_of(heap, arena, pool)
  local geometry = heap.geometry
  local free = {}
  for i, offset in ipairs(lists.freepools(arena)) do
    free[i] = text.group(offset)
  end
  local used = pool.size and heap:usedpools(pool.szidx) or {}
  return {
    { "usable_arenas", heap_view.usable_text(heap, 6) .. " (arenas that have a free pool)" },
    { ("arena %d"):format(arena.index), ("%s bytes, %d pools of %s bytes, %d of them free")
      :format(text.group(geometry.arena_bytes), arena.ntotalpools, text.group(geometry.pool_bytes),
        arena.nfreepools) },
    { "freepools", (#free == 0 and "empty" or lists.elided(free, 4, " → "))
      .. " (pools of the arena that were given back)" },
    { ("usedpools, class %d"):format(pool.szidx), places_text(used)
      .. " (pools of the class with live and free blocks)" },
  }
end

local function draw_facts(picture, facts, x, y)
  local width = picture.right - x
  for _, fact in ipairs(facts) do
    picture.drawing:text(x, y + 13, fact[1], { size = 13, bold = true })
    y = y + 17
    for _, line in ipairs(drawings.wrap(fact[2], width, 13)) do
      picture.drawing:text(x, y + 13, line, { size = 13 })
      y = y + 17
    end
    picture:say(("%s: %s."):format(fact[1], fact[2]))
    y = y + 9
  end
  return y
end

-- {=== Blocks, enlarged

local BLOCK_HEIGHT, ZOOM, LINK_BYTES = 40, 26, 8

-- Two lines from the lower corners of a box to the upper corners of what shows it enlarged.
local function draw_zoom(picture, from, x1, x2, y)
  local bottom = from.y + from.height
  picture.drawing:line(from.x, bottom, x1, y, "faint", 1, "4 3")
  picture.drawing:line(from.x + from.width, bottom, x2, y, "faint", 1, "4 3")
end

local function draw_parts(picture, x, width, y, parts)
  local drawing = picture.drawing
  for _, part in ipairs(parts) do
    local wide = width * part.share
    blocks.piece(drawing, part.state, x, y, wide, BLOCK_HEIGHT, part.text)
    drawing:text(x + wide / 2, y + BLOCK_HEIGHT / 2 + 5,
      drawings.fit(part.text, wide - 6, 13), { size = 13, anchor = "middle", role = part.role,
        bold = part.bold })
    x = x + wide
  end
end

-- The first live block of a pool; nil if there is none.
local function first_live(pool, heap)
  for i, state in ipairs(pool:blocks()) do
    if state == "live" then
      return heap.geometry.header_bytes + (i - 1) * pool.size
    end
  end
end

local function block_name(pool, offset)
  return ("%d:%d:%d"):format(pool.arena, pool.offset, offset)
end

-- Draws a block enlarged, at x, from its corners in the row of the pool.
local function draw_block(picture, title, corner, x, width, parts)
  local y = picture.y + ZOOM
  draw_zoom(picture, corner, x, x + width, y)
  draw_parts(picture, x, width, y, parts)
  picture.drawing:text(x, y + BLOCK_HEIGHT + 19, title, { size = 14, bold = true })
end

local function live_parts(pool)
  return { { state = "live", share = 1, role = "background",
    text = ("%s for the program"):format(text.count(pool.size, "byte")) } }
end

local function free_parts(pool, chain)
  local link = chain[2] and "link: " .. text.group(chain[2]) or "link: NULL"
  return { { state = "free", share = 0.36, role = "text", bold = true, text = link },
    { state = "free", share = 0.64, role = "text",
      text = ("%d more bytes, unused"):format(pool.size - LINK_BYTES) } }
end

-- A live and a free block of the pool, in the order of their addresses: pairs of an offset and
-- the parts.
local function samples_of(pool, heap)
  local samples, chain = {}, pool:freelist()
  local live = pool.size and first_live(pool, heap)
  if live then
    samples[1] = { offset = live, state = "live", parts = live_parts(pool) }
  end
  if chain[1] then
    local is_first = live and chain[1] < live
    table.insert(samples, is_first and 1 or #samples + 1,
      { offset = chain[1], state = "free", parts = free_parts(pool, chain) })
  end
  return samples
end

local function draw_blocks(picture, heap, pool, corners)
  local half, x = (picture.width - SPACE) / 2, picture.left
  for _, sample in ipairs(samples_of(pool, heap)) do
    local corner = corners[sample.offset]
    if corner then
      draw_block(picture, ("%s block %s"):format(sample.state, block_name(pool, sample.offset)),
        corner, x, half, sample.parts)
      x = x + half + SPACE
    end
  end
  if x > picture.left then
    picture.y = picture.y + ZOOM + BLOCK_HEIGHT + 24
  end
end

-- {=== The whole

local function label(picture, shown, x, y)
  picture.drawing:text(x, y, shown, { size = 15, bold = true })
end

-- Draws the arenas vector, the arena and the lists. Returns the cell of the pool.
local function draw_top(picture, heap, arena, pool)
  local top = picture.y + 26
  local x = picture.left + SLOT_WIDTH + SPACE
  label(picture, "arenas vector", picture.left, picture.y + 16)
  label(picture, "arena " .. arena.index, x, picture.y + 16)
  local edge, middle, low = draw_vector(picture, heap, arena.index, picture.left, top)
  picture:arrow(edge, middle, x - 5, middle, { edge + 15, middle, x - 20, middle }, "text")
  local cell = draw_arena(picture, arena, pool, heap, x, top)
  local bottom = draw_facts(picture, facts_of(heap, arena, pool), x + SQUARE + SPACE, top - 6)
  picture.y = math.max(cell.bottom, bottom, low) + 14
  return cell
end

-- Draws the pool in a frame, to which an arrow leads from its cell. Returns the corners of blocks.
local function draw_pool(picture, heap, pool, cell)
  local top = picture.y
  local side, below = cell.right + 14, cell.y + cell.height + 1.5
  picture:polyline({ { cell.x + cell.width, below }, { side, below }, { side, top } }, "series4")
  picture:gap(8)
  picture:text(pool_view.title(pool), { bold = true, is_said = true })
  picture:gap(8)
  header.draw(picture, pool)
  local corners = blocks.draw(picture, pool, heap, {}, true)
  pool_picture.draw_chain(picture, pool:freelist(), corners)
  picture.drawing:rect(picture.left - 8, top, picture.width + 16, picture.y - top - 8, nil,
    { stroke = "faint", radius = 6 })
  return corners
end

--- Draws the parts of a heap.
function M.draw(picture, heap, look)
  picture:heading("The parts of " .. heap_view.title(heap))
  local pool, arena = best_pool(heap, look.marks)
  if not pool then
    picture:text("The heap has no pool yet.", { is_said = true })
    return
  end
  local cell = draw_top(picture, heap, arena, pool)
  local corners = draw_pool(picture, heap, pool, cell)
  draw_blocks(picture, heap, pool, corners)
  picture:legend(blocks.legend(picture.drawing, pool, heap))
end

return M
