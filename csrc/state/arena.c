#include "state/arena.h"

void arena_open(struct arena_object *arena, uintptr_t address,
                const pym_geometry *geometry)
{
  assert(address != 0 && !arena_is_open(arena));
  arena->address = address;
  arena->pool_address = (block *)arena_first_pool(arena, geometry);
  arena->ntotalpools = (uint32_t)geometry_arena_pools(geometry);
  arena->nfreepools = arena->ntotalpools;
  arena->freepools = NULL;
}

struct pool_header *arena_carve_pool(struct arena_object *arena,
                                     size_t arenaindex,
                                     const pym_geometry *geometry)
{
  struct pool_header *pool = (struct pool_header *)(void *)arena->pool_address;
  assert((uintptr_t)pool % geometry->pool_bytes == 0);
  assert((uintptr_t)pool + geometry->pool_bytes <=
         arena_first_pool(arena, geometry) +
             arena->ntotalpools * geometry->pool_bytes);
  memset(pool, 0, sizeof *pool); /* also the zeros behind pointers of 32 bits */
  pool->arenaindex = (uint32_t)arenaindex;
  pool->szidx = DUMMY_SIZE_IDX;
  arena->pool_address += geometry->pool_bytes;
  return pool;
}
