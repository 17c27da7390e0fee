-- The lists of a heap as texts.

local M = {}

--- The offsets of the pools on an arena's list freepools, in its order.
function M.freepools(arena)
  local by_address, offsets = {}, {}
  for pool in arena:pools() do
    by_address[pool.address] = pool
  end
  local pool = arena.freepools and by_address[arena.freepools]
  while pool do
    table.insert(offsets, pool.offset)
    pool = pool:next()
  end
  return offsets
end

--- The texts with those in the middle left out, if there are more than `most`: "48, 96, ... 40
-- more ..., 4000".
function M.shorten(texts, most)
  if #texts <= most then
    return texts
  end
  local first, last = most - most // 3, most // 3
  local short = table.move(texts, 1, first, 1, {})
  table.insert(short, ("... %d more ..."):format(#texts - first - last))
  return table.move(texts, #texts - last + 1, #texts, #short + 1, short)
end

--- The texts as one, shortened.
function M.elided(texts, most, separator)
  return table.concat(M.shorten(texts, most), separator)
end

return M
