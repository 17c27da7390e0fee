/*
** The rings of used pools: insertion at the front, and removal.
**
** prove: used_link used_unlink pool_is_full
*/
#include "serve/used_pools.h"

/*@ // [used.links], for one pool or the header of a ring
    predicate agrees{L}(struct pool_header *pool) =
      pool->nextpool->prevpool == pool && pool->prevpool->nextpool == pool;

    predicate beside(struct pool_header *a, struct pool_header *b) =
      a == b || \separated(a, b);
*/

/*@ requires \valid_read(pool);
    assigns \nothing;
    ensures \result <==> pool->freeblock == \null;
*/
static inline bool pool_is_full(const struct pool_header *pool);

/*@ requires \valid(pool) && pool->freeblock != \null;
    requires \valid_read(&heap->class_count);
    requires pool->szidx < heap->class_count;
    requires \valid(&heap->usedpools[pool->szidx]);
    requires \valid(heap->usedpools[pool->szidx].nextpool);
    requires agrees(&heap->usedpools[pool->szidx]);
    requires \separated(pool, &heap->usedpools[pool->szidx]);
    requires \separated(pool, heap->usedpools[pool->szidx].nextpool);
    requires \separated(pool, &heap->class_count);
    requires beside(heap->usedpools[pool->szidx].nextpool,
                    &heap->usedpools[pool->szidx]);
    assigns pool->nextpool, pool->prevpool,
            heap->usedpools[pool->szidx].nextpool,
            heap->usedpools[pool->szidx].nextpool->prevpool;
    ensures goes_to_the_front:
      heap->usedpools[pool->szidx].nextpool == pool &&
      pool->nextpool == \old(heap->usedpools[pool->szidx].nextpool);
    ensures used_links: agrees(pool);
    ensures used_links: \forall struct pool_header *other;
      agrees{Pre}(other) && \separated(other, pool) &&
      beside(other, &heap->usedpools[pool->szidx]) &&
      beside(other, \old(heap->usedpools[pool->szidx].nextpool)) &&
      \separated(\old(other->nextpool), pool) &&
      beside(\old(other->nextpool), &heap->usedpools[pool->szidx]) &&
      beside(\old(other->nextpool),
             \old(heap->usedpools[pool->szidx].nextpool)) ==>
        other->nextpool->prevpool == other;
    ensures used_links: \forall struct pool_header *other;
      agrees{Pre}(other) && \separated(other, pool) &&
      beside(other, &heap->usedpools[pool->szidx]) &&
      beside(other, \old(heap->usedpools[pool->szidx].nextpool)) &&
      \separated(\old(other->prevpool), pool) &&
      beside(\old(other->prevpool), &heap->usedpools[pool->szidx]) &&
      beside(\old(other->prevpool),
             \old(heap->usedpools[pool->szidx].nextpool)) ==>
        other->prevpool->nextpool == other;
*/
static inline void used_link(pym_heap *heap, struct pool_header *pool);

/*@ requires \valid(pool) && agrees(pool);
    requires \valid(pool->nextpool) && \valid(pool->prevpool);
    requires \separated(pool, pool->nextpool);
    requires \separated(pool, pool->prevpool);
    requires beside(pool->nextpool, pool->prevpool);
    assigns pool->nextpool->prevpool, pool->prevpool->nextpool;
    ensures used_links: \old(pool->prevpool)->nextpool == \old(pool->nextpool)
      && \old(pool->nextpool)->prevpool == \old(pool->prevpool);
*/
static inline void used_unlink(struct pool_header *pool);
