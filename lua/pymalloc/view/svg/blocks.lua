-- The bytes of a pool to scale, as rows: the header, the blocks, and the rest at the end, in
-- which no block fits (the quantization loss). No block is on two rows.

local drawings = require "pymalloc.plot.drawing"
local pools = require "pymalloc.view.svg.pools"
local text = require "pymalloc.text"

local M = {}

-- The most blocks of which each is drawn; of more, neighbours in the same state are one piece; the
-- most pieces; and the most blocks with tips. With these limits a picture has at most 256 KiB.
M.BLOCKS_MOST, M.PIECES_MOST, M.TIPS_MOST = 1100, 1500, 600

local LABEL_WIDTH, HEIGHT, ROW_HEIGHT = 78, 32, 52
local ROW_BYTES_LEAST, ROWS_MOST, LEAST_WIDTH = 256, 8, 6

M.LABEL_WIDTH, M.GUTTER = LABEL_WIDTH, 22 -- between the offsets and the rows, for arrows
M.ROW_SPACE = ROW_HEIGHT - HEIGHT

--- The fill, outline, text and dash of a block in a state.
M.looks = {
  live = { "series1", "background", "background" },
  free = { "held", "series2", "text" },
  virgin = { "grid", "axis", "faint", "3 2" },
  cached = { "series3", "background", "background" },
  header = { "missing", "axis", "text" },
  rest = { "background", "axis", "text" },
}

local looks = M.looks

--- Draws a piece of the pool: a block, a header or the rest.
function M.piece(drawing, state, x, y, width, height, tip)
  local look = looks[state]
  drawing:rect(x + 0.5, y, math.max(width - 1, 0.5), height, look[1],
    { stroke = look[2], width = 1, dash = look[4], tip = tip })
  if state == "rest" then
    drawing:rect(x + 0.5, y, math.max(width - 1, 0.5), height, "missing", {})
    drawing:hatch(x + 0.5, y, math.max(width - 1, 0.5), height, 2)
  end
end

