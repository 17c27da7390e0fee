#include "debug/block_table.h"

#include <string.h>

#define CAPACITY_MIN 64u

void block_table_open(struct block_table *table, pym_raw raw)
{
  *table = (struct block_table){.raw = raw};
}

void block_table_close(struct block_table *table)
{
  if (table->records != NULL)
    table->raw.free(table->raw.context, table->records);
}

/* Where the search for an address starts. */
static size_t home_of(const struct block_table *table, uintptr_t address)
{
  uint64_t mixed = ((uint64_t)address >> 3) * UINT64_C(0x9e3779b97f4a7c15);
  return (size_t)(mixed >> 32) & (table->capacity - 1);
}

/* The place of an address: its record, or the empty one where it belongs. */
static struct block_record *place_of(const struct block_table *table,
                                     uintptr_t address)
{
  size_t i = home_of(table, address);
  while (table->records[i].address != 0 && table->records[i].address != address)
    i = (i + 1) & (table->capacity - 1);
  return &table->records[i];
}

static bool grow(struct block_table *table, size_t capacity)
{
  struct block_table old = *table;
  struct block_record *records =
      old.raw.calloc(old.raw.context, capacity, sizeof records[0]);
  if (records == NULL)
    return false;
  table->records = records;
  table->capacity = capacity;
  for (size_t i = 0; i < old.capacity; i++)
    if (old.records[i].address != 0)
      *place_of(table, old.records[i].address) = old.records[i];
  block_table_close(&old);
  return true;
}

bool block_table_reserve(struct block_table *table, size_t more)
{
  size_t capacity = table->capacity > 0 ? table->capacity : CAPACITY_MIN;
  while (table->count + more > capacity / 2)
    capacity *= 2;
  return capacity == table->capacity || grow(table, capacity);
}

struct block_record *block_table_find(const struct block_table *table,
                                      const void *address)
{
  if (table->capacity == 0 || address == NULL)
    return NULL;
  struct block_record *record = place_of(table, (uintptr_t)address);
  return record->address != 0 ? record : NULL;
}

struct block_record *block_table_put(struct block_table *table,
                                     const void *address)
{
  struct block_record *record = place_of(table, (uintptr_t)address);
  if (record->address == 0)
    table->count++;
  *record = (struct block_record){.address = (uintptr_t)address};
  return record;
}

/* May what lies at 'from' fill the gap, or does its search start behind it? */
static bool may_move(const struct block_table *table, size_t gap, size_t from)
{
  size_t mask = table->capacity - 1;
  size_t home = home_of(table, table->records[from].address);
  return ((from - home) & mask) >= ((from - gap) & mask);
}

void block_table_remove(struct block_table *table, const void *address)
{
  struct block_record *record = block_table_find(table, address);
  if (record == NULL)
    return;
  size_t mask = table->capacity - 1;
  size_t gap = (size_t)(record - table->records), i = gap;
  while (table->records[i = (i + 1) & mask].address != 0) {
    if (may_move(table, gap, i)) {
      table->records[gap] = table->records[i];
      gap = i;
    }
  }
  table->records[gap].address = 0;
  table->count--;
}

struct block_record *block_table_around(const struct block_table *table,
                                        const void *address, size_t before,
                                        size_t behind)
{
  for (size_t i = 0; i < table->capacity; i++) {
    struct block_record *record = &table->records[i];
    uintptr_t offset = (uintptr_t)address - (record->address - before);
    if (record->address != 0 && record->state != BLOCK_RECORD_FREED &&
        offset < before + record->bytes + behind)
      return record;
  }
  return NULL;
}
