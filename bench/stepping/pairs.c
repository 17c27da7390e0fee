/*
** pairs WORKLOAD COUNT: runs COUNT pairs of a malloc and a free of 64 bytes.
** script/stepping counts the instructions of its runs.
**
**   pair     each block is freed at once: the fast path
**   fill     1,000 blocks are allocated, then freed in the same order, so that
**            pools are taken and returned
**   watched  as pair, with a listener for all events
**
** The difference of the counts of two runs has no instructions of the start.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/watch_layer.h"

enum { BYTES = 64, BLOCKS = 1000 };

static void pair(pym_heap *heap, size_t count)
{
  for (size_t i = 0; i < count; i++)
    pym_free(heap, pym_malloc(heap, BYTES));
}

static void fill(pym_heap *heap, size_t count)
{
  static void *blocks[BLOCKS];
  for (size_t i = 0; i < count; i += BLOCKS) {
    for (size_t k = 0; k < BLOCKS; k++)
      blocks[k] = pym_malloc(heap, BYTES);
    for (size_t k = 0; k < BLOCKS; k++)
      pym_free(heap, blocks[k]);
  }
}

static void note(void *context, const struct event *event)
{
  *(uint64_t *)context += event->change_count;
}

static void watched(pym_heap *heap, size_t count)
{
  uint64_t changes = 0;
  struct watch watch;
  watch_start(&watch, heap, EVENT_ALL, note, &changes);
  pair(heap, count);
  watch_stop(&watch);
  if (count > 0 && changes == 0)
    abort();
}

int main(int argc, char **argv)
{
  pym_options options = pym_options_default();
  pym_heap *heap = pym_heap_new(&options);
  if (argc != 3 || heap == NULL || pym_malloc(heap, BYTES) == NULL)
    return 2;
  size_t count = strtoul(argv[2], NULL, 10);
  if (strcmp(argv[1], "pair") == 0)
    pair(heap, count);
  else if (strcmp(argv[1], "fill") == 0)
    fill(heap, count);
  else if (strcmp(argv[1], "watched") == 0)
    watched(heap, count);
  else
    return 2;
  pym_heap_delete(heap);
  return 0;
}
