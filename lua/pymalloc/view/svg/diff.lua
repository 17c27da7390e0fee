-- The picture of a diff: the arenas that changed, before and after, side by side, with the
-- changed pools marked, and the list of changes.

local canvases = require "pymalloc.view.canvas"
local diff_view = require "pymalloc.view.diff"
local diffs = require "pymalloc.diff"
local drawings = require "pymalloc.plot.drawing"
local heap_view = require "pymalloc.view.heap"
local heaps = require "pymalloc.view.svg.heap"
local looks = require "pymalloc.view.svg.look"
local pools = require "pymalloc.view.svg.pools"
local snapshot_shape = require "pymalloc.snapshot_shape"
local snapshot_views = require "pymalloc.snapshot.views"
local text = require "pymalloc.text"

local M = {}

local ARENAS_DRAWN, LINES_DRAWN = 12, 24
local SPACE = 24 -- between the two sides

-- Adds to the marks all pools and arenas that differ.
local function mark_changes(marks, diff)
  for _, list in ipairs { diff.pools.new, diff.pools.gone, diff.pools.changed,
    diff.blocks.allocated, diff.blocks.freed, diff.arenas.new, diff.arenas.gone } do
    for _, record in ipairs(list) do
      looks.add(marks, { arena = record.arena, pool = record.pool })
    end
  end
end

-- The arenas of a heap that are marked, and the number of their pools.
local function marked_arenas(heap, marks)
  local list, pool_count, left_out = {}, 0, 0
  for arena in heap:arenas() do
    if marks.arenas[arena.index] then
      if #list < ARENAS_DRAWN then
        table.insert(list, arena)
        pool_count = pool_count + arena.ntotalpools
      else
        left_out = left_out + 1
      end
    end
  end
  return list, pool_count, left_out
end

local function fitted_text(picture, shown, width, options)
  picture.y = picture.y + 18
  picture.drawing:text(picture.left, picture.y - 4, drawings.fit(shown, width, options.size or 13),
    options)
end

-- Draws one side, from picture.left and picture.y on.
local function draw_side(picture, name, heap, look, width)
  fitted_text(picture, name, width, { bold = true, size = 15 })
  fitted_text(picture, heap_view.title(heap), width, { role = "faint", size = 12 })
  local list, pool_count, left_out = marked_arenas(heap, look.marks)
  if #list == 0 then
    fitted_text(picture, "no arena that differs", width, { role = "faint" })
  else
    heaps.squares(picture, list, pool_count, look, width)
  end
  if left_out > 0 then
    fitted_text(picture, ("and %s that differ"):format(text.count(left_out, "more arena")), width,
      { role = "faint" })
  end
  picture:say(("%s: %s."):format(name, heap_view.title(heap)))
end

local function draw_sides(picture, before, after, look)
  local left, top = picture.left, picture.y
  local width = (picture.width - SPACE) // 2
  draw_side(picture, "before", snapshot_views.heap(before), look, width)
  local bottom = picture.y
  picture.left, picture.y = left + width + SPACE, top
  draw_side(picture, "after", snapshot_views.heap(after), look, width)
  picture.left, picture.y = left, math.max(bottom, picture.y)
  picture:legend(pools.legend(picture.drawing, "changed"))
end

local function draw_changes(picture, diff)
  local canvas = canvases.new { width = math.max(60, picture.width // 8), ascii = false,
    colour = false }
  diff_view.draw(canvas, diff)
  for i = 1, math.min(#canvas.lines, LINES_DRAWN) do
    picture:text(canvas.lines[i])
  end
  if #canvas.lines > LINES_DRAWN then
    picture:note(text.count(#canvas.lines - LINES_DRAWN, "more line") .. " of changes not drawn")
  end
end

local function title(diff)
  return ("%s allocated, %d freed; %s new, %d gone"):format(
    text.count(#diff.blocks.allocated, "block"), #diff.blocks.freed,
    text.count(#diff.arenas.new, "arena"), #diff.arenas.gone)
end

function M.draw(picture, diff, look)
  picture:heading(title(diff))
  local before, after = diffs.sources(diff)
  local is_whole = before and not snapshot_shape.whole_problem(before)
    and not snapshot_shape.whole_problem(after)
  if is_whole then
    mark_changes(look.marks, diff)
    draw_sides(picture, before, after, look)
  else
    picture:note("The snapshots are not whole: only the list of changes is drawn.")
  end
  draw_changes(picture, diff)
end

return M
