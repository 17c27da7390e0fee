/*
** The simulator: an allocator of a design whose addresses are numbers. No block
** is touched, so that any number of bytes can be simulated: a block costs 4
** bytes, a pool about 60.
**
**   used[class]  --> pools that have a free block
**   group        --> arenas, whose free pools the classes of the group share
**   pools[n]     --> the record of a pool: n = arena's first_pool + its number
**   links[...]   --> of each block of a pool: the next free block, or none
**
** With the policies of CPython it places each request as csrc/serve does. The
** order of usable arenas is that of csrc/state/order.h itself.
**
** A pool is in the used pools of its class exactly if it has a live block and
** a free one. The live blocks of the cache count as live in their pools.
**
** Tested by spec/fidelity/lab_spec.lua and spec/unit/lab_policies_spec.lua.
*/
#ifndef SIMULATOR_H
#define SIMULATOR_H

#include "lab/design.h"
#include "lab/ranked.h"
#include "memory/region.h"
#include "state/order.h"

#define LAB_NONE FACTS_NO_BLOCK /* no pool, no block */

struct lab_pool {
  uint32_t count;       /* live blocks */
  uint32_t capacity;    /* of its class */
  uint32_t carved;      /* blocks that were linked or served */
  uint32_t free;        /* the next block to serve, or LAB_NONE */
  uint32_t last;        /* BLOCK_FIFO: the free block that is served last */
  uint32_t szidx;       /* LAB_NONE: it has had no class in this arena */
  uint32_t next, prev;  /* in used[szidx]; next: in the arena's free pools */
  uint32_t slot, group; /* of its arena */
  uint32_t covered;     /* bytes from its start that were ever in use */
  uint32_t link_count;  /* places in 'links'; 0: it has had no class */
  size_t links;         /* the first of them */
};

/* Is the pool in the used pools of its class? */
static inline bool lab_pool_is_used(const struct lab_pool *pool)
{
  return 0 < pool->count && pool->count < pool->capacity;
}

/* Fields of an arena in addition to the arena object of the same slot. */
struct lab_arena {
  size_t first_pool;    /* in 'pools'; SIZE_MAX: the slot was never open */
  uint32_t free_pools;  /* the first of those that came back, or LAB_NONE */
  uint32_t carved;      /* pools that were ever taken since it was obtained */
  uint64_t empty_since; /* the request that emptied it; 0: it is not empty */
};

/* Pools of one size, and their arenas. */
struct lab_group {
  size_t pool_bytes;
  uint32_t arena_pools;
  uint32_t capacity_most; /* blocks of a pool of any of its classes */
  struct arena_object *arenas;
  struct lab_arena *more; /* of the same slots */
  size_t slot_count;
  struct arena_object *unused; /* slots without an arena */
  struct arena_order order;    /* ARENA_FULLEST */
  struct ranked ranked;        /* the other policies */
  size_t empty_arenas;
  struct region region; /* counts calls of the system; has no memory */
};

/* RELEASE_AFTER: an arena that became empty at request 'since'. */
struct lab_due {
  uint64_t since;
  uint32_t slot, group;
};

struct lab_counts {
  uint64_t obtained, released, arenas, highwater;
  uint64_t system_calls;
  uint64_t held;             /* bytes of all arenas */
  uint64_t lost;             /* of these, bytes that no pool can have */
  uint64_t live_block_bytes; /* sizes of the blocks that are live */
  uint64_t pool_bytes;       /* of pools with a live block */
  uint64_t block_bytes;      /* of all blocks in these pools */
};

/* A cached block. */
struct lab_place {
  uint32_t pool, block;
};

struct simulator {
  const struct design *design;
  uint16_t *class_of;                /* by bytes, from 0 to the threshold */
  uint32_t used[DESIGN_CLASSES_MAX]; /* POOL_FRONT: the first */
  struct ranked ranked[DESIGN_CLASSES_MAX]; /* the other policies */
  uint32_t group_of[DESIGN_CLASSES_MAX];
  struct lab_group *groups;
  size_t group_count;
  struct lab_pool *pools;
  size_t pool_count, pool_capacity;
  uint32_t *links;
  size_t link_count, link_capacity;
  struct lab_place *cache; /* cache_blocks for each class */
  uint32_t cached[DESIGN_CLASSES_MAX];
  struct lab_due *due; /* RELEASE_AFTER: a queue */
  size_t due_first, due_count, due_capacity;
  uint64_t random;
  uint64_t request; /* the number of the present one */
  size_t allowed;   /* arenas that may still be obtained; SIZE_MAX: any */
  size_t offset;    /* of the next arenas, as the trace has it */
  struct lab_counts counts;
  bool has_failed; /* no memory, or a function of the caller has failed */
};

/*
** Makes a simulator of a design that design_check accepts and that outlives it.
** false: there is no memory; simulator_close may be called.
*/
bool simulator_open(struct simulator *sim, const struct design *design);

void simulator_close(struct simulator *sim);

/*
** A pool with a free block for a class that has none; LAB_NONE: no arena can be
** obtained, or it has failed. It is in no list of used pools.
*/
uint32_t simulator_begin_pool(struct simulator *sim, uint32_t szidx);

/* Takes back a pool without live blocks that is in no list of used pools. */
void simulator_end_pool(struct simulator *sim, uint32_t number);

/* RELEASE_AFTER: releases the arenas that have been empty for long enough. */
void simulator_release_due(struct simulator *sim);

/* The address of a pool from the base of its group. */
uint64_t simulator_address(const struct simulator *sim, uint32_t number);

/* The facts that a function of the caller gets about a pool. */
struct pool_facts simulator_pool_facts(const struct simulator *sim,
                                       uint32_t number);

/*
** The free block of a pool that a function of the caller chooses. If the
** function fails, has_failed is set, and the result is any free block.
*/
uint32_t simulator_ask_block(struct simulator *sim,
                             const struct lab_pool *pool);

/* The number of 4 KiB pages of which a byte was ever in use. */
uint64_t simulator_touched_pages(const struct simulator *sim);

#endif
