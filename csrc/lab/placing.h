/*
** The records of ORACLE_LIFETIMES (oracle.h): pools, arenas, which of their
** places are taken, and which of them have room, in the order in which they
** end.
**
**   pools_with_room    by the rank of the block of the pool that dies last
**   arenas_with_room   by the latest death of a block of the arena
**
** No two blocks have the same rank or the same death. So no two pools have the
** same rank, and no two arenas the same death.
*/
#ifndef PLACING_H
#define PLACING_H

#include "lab/foresight.h"
#include "lab/number_set.h"
#include "lab/oracle.h"

#define PLACING_NONE UINT32_MAX

/* A pool in use, or one to be used again. */
struct placing_pool {
  uint32_t szidx, arena, index; /* 'index' is its place in the arena */
  uint32_t live, capacity;
  uint32_t death; /* the latest of its blocks */
  uint32_t rank;  /* of the block that dies last */
  uint32_t spare; /* the next one to be used again */
};

struct placing_arena {
  uint32_t used_pools;
  uint32_t death; /* the latest of its blocks */
  uint32_t spare;
};

/* Which places of the pools, or of the arenas, are taken. */
struct taken {
  uint64_t *words;
  size_t words_each;
};

struct placed {
  uint32_t pool, block;
};

struct placing {
  const pym_geometry *geometry;
  const struct foresight *foresight;
  struct oracle_reach reach;
  uint32_t class_pools[CLASS_COUNT_MAX]; /* in use */
  struct number_set pools_with_room;     /* by rank */
  struct number_set arenas_with_room;    /* by death */
  struct placing_pool *pools;
  struct taken blocks_taken; /* of each pool */
  uint32_t pool_count, spare_pool;
  size_t pool_capacity;
  struct placing_arena *arenas;
  struct taken pools_taken; /* of each arena */
  uint32_t arena_count, spare_arena;
  size_t arena_capacity;
  struct placed *of_handle;
  uint32_t now; /* the number of the request */
  uint64_t used_pools, capacity_bytes, block_bytes, live, all_live;
  uint64_t arenas_current;
};

/* false: there is no memory; placing_close is to be called all the same. */
bool placing_open(struct placing *placing, const struct loaded_trace *loaded);
void placing_close(struct placing *placing);

/*
** The number of a record that is not in use, all places of which are free.
** PLACING_NONE: there is no memory.
*/
uint32_t placing_new_pool(struct placing *placing);
uint32_t placing_new_arena(struct placing *placing);

/* Takes the lowest place that is free, of which there must be one. */
uint32_t placing_take(const struct taken *taken, uint32_t number);

void placing_give_back(const struct taken *taken, uint32_t number,
                       uint32_t place);

/* The pool for a block with that class and rank; PLACING_NONE: a new one. */
uint32_t placing_choose_pool(const struct placing *placing, size_t szidx,
                             uint32_t rank);

/* The arena for a new pool with that death; PLACING_NONE: a new one. */
uint32_t placing_choose_arena(const struct placing *placing, uint32_t death);

#endif