-- {=== Pieces

local function block_tip(state, offset, size, count)
  if count > 1 then
    return ("%s from %d on, %d bytes each"):format(text.count(count, state .. " block"), offset,
      size)
  end
  return ("%s block at %d, %d bytes"):format(state, offset, size)
end

-- The pieces of a pool: state, offset, bytes, count (of blocks), and the number of blocks that
-- are left out.
local function pieces_of(pool, heap)
  local geometry, states = heap.geometry, pool:blocks()
  local first = geometry.header_bytes
  local pieces = { { state = "header", offset = 0, bytes = first, tip = ("header, %d bytes")
    :format(first) } }
  local is_each = #states <= M.BLOCKS_MOST
  local last
  for i, state in ipairs(states) do
    if is_each or not last or last.state ~= state then
      last = { state = state, offset = first + (i - 1) * pool.size, bytes = 0, count = 0 }
      table.insert(pieces, last)
    end
    last.bytes, last.count = last.bytes + pool.size, last.count + 1
    last.tip = block_tip(state, last.offset, pool.size, last.count)
  end
  local rest = geometry.pool_bytes - first - #states * (pool.size or 0)
  if rest > 0 then
    table.insert(pieces, { state = "rest", offset = geometry.pool_bytes - rest, bytes = rest,
      tip = pool.size and ("rest of %d bytes, in which no block fits"):format(rest)
        or ("%d bytes, not cut into blocks"):format(rest) })
  end
  return pieces, is_each
end

-- {=== Rows

-- The bytes of a row: those of at most 8 rows, more where blocks would be too narrow to see.
local function row_bytes(pool, geometry, width)
  local bytes = math.max(ROW_BYTES_LEAST, geometry.pool_bytes // ROWS_MOST,
    geometry.header_bytes + (pool.size or 0))
  local widest = (pool.size or geometry.alignment) * width // LEAST_WIDTH
  return math.max(math.min(bytes, widest), geometry.header_bytes + (pool.size or 0))
end

-- Gives each piece its row and its x; a piece of many blocks is cut where the row ends.
local function place(pieces, layout)
  local row, at, placed = 0, 0, {}
  for _, piece in ipairs(pieces) do
    local offset, left = piece.offset, piece.bytes
    while left > 0 do
      local unit = piece.count and piece.count > 1 and piece.bytes // piece.count or left
      if at > 0 and at + unit > layout.row_bytes then
        row, at = row + 1, 0
      end
      local room = math.max(1, (layout.row_bytes - at) // unit) * unit
      local bytes = math.min(left, piece.state == "rest" and layout.row_bytes - at or room)
      table.insert(placed, { piece = piece, offset = offset, bytes = bytes, row = row,
        x = layout.x + at * layout.scale, y = layout.y + row * ROW_HEIGHT,
        width = bytes * layout.scale })
      at, offset, left = at + bytes, offset + bytes, left - bytes
    end
  end
  return placed, row + 1
end

-- The pieces without those behind the last that is drawn.
local function bounded(placed)
  local left_out = 0
  while #placed > M.PIECES_MOST do
    left_out = left_out + 1
    placed[#placed] = nil
  end
  return placed, left_out
end

-- {=== Drawing

local function label_of(piece, place_number)
  if piece.state == "rest" then
    return {}
  elseif place_number then
    return { ("free %d"):format(place_number), tostring(place_number) }
  end
  return { piece.state }
end

local function draw_label(drawing, at, place_number)
  local look = looks[at.piece.state]
  for _, shown in ipairs(label_of(at.piece, place_number)) do
    for _, size in ipairs { 12, 10 } do
      if drawings.text_width(shown, size) <= at.width - 4 then
        drawing:text(at.x + at.width / 2, at.y + HEIGHT / 2 + 4, shown,
          { size = size, anchor = "middle", role = look[3], bold = place_number ~= nil })
        return
      end
    end
  end
end

-- From the offset of a free block to its position in the free chain, from 1.
local function positions(chain)
  local map = {}
  for position, offset in ipairs(chain) do
    map[offset] = position
  end
  return map
end

local function draw_offsets(picture, placed)
  local row = -1
  for _, at in ipairs(placed) do
    if at.row ~= row then
      row = at.row
      picture.drawing:text(picture.left + LABEL_WIDTH - M.GUTTER - 2, at.y + HEIGHT / 2 + 4,
        text.group(at.offset), { size = 12, role = "faint", anchor = "end" })
    end
  end
end

-- Draws the pieces. Returns a map from the offset of each to its corners.
local function draw_pieces(picture, drawn, order)
  local corners = {}
  for _, at in ipairs(drawn) do
    local tip = #drawn <= M.TIPS_MOST and at.piece.tip or nil
    M.piece(picture.drawing, at.piece.state, at.x, at.y, at.width, HEIGHT, tip)
    local is_one = not at.piece.count or at.piece.count == 1
    draw_label(picture.drawing, at, is_one and order[at.offset] or nil)
    corners[at.offset] = { x = at.x, y = at.y, width = at.width, height = HEIGHT, row = at.row }
  end
  return corners
end

local function draw_marks(drawing, pool, drawn, marks)
  for _, at in ipairs(drawn) do
    if marks[("%d:%d:%d"):format(pool.arena, pool.offset, at.offset)] then
      pools.mark(drawing, at.x, at.y, at.width, HEIGHT)
    end
  end
end

--- Draws the pool's bytes. Returns a map from the offset of a block, and from 0 for the header,
-- to its x, y, width, height and row.
-- @param marks a set of places of blocks that are framed
-- @param[opt] is_one_row true draws all bytes on one row
function M.draw(picture, pool, heap, marks, is_one_row)
  picture:gap(18)
  local width = picture.width - LABEL_WIDTH
  local bytes = is_one_row and heap.geometry.pool_bytes or row_bytes(pool, heap.geometry, width)
  local pieces, is_each = pieces_of(pool, heap)
  local placed, rows = place(pieces, { row_bytes = bytes, scale = width / bytes,
    x = picture.left + LABEL_WIDTH, y = picture.y })
  local drawn, left_out = bounded(placed)
  local corners = draw_pieces(picture, drawn, positions(pool:freelist()))
  draw_marks(picture.drawing, pool, drawn, marks)
  draw_offsets(picture, drawn)
  picture.y = picture.y + (drawn[#drawn].row + 1) * ROW_HEIGHT
  if not is_each then
    picture:note(("The pool has %d blocks, too many to draw each: neighbours in the same state "
      .. "are one piece."):format(#pool:blocks()))
  end
  if left_out > 0 then
    picture:note(("%d pieces at the end of the pool are not drawn; it has %d rows.")
      :format(left_out, rows))
  end
  return corners
end

-- {=== The legend

local meanings = { { "live", "live" }, { "free", "free, numbered along the free chain" },
  { "virgin", "virgin: never carved" }, { "cached", "cached" }, { "header", "header" },
  { "rest", "rest: %d bytes, no block fits" } }

-- The bytes at the end, in which no block fits.
local function rest_of(pool, heap)
  local cut = (pool.capacity or 0) * (pool.size or 0)
  return heap.geometry.pool_bytes - heap.geometry.header_bytes - cut
end

--- The entries of a legend, for the states that occur.
function M.legend(drawing, pool, heap, mark)
  local rest = rest_of(pool, heap)
  local occurs = { header = true, rest = rest > 0, live = true, free = true, virgin = true }
  for _, state in ipairs(pool:blocks()) do
    occurs[state] = true
  end
  local entries = {}
  for _, meaning in ipairs(meanings) do
    if occurs[meaning[1]] then
      table.insert(entries, { function(x, y, width, height)
        M.piece(drawing, meaning[1], x, y, width, height)
      end, meaning[1] == "rest" and meaning[2]:format(rest) or meaning[2] })
    end
  end
  if mark then
    table.insert(entries, { function(x, y, width, height)
      pools.mark(drawing, x + 2, y + 2, width - 4, height - 4)
    end, mark })
  end
  return entries
end

return M
