#include "serve/alloc.h"

#include <string.h>

#include "serve/exchange.h"
#include "serve/layer.h"
#include "serve/raw_blocks.h"

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
  return likely(pool != NULL) ? used_begin(heap, pool, szidx) : NULL;
}

/* Takes a block of a class. NULL: there is no pool. */
static ALWAYS_INLINE void *take_block(pym_heap *heap, size_t szidx)
{
  if (unlikely(is_watched(heap->watch)))
    return take_watched(heap, szidx);
  return used_ring_is_empty(heap, szidx) ? take_first(heap, szidx)
                                         : take(heap, szidx, NULL);
}

/* Serves a request for which there is no pool. */
static void *malloc_raw(pym_heap *heap, size_t bytes)
{
  return bytes > REQUEST_MAX ? NULL : raw_blocks_malloc(heap, bytes);
}

void *heap_malloc(pym_heap *heap, size_t bytes)
{
  ptrdiff_t szidx = heap_class_of(heap, bytes);
  void *taken = szidx >= 0 ? take_block(heap, (size_t)szidx) : NULL;
  return taken != NULL ? taken : malloc_raw(heap, bytes);
}

/* Serves a class without a used pool, in a heap without a layer. */
static NOINLINE void *malloc_first(pym_heap *heap, size_t szidx, size_t bytes)
{
  void *taken = take_first(heap, szidx);
  return likely(taken != NULL) ? taken : malloc_raw(heap, bytes);
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
    return malloc_first(heap, szidx, bytes);
  }
  return malloc_slowly(heap, bytes);
}

void *heap_calloc(pym_heap *heap, size_t count, size_t bytes)
{
  size_t total = size_of_product(count, bytes);
  if (total > REQUEST_MAX)
    return NULL;
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

/*
** Notes a freed block. The layer puts the one freed before it, if there is one,
** into its bin, which is full.
*/
static NOINLINE void free_to_full(pym_heap *heap, void *freed)
{
  void *before = heap_freed_last(heap);
  assert(heap->layer != NULL); /* the cache's */
  heap->front.freed_last = freed;
  if (before != NULL)
    heap->layer->free(heap, before);
}

void pym_free(pym_heap *heap, void *freed)
{
  size_t offset = (uintptr_t)freed - heap->front.base;
  if (likely(offset < heap->front.span)) {
    if (unlikely(!pym_front_give(&heap->front, freed)))
      free_to_full(heap, freed);
    return;
  }
  if (likely(offset < heap->fast_span)) {
    give(heap, freed, NULL);
    return;
  }
  free_slowly(heap, freed);
}

static NOINLINE void free_sized_slowly(pym_heap *heap, void *freed,
                                       size_t bytes)
{
  if (heap->layer != NULL)
    heap->layer->free_sized(heap, freed, bytes);
  else if (bytes > heap->geometry.threshold && freed != NULL)
    raw_blocks_free(heap, freed); /* no pool serves that much */
  else
    pym_free(heap, freed);
}

void pym_free_sized(pym_heap *heap, void *freed, size_t bytes)
{
  const struct pym_front *front = &heap->front;
  if (unlikely(bytes > front->threshold || !pym_front_owns(front, freed) ||
               !pym_bin_give(pym_bin_of(&heap->front, bytes), freed)))
    free_sized_slowly(heap, freed, bytes);
}

/* }================================================================== */

/*
** {==================================================================
** realloc
** ===================================================================
*/

/* Makes the new block first, so that a failure leaves the old one as it was. */
static void *resize(pym_heap *heap, void *old, size_t bytes)
{
  struct watch *watch = heap->watch;
  if (bytes > REQUEST_MAX)
    return NULL;
  if (!heap_owns(heap, old)) { /* a raw block stays one, whatever its size */
    watch_tell_heap(watch, EVENT_RAW_REALLOC);
    return medium_blocks_own(heap, old)
               ? medium_blocks_realloc(heap, old, bytes, heap_malloc)
               : raw_blocks_realloc(heap, old, bytes);
  }
  size_t old_bytes = heap_block_bytes(heap, old);
  if (heap_fits_in_place(bytes, old_bytes)) {
    watch_tell_block(watch, EVENT_REALLOC_IN_PLACE, old);
    return old;
  }
  watch_tell_block(watch, EVENT_REALLOC_MOVE, old);
  void *moved = heap_malloc(heap, bytes);
  if (moved == NULL)
    return NULL;
  memcpy(moved, old, bytes < old_bytes ? bytes : old_bytes);
  heap_free(heap, old);
  return moved;
}

void *heap_realloc(pym_heap *heap, void *old, size_t bytes)
{
  return old == NULL ? heap_malloc(heap, bytes) : resize(heap, old, bytes);
}

/*
** Moves a block of a pool, in a heap without a layer. NULL: there is no memory,
** and the block is as it was.
*/
static NOINLINE void *move(pym_heap *heap, void *old, size_t old_bytes,
                           size_t bytes)
{
  struct pool_header *pool = heap_pool_of(heap, old);
  size_t kept_bytes = bytes < old_bytes ? bytes : old_bytes;
  ptrdiff_t szidx = heap_class_of(heap, bytes);
  if (szidx >= 0 && exchange_is_possible(heap, pool, (size_t)szidx))
    return exchange(heap, pool, old, kept_bytes, (size_t)szidx);
  void *moved = pym_malloc(heap, bytes);
  if (moved == NULL)
    return NULL;
  memcpy(moved, old, kept_bytes);
  give(heap, old, NULL);
  return moved;
}

static NOINLINE void *realloc_slowly(pym_heap *heap, void *old, size_t bytes)
{
  if (heap->layer != NULL)
    return heap->layer->realloc(heap, old, bytes);
  if (old == NULL)
    return pym_malloc(heap, bytes);
  assert(!heap_owns(heap, old) && !medium_blocks_own(heap, old));
  return bytes > REQUEST_MAX ? NULL : raw_blocks_realloc(heap, old, bytes);
}

void *pym_realloc_sized(pym_heap *heap, void *old, size_t old_bytes,
                        size_t bytes)
{
  size_t threshold = heap->geometry.threshold;
  if (heap->medium == NULL && heap->layer == heap->own_layer &&
      old_bytes > threshold && bytes > threshold && bytes <= REQUEST_MAX)
    return raw_blocks_realloc(heap, old, bytes); /* no pool serves that much */
  return pym_realloc(heap, old, bytes);
}

void *pym_realloc(pym_heap *heap, void *old, size_t bytes)
{
  size_t offset = (uintptr_t)old - heap->front.base;
  if (offset < heap->front.span) {
    size_t old_bytes = pym_front_block_bytes(&heap->front, old);
    return pym_front_fits(&heap->front, bytes, old_bytes)
               ? old
               : heap->layer->move(heap, old, bytes, old_bytes);
  }
  if (likely(offset < heap->fast_span)) {
    size_t old_bytes = heap_block_bytes(heap, old);
    return heap_fits_in_place(bytes, old_bytes)
               ? old
               : move(heap, old, old_bytes, bytes);
  }
  return realloc_slowly(heap, old, bytes);
}

/* }================================================================== */
