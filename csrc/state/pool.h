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
** A freed block goes to the front of the chain at freeblock; the block freed
** last is taken first. A block is carved only when the chain would become
** empty. So the chain of a pool that is not full always has a block, a pool
** is full exactly if freeblock is NULL, and memory is touched as late as
** possible. A pool that becomes empty keeps its header and its chain: if the
** same class takes it again, the pool is used as it is.
**
** [pool.count]   ref.count + |free chain| == blocks carved
** [pool.chain]   every free block is on a block boundary, below nextoffset
** [pool.ready]   a pool that is not full has a free block on its chain
** [pool.class]   szidx is a class, nextoffset and maxnextoffset belong to it
** [pool.arena]   arenaindex is the slot of the arena it lies in
**
** The layout is that of a CPython of 64 bits, field by field, so that one
** function can read the headers of both allocators. On a machine of 32 bits too
** a pointer takes LINK_BYTES: its value, and zero bytes behind it.
** So a header has 48 bytes there as well, and blocks lie where CPython's lie. With
** PYM_NATURAL_POINTERS it has 32 bytes, as in a CPython of 32 bits.
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
  /* head of the free chain; NULL when full */
  alignas(LINK_BYTES) block *freeblock;
  /* in usedpools; or in freepools */
  alignas(LINK_BYTES) struct pool_header *nextpool;
  /* in usedpools; else not maintained */
  alignas(LINK_BYTES) struct pool_header *prevpool;
  /* slot of its arena; set when carved */
  alignas(LINK_BYTES) uint32_t arenaindex;
  uint32_t szidx;         /* size class */
  uint32_t nextoffset;    /* of the next block to carve */
  uint32_t maxnextoffset; /* the largest at which a block still fits */
};

static_assert(sizeof(struct pool_header) == POOL_HEADER_BYTES,
              "CPython's layout");
static_assert(offsetof(struct pool_header, arenaindex) == 4 * LINK_BYTES,
              "CPython's layout");

/* The szidx of a pool that was carved and not yet given to a class. */
#define DUMMY_SIZE_IDX 0xffffu

/*
** Gives a pool without live blocks to a class. Afterwards none of its blocks is
** carved, so the caller has to carve one (see [pool.ready]).
*/
static inline void pool_init(struct pool_header *pool,
                             const pym_geometry *geometry, size_t szidx)
{
  assert(pool->ref.count == 0);
  pool->ref.count = 0;
  pool->szidx = (uint32_t)szidx;
  pool->nextoffset = (uint32_t)geometry_header_bytes(geometry);
  pool->maxnextoffset =
      (uint32_t)(geometry->pool_bytes - geometry_class_bytes(geometry, szidx));
  pool->freeblock = NULL;
}

/* Does the pool have a block that was never carved? */
static inline bool pool_has_virgin(const struct pool_header *pool)
{
  return pool->nextoffset <= pool->maxnextoffset;
}

/* Carves the next virgin block and makes it the only one on the free chain. */
static inline void pool_carve(struct pool_header *pool, size_t block_bytes)
{
  block *virgin = (block *)pool + pool->nextoffset;
  assert(pool->freeblock == NULL && pool_has_virgin(pool));
  block_set_link(virgin, NULL);
  pool->nextoffset += (uint32_t)block_bytes;
  pool->freeblock = virgin;
}

/* Takes the first block off the chain, which may become empty. */
static inline block *pool_pop(struct pool_header *pool)
{
  block *taken = pool->freeblock;
  assert(taken != NULL);
  pool->ref.count++;
  pool->freeblock = block_link(taken);
  return taken;
}

/* Does [pool.ready] require that a block is carved now? */
static inline bool pool_wants_carving(const struct pool_header *pool)
{
  return pool->freeblock == NULL && pool_has_virgin(pool);
}

/*
** Does pool_init and takes block 0, without writing it to the chain; block 1
** becomes the chain. There is always a block 1: pym_geometry_check refuses
** pools that hold fewer than two blocks of any class.
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

/* Puts a block on the front of the chain. Returns the old front. */
static inline block *pool_give(struct pool_header *pool, block *freed)
{
  assert(pool->ref.count > 0);
  assert((uintptr_t)freed - (uintptr_t)pool < pool->nextoffset);
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

/* Was the pool carved and not yet given to a class? */
static inline bool pool_is_classless(const struct pool_header *pool)
{
  return pool->szidx == DUMMY_SIZE_IDX;
}

#endif
