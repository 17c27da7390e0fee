-- Classroom heaps in which few blocks pin many arenas.

local pymalloc = require "pymalloc"

local M = {}

local SIZE, BLOCKS, POOLS = 16, 13, 4 -- bytes of a block, blocks of a pool, pools of an arena

-- A heap by plan: of each arena, how many of each pool's first blocks are live.
-- Returns the heap, its live blocks by place, and how many each arena has.
function M.build(plan)
  local heap = pymalloc.heap { profile = "classroom" }
  local blocks, live, counts = {}, {}, {}
  for i = 1, #plan * POOLS * BLOCKS do
    blocks[i] = heap:malloc(SIZE)
  end
  for i, block in ipairs(blocks) do
    local pool = (i - 1) // BLOCKS
    local arena = pool // POOLS + 1
    if (i - 1) % BLOCKS < (plan[arena][pool % POOLS + 1] or 0) then
      local place = block:location()
      live[("%d:%d:%d"):format(place.arena, place.pool, place.offset)] = block
      counts[arena] = (counts[arena] or 0) + 1
    else
      block:free()
    end
  end
  return { heap = heap, live = live, counts = counts }
end

-- The most arenas that so many frees can empty: those with the fewest blocks.
function M.most_arenas(counts, most_frees)
  local arenas, frees = 0, 0
  table.sort(counts)
  for _, count in ipairs(counts) do
    frees = frees + count
    arenas = arenas + (frees <= most_frees and 1 or 0)
  end
  return arenas
end

-- Frees the chosen ones of the live blocks; or says what is wrong with them.
function M.free_chosen(live, chosen, most_frees)
  if type(chosen) ~= "table" or #chosen > most_frees then
    return ("your function has to return a table of at most %d blocks, not %s"):format(most_frees,
      type(chosen) == "table" and #chosen or tostring(chosen))
  end
  for i, choice in ipairs(chosen) do
    local is_block = type(choice) == "table" and choice.arena and choice.pool and choice.offset
    local place = is_block and ("%s:%s:%s"):format(choice.arena, choice.pool, choice.offset)
    if not live[place] then
      return ("element %d is %s; it has to be a live block as heap:pinned_by gives it, once")
        :format(i, place or tostring(choice))
    end
    live[place]:free()
    live[place] = nil
  end
end

return M
