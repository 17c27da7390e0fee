#include "serve/cache.h"

#include <string.h>

#include "serve/alloc.h"
#include "serve/layer.h"
#include "serve/lending.h"
#include "serve/loan_table.h"
#include "serve/loans.h"
#include "serve/medium_blocks.h"
#include "serve/wide_bits.h"

/*
** {==================================================================
** Between the bins and the heap below
** ===================================================================
*/

/* Notes the size of a block that the heap below has served directly. */
static void *noted(pym_heap *heap, void *taken)
{
  if (heap_owns(heap, taken))
    lending_note(heap, taken,
                 cache_pool_bytes(heap, heap_pool_of(heap, taken)));
  return taken;
}

/* Gives the oldest blocks of a bin back to their pools. */
static void give_back(pym_heap *heap, size_t bin, size_t count)
{
  void **low = heap->bin_lows[bin];
  size_t left = cache_count(heap, bin) - count;
  loans_give(heap, low, count);
  memmove(low, low + count, left * sizeof *low);
  heap->front.bins[bin].top = low + left;
}

/* Notes that no block was freed last: an address behind the region. */
static void forget_freed_last(pym_heap *heap)
{
  heap->front.freed_last = (void *)(heap->base + region_span(&heap->region));
}

void cache_flush(pym_heap *heap)
{
  void *last = heap_freed_last(heap);
  forget_freed_last(heap);
  if (last != NULL)
    loans_give(heap, &last, 1);
  for (size_t bin = 1; bin < PYM_BIN_COUNT; bin++)
    if (cache_count(heap, bin) > 0)
      give_back(heap, bin, cache_count(heap, bin));
  loans_return_free(heap);
}

size_t cache_total(const pym_heap *heap, size_t *bytes)
{
  const void *last = heap_freed_last(heap);
  size_t count = last != NULL;
  *bytes = last != NULL ? heap_block_bytes(heap, last) : 0;
  for (size_t bin = 1; bin < PYM_BIN_COUNT; bin++)
    for (size_t i = 0; i < cache_count(heap, bin); i++, count++)
      *bytes += heap_block_bytes(heap, heap->bin_lows[bin][i]);
  return count;
}

/* Fills an empty bin with blocks of its loans. false: there are none. */
static bool fill(pym_heap *heap, size_t bin)
{
  void **low = heap->bin_lows[bin];
  assert(cache_count(heap, bin) == 0);
  heap->front.bins[bin].top =
      low + loans_take(heap, bin, low, (cache_room(heap, bin) + 1) / 2);
  return cache_count(heap, bin) > 0;
}

/* Fills an empty bin. false: there is no pool. */
static bool refill(pym_heap *heap, size_t bin)
{
  if (fill(heap, bin))
    return true;
  if (lending_needs_arena(heap, bin)) {
    cache_flush(heap);
    if (fill(heap, bin))
      return true;
  }
  if (!lending_borrow(heap, bin) &&
      !(medium_blocks_trim(heap) > 0 && lending_borrow(heap, bin)))
    return false;
  return fill(heap, bin); /* a pool that was just lent has a free block */
}

/* Puts a block into a full bin, whose older half goes back to its pools. */
static void spill(pym_heap *heap, size_t bin, void *freed)
{
  if (!cache_has_bin(heap, bin)) {
    loans_give(heap, &freed, 1);
    return;
  }
  give_back(heap, bin, (cache_room(heap, bin) + 1) / 2);
  (void)pym_bin_give(&heap->front.bins[bin], freed);
}

/* }================================================================== */

/*
** {==================================================================
** The requests that the inline fast paths do not serve
** ===================================================================
*/

/* The bin of a request, if it is to be filled; else 0. */
static size_t bin_of_request(pym_heap *heap, size_t bytes)
{
  if (bytes > heap->front.threshold)
    return 0;
  size_t bin = (size_t)(pym_bin_of(&heap->front, bytes) - heap->front.bins);
  return cache_has_bin(heap, bin) ? bin : 0;
}

