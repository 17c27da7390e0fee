/*
** Maps the id of a live block to the block: a hash table whose keys are ids.
** The ids come from traces. Each table has a seed of its own, so that no list
** of ids makes every table slow.
**
** Tested by spec/unit/idmap_spec.lua.
*/
#ifndef IDMAP_H
#define IDMAP_H

#include "base/hash_table.h"

struct idmap_entry {
  uint64_t id; /* 0: vacant */
  void *block;
  uint64_t bytes; /* the size last asked for, or a number that the user of the
                     map keeps for the id */
};

struct idmap {
  struct hash_table table;
};

/* Makes an empty map. false: there is no memory. */
bool idmap_open(struct idmap *map);

/* Frees it. A map of zeros is allowed. */
void idmap_close(struct idmap *map);

/* The entry of an id, or NULL. It is valid until the next add or remove. */
struct idmap_entry *idmap_find(const struct idmap *map, uint64_t id);

/* Asks the processor to fetch the entries that a find of this id reads. */
static inline void idmap_prefetch(const struct idmap *map, uint64_t id)
{
  size_t home = hash_table_home(&map->table, id);
  __builtin_prefetch(
      hash_table_slot(&map->table, home, sizeof(struct idmap_entry)));
}

/* Adds an id that is not 0 and not in the map. false: there is no memory. */
bool idmap_add(struct idmap *map, uint64_t id, void *block, uint64_t bytes);

/* Removes an entry that idmap_find has just returned. */
void idmap_remove(struct idmap *map, struct idmap_entry *entry);

/* The next entry from slot '*at' on, or NULL. Moves '*at' behind it. */
struct idmap_entry *idmap_next(const struct idmap *map, size_t *at);

#endif
