/*
** A guarded block has a record in the block table and, on a heap with debug
** hooks, guard bytes around it. 'data' is the address that the caller has,
** 'start' the address that the heap or the raw allocator has returned.
*/
#ifndef GUARDED_BLOCK_H
#define GUARDED_BLOCK_H

#include "debug/debug.h"

/* The number of guard bytes in front of a block; and before and behind it. */
static inline size_t guarded_head_bytes(const struct debug *debug)
{
  return debug->guard_layout != NULL ? GUARD_HEAD_BYTES : 0;
}

static inline size_t guarded_extra_bytes(const struct debug *debug)
{
  return debug->guard_layout != NULL ? debug->guard_layout->extra_bytes : 0;
}

static inline unsigned char *guarded_start(const struct debug *debug,
                                           const void *data)
{
  return (unsigned char *)(uintptr_t)data - guarded_head_bytes(debug);
}

/*
** The record of the block in which, or in whose guard bytes, an address lies.
*/
const struct block_record *guarded_around(const struct debug *debug,
                                          const void *address);

/* Makes room for the records that one request adds. false: no memory. */
bool guarded_reserve(struct debug *debug);

/*
** Counts a call of malloc or calloc, even one that fails, as CPython 3.6 does,
** and makes room for its records. false: too large, or there is no memory.
*/
bool guarded_begin(struct debug *debug, size_t bytes);

/* Obtains a block from the heap ('o') or from raw ('r'); NULL: refused. */
void *guarded_make(struct debug *debug, char api, size_t bytes, bool is_zeroed);

/*
** Resizes a block in the allocator that it came from, as CPython does. NULL:
** refused, and the block is as it was. There must be room for a record.
*/
void *guarded_resize(struct debug *debug, void *data, size_t bytes);

#endif
