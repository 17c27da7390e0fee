/*
** An arena is a run of pools that is obtained from the operating system in
** one piece. An arena object, a slot in the heap's 'arenas' vector, is the
** record of it.
**
**   |<- arena_offset ->|<------------- ntotalpools pools ------------->|
**   +------------------+--------+--------+--------+---------------------+
**   |    lost, if any  | pool 0 | pool 1 | pool 2 |    never carved     |
**   |                  |  used  |  empty |  full  |                     |
**   +------------------+--------+--------+--------+---------------------+
**   ^                           ^                 ^
**   address                     freepools         pool_address
**
**   no arena  address == 0                     on unused_arena_objects
**   usable    0 < nfreepools                   on usable_arenas
**   full      nfreepools == 0                  on no list at all
**
** A pool that becomes empty goes to the front of freepools. Pools are taken
** from there before a new one is carved. Pools on freepools and pools never
** carved both count as free.
**
** [arena.free_pools]  nfreepools == |freepools| + pools never carved
** [arena.empty]       freepools holds exactly its empty pools
** [arena.extent]      pool_address lies between its first pool and its end
**
** Taught in lessons 7 and 8; tested by spec/unit/arena_spec.lua.
*/
#ifndef ARENA_H
#define ARENA_H

#include "state/pool.h"

struct arena_object {
  uintptr_t address;             /* 0: the slot has no arena */
  block *pool_address;           /* the next pool to carve */
  uint32_t nfreepools;           /* pools on freepools, and never carved */
  uint32_t ntotalpools;          /* that fit between address and end, or
                                    one fewer (serve/supply.h) */
  struct pool_header *freepools; /* emptied; linked through nextpool */
  struct arena_object *nextarena;
  struct arena_object *prevarena; /* usable_arenas only */
  size_t serial;                  /* ordinal: 1 for the heap's first arena */
};

/* Makes an arena of the bytes at 'address' in a slot that has none. */
void arena_open(struct arena_object *arena, uintptr_t address,
                const pym_geometry *geometry);

/* Carves the next virgin pool and writes 'arenaindex' in its header. */
struct pool_header *arena_carve_pool(struct arena_object *arena,
                                     size_t arenaindex,
                                     const pym_geometry *geometry);

/* Address of the first pool of an arena. */
static inline uintptr_t arena_first_pool(const struct arena_object *arena,
                                         const pym_geometry *geometry)
{
  assert(arena->address != 0);
  return align_up(arena->address, geometry->pool_bytes);
}

static inline bool arena_is_open(const struct arena_object *arena)
{
  return arena->address != 0;
}

static inline bool arena_is_free(const struct arena_object *arena)
{
  return arena->nfreepools == arena->ntotalpools;
}

static inline bool arena_is_full(const struct arena_object *arena)
{
  return arena->nfreepools == 0;
}

/* Takes a free pool: the one emptied last or, without one, a new one. */
static inline struct pool_header *arena_take_pool(struct arena_object *arena,
                                                  size_t arenaindex,
                                                  const pym_geometry *geometry)
{
  struct pool_header *emptied = arena->freepools;
  assert(arena->nfreepools > 0);
  arena->nfreepools--;
  if (emptied == NULL)
    return arena_carve_pool(arena, arenaindex, geometry);
  assert(pool_is_empty(emptied));
  arena->freepools = emptied->nextpool;
  return emptied;
}

/* Takes back an empty pool. */
static inline void arena_give_pool(struct arena_object *arena,
                                   struct pool_header *pool)
{
  assert(pool_is_empty(pool) && !arena_is_free(arena));
  assert((uintptr_t)pool >= arena->address);
  assert((uintptr_t)pool < (uintptr_t)arena->pool_address);
  pool->nextpool = arena->freepools;
  arena->freepools = pool;
  arena->nfreepools++;
}

#endif
