#include "heap.h"

#include <string.h>

#include "supply.h"
#include "watch.h"

/*
** {==================================================================
** Layers
** ===================================================================
*/

void heap_set_layer(pym_heap *heap, const struct heap_layer *layer)
{
  if (layer == NULL)
    layer = heap->own_layer;
  bool is_bare = layer == NULL;
  if (heap->layer != NULL && heap->layer->leave != NULL)
    heap->layer->leave(heap);
  heap->layer = layer;
  heap->fast_threshold = is_bare ? heap->geometry.threshold : 0;
  heap->fast_span = is_bare ? region_span(&heap->region) : 0;
  if (!is_bare && layer->enter != NULL)
    layer->enter(heap);
}

/* }================================================================== */

/*
** {==================================================================
** usedpools
** ===================================================================
*/

/* At the front: the next request of this class gets this pool. */
static void link_used(pym_heap *heap, struct pool_header *pool)
{
  struct pool_header *ring = &heap->usedpools[pool->szidx];
  pool->nextpool = ring->nextpool;
  pool->prevpool = ring;
  ring->nextpool->prevpool = pool;
  ring->nextpool = pool;
}

static void unlink_used(struct pool_header *pool)
{
  pool->prevpool->nextpool = pool->nextpool;
  pool->nextpool->prevpool = pool->prevpool;
}

/* The first used pool of a class, else a newly supplied one, else NULL. */
static ALWAYS_INLINE struct pool_header *used_pool(pym_heap *heap, size_t szidx,
                                                   struct watch *watch)
{
  struct pool_header *ring = &heap->usedpools[szidx];
  if (ring->nextpool != ring)
    return ring->nextpool;
  struct pool_header *pool = supply_pool(heap, szidx);
  if (pool == NULL)
    return NULL;
  watch_ring(watch, pool);
  link_used(heap, pool);
  watch_tell_pool(watch, EVENT_POOL_LINK, pool);
  return pool;
}

/* }================================================================== */

/*
** {==================================================================
** Requests that raw serves
** ===================================================================
*/

/* A count of live blocks stays right whatever raw answers. */
static void *count_raw(pym_heap *heap, void *served)
{
  if (served == NULL)
    return NULL;
  watch_heap(heap->watch);
  heap->raw_blocks++;
  watch_tell_heap(heap->watch, EVENT_RAW_ALLOC);
  return served;
}

static void *raw_malloc(pym_heap *heap, size_t bytes)
{
  return count_raw(heap,
                   heap->raw.malloc(heap->raw.context, bytes == 0 ? 1 : bytes));
}

static void *raw_calloc(pym_heap *heap, size_t count, size_t bytes)
{
  if (count == 0 || bytes == 0)
    count = bytes = 1;
  return count_raw(heap, heap->raw.calloc(heap->raw.context, count, bytes));
}

/* A block that cannot even shrink to nothing stays as it is. */
static void *raw_realloc(pym_heap *heap, void *old, size_t bytes)
{
  if (bytes != 0)
    return heap->raw.realloc(heap->raw.context, old, bytes);
  void *resized = heap->raw.realloc(heap->raw.context, old, 1);
  return resized != NULL ? resized : old;
}

static void raw_free(pym_heap *heap, void *freed)
{
  watch_heap(heap->watch);
  heap->raw_blocks--;
  watch_tell_heap(heap->watch, EVENT_RAW_FREE);
  heap->raw.free(heap->raw.context, freed);
}

/* }================================================================== */

/*
** {==================================================================
** malloc and calloc
** ===================================================================
*/

/* Compiled twice, so that an unwatched heap does not ask at each step. */
static ALWAYS_INLINE void *take(pym_heap *heap, size_t szidx,
                                struct watch *watch)
{
  struct pool_header *pool = used_pool(heap, szidx, watch);
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
    unlink_used(pool);
    watch_tell_pool(watch, EVENT_POOL_FULL, pool);
  }
  return taken;
}

/* A block of a class, or NULL where no pool can be had. */
static void *take_block(pym_heap *heap, size_t szidx)
{
  return likely(heap->watch == NULL) ? take(heap, szidx, NULL)
                                     : take(heap, szidx, heap->watch);
}

size_t heap_take_blocks(pym_heap *heap, size_t szidx, void **blocks,
                        size_t most)
{
  struct pool_header *pool = used_pool(heap, szidx, NULL);
  if (pool == NULL)
    return 0;
  size_t left = pym_class_capacity(&heap->geometry, szidx) - pool->ref.count;
  size_t count = most < left ? most : left;
  pool_take_many(pool, heap_class_bytes(heap, szidx), blocks, count);
  if (pool_is_full(pool))
    unlink_used(pool);
  return count;
}

