/*
** A realloc that moves the only block of a pool to a class without a used pool
** takes one pool from an arena and makes another one empty. If the emptied pool
** goes to the arena that the other one came from, both steps together change
** only the front of the arena's freepools:
**
**   freepools -> taken -> rest        before
**   freepools -> emptied -> rest      after
**
** The arena is the head of usable_arenas. With one free pool fewer it would be
** the only arena of its group, or full and on no list, and with the emptied pool
** it is the head again: its place in the order and nfp2lasta are as before. So
** an exchange of the two pools has the result of supply_unset_pool and
** supply_take_back.
**
** Tested by spec/unit/realloc_spec.lua.
*/
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "serve/used_pools.h"

/* Can the pool of a live block be exchanged for one of a class? */
static inline bool exchange_is_possible(const pym_heap *heap,
                                        const struct pool_header *pool,
                                        size_t szidx)
{
  const struct arena_object *head = heap->order.usable_arenas;
  return pool->ref.count == 1 && head != NULL && head->freepools != NULL &&
         head == &heap->arenas[pool->arenaindex] &&
         used_ring_is_empty(heap, szidx);
}

/*
** Moves the only block of a pool, and the first 'kept_bytes' in it, to a block
** of the pool for which the pool is exchanged. There must be no watch. Returns
** the new block.
*/
static ALWAYS_INLINE void *exchange(pym_heap *heap, struct pool_header *emptied,
                                    block *old, size_t kept_bytes, size_t szidx)
{
  struct arena_object *arena = heap->order.usable_arenas;
  struct pool_header *taken = arena->freepools;
  struct pool_header *rest = taken->nextpool;
  assert(exchange_is_possible(heap, emptied, szidx));
  assert(!is_watched(heap->watch) && pool_is_empty(taken));
  void *moved = used_begin(heap, taken, szidx);
  memcpy(moved, old, kept_bytes);
  (void)pool_give(emptied, old);
  used_unlink(emptied);
  emptied->nextpool = rest;
  arena->freepools = emptied;
  assert(pool_is_empty(emptied) && !arena_is_free(arena));
  return moved;
}

#endif
