-- The map of all pools, as bytes: web/src/facts.ts describes them.

local M = {}

local STATES = { empty = 1, used = 2, full = 3 }
local NO_CLASS = 0xffff

-- The places of pools that the request just done has changed.
local function changed_pools(run)
  local changed = {}
  for _, event in ipairs(run:events(true)) do
    for _, change in ipairs(event.changes) do
      if change.pool then
        changed[change.arena] = changed[change.arena] or {}
        changed[change.arena][change.pool] = true
      end
    end
  end
  return changed
end

local function arena_bytes(arena, pool_bytes, changed)
  local counts, classes, states, marks = {}, {}, {}, {}
  for i = 1, arena.ntotalpools do
    counts[i], classes[i], states[i], marks[i] = 0, NO_CLASS, 0, 0
  end
  for pool in arena:pools() do
    local i = pool.offset // pool_bytes + 1
    counts[i], states[i] = pool.ref_count, STATES[pool.state]
    classes[i] = pool.size and pool.szidx or NO_CLASS
    marks[i] = changed and changed[pool.offset] and 1 or 0
  end
  local pieces = { string.pack("<I4I4", arena.index, arena.ntotalpools) }
  for _, count in ipairs(counts) do
    table.insert(pieces, string.pack("<I4", count))
  end
  for _, class in ipairs(classes) do
    table.insert(pieces, string.pack("<I2", class))
  end
  for i, state in ipairs(states) do
    states[i] = string.char(state)
    marks[i] = string.char(marks[i])
  end
  return table.concat(pieces) .. table.concat(states) .. table.concat(marks)
end

--- The map of a session's heap.
function M.bytes(session)
  local run, pieces = session.run, {}
  local changed = changed_pools(run)
  for arena in run.heap:arenas() do
    table.insert(pieces, arena_bytes(arena, run.heap.geometry.pool_bytes, changed[arena.index]))
  end
  return table.concat(pieces)
end

return M
