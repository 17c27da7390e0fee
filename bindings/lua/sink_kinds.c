#include "sink_kinds.h"

#include <stdlib.h>

/* Makes room for one more element. false: there is no memory. */
static bool grow(void *array, size_t *capacity, size_t count,
                 size_t element_bytes)
{
  void **elements = array;
  size_t wanted = *capacity + *capacity / 2 + 16;
  if (count < *capacity)
    return true;
  void *grown = realloc(*elements, wanted * element_bytes);
  if (grown == NULL)
    return false;
  *elements = grown;
  *capacity = wanted;
  return true;
}

bool sink_kinds_add(struct sink_kinds *kinds, uint64_t size, uint32_t site)
{
  if (!grow(&kinds->items, &kinds->capacity, kinds->count,
            sizeof kinds->items[0]))
    return false;
  kinds->items[kinds->count++] = (struct sink_kind){.size = size, .site = site};
  return true;
}

bool sink_kinds_malloc(struct sink_kinds *kinds, struct trace_writer *writer,
                       uint64_t number)
{
  if (number >= kinds->count)
    return false;
  struct sink_kind *kind = &kinds->items[number];
  if (!grow(&kind->live, &kind->capacity, kind->count, sizeof kind->live[0])) {
    writer->has_failed = true;
    return true;
  }
  writer->site = kind->site;
  kind->live[kind->count++] = trace_put_new(writer, kind->size);
  return true;
}

bool sink_kinds_free(struct sink_kinds *kinds, struct trace_writer *writer,
                     uint64_t number)
{
  if (number >= kinds->count || kinds->items[number].count == 0)
    return false;
  struct sink_kind *kind = &kinds->items[number];
  trace_put_free_of(writer, kind->live[--kind->count]);
  return true;
}

void sink_kinds_close(struct sink_kinds *kinds)
{
  for (size_t i = 0; i < kinds->count; i++)
    free(kinds->items[i].live);
  free(kinds->items);
  *kinds = (struct sink_kinds){0};
}
