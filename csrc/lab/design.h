/*
** A design: the sizes and policies of an allocator of arenas, pools and blocks
** that the simulator runs. CPython's geometries are some of all designs.
**
**   request --class_of--> class --> pools of pool_bytes[class] --> arenas
**
** Classes may be any ascending list of block sizes. A pool is as large as its
** class says; pools of one size share arenas, and are a group. A pool begins
** with 'header_bytes', which are 0 if the header is kept elsewhere.
**
** Tested by spec/unit/lab_spec.lua.
*/
#ifndef DESIGN_H
#define DESIGN_H

#include "geometry/geometry.h"

#define DESIGN_CLASSES_MAX 1024u
#define DESIGN_THRESHOLD_MAX ((size_t)1 << 16)

/* X(NAME, "name", "sentence"): which block of a pool is served. */
#define NEXT_BLOCKS(X)                                                \
  X(LIFO, "last in, first out", "the block that was freed last")      \
  X(FIFO, "first in, first out", "the block that was freed earliest") \
  X(LOWEST, "lowest address", "the free block of the lowest address")

/* Which pool of a class is served from. */
#define NEXT_POOLS(X)                                                        \
  X(FRONT, "front of the ring",                                              \
    "the pool that became usable last, as in CPython")                       \
  X(FULLEST, "fullest", "the pool with the fewest blocks that are not live") \
  X(EMPTIEST, "emptiest", "the pool with the fewest live blocks")            \
  X(LOWEST, "lowest address", "the pool of the lowest address")

/* Which arena gives a pool. */
#define NEXT_ARENAS(X)                                                         \
  X(FULLEST, "fullest", "the arena with the fewest free pools, as in CPython") \
  X(EMPTIEST, "emptiest", "the arena with the most free pools")                \
  X(LOWEST, "lowest address", "the arena of the lowest address")               \
  X(RECENT, "most recently freed", "the arena to which a pool came back last") \
  X(OLDEST, "oldest", "the arena that was obtained earliest")                  \
  X(RANDOM, "random", "any arena with a free pool; 'seed' decides")

/* When the blocks of a pool are linked. */
#define CARVINGS(X)                                                        \
  X(LAZY, "lazy", "one block at a time, when it is needed, as in CPython") \
  X(EAGER, "eager", "all blocks when the pool gets its class")

/* When an arena without live blocks is released. */
#define RELEASES(X)                                                          \
  X(AT_ONCE, "at once", "in the free that empties it")                       \
  X(KEEP_LAST, "keep the last",                                              \
    "in the free that empties it, unless it is at the end of usable_arenas " \
    "or no other arena is usable")                                           \
  X(KEEP, "keep", "in the free that empties it, if 'keep' others are empty") \
  X(AFTER, "after", "when it has been empty for 'after' requests")           \
  X(NEVER, "never", "at no time")

/* One enum of each: BLOCK_LIFO, POOL_FRONT and so on. */
enum next_block {
#define X(name, word, sentence) BLOCK_##name,
  NEXT_BLOCKS(X)
#undef X
      BLOCK_ASKED /* by the function 'choose_block' */
};
enum next_pool {
#define X(name, word, sentence) POOL_##name,
  NEXT_POOLS(X)
#undef X
      POOL_RANKED /* by the function 'rank_pool' */
};
enum next_arena {
#define X(name, word, sentence) ARENA_##name,
  NEXT_ARENAS(X)
#undef X
      ARENA_RANKED /* by the function 'rank_arena' */
};
enum carving {
#define X(name, word, sentence) CARVING_##name,
  CARVINGS(X)
#undef X
};
enum release {
#define X(name, word, sentence) RELEASE_##name,
  RELEASES(X)
#undef X
      RELEASE_ASKED /* by the function 'may_release' */
};

#define FACTS_NO_BLOCK UINT32_MAX /* the end of a chain of free blocks */

/* The facts that a function of the caller gets about a pool or an arena. */
struct pool_facts {
  uint32_t class_bytes, capacity, live;
  uint64_t address;      /* of the pool, from the base of its group */
  uint64_t requests;     /* done, with the present one */
  const uint32_t *links; /* choose_block: of a free block, the next one */
  uint32_t free;         /* choose_block: the first block of this chain */
};

struct arena_facts {
  uint32_t slot, pools, free_pools;
  uint64_t obtained; /* the ordinal of the arena: 1 for the first */
  uint64_t arenas;   /* number of arenas that are held */
  uint64_t requests; /* done, with the present one */
};

/* Functions of the caller. false: they failed, and the simulation ends. */
struct design_calls {
  void *context;
  bool (*rank_pool)(void *context, const struct pool_facts *facts,
                    double *rank);
  bool (*rank_arena)(void *context, const struct arena_facts *facts,
                     double *rank);
  bool (*choose_block)(void *context, const struct pool_facts *facts,
                       uint32_t *number);
  bool (*may_release)(void *context, const struct arena_facts *facts,
                      bool *released);
};

struct design {
  size_t threshold; /* the largest request that pools serve */
  size_t class_count;
  uint32_t class_bytes[DESIGN_CLASSES_MAX]; /* ascending */
  uint32_t pool_bytes[DESIGN_CLASSES_MAX];  /* of the pools of each class */
  uint32_t header_bytes; /* the offset of the first block of a pool */
  size_t arena_bytes;
  size_t arena_offset; /* of each arena from a multiple of arena_bytes */
  enum next_block next_block;
  enum next_pool next_pool;
  enum next_arena next_arena;
  enum carving carving;
  enum release release;
  uint64_t keep, after;  /* of RELEASE_KEEP and RELEASE_AFTER */
  uint32_t cache_blocks; /* freed blocks that a class keeps in a cache */
  uint64_t seed;         /* of ARENA_RANDOM */
  struct design_calls calls;
};

/* The design of a geometry, with CPython's policies. */
void design_of_geometry(struct design *design, const pym_geometry *geometry);

/*
** Can a design be simulated? If not, writes the field, its value and the rule
** that it breaks to 'why'.
*/
bool design_check(const struct design *design, char *why, size_t why_bytes);

/* Pools in an arena; one is lost if its start is not aligned to pools. */
static inline size_t design_arena_pools(const struct design *design,
                                        size_t pool_bytes)
{
  bool is_aligned = design->arena_offset % pool_bytes == 0;
  return design->arena_bytes / pool_bytes - (is_aligned ? 0 : 1);
}

/* Number of blocks in a pool of a class. */
static inline uint32_t design_capacity(const struct design *design,
                                       size_t szidx)
{
  assert(szidx < design->class_count && design->class_bytes[szidx] > 0);
  return (design->pool_bytes[szidx] - design->header_bytes) /
         design->class_bytes[szidx];
}

#endif
