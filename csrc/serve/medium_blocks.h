/*
** The blocks of spans (memory/medium.h), as a heap with a cache serves them.
** Only the cache makes such blocks. The exact heap frees and resizes those that
** were made before a watch was set.
*/
#ifndef MEDIUM_BLOCKS_H
#define MEDIUM_BLOCKS_H

#include "memory/medium.h"
#include "state/heap.h"

/* Makes the spans that the options ask for. false: raw has no memory. */
bool medium_blocks_open(pym_heap *heap, const pym_options *options);

/* Frees what medium_blocks_open and the requests obtained. */
void medium_blocks_close(pym_heap *heap);

/* A block; NULL: spans do not serve this size, or have no memory. */
void *medium_blocks_malloc(pym_heap *heap, size_t bytes);

/*
** Moves a block of a span to a block that 'take' makes. A block that cannot be
** moved to a smaller one stays as it is.
*/
void *medium_blocks_move(pym_heap *heap, void *old, size_t bytes,
                         void *(*take)(pym_heap *, size_t));

/* Resizes a block of a span in its place, or moves it. */
void *medium_blocks_realloc(pym_heap *heap, void *old, size_t bytes,
                            void *(*take)(pym_heap *, size_t));

/* Gives spans without a live block back. Returns their bytes. */
size_t medium_blocks_trim(pym_heap *heap);

/* What the spans have; all 0 without spans. */
struct medium_counts medium_blocks_count(const pym_heap *heap);

/* A kept block of a span; NULL: none is kept for this size. */
static inline void *medium_blocks_take_kept(pym_heap *heap, size_t bytes)
{
  return heap->medium != NULL && bytes > heap->geometry.threshold
             ? medium_take_kept(heap->medium, bytes)
             : NULL;
}

/* The range in which an address lies. NULL: it lies in no span. */
static inline struct medium_range *medium_blocks_range(const pym_heap *heap,
                                                       const void *address)
{
  return heap->medium != NULL ? medium_range_of(heap->medium, address) : NULL;
}

/* Does the address lie in a span? */
static inline bool medium_blocks_own(const pym_heap *heap, const void *address)
{
  return heap->medium != NULL && medium_owns(heap->medium, address);
}

#endif
