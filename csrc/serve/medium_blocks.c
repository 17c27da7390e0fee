#include "serve/medium_blocks.h"

#include <string.h>

bool medium_blocks_open(pym_heap *heap, const pym_options *options)
{
  assert(heap->own_layer != NULL); /* the heap has a cache */
  if (!options->medium || options->checked || options->debug != PYM_DEBUG_OFF)
    return true;
  heap->medium = heap->raw.calloc(heap->raw.context, 1, sizeof *heap->medium);
  if (heap->medium == NULL)
    return false;
  medium_open(heap->medium, options);
  return true;
}

void medium_blocks_close(pym_heap *heap)
{
  if (heap->medium == NULL)
    return;
  medium_close(heap->medium);
  heap->raw.free(heap->raw.context, heap->medium);
  heap->medium = NULL;
}

void *medium_blocks_malloc(pym_heap *heap, size_t bytes)
{
  struct medium *medium = heap->medium;
  if (medium == NULL || bytes <= heap->geometry.threshold)
    return NULL;
  void *taken = medium_malloc(medium, bytes);
  if (unlikely(medium->begun_bytes > 0)) {
    (void)region_trim(&heap->region, medium->begun_bytes);
    medium->begun_bytes = 0;
  }
  return taken;
}

void *medium_blocks_move(pym_heap *heap, void *old, size_t bytes,
                         void *(*take)(pym_heap *, size_t))
{
  assert(medium_blocks_own(heap, old));
  size_t old_bytes = medium_block_bytes(heap->medium, old);
  void *moved = take(heap, bytes);
  if (moved == NULL)
    return bytes <= old_bytes ? old : NULL;
  memcpy(moved, old, bytes < old_bytes ? bytes : old_bytes);
  medium_free(heap->medium, old);
  return moved;
}

void *medium_blocks_realloc(pym_heap *heap, void *old, size_t bytes,
                            void *(*take)(pym_heap *, size_t))
{
  struct medium_range *range = medium_blocks_range(heap, old);
  assert(range != NULL);
  return medium_fits(range, old, bytes) || medium_resize(range, old, bytes)
             ? old
             : medium_blocks_move(heap, old, bytes, take);
}

size_t medium_blocks_trim(pym_heap *heap)
{
  return heap->medium != NULL ? medium_trim(heap->medium) : 0;
}

struct medium_counts medium_blocks_count(const pym_heap *heap)
{
  return heap->medium != NULL ? medium_count(heap->medium)
                              : (struct medium_counts){0};
}
