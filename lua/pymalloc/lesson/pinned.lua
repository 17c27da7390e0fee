-- Classroom heaps in which few blocks pin many arenas.

local pymalloc = require "pymalloc"

local M = {}

local SIZE, BLOCKS, POOLS = 16, 13, 4 -- bytes of a block, blocks of a pool, pools of an arena

-- Makes a heap by a plan: plan[i][j] is how many blocks of pool j of arena i are
-- live, the first ones. Returns the heap, its live blocks by place, and the
-- number of live blocks of each arena.
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

-- The largest number of arenas that this many frees can empty. It is best to take
-- the arenas with the fewest live blocks.
function M.most_arenas(counts, most_frees)
  local arenas, frees = 0, 0
  table.sort(counts)
  for _, count in ipairs(counts) do
    frees = frees + count
    arenas = arenas + (frees <= most_frees and 1 or 0)
  end
  return arenas
end

-- Frees the chosen live blocks; returns the fault of the choice, or nil.
function M.free_chosen(live, chosen, most_frees)
  if type(chosen) ~= "table" or #chosen > most_frees then
    return ("your function must return a table of at most %d blocks, but it returns %s"):format(
      most_frees, type(chosen) == "table" and #chosen .. " blocks" or tostring(chosen))
  end
  for i, choice in ipairs(chosen) do
    local is_block = type(choice) == "table" and choice.arena and choice.pool and choice.offset
    local place = is_block and ("%s:%s:%s"):format(choice.arena, choice.pool, choice.offset)
    if not live[place] then
      return ("element %d is %s; it must be a live block from heap:pinned_by, and appear once")
        :format(i, place or tostring(choice))
    end
    live[place]:free()
    live[place] = nil
  end
end

return M
