#include "serve/watch_layer.h"

#include "serve/alloc.h"
#include "serve/layer.h"

static struct watch *begin_request(pym_heap *heap,
                                   enum event_operation operation,
                                   const void *old, size_t bytes)
{
  struct watch *watch = heap->watch;
  watch->event.request++;
  watch->event.index = 0;
  watch->event.operation = operation;
  watch->event.bytes = bytes;
  watch_tell(watch, EVENT_REQUEST,
             heap_owns(heap, old) ? EVENT_OF_BLOCK : EVENT_OF_HEAP, old);
  return watch;
}

static void *end_request(struct watch *watch, void *served)
{
  if (served == NULL)
    watch_tell_heap(watch, EVENT_REFUSED);
  return served;
}

static void *watched_malloc(pym_heap *heap, size_t bytes)
{
  struct watch *watch = begin_request(heap, EVENT_MALLOC, NULL, bytes);
  return end_request(watch, watch->below == NULL
                                ? heap_malloc(heap, bytes)
                                : watch->below->malloc(heap, bytes));
}

static void *watched_calloc(pym_heap *heap, size_t count, size_t bytes)
{
  struct watch *watch =
      begin_request(heap, EVENT_CALLOC, NULL, size_of_product(count, bytes));
  return end_request(watch, watch->below == NULL
                                ? heap_calloc(heap, count, bytes)
                                : watch->below->calloc(heap, count, bytes));
}

static void *watched_realloc(pym_heap *heap, void *old, size_t bytes)
{
  struct watch *watch = begin_request(heap, EVENT_REALLOC, old, bytes);
  return end_request(watch, watch->below == NULL
                                ? heap_realloc(heap, old, bytes)
                                : watch->below->realloc(heap, old, bytes));
}

static void watched_free(pym_heap *heap, void *freed)
{
  struct watch *watch = begin_request(heap, EVENT_FREE, freed, 0);
  if (watch->below == NULL)
    heap_free(heap, freed);
  else
    watch->below->free(heap, freed);
}

static void watched_free_sized(pym_heap *heap, void *freed, size_t bytes)
{
  struct watch *watch = begin_request(heap, EVENT_FREE, freed, bytes);
  if (watch->below == NULL)
    heap_free(heap, freed);
  else
    watch->below->free_sized(heap, freed, bytes);
}

static const struct heap_layer watch_layer = {.malloc = watched_malloc,
                                              .calloc = watched_calloc,
                                              .realloc = watched_realloc,
                                              .free = watched_free,
                                              .free_sized = watched_free_sized};

void watch_start(struct watch *watch, pym_heap *heap, uint64_t kinds,
                 event_listener listen, void *context)
{
  assert(heap->watch == NULL);
  *watch = (struct watch){.heap = heap,
                          .kinds = kinds,
                          .listen = listen,
                          .context = context,
                          .below = heap->layer == heap->own_layer
                                       ? NULL /* a watched heap is exact */
                                       : heap->layer};
  heap->watch = watch;
  heap_set_layer(heap, &watch_layer);
}

void watch_stop(struct watch *watch)
{
  pym_heap *heap = watch->heap;
  assert(heap->watch == watch && heap->layer == &watch_layer);
  heap->watch = NULL;
  heap_set_layer(heap, watch->below);
}

void watch_number(struct watch *watch, uint64_t request)
{
  assert(request > 0);
  watch->event.request = request - 1;
}
