-- The picture of a run: the request just done with its events, the pool that it changed, with
-- the changed fields and blocks marked, and the heap with the changed pools marked.

local events = require "pymalloc.event"
local heaps = require "pymalloc.view.svg.heap"
local heap_view = require "pymalloc.view.heap"
local looks = require "pymalloc.view.svg.look"
local marks_of = require "pymalloc.marks"
local pool_view = require "pymalloc.view.pool"
local pool_picture = require "pymalloc.view.svg.pool"
local pools = require "pymalloc.view.svg.pools"
local run_view = require "pymalloc.view.run"
local text = require "pymalloc.text"

local M = {}

local EVENTS_DRAWN, CHANGES_DRAWN = 8, 6

-- "block_pop 0:4096:3248: ref_count 50 → 51, freeblock ..."
local function event_text(event)
  local place = event.kind == "request" and events.request_text(event) or events.place(event)
  local words = {}
  for i, change in ipairs(event.changes) do
    if i > CHANGES_DRAWN then
      table.insert(words, ("and %d more"):format(#event.changes - CHANGES_DRAWN))
      break
    end
    words[i] = events.change_text(change, event):gsub("%->", "→")
  end
  local told = #words > 0 and ": " .. table.concat(words, ", ") or ""
  return ("%s %s%s"):format(event.kind, place, told)
end

local function draw_events(picture, list)
  for i = 1, math.min(#list, EVENTS_DRAWN) do
    picture:text(event_text(list[i]), { is_said = true })
  end
  if #list > EVENTS_DRAWN then
    picture:note(("and %s"):format(text.count(#list - EVENTS_DRAWN, "more event")))
  end
end

-- Adds what the events changed to the marks that the options give.
local function mark_changes(marks, list)
  for _, event in ipairs(list) do
    looks.add(marks, event)
    for _, change in ipairs(event.changes) do
      if change.of == "pool" or change.of == "arena" or change.of == "block" then
        looks.add(marks, change)
      end
    end
  end
end

local function draw_pool(picture, run, pool, marks)
  picture:gap()
  picture:text(pool_view.title(pool), { bold = true, is_said = true })
  picture:gap(6)
  pool_picture.parts(picture, pool, run.heap, marks.blocks, run_view.old_values(run, pool),
    "changed by the request")
end

function M.draw(picture, run, look)
  local list, marks = run:events(), look.marks
  picture:heading(run_view.title(run))
  for _, mark in ipairs(marks_of.here(run)) do
    picture:text("mark: " .. mark, { is_said = true })
  end
  mark_changes(marks, list)
  draw_events(picture, list)
  local pool = run_view.pool(run)
  if pool then
    draw_pool(picture, run, pool, marks)
  end
  picture:gap()
  picture:text(heap_view.title(run.heap), { bold = true, is_said = true })
  picture:gap(6)
  heaps.map(picture, run.heap, look)
  picture:legend(pools.legend(picture.drawing, "changed by the request"))
end

return M
