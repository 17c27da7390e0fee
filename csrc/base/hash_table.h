/*
** A hash table with open addressing and linear probing. It maps a 64-bit key,
** which is the first member of an entry, to the rest of the entry. Key 0 marks
** a vacant slot. The table is at most three quarters full.
**
**   home of 7 ---v
**   | key 3 | --- | key 7 | key 9 | key 12 | --- | key 4 |
**                           ^ its home was taken: the next vacant slot
**
** Removing an entry moves later ones into the gap, so that the slots of removed
** entries are vacant again: a search does not become longer by them, and the
** table does not grow by them.
**
** The functions take the size of an entry as an argument, which is a constant
** where they are inlined. Each user of a table has functions of its own for its
** type of entry, and these call the functions below.
**
** Tested by spec/unit/idmap_spec.lua and spec/unit/debug_spec.lua.
*/
#ifndef HASH_TABLE_H
#define HASH_TABLE_H

#include <string.h>

#include "base/base.h"

#define HASH_TABLE_CAPACITY_MIN 64u

struct hash_table {
  unsigned char *entries; /* NULL: no memory yet */
  size_t capacity;        /* in entries: a power of two, or 0 */
  size_t count;           /* of entries that are not vacant */
  unsigned shift;         /* hash >> shift: the home slot of a key */
  uint64_t seed;
  pym_raw raw;
};

/*
** An empty table. It obtains memory from 'raw' in hash_table_reserve. A table
** whose keys come from a trace gets a seed that the trace cannot know.
*/
static inline struct hash_table hash_table_new(pym_raw raw, uint64_t seed)
{
  return (struct hash_table){.raw = raw, .seed = seed};
}

/* Gives the memory back. A table of zeros is allowed. */
void hash_table_close(struct hash_table *table);

/* hash_table_reserve for a table that has too little room. */
bool hash_table_grow(struct hash_table *table, size_t more, size_t entry_bytes);

/* Moves the entries to memory for 'capacity' of them; false: there is none. */
bool hash_table_resize(struct hash_table *table, size_t capacity,
                       size_t entry_bytes);

/* Makes room for 'more' entries; false: no memory, and nothing has changed. */
static inline bool hash_table_reserve(struct hash_table *table, size_t more,
                                      size_t entry_bytes)
{
  return likely(table->count + more <= table->capacity / 4 * 3) ||
         hash_table_grow(table, more, entry_bytes);
}

/* Halves a table that is less than an eighth full, if there is memory. */
static inline void hash_table_shrink(struct hash_table *table,
                                     size_t entry_bytes)
{
  if (unlikely(table->count < table->capacity / 8) &&
      table->capacity > HASH_TABLE_CAPACITY_MIN)
    (void)hash_table_resize(table, table->capacity / 2, entry_bytes);
}

static inline void *hash_table_slot(const struct hash_table *table, size_t i,
                                    size_t entry_bytes)
{
  return table->entries + i * entry_bytes;
}

static inline uint64_t hash_table_key(const void *entry)
{
  uint64_t key;
  memcpy(&key, entry, sizeof key);
  return key;
}

/* Every bit of the key reaches the upper bits, which choose the home slot. */
static inline size_t hash_table_home(const struct hash_table *table,
                                     uint64_t key)
{
  uint64_t hash = (key ^ table->seed) * UINT64_C(0x9e3779b97f4a7c15);
  hash ^= hash >> 32;
  hash *= UINT64_C(0xd6e8feb86659fd93);
  return (size_t)(hash >> table->shift);
}

/* The slot that has a key, or the vacant one for it, of a table with memory. */
static ALWAYS_INLINE void *hash_table_probe(const struct hash_table *table,
                                            uint64_t key, size_t entry_bytes)
{
  size_t mask = table->capacity - 1;
  assert(table->count < table->capacity); /* a vacant slot ends the search */
  size_t i = hash_table_home(table, key);
  for (;; i = (i + 1) & mask) {
    void *entry = hash_table_slot(table, i, entry_bytes);
    uint64_t found = hash_table_key(entry);
    if (found == key || found == 0)
      return entry;
  }
}

/*
** The entry of a key, or NULL; the table has memory. The address is valid
** until the next reserve, shrink or remove.
*/
static ALWAYS_INLINE void *hash_table_find(const struct hash_table *table,
                                           uint64_t key, size_t entry_bytes)
{
  void *entry = hash_table_probe(table, key, entry_bytes);
  return hash_table_key(entry) != 0 ? entry : NULL;
}

/*
** The slot for a key that is not 0. The caller has reserved room for it, and
** writes the whole entry there.
*/
static ALWAYS_INLINE void *hash_table_put(struct hash_table *table,
                                          uint64_t key, size_t entry_bytes)
{
  assert(key != 0);
  void *entry = hash_table_probe(table, key, entry_bytes);
  if (hash_table_key(entry) == 0)
    table->count++;
  assert(table->count <= table->capacity / 4 * 3);
  return entry;
}

/*
** Removes an entry that hash_table_find has just returned. Backward-shift
** deletion: an entry moves into the gap if its home slot does not lie between
** gap and entry, and leaves the next gap.
*/
static ALWAYS_INLINE void hash_table_remove(struct hash_table *table,
                                            void *entry, size_t entry_bytes)
{
  size_t mask = table->capacity - 1;
  size_t gap = (size_t)((unsigned char *)entry - table->entries) / entry_bytes;
  assert(gap < table->capacity && hash_table_key(entry) != 0);
  for (size_t i = (gap + 1) & mask;; i = (i + 1) & mask) {
    const void *next = hash_table_slot(table, i, entry_bytes);
    uint64_t key = hash_table_key(next);
    if (key == 0)
      break;
    size_t home = hash_table_home(table, key);
    if (((i - home) & mask) >= ((i - gap) & mask)) {
      memcpy(hash_table_slot(table, gap, entry_bytes), next, entry_bytes);
      gap = i;
    }
  }
  memset(hash_table_slot(table, gap, entry_bytes), 0, sizeof(uint64_t));
  table->count--;
}

/* The next entry from slot '*at' on, or NULL. Moves '*at' behind it. */
void *hash_table_next(const struct hash_table *table, size_t *at,
                      size_t entry_bytes);

#endif
