-- Draws a pool as text: its header, and beside it a sign for each block.

local lists = require "pymalloc.view.lists"

local M = {}

local CHAIN_LISTED = 24 -- blocks of the free chain
local HEADER_COLUMNS, VALUE_END = 28, 24

local function place(pool)
  return ("%d:%d"):format(pool.arena, pool.offset)
end

-- The target of a link as text; "stale" if the link has no meaning in the state of the pool.
local function link_text(pool, name)
  if pool.state == "full" or (pool.state == "empty" and name == "prev") then
    return "stale"
  end
  local other = pool[name](pool)
  if other then
    return place(other)
  end
  return pool.state == "used" and "class " .. pool.szidx or "-"
end

-- The header's fields in the order of memory, as pairs of name and text.
function M.fields(pool)
  local first_free = pool:freelist()[1]
  return {
    { "ref_count", tostring(pool.ref_count) },
    { "freeblock", first_free and tostring(first_free) or "-" },
    { "nextpool", link_text(pool, "next") },
    { "prevpool", link_text(pool, "prev") },
    { "arenaindex", tostring(pool.arenaindex) },
    { "szidx", tostring(pool.szidx) },
    { "nextoffset", tostring(pool.nextoffset) },
    { "maxnextoffset", tostring(pool.maxnextoffset) },
  }
end

-- A line with the name and the value of a field. An old value stands before it if there is
-- room.
local function header_line(canvas, name, value, old)
  old = old ~= value and old or nil
  local changed = old and ("%s %s %s"):format(old, canvas.signs.arrow, value)
  if not changed or 3 + #name + canvas.columns(changed) > HEADER_COLUMNS then
    changed = value
  end
  local gap = math.max(1, VALUE_END - 2 - #name - canvas.columns(changed))
  local line = "  " .. name .. (" "):rep(gap) .. changed
  return old and canvas:paint("changed", line) or line
end

local function header_lines(canvas, pool, was)
  local lines = {}
  for i, field in ipairs(M.fields(pool)) do
    lines[i] = header_line(canvas, field[1], field[2], was[field[1]])
  end
  return lines
end

-- The rows of signs of the blocks, and the number of blocks in the heap's cache.
local function block_lines(canvas, pool)
  local signs, cached = {}, 0
  for i, state in ipairs(pool:blocks()) do
    signs[i] = canvas:sign(state)
    cached = cached + (state == "cached" and 1 or 0)
  end
  local columns = canvas.width - HEADER_COLUMNS - 8
  local first = pool.nextoffset - (pool.ref_count + #pool:freelist()) * pool.size
  local lines = {}
  for i, row in ipairs(canvas.rows(signs, columns)) do
    local offset = first + (i - 1) * columns * pool.size
    lines[i] = ("%6d %s%s"):format(offset, canvas.signs.bar, row)
  end
  return lines, cached
end

-- The title of a pool: one line.
function M.title(pool)
  if not pool.size then
    return ("pool %s, %s: never had a size class"):format(place(pool), pool.state)
  end
  return ("pool %s, %s: class %d, blocks of %d bytes, %d of %d live"):format(place(pool),
    pool.state, pool.szidx, pool.size, pool.ref_count, pool.capacity)
end

local function draw_chain(canvas, pool)
  local chain = {}
  for i, offset in ipairs(pool:freelist()) do
    chain[i] = tostring(offset)
  end
  canvas:words("free chain: ", lists.shorten(chain, CHAIN_LISTED), " " .. canvas.signs.arrow)
end

-- `was`: the old values of the fields that changed, as text, by name.
function M.draw(canvas, pool, was)
  canvas:title(M.title(pool))
  local left = header_lines(canvas, pool, was or {})
  local right, cached = block_lines(canvas, pool)
  for i = 1, math.max(#left, #right) do
    canvas:add(canvas.pad(left[i] or "", HEADER_COLUMNS) .. (right[i] or ""))
  end
  local signs = {}
  for i, state in ipairs { "live", "free", "virgin", cached > 0 and "cached" or nil } do
    signs[i] = ("%s %s "):format(canvas:sign(state), state)
  end
  canvas:words("blocks: ", signs, "")
  draw_chain(canvas, pool)
end

return M
