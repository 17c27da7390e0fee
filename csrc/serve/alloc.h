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

#endif
