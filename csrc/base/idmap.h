/*
** From the id of a live block to the block: a table with open addressing, at
** most three quarters full. A removed entry leaves no trace: those behind it
** move up. So the table is as large as the live ids need, however many ids
** have come and gone, and it shrinks again when they have.
**
**   home of 7 ---v
**   | id 3 | --- | id 7 | id 9 | id 12 | --- | id 4 |
**                        ^ its home was taken: the next place that is free
**
** The hash mixes all bits of an id with a seed of its own for each table, so
** that no list of ids is a bad one for every table.
**
** Tested by spec/unit/idmap_spec.lua.
*/
#ifndef IDMAP_H
#define IDMAP_H

#include "base/base.h"

struct idmap_entry {
  uint64_t id; /* 0: vacant */
  void *block;
  size_t bytes; /* last asked for */
};

struct idmap {
  struct idmap_entry *entries;
  size_t capacity; /* a power of two */
  size_t count;
  unsigned shift; /* hash >> shift: the home of an id */
  uint64_t seed;
};

/* An empty table; false: no memory for it. */
bool idmap_open(struct idmap *map);

void idmap_close(struct idmap *map);

/* The entry of an id, or NULL. Valid until the next add or remove. */
struct idmap_entry *idmap_find(const struct idmap *map, uint64_t id);

/* Asks the processor to fetch what a find of this id will look at. */
void idmap_prefetch(const struct idmap *map, uint64_t id);

/* Adds an id (not 0) that is not there. false: no memory, nothing changed. */
bool idmap_add(struct idmap *map, uint64_t id, void *block, size_t bytes);

/* Removes an entry that idmap_find has just given. */
void idmap_remove(struct idmap *map, struct idmap_entry *entry);

#endif