/* Serves a request for which no block is kept. */
static NOINLINE void *malloc_below(pym_heap *heap, size_t bytes)
{
  size_t bin = bin_of_request(heap, bytes);
  if (likely(bin > 0) && refill(heap, bin))
    return pym_bin_take(&heap->front.bins[bin]);
  void *taken = medium_blocks_malloc(heap, bytes);
  if (taken == NULL)
    taken = noted(heap, heap_malloc(heap, bytes));
  if (taken == NULL && medium_blocks_trim(heap) > 0)
    taken = noted(heap, heap_malloc(heap, bytes));
  return taken;
}

static void *cache_malloc(pym_heap *heap, size_t bytes)
{
  void *kept = medium_blocks_take_kept(heap, bytes);
  return kept != NULL ? kept : malloc_below(heap, bytes);
}

/* Serves a calloc whose size neither the cache nor spans serve. */
static void *calloc_below(pym_heap *heap, size_t count, size_t bytes)
{
  void *taken = noted(heap, heap_calloc(heap, count, bytes));
  if (taken == NULL && medium_blocks_trim(heap) > 0)
    taken = noted(heap, heap_calloc(heap, count, bytes));
  return taken;
}

static void *cache_calloc(pym_heap *heap, size_t count, size_t bytes)
{
  size_t total = size_of_product(count, bytes);
  void *taken = total <= heap->front.threshold
                    ? pym_malloc_inline(heap, total)
                    : medium_blocks_malloc(heap, total);
  if (taken != NULL)
    return memset(taken, 0, total);
  return calloc_below(heap, count, bytes);
}

/* Frees a block that no bin has room for, or that is in no pool. */
static NOINLINE void free_below(pym_heap *heap, void *freed)
{
  if (pym_front_owns(&heap->front, freed))
    spill(heap, pym_front_block_bytes(&heap->front, freed) / PYM_BIN_STEP,
          freed);
  else if (medium_blocks_own(heap, freed))
    medium_give(heap->medium, freed);
  else
    heap_free(heap, freed);
}

static void cache_free(pym_heap *heap, void *freed)
{
  if (heap->medium == NULL || !medium_keep(heap->medium, freed))
    free_below(heap, freed);
}

static void cache_free_sized(pym_heap *heap, void *freed, size_t bytes)
{
  if (bytes <= heap->front.threshold && pym_front_owns(&heap->front, freed))
    spill(heap, (size_t)(pym_bin_of(&heap->front, bytes) - heap->front.bins),
          freed);
  else if (bytes > heap->front.threshold)
    cache_free(heap, freed);
  else
    pym_free(heap, freed);
}

/*
** The block size to take for a block that grows: the next of four sizes in each
** doubling (128, 160, 192, 224, 256, 320, ...), so that a block which grows in
** small steps moves seldom. More than three quarters of the block are used.
*/
static size_t grown_bytes(const pym_heap *heap, size_t bytes)
{
  unsigned top = 63u - (unsigned)__builtin_clzll((bytes - 1) | 7);
  size_t below = ((size_t)1 << (top - 2)) - 1;
  size_t grown = ((bytes - 1) | below) + 1;
  return grown <= heap->front.threshold ? grown : bytes;
}

/* A block for a request that is larger than the cache serves. */
static void *take_large(pym_heap *heap, size_t bytes)
{
  void *taken = medium_blocks_malloc(heap, bytes);
  return taken != NULL ? taken : pym_malloc(heap, bytes);
}

/* A block of another size, with the bytes of a block of a pool. */
static ALWAYS_INLINE void *copy(pym_heap *heap, const void *old,
                                size_t old_bytes, size_t bytes)
{
  bool grows = bytes > old_bytes;
  void *taken =
      bytes > heap->front.threshold
          ? take_large(heap, bytes)
          : pym_malloc_inline(heap, grows ? grown_bytes(heap, bytes) : bytes);
  return taken != NULL ? memcpy(taken, old, grows ? old_bytes : bytes) : NULL;
}

