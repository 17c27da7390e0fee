/*
** The requests as the exact heap serves them, whatever its layer is.
*/
#ifndef ALLOC_H
#define ALLOC_H

#include "state/heap.h"

void *heap_malloc(pym_heap *heap, size_t bytes);
void *heap_calloc(pym_heap *heap, size_t count, size_t bytes);
void *heap_realloc(pym_heap *heap, void *old, size_t bytes);
void heap_free(pym_heap *heap, void *freed);

/*
** Takes up to 'most' blocks of one pool, as so many requests would, and
** stores them with the first one last. Returns their number; 0 where no pool
** can be had.
*/
size_t heap_take_blocks(pym_heap *heap, size_t szidx, void **blocks,
                        size_t most);

/* Takes back blocks of the region, as so many frees would. */
void heap_give_blocks(pym_heap *heap, void *const *blocks, size_t count);

#endif
