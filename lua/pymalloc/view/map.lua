-- The arenas of a heap as text: as squares of pools side by side, as a line each, or, if there
-- are many, as a sign each.

local strip = require "pymalloc.view.strip"
local text = require "pymalloc.text"

local M = {}

-- Of more arenas each is one sign.
M.LINES_MOST = 24

local LABEL_COLUMNS, STATE_COLUMNS = 5, 9
local SQUARE_GAP, NAME_COLUMNS = 2, 8 -- "arena 12"
local SIGNS_IN_ROW, NUMBER_COLUMNS = 32, 9 -- the latter with the bars

local function arenas_of(heap)
  local list = {}
  for arena in heap:arenas() do
    table.insert(list, arena)
  end
  return list
end

-- {=== A sign each

-- The sign of an arena, by the bytes of its live blocks; "full" if no byte is left.
local function sign_of(canvas, arena)
  local live, bytes, carved = 0, 0, 0
  for pool in arena:pools() do
    carved = carved + 1
    live = live + pool.ref_count * (pool.size or 0)
    bytes = bytes + (pool.capacity or 0) * (pool.size or 0)
  end
  local is_full = live == bytes and arena.nfreepools == 0
  if live == 0 or is_full then
    return canvas:sign(is_full and live > 0 and "full" or "empty")
  end
  return canvas:fill(live * carved, bytes * arena.ntotalpools)
end

local function draw_signs(canvas, list)
  canvas:words("", { text.count(#list, "arena") .. ",", "a sign each by its live bytes" }, "")
  local signs = {}
  for i, arena in ipairs(list) do
    signs[i] = sign_of(canvas, arena)
  end
  local columns = SIGNS_IN_ROW + NUMBER_COLUMNS <= canvas.width and SIGNS_IN_ROW
    or SIGNS_IN_ROW // 2
  for i, row in ipairs(canvas.rows(signs, columns)) do
    local first = list[(i - 1) * columns + 1]
    canvas:add(("%6d "):format(first.index) .. canvas.signs.bar .. row .. canvas.signs.bar)
  end
end

-- {=== A line each

local function draw_line(canvas, arena)
  local columns = canvas.width - LABEL_COLUMNS - STATE_COLUMNS - 2
  local bar = canvas.signs.bar
  for i, row in ipairs(strip.rows(canvas, strip.signs(canvas, arena), columns)) do
    local label = i == 1 and ("%4d "):format(arena.index) or ""
    local state = i == 1 and (" %d free"):format(arena.nfreepools) or ""
    canvas:add(canvas.pad(label, LABEL_COLUMNS) .. bar .. row .. bar .. state)
  end
end

local function draw_lines(canvas, list)
  canvas:add("arena")
  for _, arena in ipairs(list) do
    draw_line(canvas, arena)
  end
end

-- {=== Squares

-- The lines of a square: the name of the arena, its pools, and the number of free ones.
local function square_of(canvas, arena)
  local bar = canvas.signs.bar
  local lines = { "arena " .. arena.index }
  local columns = strip.columns(arena.ntotalpools)
  for _, row in ipairs(canvas.rows(strip.signs(canvas, arena), columns)) do
    table.insert(lines, bar .. row .. bar)
  end
  table.insert(lines, ("%d free"):format(arena.nfreepools))
  return lines, math.max(columns + 2, NAME_COLUMNS)
end

local function columns_of(list)
  local columns = 0
  for _, arena in ipairs(list) do
    columns = columns + math.max(strip.columns(arena.ntotalpools) + 2, NAME_COLUMNS) + SQUARE_GAP
  end
  return columns - SQUARE_GAP
end

local function draw_squares(canvas, list)
  local lines = {}
  for _, arena in ipairs(list) do
    local square, columns = square_of(canvas, arena)
    for row = 1, math.max(#square, #lines) do
      lines[row] = (lines[row] or "") .. canvas.pad(square[row] or "", columns + SQUARE_GAP)
    end
  end
  for _, line in ipairs(lines) do
    canvas:add(line)
  end
end

-- {=== The map

--- Draws the arenas as squares if they fit side by side; as draw_compact does, if not.
function M.draw(canvas, heap)
  local list = arenas_of(heap)
  if #list > 0 and columns_of(list) <= canvas.width and strip.is_square(list[1].ntotalpools) then
    draw_squares(canvas, list)
  else
    M.draw_compact(canvas, heap)
  end
end

--- Draws a line for each arena, or a sign if there are many.
function M.draw_compact(canvas, heap)
  local list = arenas_of(heap)
  if #list == 0 then
    canvas:add("no arena")
  elseif #list > M.LINES_MOST then
    draw_signs(canvas, list)
  else
    draw_lines(canvas, list)
  end
end

return M