/* Resizes a block of a pool whose blocks are too large for a bin. */
static NOINLINE void *resize_large(pym_heap *heap, void *old, size_t bytes)
{
  size_t old_bytes = heap_block_bytes(heap, old);
  if (heap_fits_in_place(bytes, old_bytes))
    return old;
  void *moved = copy(heap, old, old_bytes, bytes);
  if (moved != NULL)
    pym_free(heap, old);
  return moved;
}

/* Moves a block of a pool to one of another size. */
static void *cache_move(pym_heap *heap, void *old, size_t bytes,
                        size_t old_bytes)
{
  if (unlikely(old_bytes == 0))
    return resize_large(heap, old, bytes);
  void *moved = copy(heap, old, old_bytes, bytes);
  if (likely(moved != NULL) &&
      unlikely(!pym_bin_give(pym_bin_at(&heap->front, old_bytes), old)))
    spill(heap, old_bytes / PYM_BIN_STEP, old);
  return moved;
}

/* Resizes a block of a span that does not fit. */
static NOINLINE void *resize_medium(pym_heap *heap, void *old, size_t bytes,
                                    struct medium_range *range)
{
  return medium_resize(range, old, bytes)
             ? old
             : medium_blocks_move(heap, old, bytes, take_large);
}

/* Resizes a block that is in no pool and in no span. */
static NOINLINE void *resize_raw(pym_heap *heap, void *old, size_t bytes)
{
  if (old == NULL)
    return pym_malloc_inline(heap, bytes);
  void *resized = heap_realloc(heap, old, bytes);
  if (resized == NULL && medium_blocks_trim(heap) > 0)
    resized = heap_realloc(heap, old, bytes);
  return resized;
}

static void *cache_realloc(pym_heap *heap, void *old, size_t bytes)
{
  assert(!pym_front_owns(&heap->front, old)); /* else 'cache_move' serves it */
  struct medium_range *range = medium_blocks_range(heap, old);
  if (range == NULL)
    return resize_raw(heap, old, bytes);
  return medium_fits(range, old, bytes)
             ? old
             : resize_medium(heap, old, bytes, range);
}

/* }================================================================== */

/*
** {==================================================================
** Setting and removing the layer
** ===================================================================
*/

/* Notes the sizes again: pools may have got another class meanwhile. */
static void note_all_sizes(pym_heap *heap)
{
  size_t pool_bytes = heap->geometry.pool_bytes;
  for (size_t i = 0; i < heap->maxarenas; i++) {
    const struct arena_object *arena = heap_arena(heap, i);
    if (arena == NULL)
      continue;
    uintptr_t pool = arena_first_pool(arena, &heap->geometry);
    for (; pool < (uintptr_t)arena->pool_address; pool += pool_bytes) {
      lending_note(heap, (const void *)pool,
                   cache_pool_bytes(heap, (const struct pool_header *)pool));
    }
  }
}

static void enter(pym_heap *heap)
{
  size_t threshold = heap->geometry.threshold;
  note_all_sizes(heap);
  heap->front.threshold =
      threshold < PYM_CACHED_BYTES_MAX ? threshold : PYM_CACHED_BYTES_MAX;
  heap->front.span = region_span(&heap->region);
}

static void leave(pym_heap *heap)
{
  cache_flush(heap);
  loans_return_all(heap);
  heap->front.threshold = 0;
  heap->front.span = 0;
}

static const struct heap_layer cache_layer = {.malloc = cache_malloc,
                                              .calloc = cache_calloc,
                                              .realloc = cache_realloc,
                                              .free = cache_free,
                                              .free_sized = cache_free_sized,
                                              .move = cache_move,
                                              .enter = enter,
                                              .leave = leave};

/* }================================================================== */

