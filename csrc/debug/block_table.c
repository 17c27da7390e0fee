#include "debug/block_table.h"

#include <string.h>

#define CAPACITY_MIN 64u

void registry_open(struct registry *registry, pym_raw raw)
{
  *registry = (struct registry){.raw = raw};
}

void registry_close(struct registry *registry)
{
  if (registry->records != NULL)
    registry->raw.free(registry->raw.context, registry->records);
}

/* Where the search for an address starts. */
static size_t home_of(const struct registry *registry, uintptr_t address)
{
  uint64_t mixed = ((uint64_t)address >> 3) * UINT64_C(0x9e3779b97f4a7c15);
  return (size_t)(mixed >> 32) & (registry->capacity - 1);
}

/* The place of an address: its record, or the empty one where it belongs. */
static struct record *place_of(const struct registry *registry,
                               uintptr_t address)
{
  size_t i = home_of(registry, address);
  while (registry->records[i].address != 0 &&
         registry->records[i].address != address)
    i = (i + 1) & (registry->capacity - 1);
  return &registry->records[i];
}

static bool grow(struct registry *registry, size_t capacity)
{
  struct registry old = *registry;
  struct record *records =
      old.raw.calloc(old.raw.context, capacity, sizeof records[0]);
  if (records == NULL)
    return false;
  registry->records = records;
  registry->capacity = capacity;
  for (size_t i = 0; i < old.capacity; i++)
    if (old.records[i].address != 0)
      *place_of(registry, old.records[i].address) = old.records[i];
  registry_close(&old);
  return true;
}

bool registry_reserve(struct registry *registry, size_t more)
{
  size_t capacity = registry->capacity > 0 ? registry->capacity : CAPACITY_MIN;
  while (registry->count + more > capacity / 2)
    capacity *= 2;
  return capacity == registry->capacity || grow(registry, capacity);
}

struct record *registry_find(const struct registry *registry,
                             const void *address)
{
  if (registry->capacity == 0 || address == NULL)
    return NULL;
  struct record *record = place_of(registry, (uintptr_t)address);
  return record->address != 0 ? record : NULL;
}

struct record *registry_put(struct registry *registry, const void *address)
{
  struct record *record = place_of(registry, (uintptr_t)address);
  if (record->address == 0)
    registry->count++;
  *record = (struct record){.address = (uintptr_t)address};
  return record;
}

/* May what lies at 'from' fill the gap, or does its search start behind it? */
static bool may_move(const struct registry *registry, size_t gap, size_t from)
{
  size_t mask = registry->capacity - 1;
  size_t home = home_of(registry, registry->records[from].address);
  return ((from - home) & mask) >= ((from - gap) & mask);
}

void registry_remove(struct registry *registry, const void *address)
{
  struct record *record = registry_find(registry, address);
  if (record == NULL)
    return;
  size_t mask = registry->capacity - 1;
  size_t gap = (size_t)(record - registry->records), i = gap;
  while (registry->records[i = (i + 1) & mask].address != 0) {
    if (may_move(registry, gap, i)) {
      registry->records[gap] = registry->records[i];
      gap = i;
    }
  }
  registry->records[gap].address = 0;
  registry->count--;
}

struct record *registry_around(const struct registry *registry,
                               const void *address, size_t before,
                               size_t behind)
{
  for (size_t i = 0; i < registry->capacity; i++) {
    struct record *record = &registry->records[i];
    uintptr_t offset = (uintptr_t)address - (record->address - before);
    if (record->address != 0 && record->state != RECORD_FREED &&
        offset < before + record->bytes + behind)
      return record;
  }
  return NULL;
}
