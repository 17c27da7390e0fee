/*
** Serves requests exactly by CPython's rules of placement (state/heap.h): this
** is the exact heap, which a layer may call. Parameters and results are those
** of pym_malloc, pym_calloc, pym_realloc and pym_free.
*/
#ifndef ALLOC_H
#define ALLOC_H

#include "state/heap.h"

void *heap_malloc(pym_heap *heap, size_t bytes);
void *heap_calloc(pym_heap *heap, size_t count, size_t bytes);
void *heap_realloc(pym_heap *heap, void *old, size_t bytes);
void heap_free(pym_heap *heap, void *freed);

/*
** Takes up to 'most' blocks of one pool, the same ones as that many requests
** would get, and stores them in reverse order. Returns their number; 0 if there
** is no pool. The heap must have no watch.
*/
size_t heap_take_blocks(pym_heap *heap, size_t szidx, void **blocks,
                        size_t most);

/* Takes back blocks of the region, in the same way as that many frees. */
void heap_give_blocks(pym_heap *heap, void *const *blocks, size_t count);

#endif
