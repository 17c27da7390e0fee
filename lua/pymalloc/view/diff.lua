-- Draws a diff as text: what is new, gone and changed in the heap, its arenas, pools and
-- blocks.

local M = {}

local BLOCKS_SHOWN = 24

local LIST_SHOWN = 6 -- of offsets or slots

-- A long list is cut: "48 96 144 ... (34)", with the number of its elements.
local function value_text(value)
  if value == nil or value == "" then
    return "-"
  end
  local parts, count = {}, 0
  for part in tostring(value):gmatch("%S+") do
    count = count + 1
    parts[math.min(count, LIST_SHOWN + 1)] = part
  end
  if count <= LIST_SHOWN then
    return tostring(value)
  end
  return ("%s ... (%d)"):format(table.concat(parts, " ", 1, LIST_SHOWN), count)
end

-- The changes as words for canvas:words. A change of lists is split, so that it
-- can be wrapped; any other change is one word. All but the last end in a comma.
local function change_words(canvas, changes)
  local words = {}
  for i, change in ipairs(changes) do
    local old, new = value_text(change.old), value_text(change.new)
    local text = ("%s %s %s %s%s"):format(change.field, old, canvas.signs.arrow, new,
      i < #changes and "," or "")
    if old:find(" ") or new:find(" ") then
      for word in text:gmatch("%S+") do
        table.insert(words, word)
      end
    else
      table.insert(words, text)
    end
  end
  return words
end

local function draw_changed(canvas, title, list, place)
  for _, record in ipairs(list) do
    canvas:words(("%s %s: "):format(title, place(record)), change_words(canvas, record.changes),
      "")
  end
end

local function draw_places(canvas, title, list, place)
  local words = {}
  for i = 1, math.min(#list, BLOCKS_SHOWN) do
    words[i] = place(list[i])
  end
  if #list > BLOCKS_SHOWN then
    table.insert(words, ("and %d more"):format(#list - BLOCKS_SHOWN))
  end
  if #list > 0 then
    canvas:words(("%s (%d): "):format(title, #list), words, "")
  end
end

local function arena_place(record)
  return tostring(record.arena)
end

local function pool_place(record)
  return ("%d:%d"):format(record.arena, record.pool)
end

local function block_place(record)
  return ("%d:%d:%d"):format(record.arena, record.pool, record.block)
end

function M.draw(canvas, diff)
  local first = #canvas.lines
  if #diff.globals > 0 then
    canvas:words("heap: ", change_words(canvas, diff.globals), "")
  end
  draw_places(canvas, "new arenas", diff.arenas.new, arena_place)
  draw_places(canvas, "gone arenas", diff.arenas.gone, arena_place)
  draw_changed(canvas, "arena", diff.arenas.changed, arena_place)
  draw_places(canvas, "new pools", diff.pools.new, pool_place)
  draw_places(canvas, "gone pools", diff.pools.gone, pool_place)
  draw_changed(canvas, "pool", diff.pools.changed, pool_place)
  draw_places(canvas, "allocated", diff.blocks.allocated, block_place)
  draw_places(canvas, "freed", diff.blocks.freed, block_place)
  if #canvas.lines == first then
    canvas:add("nothing changed")
  end
end

return M
