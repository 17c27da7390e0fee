-- Who asked for the live blocks of a snapshot, where it is of a run: for each pool `owners`, four
-- arrays with an element for each live block (blocks, its offset; ids; requests; stacks, the
-- place of its call stack in `stacks` of the snapshot, 0 for none).

local sites = require "pymalloc.sites"

local M = {}

-- From a slot and the offset of a pool to the pool, with empty owners.
local function begin(snapshot)
  local pools = {}
  for _, arena in ipairs(snapshot.arenas) do
    pools[arena.index] = {}
    for _, pool in ipairs(arena.pools) do
      pool.owners = { blocks = {}, ids = {}, requests = {}, stacks = {} }
      pools[arena.index][pool.offset] = pool.owners
    end
  end
  return pools
end

--- Adds the owners to a snapshot of a run's heap.
function M.add(snapshot, run)
  local pools, place_of, stacks = begin(snapshot), {}, {}
  for id, _, request, slot, offset, block, site in sites.each_live(run) do
    local frames = sites.frames(run, site)
    if frames and not place_of[frames] then
      table.insert(stacks, table.move(frames, 1, #frames, 1, {}))
      place_of[frames] = #stacks
    end
    local owners = pools[slot][offset]
    local last = #owners.blocks + 1
    owners.blocks[last], owners.ids[last], owners.requests[last] = block, id, request
    owners.stacks[last] = frames and place_of[frames] or 0
  end
  snapshot.stacks = stacks
end

-- From the offset of a block to its place in the arrays of a pool.
local function places_in(owners)
  local places = {}
  for place, block in ipairs(owners.blocks) do
    places[block] = place
  end
  return places
end

--- Adds id, request and where to the places of blocks in an arena of a snapshot. Returns them.
function M.apply(snapshot, arena, blocks)
  local owners_of, places_of = {}, {}
  for _, pool in ipairs(arena.pools) do
    owners_of[pool.offset] = pool.owners
    places_of[pool.offset] = pool.owners and places_in(pool.owners)
  end
  for _, block in ipairs(blocks) do
    local owners = owners_of[block.pool]
    local place = owners and places_of[block.pool][block.offset]
    if place then
      block.id, block.request = owners.ids[place], owners.requests[place]
      block.where = snapshot.stacks and snapshot.stacks[owners.stacks[place]]
    end
  end
  return blocks
end

return M
