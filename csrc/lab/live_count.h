/*
** The live blocks of a trace by class, and the pools and arenas that they fill
** if at most one pool of each class has a free block.
*/
#ifndef LIVE_COUNT_H
#define LIVE_COUNT_H

#include "lab/lives.h"

struct live_count {
  const pym_geometry *geometry;
  uint64_t bytes, all_bytes;      /* as requested, in pools, and in all */
  uint64_t block_bytes;           /* of the blocks in pools */
  uint64_t pools, capacity_bytes; /* pools that the blocks fill */
  uint64_t blocks[CLASS_COUNT_MAX];
};

static inline uint64_t live_count_whole(uint64_t number, uint64_t size)
{
  return (number + size - 1) / size;
}

/* The pools that the blocks of a class fill. */
static inline uint64_t live_count_pools(const struct live_count *count,
                                        size_t szidx)
{
  return live_count_whole(count->blocks[szidx],
                          pym_class_capacity(count->geometry, szidx));
}

/* The arenas that the pools fill. */
static inline uint64_t live_count_arenas(const struct live_count *count)
{
  return live_count_whole(count->pools, geometry_arena_pools(count->geometry));
}

/* Counts what a request changes. */
void live_count_change(struct live_count *count,
                       const struct life_change *change);

#endif
