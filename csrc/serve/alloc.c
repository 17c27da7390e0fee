#include "serve/alloc.h"

#include <string.h>

#include "serve/layer.h"
#include "serve/raw_blocks.h"
#include "serve/supply.h"
#include "serve/used_pools.h"

/*
** {==================================================================
** malloc and calloc
** ===================================================================
*/

/*
** Compiled twice, so that an unwatched heap does not test 'watch' at each
** step.
*/
static ALWAYS_INLINE void *take(pym_heap *heap, size_t szidx,
                                struct watch *watch)
{
  struct pool_header *pool = used_first(heap, szidx, watch);
  if (pool == NULL)
    return NULL;
  watch_pool(watch, pool);
  block *taken = pool_pop(pool);
  watch_tell_taken(watch, EVENT_BLOCK_POP, taken);
  if (pool_wants_carving(pool)) {
    watch_pool(watch, pool);
    pool_carve(pool, heap_class_bytes(heap, szidx));
    watch_tell_freed(watch, EVENT_BLOCK_CARVE, pool->freeblock);
  } else if (pool_is_full(pool)) {
    watch_neighbours(watch, pool);
    used_unlink(pool);
    watch_tell_pool(watch, EVENT_POOL_FULL, pool);
  }
  return taken;
}

static NOINLINE void *take_watched(pym_heap *heap, size_t szidx)
{
  return take(heap, szidx, heap->watch);
}

/* Takes a block of a class without a used pool, in a heap without a watch. */
static ALWAYS_INLINE void *take_first(pym_heap *heap, size_t szidx)
{
  struct pool_header *pool = supply_unset_pool(heap);
  if (unlikely(pool == NULL))
    return NULL;
  block *taken = pool->szidx != szidx
                     ? pool_begin(pool, &heap->geometry, szidx)
                     : pool_pop(pool); /* its chain has two blocks or more */
  assert(!pool_wants_carving(pool) && !pool_is_full(pool));
  used_link(heap, pool);
  return taken;
}

/* Takes a block of a class. NULL: there is no pool. */
static ALWAYS_INLINE void *take_block(pym_heap *heap, size_t szidx)
{
  const struct pool_header *ring = &heap->usedpools[szidx];
  if (unlikely(is_watched(heap->watch)))
    return take_watched(heap, szidx);
  return ring->nextpool != ring ? take(heap, szidx, NULL)
                                : take_first(heap, szidx);
}

void *heap_malloc(pym_heap *heap, size_t bytes)
{
  ptrdiff_t szidx = heap_class_of(heap, bytes);
  void *taken = szidx >= 0 ? take_block(heap, (size_t)szidx) : NULL;
  if (taken != NULL)
    return taken;
  return bytes > REQUEST_MAX ? NULL : raw_blocks_malloc(heap, bytes);
}

static NOINLINE void *malloc_slowly(pym_heap *heap, size_t bytes)
{
  return heap->layer == NULL ? heap_malloc(heap, bytes)
                             : heap->layer->malloc(heap, bytes);
}

void *pym_malloc(pym_heap *heap, size_t bytes)
{
  if (bytes <= heap->front.threshold) {
    void *kept = pym_bin_take(pym_bin_of(&heap->front, bytes));
    if (likely(kept != NULL))
      return kept;
    return malloc_slowly(heap, bytes);
  }
  if (likely(bytes - 1 < heap->fast_threshold)) { /* 0 wraps around */
    size_t szidx = (bytes - 1) >> heap->alignment_shift;
    struct pool_header *pool = heap->usedpools[szidx].nextpool;
    block *taken = pool->freeblock;
    block *next = block_link(taken);
    if (likely(next != NULL)) { /* a used pool that stays used? */
      pool->freeblock = next;
      pool->ref.count++;
      return taken;
    }
    if (pool_has_virgin(pool)) { /* the same, but for carving? */
      pool->freeblock = NULL;
      pool->ref.count++;
      pool_carve(pool, heap_class_bytes(heap, szidx));
      return taken;
    }
    if (taken != (block *)&heap->no_link) { /* a used pool that goes full? */
      pool->freeblock = NULL;
      pool->ref.count++;
      used_unlink(pool);
      return taken;
    }
  }
  return malloc_slowly(heap, bytes);
}

void *heap_calloc(pym_heap *heap, size_t count, size_t bytes)
{
  if (bytes != 0 && count > REQUEST_MAX / bytes)
    return NULL;
  size_t total = count * bytes;
  ptrdiff_t szidx = heap_class_of(heap, total);
  void *taken = szidx >= 0 ? take_block(heap, (size_t)szidx) : NULL;
  if (taken == NULL)
    return raw_blocks_calloc(heap, count, bytes);
  return memset(taken, 0, total);
}

void *pym_calloc(pym_heap *heap, size_t count, size_t bytes)
{
  return heap->layer == NULL ? heap_calloc(heap, count, bytes)
                             : heap->layer->calloc(heap, count, bytes);
}

/* }================================================================== */

/*
** {==================================================================
** free
** ===================================================================
*/

