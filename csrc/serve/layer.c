#include "serve/layer.h"

void heap_set_layer(pym_heap *heap, const struct heap_layer *layer)
{
  if (layer == NULL)
    layer = heap->own_layer;
  bool is_bare = layer == NULL;
  assert(is_bare || (layer->malloc != NULL && layer->free_sized != NULL));
  if (heap->layer != NULL && heap->layer->leave != NULL)
    heap->layer->leave(heap);
  heap->layer = layer;
  heap->fast_threshold = is_bare ? heap->geometry.threshold : 0;
  heap->fast_span = is_bare ? region_span(&heap->region) : 0;
  if (!is_bare && layer->enter != NULL)
    layer->enter(heap);
}
