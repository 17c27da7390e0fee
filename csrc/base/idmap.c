#include "base/idmap.h"

#include <stdlib.h>
#include <time.h>

#define CAPACITY_MIN 64u

/* Every bit of the id reaches the upper bits, which choose the home. */
static inline size_t home_of(const struct idmap *map, uint64_t id)
{
  uint64_t hash = (id ^ map->seed) * 0x9e3779b97f4a7c15u;
  hash ^= hash >> 32;
  hash *= 0xd6e8feb86659fd93u;
  return (size_t)(hash >> map->shift);
}

/* The place of an id, or the vacant one where it would be. */
static inline struct idmap_entry *place_of(const struct idmap *map, uint64_t id)
{
  size_t mask = map->capacity - 1;
  size_t i = home_of(map, id);
  while (map->entries[i].id != id && map->entries[i].id != 0)
    i = (i + 1) & mask;
  return &map->entries[i];
}

static bool allocate(struct idmap *map, size_t capacity)
{
  struct idmap_entry *entries = calloc(capacity, sizeof *entries);
  if (entries == NULL)
    return false;
  map->entries = entries;
  map->capacity = capacity;
  map->shift = 64 - log2_of(capacity);
  return true;
}

bool idmap_open(struct idmap *map)
{
  map->count = 0;
  map->seed = (uint64_t)(uintptr_t)map ^ (uint64_t)clock() << 40;
  return allocate(map, CAPACITY_MIN);
}

void idmap_close(struct idmap *map)
{
  free(map->entries);
  map->entries = NULL;
}

/* Moves every entry to a table of another size. */
static bool resize(struct idmap *map, size_t capacity)
{
  struct idmap_entry *old = map->entries;
  size_t old_capacity = map->capacity;
  if (!allocate(map, capacity))
    return false;
  for (size_t i = 0; i < old_capacity; i++)
    if (old[i].id != 0)
      *place_of(map, old[i].id) = old[i];
  free(old);
  return true;
}

struct idmap_entry *idmap_find(const struct idmap *map, uint64_t id)
{
  struct idmap_entry *entry = place_of(map, id);
  return entry->id != 0 ? entry : NULL;
}

void idmap_prefetch(const struct idmap *map, uint64_t id)
{
  __builtin_prefetch(&map->entries[home_of(map, id)]);
}

bool idmap_add(struct idmap *map, uint64_t id, void *block, size_t bytes)
{
  assert(id != 0);
  if (unlikely(map->count >= map->capacity / 4 * 3) &&
      !resize(map, 2 * map->capacity))
    return false;
  struct idmap_entry *entry = place_of(map, id);
  assert(entry->id == 0);
  *entry = (struct idmap_entry){id, block, bytes};
  map->count++;
  return true;
}

/*
** Fills a hole: the next entry whose home is not between the hole and itself
** moves in, and leaves the next hole.
*/
static void close_gap(struct idmap *map, size_t hole)
{
  size_t mask = map->capacity - 1;
  for (size_t i = (hole + 1) & mask; map->entries[i].id != 0;
       i = (i + 1) & mask) {
    size_t home = home_of(map, map->entries[i].id);
    if (((i - home) & mask) >= ((i - hole) & mask)) {
      map->entries[hole] = map->entries[i];
      hole = i;
    }
  }
  map->entries[hole].id = 0;
}

void idmap_remove(struct idmap *map, struct idmap_entry *entry)
{
  close_gap(map, (size_t)(entry - map->entries));
  map->count--;
  if (unlikely(map->count < map->capacity / 8) && map->capacity > CAPACITY_MIN)
    resize(map, map->capacity / 2); /* refused? then it stays large */
}
