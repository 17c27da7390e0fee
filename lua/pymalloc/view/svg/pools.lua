-- Pools as cells: the facts of each pool of an arena, and the cell that shows them. A cell's
-- shade is stronger for a fuller pool, and a cell that is wide enough says class and fill in words.

local picture_of = require "pymalloc.view.svg.picture"
local text = require "pymalloc.text"
local theme = require "pymalloc.plot.theme"

local M = {}

local GAP = 3 -- between cells that have outlines
local VIRGIN_DASH = "3 2"

-- {=== Facts

local function fact_of(pool)
  return { place = ("%d:%d"):format(pool.arena, pool.offset), state = pool.state,
    live = pool.ref_count, capacity = pool.capacity, szidx = pool.szidx, size = pool.size,
    tip = tostring(pool):gsub("^pymalloc%.", "") }
end

--- The facts of all pools of an arena, by address: place, state ("virgin" for one that was never
-- carved), live, capacity, szidx, size, tip. An empty array for an arena that is closed.
function M.facts(arena)
  local facts = {}
  for pool in arena:pools() do
    table.insert(facts, fact_of(pool))
  end
  for i = #facts + 1, arena.ntotalpools or 0 do
    facts[i] = { state = "virgin", live = 0, capacity = 0, tip = "a pool that was never carved" }
  end
  return facts
end

-- The state of several pools as one cell.
local function common_state(facts, first, last)
  for i = first + 1, last do
    if facts[i].state ~= facts[first].state then
      return "used"
    end
  end
  return facts[first].state
end

local function merged(facts, first, last)
  local live, capacity = 0, 0
  for i = first, last do
    live, capacity = live + facts[i].live, capacity + (facts[i].capacity or 0)
  end
  return { state = common_state(facts, first, last), live = live, capacity = capacity,
    tip = text.count(last - first + 1, "pool") }
end

--- The facts with neighbours merged, so that there are at most `most`. Returns them and the
-- number of pools in each.
function M.merge(facts, most)
  local each = math.max(1, (#facts + most - 1) // most)
  if each == 1 then
    return facts, 1
  end
  local few = {}
  for first = 1, #facts, each do
    table.insert(few, merged(facts, first, math.min(first + each - 1, #facts)))
  end
  return few, each
end

-- {=== Cells

-- The number of the shade of a used or full pool.
local function shade_of(fact)
  if fact.state == "full" then
    return theme.SHADES
  end
  local share = fact.capacity and fact.capacity > 0 and fact.live / fact.capacity or 0
  return math.min(theme.SHADES - 1, theme.shade(share))
end

-- The roles of a cell's fill, its outline and its text.
local function roles_of(fact)
  if fact.state == "virgin" then
    return "grid", "axis", "faint"
  elseif fact.state == "empty" then
    return "held", "series2", "text"
  end
  local shade = shade_of(fact)
  return "shade" .. shade, "axis", "on" .. shade
end

--- Draws a cell without words.
function M.cell(drawing, fact, x, y, width, height)
  local fill, stroke = roles_of(fact)
  drawing:rect(x, y, width, height, fill, { stroke = stroke, width = 1, radius = 2,
    dash = fact.state == "virgin" and VIRGIN_DASH or nil, tip = fact.tip })
end

-- The words of a cell: for each line, texts from long to short.
local function words_of(fact)
  if fact.state == "virgin" then
    return { { "virgin" } }
  elseif not fact.capacity then
    return { { "empty" } }
  end
  local lines = { { "class " .. fact.szidx, tostring(fact.szidx) } }
  lines[2] = fact.state == "empty" and { "empty" }
    or { ("%d of %d"):format(fact.live, fact.capacity), ("%d/%d"):format(fact.live, fact.capacity),
      ("%d%%"):format(fact.live * 100 // fact.capacity) }
  return lines
end

-- The height of a line and the size of its text, in a cell.
local function line_of(width, height)
  if height >= 40 and width >= 60 then
    return 17, 13
  end
  return 13, 10.5
end

local function draw_words(drawing, fact, x, y, width, height)
  local _, _, role = roles_of(fact)
  local line, size = line_of(width, height)
  local lines = words_of(fact)
  local top = y + (height - #lines * line) / 2
  for i, texts in ipairs(lines) do
    local shown = picture_of.first_fitting(texts, width - 4, size)
    if shown and top >= y then
      drawing:text(x + width / 2, top + i * line - line / 4, shown,
        { size = size, anchor = "middle", role = role, bold = i == 1 and #lines > 1 })
    end
  end
end

--- Draws a frame around a highlighted place.
function M.mark(drawing, x, y, width, height)
  drawing:rect(x - 1.5, y - 1.5, width + 3, height + 3, nil,
    { stroke = "series4", width = 3.5, radius = 3 })
end

--- Draws the pools as rows of cells. `box` has x, y, columns, width and height of a cell.
-- @param marks a set of places of pools that are framed
function M.square(drawing, facts, box, marks)
  local framed = {}
  for i, fact in ipairs(facts) do
    local x = box.x + (i - 1) % box.columns * box.width
    local y = box.y + (i - 1) // box.columns * box.height
    M.cell(drawing, fact, x, y, box.width - GAP, box.height - GAP)
    if box.height >= 24 then
      draw_words(drawing, fact, x, y, box.width - GAP, box.height - GAP)
    end
    if fact.place and marks[fact.place] then
      table.insert(framed, { x, y })
    end
  end
  for _, corner in ipairs(framed) do
    M.mark(drawing, corner[1], corner[2], box.width - GAP, box.height - GAP)
  end
end

--- Draws the pools as rows of cells without words and tips, in a few elements. `box` is as for
-- square.
function M.map(drawing, facts, box, marks)
  local paths, framed = {}, {}
  local width, height = box.width - 1, box.height - 1
  for i, fact in ipairs(facts) do
    local x = box.x + (i - 1) % box.columns * box.width
    local y = box.y + (i - 1) // box.columns * box.height
    local role = roles_of(fact)
    paths[role] = paths[role] or {}
    table.insert(paths[role], ("M%d %dh%dv%dh-%dz"):format(x, y, width, height, width))
    if fact.place and marks[fact.place] then
      table.insert(framed, { x, y })
    end
  end
  for _, role in ipairs(M.map_roles) do
    if paths[role] then
      drawing:path(paths[role], { fill = role })
    end
  end
  for _, corner in ipairs(framed) do
    M.mark(drawing, corner[1], corner[2], width, height)
  end
end

M.map_roles = { "grid", "held" }
for shade = 1, theme.SHADES do
  table.insert(M.map_roles, "shade" .. shade)
end

-- {=== The legend

local samples = {
  { { state = "full", live = 1, capacity = 1 }, "full" },
  { { state = "used", live = 3, capacity = 4 }, "used, shaded by fill" },
  { { state = "empty", live = 0, capacity = 1 }, "empty, free for any class" },
  { { state = "virgin", live = 0, capacity = 0 }, "virgin: never carved" },
}

--- The entries of a legend.
function M.legend(drawing, has_marks)
  local entries = {}
  for i, sample in ipairs(samples) do
    entries[i] = { function(x, y, width, height)
      M.cell(drawing, sample[1], x, y, width, height)
    end, sample[2] }
  end
  if has_marks then
    table.insert(entries, { function(x, y, width, height)
      M.mark(drawing, x + 2, y + 2, width - 4, height - 4)
    end, has_marks })
  end
  return entries
end

return M
