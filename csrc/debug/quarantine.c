#include "debug/quarantine.h"

bool quarantine_open(struct quarantine *quarantine, pym_raw raw,
                     size_t capacity)
{
  *quarantine = (struct quarantine){.capacity = capacity};
  if (capacity == 0)
    return true;
  quarantine->held =
      raw.calloc(raw.context, capacity, sizeof quarantine->held[0]);
  return quarantine->held != NULL;
}

void quarantine_close(struct quarantine *quarantine, pym_raw raw)
{
  if (quarantine->held != NULL)
    raw.free(raw.context, quarantine->held);
}

bool quarantine_is_full(const struct quarantine *quarantine, size_t bytes)
{
  if (quarantine->count == 0)
    return false;
  /* GCOVR_EXCL_BR_START: no quarantine that was tried holds its most bytes
     before its most blocks */
  return quarantine->count == quarantine->capacity ||
         bytes > QUARANTINE_BYTES_MAX ||
         quarantine->bytes > QUARANTINE_BYTES_MAX - bytes;
  /* GCOVR_EXCL_BR_STOP */
}

void quarantine_put(struct quarantine *quarantine, void *data, size_t bytes)
{
  size_t last = quarantine->first + quarantine->count;
  assert(quarantine->count < quarantine->capacity);
  quarantine->held[last % quarantine->capacity] = data;
  quarantine->count++;
  quarantine->bytes += bytes;
}

void *quarantine_oldest(const struct quarantine *quarantine)
{
  /* GCOVR_EXCL_BR_START: called only where the quarantine has a block */
  return quarantine->count == 0 ? NULL : quarantine->held[quarantine->first];
  /* GCOVR_EXCL_BR_STOP */
}

void quarantine_drop(struct quarantine *quarantine, size_t bytes)
{
  assert(quarantine->count > 0 && bytes <= quarantine->bytes);
  quarantine->first = (quarantine->first + 1) % quarantine->capacity;
  quarantine->count--;
  quarantine->bytes -= bytes;
}
