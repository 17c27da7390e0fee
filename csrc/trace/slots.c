#include "trace/slots.h"

#include <stdlib.h>
#include <string.h>

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
** Makes room for more, when all slots are taken. If one array cannot grow, those
** before it stay larger.
*/
static bool grow(struct slots *slots)
{
  size_t known = slots->capacity;
  size_t wanted = known == 0 ? FIRST_CAPACITY : known + known / 2;
  assert(slots->spare_count == 0 && slots->untouched == 0);
  /* GCOVR_EXCL_BR_START: 2^31 slots do not fit in the memory of the tests */
  if (wanted > SLOTS_MAX)
    return false;
  /* GCOVR_EXCL_BR_STOP */
  if (!resize(&slots->ids, wanted * sizeof slots->ids[0]) ||
      !resize(&slots->states, wanted * sizeof slots->states[0]) ||
      !resize(&slots->spare, (wanted + 1) * sizeof slots->spare[0]))
    return false;
  memset(slots->states + known, SLOT_UNTOUCHED, wanted - known);
  slots->spare[0] = SLOTS_NONE;
  for (size_t i = known; i < wanted; i++) {
    slots->ids[i] = i + 1;
    slots->spare[wanted - i] = (uint32_t)i;
  }
  slots->capacity = (uint32_t)wanted;
  slots->spare_count = slots->untouched = (uint32_t)(wanted - known);
  return true;
}

bool slots_take(struct slots *slots, uint32_t *slot)
{
  if (slots->spare_count == 0 && !grow(slots))
    return false;
  *slot = slots->spare[slots->spare_count--];
  assert(*slot < slots->capacity && slots->states[*slot] != SLOT_LIVE);
  slots->states[*slot] = SLOT_LIVE;
  slots_count_untouched(slots);
  return true;
}

void slots_close(struct slots *slots)
{
  free(slots->ids);
  free(slots->states);
  free(slots->spare);
  *slots = (struct slots){0};
}
