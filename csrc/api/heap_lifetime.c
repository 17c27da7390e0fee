/*
** Makes and deletes heaps: the parts of a heap, the budget below it, and the
** checks or debug hooks above it.
*/
#include <errno.h>

#include "memory/budget.h"
#include "serve/cache.h"
#include "serve/layer.h"
#include "serve/loan_table.h"
#include "serve/loans.h"
#include "serve/medium_blocks.h"
#include "serve/supply.h"
#include "serve/wide_bits.h"
#include "debug/debug.h"

#define RESERVE_ARENAS ((size_t)1 << 20) /* bounds a region's records */

/*
** {==================================================================
** The heap itself
** ===================================================================
*/

/* Makes the ring of each class empty: its header is linked to itself. */
static void open_rings(pym_heap *heap)
{
  for (size_t i = 0; i < heap->class_count; i++) {
    struct pool_header *ring = &heap->usedpools[i];
    ring->nextpool = ring->prevpool = ring;
    ring->freeblock = (block *)&heap->no_link;
    ring->nextoffset = 1; /* above maxnextoffset: it has no virgin block */
  }
}

static void set_up(pym_heap *heap, const pym_options *options)
{
  const pym_geometry *geometry = &options->geometry;
  assert(pym_geometry_check(geometry, NULL, 0));
  heap->geometry = *geometry;
  heap->alignment_shift = log2_of(geometry->alignment);
  heap->arena_shift = log2_of(geometry->arena_bytes);
  heap->pool_mask = ~(uintptr_t)(geometry->pool_bytes - 1);
  heap->class_count = pym_class_count(geometry);
  heap->max_arenas = options->max_arenas;
  heap->allowed_arenas = SIZE_MAX;
  heap->order.count_hops = options->count_hops;
  heap->raw = options->raw;
  open_rings(heap);
  loans_clear(heap);
  heap->front.bins[0].top = heap->front.bins[0].full = &heap->no_block + 1;
}

/* Makes the parts of a heap that need memory. false: there is not enough. */
static bool open_parts(pym_heap *heap, const pym_options *options)
{
  size_t groups = geometry_arena_pools(&heap->geometry) + 1;
  pym_options bounded = *options;
  if (bounded.reserve_bytes / RESERVE_ARENAS > heap->geometry.arena_bytes)
    bounded.reserve_bytes = RESERVE_ARENAS * heap->geometry.arena_bytes;
  heap->order.nfp2lasta =
      heap->raw.calloc(heap->raw.context, groups, sizeof(void *));
  if (heap->order.nfp2lasta == NULL)
    return false;
  if (!region_open(&heap->region, &heap->geometry, &bounded))
    return false;
  heap->base = heap->region.base;
  assert(heap->base % heap->geometry.pool_bytes == 0);
  heap_set_layer(heap, NULL);
  return cache_open(heap, options);
}

static void free_parts(pym_heap *heap)
{
  pym_raw raw = heap->raw;
  if (heap->arenas != NULL)
    raw.free(raw.context, heap->arenas);
  if (heap->order.nfp2lasta != NULL)
    raw.free(raw.context, heap->order.nfp2lasta);
  cache_close(heap);
  region_close(&heap->region);
  raw.free(raw.context, heap);
}

static pym_heap *create(const pym_options *options)
{
  if (!pym_geometry_check(&options->geometry, NULL, 0)) {
    errno = EINVAL;
    return NULL;
  }
  size_t rings = pym_class_count(&options->geometry);
  size_t bytes = sizeof(pym_heap) + rings * sizeof(struct pool_header);
  pym_heap *heap = options->raw.calloc(options->raw.context, 1, bytes);
  if (heap == NULL) {
    errno = ENOMEM;
    return NULL;
  }
  set_up(heap, options);
  if (open_parts(heap, options))
    return heap;
  free_parts(heap);
  errno = ENOMEM;
  return NULL;
}

/* }================================================================== */

/*
** {==================================================================
** The budget below a heap and the checks above it
** ===================================================================
*/

/* Makes a budget if the options have a limit; else '*budget' is NULL. */
static bool open_budget(pym_options *options, struct budget **budget)
{
  pym_raw raw = options->raw;
  *budget = NULL;
  if (options->max_bytes == SIZE_MAX)
    return true;
  *budget = raw.malloc(raw.context, sizeof **budget);
  if (*budget == NULL)
    return false;
  budget_stand_below(*budget, options);
  return true;
}

static void close_budget(struct budget *budget)
{
  if (budget != NULL)
    budget->raw.free(budget->raw.context, budget);
}

pym_heap *pym_heap_new(const pym_options *options)
{
  struct budget *budget;
  pym_options wanted = options != NULL ? *options : pym_options_default();
  if (!open_budget(&wanted, &budget)) {
    errno = ENOMEM;
    return NULL;
  }
  pym_heap *heap = create(&wanted);
  bool is_checked = wanted.checked || wanted.debug != PYM_DEBUG_OFF;
  if (heap != NULL && (!is_checked || debug_open(heap, &wanted)))
    return heap;
  int reason = heap == NULL ? errno : ENOMEM;
  if (heap != NULL)
    free_parts(heap);
  close_budget(budget);
  errno = reason;
  return NULL;
}

void pym_heap_delete(pym_heap *heap)
{
  if (heap == NULL)
    return;
  debug_close(heap->debug);
  struct budget *budget = budget_of(&heap->raw);
  assert(heap->debug == NULL && heap->watch == NULL);
  free_parts(heap);
  close_budget(budget);
}

/* }================================================================== */

const pym_geometry *pym_heap_geometry(const pym_heap *heap)
{
  return &heap->geometry;
}

size_t pym_heap_trim(pym_heap *heap)
{
  cache_flush(heap);
  loan_table_trim(heap);
  wide_bits_trim(heap);
  if (heap->own_layer != NULL && heap->layer == heap->own_layer)
    supply_release_kept(heap);
  return medium_blocks_trim(heap) + region_trim(&heap->region, SIZE_MAX);
}

void pym_heap_allow_arenas(pym_heap *heap, size_t count)
{
  heap->allowed_arenas = count;
}