/*
** {==================================================================
** The memory of the cache
** ===================================================================
*/

/* The number of blocks that the options allow in a bin. */
static size_t bound_of(const pym_options *options, size_t block_bytes)
{
  size_t by_bytes = options->cache_bytes / block_bytes;
  if (options->cache_bytes == 0 ||
      (options->cache_blocks != 0 && options->cache_blocks < by_bytes))
    return options->cache_blocks;
  return by_bytes;
}

static size_t bin_bound(const pym_heap *heap, const pym_options *options,
                        size_t bin)
{
  size_t bytes = bin * PYM_BIN_STEP;
  bool is_class = bin > 0 && bytes % heap->geometry.alignment == 0 &&
                  bytes <= heap->geometry.threshold;
  size_t bound = is_class ? bound_of(options, bytes) : 0;
  return bound < CACHE_BLOCKS_MAX ? bound : CACHE_BLOCKS_MAX;
}

/* Makes the stacks of all bins. Below each stands a NULL. */
static bool open_slots(pym_heap *heap, const pym_options *options)
{
  size_t count = 0;
  for (size_t bin = 0; bin < PYM_BIN_COUNT; bin++)
    count += bin_bound(heap, options, bin) + 1;
  void **slot = heap->raw.calloc(heap->raw.context, count, sizeof *slot);
  heap->bin_slots = slot;
  if (slot == NULL)
    return false;
  for (size_t bin = 0; bin < PYM_BIN_COUNT; bin++) {
    void **low = slot + 1, **full = low + bin_bound(heap, options, bin);
    heap->bin_lows[bin] = low;
    heap->front.bins[bin] = (struct pym_bin){.top = low, .full = full};
    slot = full;
  }
  return true;
}

/* A byte for each pool of the region, and for the one behind its last. */
static size_t sizes_bytes(const pym_heap *heap)
{
  return align_up((region_span(&heap->region) >> heap->front.pool_shift) + 1,
                  heap->region.pages.page_bytes);
}

/*
** Reserves the sizes of the pools; only those of pools in use are touched.
** false: the system refuses it.
*/
static bool open_sizes(pym_heap *heap)
{
  pym_pages *pages = &heap->region.pages;
  size_t bytes = sizes_bytes(heap);
  if (region_span(&heap->region) == 0)
    return true;
  void *sizes = pages->reserve(pages->context, bytes, pages->page_bytes);
  if (sizes == NULL)
    return false;
  if (!pages->commit(pages->context, sizes, bytes)) {
    pages->release(pages->context, sizes, bytes);
    return false;
  }
  heap->bin_sizes = sizes;
  heap->front.sizes = (uintptr_t)sizes - (heap->base >> heap->front.pool_shift);
  forget_freed_last(heap);
  return true;
}

bool cache_open(pym_heap *heap, const pym_options *options)
{
  heap->front.round = heap->geometry.alignment - 1;
  heap->front.mask = ~heap->front.round;
  heap->front.base = heap->base;
  heap->front.pool_shift = log2_of(heap->geometry.pool_bytes);
  if (options->cache_bytes == 0 && options->cache_blocks == 0)
    return true;
  if (!open_sizes(heap))
    return true; /* a heap without a cache */
  if (!open_slots(heap, options))
    return false;
  loan_table_open(heap);
  wide_bits_open(heap);
  heap->own_layer = &cache_layer;
  heap_set_layer(heap, NULL);
  return medium_blocks_open(heap, options);
}

void cache_close(pym_heap *heap)
{
  pym_pages *pages = &heap->region.pages;
  medium_blocks_close(heap);
  wide_bits_close(heap);
  loan_table_close(heap);
  if (heap->bin_sizes != NULL)
    pages->release(pages->context, heap->bin_sizes, sizes_bytes(heap));
  if (heap->bin_slots != NULL)
    heap->raw.free(heap->raw.context, heap->bin_slots);
}

/* }================================================================== */
