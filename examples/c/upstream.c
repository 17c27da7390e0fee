/*
** An upstream allocator: it counts the requests that the heap passes to it.
*/
#include <pymalloc.h>
#include <stdio.h>

static pym_raw upstream;
static unsigned requests;

static void *counting_malloc(void *context, size_t bytes)
{
  requests++;
  return upstream.malloc(context, bytes);
}

int main(void)
{
  upstream = pym_raw_default();
  pym_options options = pym_options_default();
  options.raw = (pym_raw){.malloc = counting_malloc,
                          .calloc = upstream.calloc,
                          .realloc = upstream.realloc,
                          .free = upstream.free};
  options.pages = pym_pages_default(); /* the default */
  pym_heap *heap = pym_heap_new(&options);

  pym_heap_allow_arenas(heap, 0); /* as if the system had no memory */
  requests = 0;
  void *block = pym_malloc(heap, 24);
  printf("requests to raw while no arena is allowed: %u\n", requests);
  pym_free(heap, block);

  pym_heap_allow_arenas(heap, 1);
  block = pym_malloc(heap, 24);
  printf("requests to raw after a pool served one: %u\n", requests);
  pym_free(heap, block);
  pym_heap_delete(heap);
  return 0;
}