void *heap_malloc(pym_heap *heap, size_t bytes)
{
  ptrdiff_t szidx = heap_class_of(heap, bytes);
  void *taken = szidx >= 0 ? take_block(heap, (size_t)szidx) : NULL;
  if (taken != NULL)
    return taken;
  return bytes > REQUEST_MAX ? NULL : raw_malloc(heap, bytes);
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
    if (pool_has_virgin(pool)) /* the same, but for carving? */
      return pool_take(pool, heap_class_bytes(heap, szidx));
    if (taken != (block *)&heap->no_link) { /* a used pool that goes full? */
      pool->freeblock = NULL;
      pool->ref.count++;
      unlink_used(pool);
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
    return raw_calloc(heap, count, bytes);
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

static ALWAYS_INLINE void settle(pym_heap *heap, struct pool_header *pool,
                                 const block *last_free, struct watch *watch)
{
  if (last_free == NULL) { /* it was full? */
    watch_ring(watch, pool);
    link_used(heap, pool);
    watch_tell_pool(watch, EVENT_POOL_UNFULL, pool);
  } else if (pool_is_empty(pool)) {
    watch_neighbours(watch, pool);
    unlink_used(pool);
    watch_tell_pool(watch, EVENT_POOL_EMPTY, pool);
    supply_take_back(heap, pool);
  }
}

/* A block has come back to a pool that was full, or that is now empty. */
static NOINLINE void settle_pool(pym_heap *heap, struct pool_header *pool,
                                 const block *last_free)
{
  if (likely(heap->watch == NULL))
    settle(heap, pool, last_free, NULL);
  else
    settle(heap, pool, last_free, heap->watch);
}

void heap_free(pym_heap *heap, void *freed)
{
  if (freed == NULL)
    return;
  if (!heap_owns(heap, freed)) {
    raw_free(heap, freed);
    return;
  }
  struct pool_header *pool = heap_pool_of(heap, freed);
  watch_pool(heap->watch, pool);
  const block *last_free = pool_give(pool, freed);
  watch_tell_freed(heap->watch, EVENT_BLOCK_PUSH, freed);
  settle_pool(heap, pool, last_free);
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
    struct pool_header *pool = heap_pool_of(heap, freed);
    const block *last_free = pool_give(pool, freed);
    if (unlikely(last_free == NULL)) /* it was full? */
      link_used(heap, pool);
    else if (unlikely(pool_is_empty(pool)))
      settle_pool(heap, pool, last_free);
    return;
  }
  free_slowly(heap, freed);
}

void pym_free_sized(pym_heap *heap, void *freed, size_t bytes)
{
  const struct pym_front *front = &heap->front;
  if (bytes <= front->threshold && pym_front_owns(front, freed) &&
      likely(pym_bin_give(pym_bin_of(&heap->front, bytes), freed)))
    return;
  if (heap->layer != NULL)
    heap->layer->free_sized(heap, freed, bytes);
  else if (bytes > heap->geometry.threshold && freed != NULL)
    raw_free(heap, freed); /* no pool serves that much */
  else
    pym_free(heap, freed);
}

/* }================================================================== */

/*
** {==================================================================
** realloc
** ===================================================================
*/

/* malloc first, so that a failure leaves the old block as it was. */
static void *move(pym_heap *heap, void *old, size_t old_bytes, size_t bytes)
{
  void *moved = heap_malloc(heap, bytes);
  if (moved == NULL)
    return NULL;
  memcpy(moved, old, bytes < old_bytes ? bytes : old_bytes);
  heap_free(heap, old);
  return moved;
}

void *heap_realloc(pym_heap *heap, void *old, size_t bytes)
{
  if (old == NULL)
    return heap_malloc(heap, bytes);
  if (bytes > REQUEST_MAX)
    return NULL;
  if (!heap_owns(heap, old)) { /* once raw, always raw */
    watch_tell_heap(heap->watch, EVENT_RAW_REALLOC);
    return raw_realloc(heap, old, bytes);
  }
  size_t block_bytes = heap_block_bytes(heap, old);
  if (heap_fits_in_place(bytes, block_bytes)) {
    watch_tell_block(heap->watch, EVENT_REALLOC_IN_PLACE, old);
    return old;
  }
  watch_tell_block(heap->watch, EVENT_REALLOC_MOVE, old);
  return move(heap, old, block_bytes, bytes);
}

void *pym_realloc_sized(pym_heap *heap, void *old, size_t old_bytes,
                        size_t bytes)
{
  size_t threshold = heap->geometry.threshold;
  if (heap->layer == heap->own_layer && old_bytes > threshold &&
      bytes > threshold && bytes <= REQUEST_MAX)
    return raw_realloc(heap, old, bytes); /* no pool serves that much */
  return pym_realloc(heap, old, bytes);
}

void *pym_realloc(pym_heap *heap, void *old, size_t bytes)
{
  return heap->layer == NULL ? heap_realloc(heap, old, bytes)
                             : heap->layer->realloc(heap, old, bytes);
}

/* }================================================================== */

/*
** {==================================================================
** Whose address is it?
** ===================================================================
*/

struct pool_header *heap_find_pool(const pym_heap *heap, const void *address)
{
  if (!heap_owns(heap, address))
    return NULL;
  const struct arena_object *arena =
      heap_arena(heap, heap_slot_of(heap, address));
  if (arena == NULL)
    return NULL;
  bool is_carved =
      (uintptr_t)address >= arena_first_pool(arena, &heap->geometry) &&
      (uintptr_t)address < (uintptr_t)arena->pool_address;
  return is_carved ? heap_pool_of(heap, address) : NULL;
}

bool pym_locate(const pym_heap *heap, const void *address,
                pym_location *location)
{
  const struct pool_header *pool = heap_find_pool(heap, address);
  if (pool == NULL)
    return false;
  location->arena = heap_slot_of(heap, address);
  location->pool =
      (uintptr_t)pool -
      arena_first_pool(&heap->arenas[location->arena], &heap->geometry);
  location->offset = (uintptr_t)address - (uintptr_t)pool;
  return true;
}

/* }================================================================== */
