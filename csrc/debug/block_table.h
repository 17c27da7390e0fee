/*
** The block table is what a checked heap knows of its blocks apart from the blocks
** themselves: damaged memory is never asked for its own size. It is a hash
** table of records, whose keys are addresses.
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
  uint64_t address;  /* as the caller has it; 0: no record */
  size_t bytes;      /* last asked for */
  uint64_t made_by;  /* the request that made or last resized it */
  uint64_t freed_by; /* the request that freed it; 0: none */
  uint64_t serial;   /* CPython's number of the call; 0: none */
  enum block_record_state state;
  char api;     /* 'o', or 'r' for what the heap itself asks of raw */
  bool is_told; /* was a damage of it told? */
};

struct block_table {
  struct hash_table table;
};

/* An empty table, which obtains its memory from 'raw' when it needs some. */
void block_table_open(struct block_table *table, pym_raw raw);
void block_table_close(struct block_table *table);

/* Makes room for 'more' records; false: no memory. */
bool block_table_reserve(struct block_table *table, size_t more);

/* The record of exactly this address, or NULL. */
struct block_record *block_table_find(const struct block_table *table,
                                      const void *address);

/* The record of this address, emptied, or a new one. Room was reserved. */
struct block_record *block_table_put(struct block_table *table,
                                     const void *address);

/* Removes the record of an address, if there is one. Other records may move. */
void block_table_remove(struct block_table *table, const void *address);

/* The next record from slot '*at' on, or NULL; sets '*at' behind it. */
struct block_record *block_table_next(const struct block_table *table,
                                      size_t *at);

/* The record in whose 'before', own or 'behind' bytes an address lies. */
struct block_record *block_table_around(const struct block_table *table,
                                        const void *address, size_t before,
                                        size_t behind);

#endif
