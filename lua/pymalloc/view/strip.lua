-- An arena as a strip: a sign for each pool, by state and fill.

local M = {}

-- The sign of a carved pool.
local function sign_of(canvas, pool)
  if pool.state == "used" then
    return canvas:fill(pool.ref_count, pool.capacity)
  end
  return canvas:sign(pool.state)
end

-- The signs of all pools of an arena, carved or not.
function M.signs(canvas, arena)
  local signs = {}
  for pool in arena:pools() do
    table.insert(signs, sign_of(canvas, pool))
  end
  for i = #signs + 1, arena.ntotalpools do
    signs[i] = canvas:sign("uncarved")
  end
  return signs
end

local SQUARE_MOST = 1024 -- pools of an arena that is drawn as a square
local ROWS_MOST = 24

-- Is an arena with this many pools drawn as a square?
function M.is_square(count)
  return count <= SQUARE_MOST
end

-- The pools in a row of a square: 8 for up to 64 pools, and 16 or 32 for more.
function M.columns(count)
  local columns = math.min(8, count)
  while columns * columns < count and columns >= 8 do
    columns = columns * 2
  end
  return columns
end

-- The signs as rows; of many, those in the middle are left out.
function M.rows(canvas, signs, columns)
  local rows = canvas.rows(signs, columns)
  if #rows <= ROWS_MOST then
    return rows
  end
  local half = ROWS_MOST // 2
  local left_out = #rows - 2 * half
  local short = table.move(rows, 1, half, 1, {})
  table.insert(short, ("... %d more pools ..."):format(left_out * columns))
  return table.move(rows, #rows - half + 1, #rows, #short + 1, short)
end

-- Adds the explanation of the signs.
function M.draw_legend(canvas)
  local fill = canvas.signs.fill
  local used = canvas:paint("used", fill[1] .. "..") .. canvas:paint("used", fill[#fill])
  canvas:words("pools: ", { canvas:sign("full") .. " full ", used .. " used, by fill ",
    canvas:sign("empty") .. " empty ", canvas:sign("uncarved") .. " never carved" }, "")
end

return M
