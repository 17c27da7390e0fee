/*
** The requests that the raw allocator serves, and the count of its live blocks.
** An event about a block of a span is that of a raw block.
*/
#ifndef RAW_BLOCKS_H
#define RAW_BLOCKS_H

#include "observe/watch.h"
#include "serve/medium_blocks.h"

/* Counts a new raw block, unless raw has refused it. */
static inline void *count_raw(pym_heap *heap, void *served)
{
  if (served == NULL)
    return NULL;
  watch_heap(heap->watch);
  heap->raw_blocks++;
  watch_tell_heap(heap->watch, EVENT_RAW_ALLOC);
  return served;
}

static inline void *raw_blocks_malloc(pym_heap *heap, size_t bytes)
{
  return count_raw(heap,
                   heap->raw.malloc(heap->raw.context, bytes == 0 ? 1 : bytes));
}

static inline void *raw_blocks_calloc(pym_heap *heap, size_t count,
                                      size_t bytes)
{
  if (count == 0 || bytes == 0)
    count = bytes = 1;
  return count_raw(heap, heap->raw.calloc(heap->raw.context, count, bytes));
}

/* Frees a block that no pool serves. */
static inline void raw_blocks_free(pym_heap *heap, void *freed)
{
  assert(!heap_owns(heap, freed));
  bool is_medium = medium_blocks_own(heap, freed);
  watch_heap(heap->watch);
  heap->raw_blocks -= !is_medium;
  watch_tell_heap(heap->watch, EVENT_RAW_FREE);
  if (is_medium)
    medium_free(heap->medium, freed);
  else
    heap->raw.free(heap->raw.context, freed);
}

/* If raw refuses to shrink a block to one byte, the block stays as it is. */
static inline void *raw_blocks_realloc(pym_heap *heap, void *old, size_t bytes)
{
  if (bytes != 0)
    return heap->raw.realloc(heap->raw.context, old, bytes);
  void *resized = heap->raw.realloc(heap->raw.context, old, 1);
  return resized != NULL ? resized : old;
}

#endif
