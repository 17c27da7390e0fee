/*
** A pool is one aligned run of bytes cut into equal blocks of one size class.
**
**   +--------+---------+---------+---------+----------------+-------+
**   | header | block 0 | block 1 | block 2 |  never carved  | waste |
**   |        |  live   |  free   |  live   |                |       |
**   +--------+---------+---------+---------+----------------+-------+
**                       ^                   ^
**                       freeblock           nextoffset
**
**   empty  ref.count == 0             on its arena's freepools
**   used   0 < ref.count < capacity   on usedpools of its class
**   full   ref.count == capacity      on no list at all
**
** Freed blocks go on the front of the chain at freeblock and come back last
** in, first out. A block is carved only when the chain would run dry: so the
** chain of a pool that is not full always has a block, "is it full?" is
** "is freeblock NULL?", and memory is touched as late as possible. An empty
** pool keeps its header and chain: if its own class takes it next, it goes on
** where it stopped.
**
** [pool.count]   ref.count + |free chain| == blocks carved
** [pool.chain]   every free block is on a block boundary, below nextoffset
** [pool.ready]   a pool that is not full has a free block on its chain
** [pool.class]   szidx is a class, nextoffset and maxnextoffset belong to it
** [pool.arena]   arenaindex is the slot of the arena it lies in
**
** The layout is CPython's, field by field, so that one reader serves both.
**
** Taught in lessons 3 and 5; tested by spec/unit/pool_spec.lua.
*/
#ifndef POOL_H
#define POOL_H

#include "state/block.h"
#include "geometry/geometry.h"

struct pool_header {
  union {
    block *_padding;
    uint32_t count; /* live blocks */
  } ref;
  block *freeblock;             /* head of the free chain; NULL when full */
  struct pool_header *nextpool; /* in usedpools; or in freepools */
  struct pool_header *prevpool; /* in usedpools; else stale */
  uint32_t arenaindex;          /* slot of its arena; set when carved */
  uint32_t szidx;               /* size class */
  uint32_t nextoffset;          /* of the next block to carve */
  uint32_t maxnextoffset;       /* the largest at which a block still fits */
};

static_assert(sizeof(struct pool_header) == 48, "CPython's layout");
static_assert(offsetof(struct pool_header, arenaindex) == 32,
              "CPython's layout");

/* The class of a pool that was carved and never had one. */
#define DUMMY_SIZE_IDX 0xffffu

/* Gives a pool to a class: none of its blocks is live, none is carved. */
static inline void pool_init(struct pool_header *pool,
                             const pym_geometry *geometry, size_t szidx)
{
  pool->ref.count = 0;
  pool->szidx = (uint32_t)szidx;
  pool->nextoffset = (uint32_t)geometry_header_bytes(geometry);
  pool->maxnextoffset =
      (uint32_t)(geometry->pool_bytes - geometry_class_bytes(geometry, szidx));
  pool->freeblock = NULL;
}

/* Has the pool a block that was never carved? */
static inline bool pool_has_virgin(const struct pool_header *pool)
{
  return pool->nextoffset <= pool->maxnextoffset;
}

/* Hands the next virgin block to a free chain that is empty. */
static inline void pool_carve(struct pool_header *pool, size_t block_bytes)
{
  block *virgin = (block *)pool + pool->nextoffset;
  assert(pool->freeblock == NULL && pool_has_virgin(pool));
  block_set_link(virgin, NULL);
  pool->nextoffset += (uint32_t)block_bytes;
  pool->freeblock = virgin;
}

/* Takes the first block off the chain of a pool that is not full. */
static inline block *pool_pop(struct pool_header *pool)
{
  block *taken = pool->freeblock;
  assert(taken != NULL);
  pool->ref.count++;
  pool->freeblock = block_link(taken);
  return taken;
}

/* Is the chain empty while there is a virgin block? Then carve one. */
static inline bool pool_wants_carving(const struct pool_header *pool)
{
  return pool->freeblock == NULL && pool_has_virgin(pool);
}

/* Takes the first block off the chain, and carves the next one if need be. */
static inline block *pool_take(struct pool_header *pool, size_t block_bytes)
{
  block *taken = pool_pop(pool);
  if (pool_wants_carving(pool))
    pool_carve(pool, block_bytes);
  return taken;
}

/*
** pool_init and pool_take in one: without a detour through the chain. A pool
** of any class has a second block.
*/
static inline block *pool_begin(struct pool_header *pool,
                                const pym_geometry *geometry, size_t szidx)
{
  size_t block_bytes = geometry_class_bytes(geometry, szidx);
  pool_init(pool, geometry, szidx);
  block *first = (block *)pool + geometry_header_bytes(geometry);
  pool->ref.count = 1;
  pool->nextoffset += (uint32_t)block_bytes;
  pool_carve(pool, block_bytes);
  return first;
}

/*
** Takes 'count' blocks as so many calls of pool_take would, and stores them
** with the first one last. The pool has that many.
*/
void pool_take_many(struct pool_header *pool, size_t block_bytes, void **blocks,
                    size_t count);

/* Puts a block on the front of the chain; returns the old front. */
static inline block *pool_give(struct pool_header *pool, block *freed)
{
  block *last_free = pool->freeblock;
  block_set_link(freed, last_free);
  pool->freeblock = freed;
  pool->ref.count--;
  return last_free;
}

static inline bool pool_is_full(const struct pool_header *pool)
{
  return pool->freeblock == NULL;
}

static inline bool pool_is_empty(const struct pool_header *pool)
{
  return pool->ref.count == 0;
}

static inline pym_pool_state pool_state(const struct pool_header *pool)
{
  if (pool_is_empty(pool))
    return PYM_POOL_EMPTY;
  return pool_is_full(pool) ? PYM_POOL_FULL : PYM_POOL_USED;
}

/* Was the pool carved and then given to no class yet? */
static inline bool pool_is_classless(const struct pool_header *pool)
{
  return pool->szidx == DUMMY_SIZE_IDX;
}

#endif