/*
** Moves the pool of a freed block to another list, if it was full or is empty.
*/
static ALWAYS_INLINE void settle(pym_heap *heap, struct pool_header *pool,
                                 const block *last_free, struct watch *watch)
{
  if (unlikely(last_free == NULL)) { /* it was full? */
    watch_ring(watch, pool);
    used_link(heap, pool);
    watch_tell_pool(watch, EVENT_POOL_UNFULL, pool);
  } else if (unlikely(pool_is_empty(pool))) {
    watch_neighbours(watch, pool);
    used_unlink(pool);
    watch_tell_pool(watch, EVENT_POOL_EMPTY, pool);
    supply_take_back(heap, pool);
  }
}

/*
** Compiled twice, so that an unwatched heap does not test 'watch' at each
** step.
*/
static ALWAYS_INLINE void give(pym_heap *heap, void *freed, struct watch *watch)
{
  struct pool_header *pool = heap_pool_of(heap, freed);
  watch_pool(watch, pool);
  const block *last_free = pool_give(pool, freed);
  watch_tell_freed(watch, EVENT_BLOCK_PUSH, freed);
  settle(heap, pool, last_free, watch);
}

static NOINLINE void give_watched(pym_heap *heap, void *freed)
{
  give(heap, freed, heap->watch);
}

static ALWAYS_INLINE void give_block(pym_heap *heap, void *freed)
{
  if (likely(!is_watched(heap->watch)))
    give(heap, freed, NULL);
  else
    give_watched(heap, freed);
}

void heap_free(pym_heap *heap, void *freed)
{
  if (freed == NULL)
    return;
  if (!heap_owns(heap, freed))
    raw_blocks_free(heap, freed);
  else
    give_block(heap, freed);
}

static NOINLINE void free_slowly(pym_heap *heap, void *freed)
{
  if (heap->layer == NULL)
    heap_free(heap, freed);
  else
    heap->layer->free(heap, freed);
}

void pym_free(pym_heap *heap, void *freed)
{
  size_t offset = (uintptr_t)freed - heap->base;
  if (offset < heap->front.span) {
    uint8_t steps = heap->front.sizes[offset >> heap->front.pool_shift];
    if (unlikely(!pym_bin_give(&heap->front.bins[steps], freed)))
      free_slowly(heap, freed);
    return;
  }
  if (likely(offset < heap->fast_span)) {
    give(heap, freed, NULL);
    return;
  }
  free_slowly(heap, freed);
}

void pym_free_sized(pym_heap *heap, void *freed, size_t bytes)
{
  const struct pym_front *front = &heap->front;
  if (bytes <= front->threshold && pym_front_owns(front, freed)) {
    if (unlikely(!pym_bin_give(pym_bin_of(&heap->front, bytes), freed)))
      heap->layer->free_sized(heap, freed, bytes);
    return;
  }
  if (heap->layer != NULL)
    heap->layer->free_sized(heap, freed, bytes);
  else if (bytes > heap->geometry.threshold && freed != NULL)
    raw_blocks_free(heap, freed); /* no pool serves that much */
  else
    pym_free(heap, freed);
}

/* }================================================================== */

/*
** {==================================================================
** realloc
** ===================================================================
*/

/*
** Makes the new block first, so that a failure leaves the old one as it was.
** Compiled twice, for a heap that may have a watch and for one without a layer.
*/
static ALWAYS_INLINE void *resize(pym_heap *heap, void *old, size_t bytes,
                                  void *(*take_new)(pym_heap *, size_t),
                                  void (*give_old)(pym_heap *, void *),
                                  struct watch *watch)
{
  if (bytes > REQUEST_MAX)
    return NULL;
  if (!heap_owns(heap, old)) { /* a raw block stays one, whatever its size */
    watch_tell_heap(watch, EVENT_RAW_REALLOC);
    return medium_blocks_own(heap, old)
               ? medium_blocks_realloc(heap, old, bytes, take_new)
               : raw_blocks_realloc(heap, old, bytes);
  }
  size_t old_bytes = heap_block_bytes(heap, old);
  if (heap_fits_in_place(bytes, old_bytes)) {
    watch_tell_block(watch, EVENT_REALLOC_IN_PLACE, old);
    return old;
  }
  watch_tell_block(watch, EVENT_REALLOC_MOVE, old);
  void *moved = take_new(heap, bytes);
  if (moved == NULL)
    return NULL;
  memcpy(moved, old, bytes < old_bytes ? bytes : old_bytes);
  give_old(heap, old);
  return moved;
}

void *heap_realloc(pym_heap *heap, void *old, size_t bytes)
{
  return old == NULL
             ? heap_malloc(heap, bytes)
             : resize(heap, old, bytes, heap_malloc, heap_free, heap->watch);
}

void *pym_realloc_sized(pym_heap *heap, void *old, size_t old_bytes,
                        size_t bytes)
{
  size_t threshold = heap->geometry.threshold;
  if (heap->layer == heap->own_layer && heap->medium == NULL &&
      old_bytes > threshold && bytes > threshold && bytes <= REQUEST_MAX)
    return raw_blocks_realloc(heap, old, bytes); /* no pool serves that much */
  return pym_realloc(heap, old, bytes);
}

void *pym_realloc(pym_heap *heap, void *old, size_t bytes)
{
  if (heap->layer != NULL)
    return heap->layer->realloc(heap, old, bytes);
  return old == NULL ? pym_malloc(heap, bytes)
                     : resize(heap, old, bytes, pym_malloc, pym_free, NULL);
}

/* }================================================================== */
