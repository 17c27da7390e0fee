/*
** The rings of used pools in usedpools, one a size class.
*/
#ifndef USED_POOLS_H
#define USED_POOLS_H

#include "observe/watch.h"
#include "serve/supply.h"

/* Puts a pool at the front: the next request of its class is served there. */
static inline void used_link(pym_heap *heap, struct pool_header *pool)
{
  struct pool_header *ring = &heap->usedpools[pool->szidx];
  pool->nextpool = ring->nextpool;
  pool->prevpool = ring;
  ring->nextpool->prevpool = pool;
  ring->nextpool = pool;
}

static inline void used_unlink(struct pool_header *pool)
{
  pool->prevpool->nextpool = pool->nextpool;
  pool->nextpool->prevpool = pool->prevpool;
}

/* The first used pool of a class, else a newly supplied one, else NULL. */
static ALWAYS_INLINE struct pool_header *
used_first(pym_heap *heap, size_t szidx, struct watch *watch)
{
  struct pool_header *ring = &heap->usedpools[szidx];
  if (ring->nextpool != ring)
    return ring->nextpool;
  struct pool_header *pool = supply_pool(heap, szidx);
  if (pool == NULL)
    return NULL;
  watch_ring(watch, pool);
  used_link(heap, pool);
  watch_tell_pool(watch, EVENT_POOL_LINK, pool);
  return pool;
}

#endif
