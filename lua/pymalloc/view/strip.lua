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

-- One line that explains the signs.
function M.legend(canvas)
  local fill = canvas.signs.fill
  return ("pools: %s full  %s%s used, by fill  %s empty  %s never carved"):format(
    canvas:sign("full"), canvas:paint("used", fill[1] .. ".."), canvas:paint("used", fill[#fill]),
    canvas:sign("empty"), canvas:sign("uncarved"))
end

return M
