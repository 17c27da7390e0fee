#include "arena.h"

void arena_open(struct arena_object *arena, uintptr_t address,
                const pym_geometry *geometry)
{
  arena->address = address;
  arena->pool_address = (block *)arena_first_pool(arena, geometry);
  arena->ntotalpools = (uint32_t)geometry_arena_pools(geometry);
  arena->nfreepools = arena->ntotalpools;
  arena->freepools = NULL;
}

/* Hands out the next virgin pool. */
static struct pool_header *carve(struct arena_object *arena, size_t arenaindex,
                                 const pym_geometry *geometry)
{
  struct pool_header *pool = (struct pool_header *)(void *)arena->pool_address;
  *pool = (struct pool_header){.arenaindex = (uint32_t)arenaindex,
                               .szidx = DUMMY_SIZE_IDX};
  arena->pool_address += geometry->pool_bytes;
  return pool;
}

struct pool_header *arena_take_pool(struct arena_object *arena,
                                    size_t arenaindex,
                                    const pym_geometry *geometry)
{
  struct pool_header *pool = arena->freepools;
  assert(arena->nfreepools > 0);
  arena->nfreepools--;
  if (pool == NULL)
    return carve(arena, arenaindex, geometry);
  arena->freepools = pool->nextpool;
  return pool;
}

void arena_give_pool(struct arena_object *arena, struct pool_header *pool)
{
  assert(pool_is_empty(pool) && !arena_is_free(arena));
  pool->nextpool = arena->freepools;
  arena->freepools = pool;
  arena->nfreepools++;
}
