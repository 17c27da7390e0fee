/*
** A layer serves the requests of a heap in place of the exact heap: the cache,
** the checks of a checked heap, or a watch. A heap has at most one at a time;
** a watch passes each request on to the layer that was there before it.
*/
#ifndef LAYER_H
#define LAYER_H

#include "state/heap.h"

/*
** The first five functions serve the request of their name, with the functions
** of serve/alloc.h. The others may be NULL: 'enter' is called when the layer is
** set, 'leave' when another one takes its place. Only the cache has 'move'. It
** serves a realloc of a block of the front for which pym_front_fits is false;
** 'old_bytes' is pym_front_block_bytes of the block.
*/
struct heap_layer {
  void *(*malloc)(pym_heap *heap, size_t bytes);
  void *(*calloc)(pym_heap *heap, size_t count, size_t bytes);
  void *(*realloc)(pym_heap *heap, void *old, size_t bytes);
  void (*free)(pym_heap *heap, void *freed);
  void (*free_sized)(pym_heap *heap, void *freed, size_t bytes);
  void *(*move)(pym_heap *heap, void *old, size_t bytes, size_t old_bytes);
  void (*enter)(pym_heap *heap);
  void (*leave)(pym_heap *heap);
};

/*
** Sets the layer of a heap. NULL sets the heap's cache, or no layer if the heap
** has no cache. Requests take the exact heap's fast paths only if there is no
** layer.
*/
void heap_set_layer(pym_heap *heap, const struct heap_layer *layer);

#endif
