/*
** A table of return addresses that any thread reads while one thread adds to
** it. Entries are never removed.
*/
#ifndef WHERE_TABLE_H
#define WHERE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

/*
** Entries of a table, and the bits of their indices. A return address has 47
** bits: with an index, it is a key.
*/
#define TABLE_INDEX_BITS 17
#define TABLE_ENTRIES (1u << TABLE_INDEX_BITS)
#define TABLE_ENTRIES_MAX (TABLE_ENTRIES - TABLE_ENTRIES / 4)
#define TABLE_BYTES (TABLE_ENTRIES * sizeof(struct table_entry))
#define TABLE_ROOT 0 /* the index that no entry has */

#define TABLE_END UINT32_MAX            /* there is no next return address */
#define TABLE_VARIABLE (UINT32_MAX - 1) /* it is not always at one place */

struct table_entry {
  uint64_t key;   /* of a return address and the entry before it; 0: free */
  uint32_t next;  /* where the next return address is, END or VARIABLE */
  uint32_t value; /* of the user of the table */
};

struct table {
  struct table_entry *entries;
  uint32_t count;
};

static inline uint64_t table_key(uint32_t before, uintptr_t address)
{
  return (uint64_t)address << TABLE_INDEX_BITS ^ before;
}

/* The entry of a key, or the free one where it belongs. */
static inline struct table_entry *table_look_up(const struct table *table,
                                                uint64_t key)
{
  uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15);
  uint32_t at = (uint32_t)(hash >> (64 - TABLE_INDEX_BITS));
  for (;; at = (at + 1) % TABLE_ENTRIES) {
    struct table_entry *entry = &table->entries[at];
    uint64_t found = __atomic_load_n(&entry->key, __ATOMIC_ACQUIRE);
    if (at != TABLE_ROOT && (found == key || found == 0))
      return entry;
  }
}

/* The same, or NULL if the table has no such entry. */
static inline const struct table_entry *table_find(const struct table *table,
                                                   uint64_t key)
{
  const struct table_entry *entry = table_look_up(table, key);
  return __atomic_load_n(&entry->key, __ATOMIC_ACQUIRE) == 0 ? NULL : entry;
}

static inline uint32_t table_next(const struct table_entry *entry)
{
  return __atomic_load_n(&entry->next, __ATOMIC_RELAXED);
}

/* Makes a free entry, whose other fields are set, one of the table. */
static inline void table_add(struct table *table, struct table_entry *entry,
                             uint64_t key)
{
  __atomic_store_n(&entry->key, key, __ATOMIC_RELEASE);
  table->count++;
}

/* Says that the next return address is not always at one place. */
static inline void table_vary(struct table_entry *entry)
{
  __atomic_store_n(&entry->next, TABLE_VARIABLE, __ATOMIC_RELAXED);
}

static inline uint32_t table_index(const struct table *table,
                                   const struct table_entry *entry)
{
  return (uint32_t)(entry - table->entries);
}

/* Pages of zeros; NULL: there is no memory. */
static inline void *table_map(size_t bytes)
{
  void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return pages == MAP_FAILED ? NULL : pages;
}

static inline bool table_open(struct table *table)
{
  table->entries = table_map(TABLE_BYTES);
  return table->entries != NULL;
}

/* Removes all entries: pages that are given back are zeros again. */
static inline void table_clear(struct table *table)
{
  (void)madvise(table->entries, TABLE_BYTES, MADV_DONTNEED);
  table->count = 0;
}

#endif
