#include "debug/block_table.h"

#define RECORD_BYTES sizeof(struct block_record)

void block_table_open(struct block_table *table, pym_raw raw)
{
  table->table = hash_table_new(raw, 0);
}

void block_table_close(struct block_table *table)
{
  hash_table_close(&table->table);
}

bool block_table_reserve(struct block_table *table, size_t more)
{
  return hash_table_reserve(&table->table, more, RECORD_BYTES);
}

struct block_record *block_table_find(const struct block_table *table,
                                      const void *address)
{
  if (table->table.capacity == 0 || address == NULL)
    return NULL;
  return hash_table_find(&table->table, (uintptr_t)address, RECORD_BYTES);
}

struct block_record *block_table_put(struct block_table *table,
                                     const void *address)
{
  assert(address != NULL);
  struct block_record *record =
      hash_table_put(&table->table, (uintptr_t)address, RECORD_BYTES);
  *record = (struct block_record){.address = (uintptr_t)address};
  return record;
}

void block_table_remove(struct block_table *table, const void *address)
{
  struct block_record *record = block_table_find(table, address);
  /* GCOVR_EXCL_BR_START: what is removed was found before */
  if (record != NULL)
    hash_table_remove(&table->table, record, RECORD_BYTES);
  /* GCOVR_EXCL_BR_STOP */
}

struct block_record *block_table_next(const struct block_table *table,
                                      size_t *at)
{
  return hash_table_next(&table->table, at, RECORD_BYTES);
}

struct block_record *block_table_around(const struct block_table *table,
                                        const void *address, size_t before,
                                        size_t behind)
{
  struct block_record *record;
  size_t at = 0;
  while ((record = block_table_next(table, &at)) != NULL) {
    uint64_t offset = (uintptr_t)address - (record->address - before);
    if (record->state != BLOCK_RECORD_FREED &&
        offset < before + record->bytes + behind)
      return record;
  }
  return NULL;
}
