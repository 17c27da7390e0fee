#include "base/idmap.h"

#include <time.h>

#define ENTRY_BYTES sizeof(struct idmap_entry)

bool idmap_open(struct idmap *map)
{
  uint64_t seed = (uint64_t)(uintptr_t)map ^ (uint64_t)clock() << 40;
  map->table = hash_table_new(pym_raw_default(), seed);
  return hash_table_reserve(&map->table, 1, ENTRY_BYTES);
}

void idmap_close(struct idmap *map)
{
  hash_table_close(&map->table);
}

struct idmap_entry *idmap_find(const struct idmap *map, uint64_t id)
{
  return hash_table_find(&map->table, id, ENTRY_BYTES);
}

bool idmap_add(struct idmap *map, uint64_t id, void *block, uint64_t bytes)
{
  if (!hash_table_reserve(&map->table, 1, ENTRY_BYTES))
    return false;
  struct idmap_entry *entry = hash_table_put(&map->table, id, ENTRY_BYTES);
  assert(entry->id == 0);
  *entry = (struct idmap_entry){id, block, bytes};
  return true;
}

void idmap_remove(struct idmap *map, struct idmap_entry *entry)
{
  hash_table_remove(&map->table, entry, ENTRY_BYTES);
  hash_table_shrink(&map->table, ENTRY_BYTES);
}

struct idmap_entry *idmap_next(const struct idmap *map, size_t *at)
{
  return hash_table_next(&map->table, at, ENTRY_BYTES);
}
