-- The picture of a block: its bytes, sixteen in a row, with the link of a free block, and the
-- bytes that were requested and those that the size class adds.

local block_view = require "pymalloc.view.block"
local text = require "pymalloc.text"

local M = {}

local BYTES_PER_ROW, ROWS_MOST, LINK_BYTES = 16, 64, 8
local LABEL_WIDTH, ROW_HEIGHT, SIZE = 62, 26, 14

--- The fill, text, meaning and outline of bytes by their use.
M.looks = {
  requested = { "series1", "background", "requested by the program" },
  extra = { "held", "text", "extra: the size class is larger than the request" },
  link = { "held", "text", "link: the address of the next free block", "series2" },
  free = { "held", "text", "free: what the program left" },
  virgin = { "grid", "text", "virgin: never carved" },
  live = { "series1", "background", "live" },
  cached = { "series3", "background", "cached: kept for a request to come" },
  around = { "missing", "text", "head and tail of the debug hooks, and extra bytes" },
}

local looks = M.looks

-- The use of a byte of a block.
local function use_of(block, i)
  if block.state == "free" then
    return i < LINK_BYTES and "link" or "free"
  elseif block.state ~= "live" or not block.size then
    return looks[block.state] and block.state or "live"
  elseif i >= block.data and i < block.data + block.size then
    return "requested"
  end
  return block.data > 0 and "around" or "extra"
end

-- Draws the neighbours of one use on a row.
local function draw_run(picture, block, use, first, last, cell)
  local look = looks[use]
  local x = picture.left + LABEL_WIDTH + first % BYTES_PER_ROW * cell
  local count = last - first + 1
  local tip = ("%d to %d: %s"):format(block.offset + first, block.offset + last, look[3])
  picture.drawing:rect(x + 1, picture.y + 1, count * cell - 4, ROW_HEIGHT - 5, look[1],
    { radius = 3, stroke = look[4], width = look[4] and 2.5, tip = tip })
  for i = first, last do
    picture.drawing:text(x + (i - first + 0.5) * cell - 1, picture.y + ROW_HEIGHT - 9,
      ("%02x"):format(block.bytes:byte(i + 1)), { size = math.min(SIZE, cell * 0.6),
      mono = true, role = look[2], anchor = "middle" })
  end
end

local function draw_row(picture, block, first, cell, used)
  picture.drawing:text(picture.left + LABEL_WIDTH - 10, picture.y + ROW_HEIGHT - 9,
    text.group(block.offset + first), { size = 12, role = "faint", anchor = "end" })
  local last = math.min(first + BYTES_PER_ROW, #block.bytes) - 1
  local from = first
  for i = first, last do
    local use = use_of(block, i)
    if i == last or use_of(block, i + 1) ~= use then
      draw_run(picture, block, use, from, i, cell)
      used[use], from = true, i + 1
    end
  end
  picture.y = picture.y + ROW_HEIGHT
end

local order = { "requested", "extra", "around", "link", "free", "live", "cached", "virgin" }

local function draw_legend(picture, used)
  local entries = {}
  for _, use in ipairs(order) do
    if used[use] then
      table.insert(entries, { function(x, y, width, height)
        picture.drawing:rect(x, y, width, height, looks[use][1], { radius = 3,
          stroke = looks[use][4], width = looks[use][4] and 2.5 })
      end, looks[use][3] })
    end
  end
  picture:legend(entries)
end

local function facts_of(block)
  if block.state == "free" then
    return "The block is free. Its first 8 bytes are the link: "
      .. (block.next and "the next free block of the pool is at " .. text.group(block.next)
        or "NULL, it is the last of the free chain") .. "."
  elseif block.state == "virgin" then
    return "The block was never carved: the allocator has not written to it."
  elseif not block.size then
    return ("The block is %s."):format(block.state)
  end
  local extra = #block.bytes - block.size
  return ("%s requested, %s."):format(text.count(block.size, "byte"), block.data > 0
    and ("%d more for the debug hooks and the size class"):format(extra)
    or text.count(extra, "byte is", "bytes are") .. " extra")
end

-- `block` is what pymalloc.view.block looks up, or has only offset, state, size and bytes.
local function draw(picture, block, title)
  picture:heading(title)
  picture:text(facts_of(block), { is_said = true })
  picture:gap()
  local cell = (picture.width - LABEL_WIDTH) / BYTES_PER_ROW
  local rows = math.min((#block.bytes + BYTES_PER_ROW - 1) // BYTES_PER_ROW, ROWS_MOST)
  local used = {}
  for row = 0, rows - 1 do
    draw_row(picture, block, row * BYTES_PER_ROW, cell, used)
  end
  if rows * BYTES_PER_ROW < #block.bytes then
    picture:note(text.count(#block.bytes - rows * BYTES_PER_ROW, "more byte is",
      "more bytes are") .. " not drawn.")
  end
  draw_legend(picture, used)
end

local function placed_title(block)
  return ("block %s, %s: class %d, %d bytes"):format(block.place, block.state, block.class,
    #block.bytes)
end

--- Draws the block at an offset of a pool.
function M.draw_at(picture, pool, offset, heap)
  local block = block_view.look(heap, pool, offset)
  draw(picture, block, placed_title(block))
end

--- Draws the block of a buffer. A raw block has bytes, and no place in an arena.
function M.draw(picture, buffer, _, heap)
  local place, bytes = buffer:location(), buffer:string()
  if place then
    local pool = heap:arena(place.arena):pool(place.pool)
    local block = block_view.look(heap, pool, place.offset, #bytes)
    return draw(picture, block, placed_title(block))
  end
  draw(picture, { offset = 0, state = "live", bytes = bytes, data = 0, size = #bytes },
    "raw block, live: " .. text.count(#bytes, "byte"))
end

return M
