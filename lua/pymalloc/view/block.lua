-- Draws a block as text: its bytes, with notes: the link of a free block, the end
-- of the requested bytes, a block that was never carved.

local text = require "pymalloc.text"

local M = {}

local BYTES_PER_ROW, LINK_BYTES = 16, 8
local LABEL_COLUMNS = 8
local ROWS_MOST = 64

local function hex(bytes)
  return (bytes:gsub(".", function(byte)
    return ("%02x "):format(byte:byte())
  end))
end

local function printable(bytes)
  return (bytes:gsub("[^ -~]", "."))
end

-- Is the block at an offset free? Also returns the offset of the block after it
-- on the free chain, or nil.
local function chain_of(pool, offset)
  local chain = pool:freelist()
  for i, free in ipairs(chain) do
    if free == offset then
      return true, chain[i + 1]
    end
  end
  return false
end

-- The note for the row in which the requested bytes end.
local function end_note(block, first, in_row)
  local data_end = block.data + block.size
  local is_here = first <= data_end and data_end < first + in_row
  if not is_here or data_end == #block.bytes then
    return ""
  end
  return ("%d requested, %d extra"):format(block.size, #block.bytes - data_end)
end

local function first_note(block)
  if block.state == "virgin" then
    return "never carved"
  elseif block.state == "free" then
    return "link: " .. (block.next and tostring(block.next) or "NULL, the chain's end")
  end
  return block.size and block.data > 0 and "head: size, who, pads" or nil
end

-- The note for the row that begins at `first`.
local function note(block, first, in_row)
  return first == 0 and first_note(block) or block.size and end_note(block, first, in_row) or ""
end

local function row_hex(canvas, block, first, bytes)
  local digits = hex(bytes)
  if block.state == "free" and first == 0 then
    local link = digits:sub(1, LINK_BYTES * 3)
    return canvas:paint("changed", link) .. digits:sub(LINK_BYTES * 3 + 1)
  end
  return digits
end

-- Adds a row and its note, which goes below the row if it does not fit beside it.
local function add_noted(canvas, line, noted)
  if canvas.columns(line) + canvas.columns(noted) <= canvas.width then
    return canvas:add(line .. noted)
  end
  canvas:add(line)
  canvas:add((" "):rep(LABEL_COLUMNS) .. noted)
end

-- The bytes in a row: half as many where more do not fit.
local function bytes_in_row(canvas)
  return LABEL_COLUMNS + BYTES_PER_ROW * 3 <= canvas.width and BYTES_PER_ROW or BYTES_PER_ROW // 2
end

local function draw_rows(canvas, block)
  local bytes, in_row = block.bytes, bytes_in_row(canvas)
  local rows = math.min((#bytes + in_row - 1) // in_row, ROWS_MOST)
  local is_wide = canvas.width >= 100
  for i = 0, rows - 1 do
    local first = i * in_row
    local piece = bytes:sub(first + 1, first + in_row)
    local line = ("%6d  %s"):format(block.offset + first,
      canvas.pad(row_hex(canvas, block, first, piece), in_row * 3))
    if is_wide then
      line = line .. canvas.pad(printable(piece), in_row + 2)
    end
    add_noted(canvas, line, note(block, first, in_row))
  end
  if rows * in_row < #bytes then
    canvas:add("        ... " .. text.count(#bytes - rows * in_row, "more byte"))
  end
end

-- The block that contains an offset in a pool, as a table for draw(). With debug
-- hooks the requested bytes begin after guard bytes.
function M.look(heap, pool, offset, size)
  local first = pool.nextoffset - (pool.ref_count + #pool:freelist()) * pool.size
  local number = (offset - first) // pool.size + 1
  local data = (offset - first) % pool.size
  offset = offset - data
  local is_free, next_free = chain_of(pool, offset)
  return {
    place = ("%d:%d:%d"):format(pool.arena, pool.offset, offset),
    offset = offset,
    state = is_free and "free" or pool:blocks()[number],
    next = next_free,
    size = size,
    data = data,
    class = pool.szidx,
    bytes = heap:peek(pool.address + offset, pool.size),
  }
end

function M.draw(canvas, block)
  canvas:title(("block %s, %s: class %d, %d bytes"):format(block.place, block.state, block.class,
    #block.bytes))
  draw_rows(canvas, block)
end

-- Draws the block of a buffer. A raw block has bytes, and no place in an arena.
function M.draw_buffer(canvas, heap, buffer)
  local place = buffer:location()
  local bytes = buffer:string()
  if place then
    local pool = heap:arena(place.arena):pool(place.pool)
    return M.draw(canvas, M.look(heap, pool, place.offset, #bytes))
  end
  canvas:title("raw block, live: " .. text.count(#bytes, "byte"))
  draw_rows(canvas, { offset = 0, state = "live", bytes = bytes })
end

return M
