-- Draws a run as text: the request just done, its events, the pool that it
-- changed last, and the heap.

local events = require "pymalloc.event"
local marks = require "pymalloc.marks"
local map = require "pymalloc.view.map"
local pool_view = require "pymalloc.view.pool"
local text = require "pymalloc.text"

local M = {}

local FRAMES_DRAWN = 5 -- of the call stack of a request

-- "request 7 of 43354: malloc of id 7, 24 bytes"
function M.title(run)
  local request = run:request()
  if not request then
    return "before the first of " .. text.count(run.length, "request")
  end
  local size = request.size and ", " .. text.count(text.unsigned(request.size), "byte") or ""
  return ("request %d of %d: %s of id %s%s"):format(run.op, run.length, request.op,
    text.unsigned(request.id), size)
end

-- The pool of the last event of the request that has one; nil if its arena is gone.
function M.pool(run)
  local list = run:events()
  for i = #list, 1, -1 do
    local event = list[i]
    local ok, pool = pcall(function()
      return run.heap:arena(event.arena):pool(event.pool)
    end)
    if event.pool and ok then
      return pool
    end
  end
end

-- The values, before the request, of the fields of a pool's header that the
-- request changed, by name. Blocks are given by offset, as in the picture.
function M.old_values(run, pool)
  local was, here = {}, ("^%d:%d:"):format(pool.arena, pool.offset)
  for _, event in ipairs(run:events()) do
    for _, change in ipairs(event.changes) do
      local is_header = change.of == "pool" and change.arena == pool.arena
        and change.pool == pool.offset
      if is_header and change.old ~= nil and was[change.field] == nil then
        was[change.field] = tostring(change.old):gsub(here, "")
      end
    end
  end
  return was
end

-- Draws the marks at this request, and who made it.
local function draw_context(canvas, run)
  for _, mark in ipairs(marks.here(run)) do
    canvas:add("  mark: " .. text.printable(mark))
  end
  local request = run:request()
  for i, frame in ipairs(request and request.where or {}) do
    if i > FRAMES_DRAWN then
      canvas:add("         ...")
      break
    end
    canvas:words(i == 1 and "  asked by " or "      from ", { text.printable(frame) }, "")
  end
end

-- The changes as words, each with a comma unless it is the last. One that does not fit in a line is
-- divided at its blanks.
local function words_of(changes, columns, canvas)
  local words = {}
  for i, change in ipairs(changes) do
    change = i < #changes and change .. "," or change
    for piece in change:gmatch(canvas.columns(change) > columns and "%S+" or ".+") do
      table.insert(words, piece)
    end
  end
  return words
end

-- Draws an event: its kind and place, then its changes, in several lines if needed.
function M.draw_event(canvas, event)
  local place = event.kind == "request" and events.request_text(event) or events.place(event)
  local words, longest = {}, 0
  for i, change in ipairs(event.changes) do
    words[i] = events.change_text(change, event):gsub("%->", canvas.signs.arrow)
    longest = math.max(longest, canvas.columns(words[i]) + 1)
  end
  local head = ("  %-17s %-15s "):format(event.kind, place)
  if #words == 0 or canvas.columns(head) + longest > canvas.width then
    canvas:words("", { ("  %-17s"):format(event.kind), place }, "")
    head = "      "
  end
  if #words > 0 then
    canvas:words(head, words_of(words, canvas.width - #head, canvas), "")
  end
end

function M.draw(canvas, run)
  canvas:title(M.title(run))
  draw_context(canvas, run)
  for _, event in ipairs(run:events()) do
    M.draw_event(canvas, event)
  end
  local pool = M.pool(run)
  if pool then
    canvas:add()
    pool_view.draw(canvas, pool, M.old_values(run, pool))
  end
  canvas:add()
  map.draw_compact(canvas, run.heap)
end

return M
