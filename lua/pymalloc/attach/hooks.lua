-- Do debug hooks surround the blocks of a process? Each block then begins with its size, the
-- letter of its domain and seven guard bytes.

local M = {}

local SAMPLE = 64
local GUARDS = { ["\xfb"] = true, ["\xfd"] = true }

-- A live block of a full pool. No link can be in it.
local function full_pools(snapshot)
  local list = {}
  for _, arena in ipairs(snapshot.arenas) do
    for _, pool in ipairs(arena.pools) do
      if pool.state == "full" and #list < SAMPLE then
        table.insert(list, { arena = arena, pool = pool })
      end
    end
  end
  return list
end

local function has_guards(memory, geometry, arena, pool)
  local first = (arena.address + geometry.pool_bytes - 1) & -geometry.pool_bytes
  local bytes = memory:read(first + pool.offset + geometry.header_bytes, 16)
  local letter, guards = (bytes or ""):match("^........([mo])(.......)$")
  return letter ~= nil and GUARDS[guards:sub(1, 1)] and guards == guards:sub(1, 1):rep(7)
end

--- Do most of the blocks have guards?
function M.are_on(memory, snapshot)
  local pools, guarded = full_pools(snapshot), 0
  for _, place in ipairs(pools) do
    if has_guards(memory, snapshot.geometry, place.arena, place.pool) then
      guarded = guarded + 1
    end
  end
  return #pools > 0 and 2 * guarded > #pools
end

return M
