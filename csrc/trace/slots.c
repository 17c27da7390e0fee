#include "trace/slots.h"

#include <stdlib.h>

#define FIRST_CAPACITY 256u

static bool resize(void *array, size_t bytes)
{
  void **bytes_of = array;
  void *grown = realloc(*bytes_of, bytes);
  if (grown != NULL)
    *bytes_of = grown;
  return grown != NULL;
}

/*
** Makes room for more. If one array cannot grow, those before it stay larger.
*/
static bool grow(struct slots *slots)
{
  size_t known = slots->capacity;
  size_t wanted = known == 0 ? FIRST_CAPACITY : known + known / 2;
  bool is_first = slots->spare == NULL;
  if (wanted > SLOTS_MAX ||
      !resize(&slots->items, wanted * sizeof slots->items[0]) ||
      !resize(&slots->spare, (wanted + 1) * sizeof slots->spare[0]))
    return false;
  for (size_t i = known; i < wanted; i++)
    slots->items[i] = (struct slot){.id = i + 1};
  slots->capacity = (uint32_t)wanted;
  if (is_first)
    slots->spare[0] = 0;
  return true;
}

bool slots_take(struct slots *slots, uint32_t *slot)
{
  if (slots->spare_count == 0 && slots_count(slots) == slots->capacity &&
      !grow(slots))
    return false;
  *slot = slots->spare[slots->spare_count];
  if (slots->spare_count > 0)
    slots->spare_count--;
  else
    slots->spare[0]++;
  assert(*slot < slots_count(slots) && !slots->items[*slot].is_live);
  slots->items[*slot].is_live = true;
  return true;
}

void slots_close(struct slots *slots)
{
  free(slots->items);
  free(slots->spare);
  *slots = (struct slots){0};
}
