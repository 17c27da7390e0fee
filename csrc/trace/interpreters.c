#include "trace/interpreters.h"

#include <stdlib.h>
#include <string.h>

bool interpreter_open(struct interpreter *now, pym_heap *heap)
{
  *now = (struct interpreter){.heap = heap};
  return idmap_open(&now->live);
}

/* Makes room for a number. false: there is no memory. */
static bool make_room(struct interpreters *interpreters, size_t number)
{
  size_t count = interpreters->count, wanted = number + 1;
  if (number < count)
    return true;
  if (wanted < count + count / 2)
    wanted = count + count / 2;
  struct interpreter *all = realloc(interpreters->all, wanted * sizeof all[0]);
  if (all == NULL)
    return false;
  memset(all + count, 0, (wanted - count) * sizeof all[0]);
  interpreters->all = all;
  interpreters->count = wanted;
  return true;
}

static bool begin(struct interpreter *interpreter, const pym_options *options)
{
  interpreter->heap = pym_heap_new(options);
  if (interpreter->heap == NULL)
    return false;
  if (idmap_open(&interpreter->live))
    return true;
  pym_heap_delete(interpreter->heap);
  interpreter->heap = NULL;
  return false;
}

bool interpreters_switch(struct interpreters *interpreters,
                         struct interpreter *now, size_t number,
                         const pym_options *options)
{
  if (number == interpreters->number)
    return true;
  if (!make_room(interpreters, number))
    return false;
  struct interpreter *next = &interpreters->all[number];
  if (next->heap == NULL && !begin(next, options))
    return false;
  interpreters->other_requests += now->stats.requests;
  interpreters->other_requests -= next->stats.requests;
  interpreters->all[interpreters->number] = *now;
  *now = *next;
  interpreters->number = number;
  return true;
}

const struct interpreter *
interpreters_find(const struct interpreters *interpreters,
                  const struct interpreter *now, size_t number)
{
  const struct interpreter *found = now;
  if (number != interpreters->number)
    found = number < interpreters->count ? &interpreters->all[number] : NULL;
  return found != NULL && found->heap != NULL ? found : NULL;
}

static void end(const struct interpreter *interpreter, bool owns_heap)
{
  struct idmap live = interpreter->live;
  const struct idmap_entry *entry;
  size_t at = 0;
  while ((entry = idmap_next(&live, &at)) != NULL)
    pym_free(interpreter->heap, entry->block);
  idmap_close(&live);
  if (owns_heap)
    pym_heap_delete(interpreter->heap);
}

void interpreters_close(struct interpreters *interpreters,
                        const struct interpreter *now)
{
  for (size_t i = 0; i < interpreters_end(interpreters); i++) {
    const struct interpreter *found = interpreters_find(interpreters, now, i);
    if (found != NULL)
      end(found, i != 0);
  }
  free(interpreters->all);
}
