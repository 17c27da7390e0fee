/*
** The block table has a record for each block that a checked heap has handed
** out: for the live ones, those in quarantine, and those that were given back to
** their pools. It lies apart from the blocks, so that nothing has to be read from
** memory that may be damaged. It is a hash table whose keys are addresses.
*/
#ifndef BLOCK_TABLE_H
#define BLOCK_TABLE_H

#include "base/hash_table.h"

enum block_record_state {
  BLOCK_RECORD_LIVE,
  BLOCK_RECORD_HELD, /* freed, and held back in the quarantine */
  BLOCK_RECORD_FREED /* given back to its pool */
};

struct block_record {
  uint64_t address;  /* the address that the caller has; 0: no record */
  size_t bytes;      /* the size last asked for */
  uint64_t made_by;  /* number of the request that made or last resized it */
  uint64_t freed_by; /* number of the request that freed it; 0: none */
  uint64_t serial;   /* CPython's serial number of the call; 0: none */
  enum block_record_state state;
  char api;     /* 'o': a caller's block; 'r': the heap's own, from raw */
  bool is_told; /* damage to it has been reported */
};

static inline const void *
block_record_address(const struct block_record *record)
{
  return (const void *)(uintptr_t)record->address;
}

struct block_table {
  struct hash_table table;
};

/* Makes an empty table, which will obtain its memory from 'raw'. */
void block_table_open(struct block_table *table, pym_raw raw);
void block_table_close(struct block_table *table);

/* Makes room for 'more' records. false: there is no memory. */
bool block_table_reserve(struct block_table *table, size_t more);

/* The record of exactly this address, or NULL. */
struct block_record *block_table_find(const struct block_table *table,
                                      const void *address);

/*
** The record for this address, cleared. It is added if there is none; there must
** be room for it.
*/
struct block_record *block_table_put(struct block_table *table,
                                     const void *address);

/* Removes the record of an address, if it has one. Other records may move. */
void block_table_remove(struct block_table *table, const void *address);

/* The next record from slot '*at' on, or NULL. Moves '*at' behind it. */
struct block_record *block_table_next(const struct block_table *table,
                                      size_t *at);

/*
** The record of the block in which an address lies, or in the 'before' bytes in
** front of it, or in the 'behind' bytes behind it; else NULL.
*/
struct block_record *block_table_around(const struct block_table *table,
                                        const void *address, size_t before,
                                        size_t behind);

#endif
