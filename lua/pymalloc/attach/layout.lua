-- Where the allocator's state is in CPython's memory. The layouts of the structures are the
-- same in 3.6 to 3.14:
--
--     pool header, 48 bytes: ref.count 0, freeblock 8, nextpool 16, prevpool 24,
--       arenaindex 32, szidx 36, nextoffset 40, maxnextoffset 44
--     arena object, 48 bytes: address 0, pool_address 8, nfreepools 16, ntotalpools 20,
--       freepools 24, nextarena 32, prevarena 40
--     usedpools: two words for each class, the first and the last pool of its list. Pools
--       link to an address 16 bytes before these words, as if a pool header were there.

local M = {}

M.HEADER = { format = "<I4xxxxI8I8I8I4I4I4I4", bytes = 48 }
M.ARENA = { format = "<I8I8I4I4I8I8I8", bytes = 48 }
M.NEXTPOOL, M.PREVPOOL, M.ARENAINDEX = 16, 24, 32
M.USED_BYTES = 16 -- of one class in usedpools
M.HEADER_TO_USED = 16 -- from the address to which pools link, to the words of the class
M.INITIAL_SLOTS = 16
M.DUMMY_CLASS = 0xffff

-- The words after usedpools in the state of an interpreter, from 3.12 on.
M.STATE = {
  arenas = 0, maxarenas = 8, unused_arena_objects = 16, usable_arenas = 24,
  narenas_currently_allocated = 552, ntimes_arena_allocated = 560, narenas_highwater = 568,
  raw_allocated_blocks = 576, arena_map_mid_count = 584 + 262144,
  arena_map_bot_count = 584 + 262144 + 4,
}

--- The header of a pool in a string; `at` counts from 0.
function M.header(bytes, at)
  local count, freeblock, nextpool, prevpool, arenaindex, szidx, nextoffset, maxnextoffset =
    string.unpack(M.HEADER.format, bytes, at + 1)
  return { ref_count = count, freeblock = freeblock, nextpool = nextpool, prevpool = prevpool,
    arenaindex = arenaindex, szidx = szidx, nextoffset = nextoffset,
    maxnextoffset = maxnextoffset }
end

--- The arena object in a string; `at` counts from 0.
function M.arena(bytes, at)
  local address, pool_address, nfreepools, ntotalpools, freepools, nextarena, prevarena =
    string.unpack(M.ARENA.format, bytes, at + 1)
  return { address = address, pool_address = pool_address, nfreepools = nfreepools,
    ntotalpools = ntotalpools, freepools = freepools, nextarena = nextarena,
    prevarena = prevarena }
end

return M
