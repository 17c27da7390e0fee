/*
** The rings of used pools in usedpools, one for each size class.
*/
#ifndef USED_POOLS_H
#define USED_POOLS_H

#include "observe/watch.h"
#include "serve/supply.h"

static inline bool used_ring_is_empty(const pym_heap *heap, size_t szidx)
{
  const struct pool_header *ring = &heap->usedpools[szidx];
  return ring->nextpool == ring;
}

/* Links a pool at the front: the next request of its class takes its block. */
static inline void used_link(pym_heap *heap, struct pool_header *pool)
{
  struct pool_header *ring = &heap->usedpools[pool->szidx];
  assert(pool->szidx < heap->class_count && !pool_is_full(pool));
  assert(ring->nextpool->prevpool == ring);
  pool->nextpool = ring->nextpool;
  pool->prevpool = ring;
  ring->nextpool->prevpool = pool;
  ring->nextpool = pool;
}

static inline void used_unlink(struct pool_header *pool)
{
  assert(pool->prevpool->nextpool == pool);
  assert(pool->nextpool->prevpool == pool);
  pool->prevpool->nextpool = pool->nextpool;
  pool->nextpool->prevpool = pool->prevpool;
}

/*
** Makes a pool that supply_unset_pool has given the only used pool of a class,
** and takes its first block. A pool that had the class before has two free
** blocks or more.
*/
static ALWAYS_INLINE block *used_begin(pym_heap *heap, struct pool_header *pool,
                                       size_t szidx)
{
  struct pool_header *ring = &heap->usedpools[szidx];
  assert(used_ring_is_empty(heap, szidx));
  block *taken = pool->szidx == szidx
                     ? pool_pop(pool)
                     : pool_begin(pool, &heap->geometry, szidx);
  assert(!pool_wants_carving(pool) && !pool_is_full(pool));
  pool->nextpool = pool->prevpool = ring;
  ring->nextpool = ring->prevpool = pool;
  return taken;
}

/* The first used pool of a class, or one that the supply gives, or NULL. */
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
