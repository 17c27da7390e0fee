#include "base/hash_table.h"

void hash_table_close(struct hash_table *table)
{
  if (table->entries != NULL)
    table->raw.free(table->raw.context, table->entries);
  *table = hash_table_new(table->raw, table->seed);
}

bool hash_table_resize(struct hash_table *table, size_t capacity,
                       size_t entry_bytes)
{
  struct hash_table resized = *table;
  assert(is_power_of_two(capacity) && table->count < capacity);
  resized.entries =
      table->raw.calloc(table->raw.context, capacity, entry_bytes);
  if (resized.entries == NULL)
    return false;
  resized.capacity = capacity;
  resized.shift = 64 - log2_of(capacity);
  const unsigned char *entry = table->entries;
  for (size_t i = 0; i < table->capacity; i++, entry += entry_bytes) {
    uint64_t key = hash_table_key(entry);
    if (key != 0)
      memcpy(hash_table_probe(&resized, key, entry_bytes), entry, entry_bytes);
  }
  hash_table_close(table);
  *table = resized;
  return true;
}

bool hash_table_grow(struct hash_table *table, size_t more, size_t entry_bytes)
{
  size_t capacity =
      table->capacity > 0 ? table->capacity : HASH_TABLE_CAPACITY_MIN;
  while (table->count + more > capacity / 4 * 3)
    capacity *= 2;
  return hash_table_resize(table, capacity, entry_bytes);
}

void *hash_table_next(const struct hash_table *table, size_t *at,
                      size_t entry_bytes)
{
  while (*at < table->capacity) {
    void *entry = hash_table_slot(table, (*at)++, entry_bytes);
    if (hash_table_key(entry) != 0)
      return entry;
  }
  return NULL;
}
