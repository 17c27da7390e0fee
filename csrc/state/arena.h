/*
** An arena is a run of pools got from the operating system at once. Its
** record, the arena object, is a slot in the heap's 'arenas' vector.
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
** An emptied pool goes on the front of freepools and is preferred to carving
** a new one. Both count as free.
**
** [arena.free_pools]  nfreepools == |freepools| + pools never carved
** [arena.empty]       freepools holds exactly its empty pools
** [arena.extent]      pool_address lies between its first pool and its end
**
** Taught in lesson 7; tested by spec/unit/arena_spec.lua.
*/
#ifndef ARENA_H
#define ARENA_H

#include "state/pool.h"

struct arena_object {
  uintptr_t address;             /* 0: the slot has no arena */
  block *pool_address;           /* the next pool to carve */
  uint32_t nfreepools;           /* emptied and never carved */
  uint32_t ntotalpools;          /* that fit between address and end */
  struct pool_header *freepools; /* emptied; linked through nextpool */
  struct arena_object *nextarena;
  struct arena_object *prevarena; /* usable_arenas only */
  size_t serial; /* which arena of the heap's life this is, from 1 */
};

/* Makes a fresh arena of the bytes at 'address'. */
void arena_open(struct arena_object *arena, uintptr_t address,
                const pym_geometry *geometry);

/* Hands out the next virgin pool, which remembers 'arenaindex'. */
struct pool_header *arena_carve_pool(struct arena_object *arena,
                                     size_t arenaindex,
                                     const pym_geometry *geometry);

/* Address of the first pool of an arena. */
static inline uintptr_t arena_first_pool(const struct arena_object *arena,
                                         const pym_geometry *geometry)
{
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

/* Takes a pool from an arena that has one: the last one emptied, or a new one. */
static inline struct pool_header *arena_take_pool(struct arena_object *arena,
                                                  size_t arenaindex,
                                                  const pym_geometry *geometry)
{
  struct pool_header *emptied = arena->freepools;
  assert(arena->nfreepools > 0);
  arena->nfreepools--;
  if (emptied == NULL)
    return arena_carve_pool(arena, arenaindex, geometry);
  arena->freepools = emptied->nextpool;
  return emptied;
}

/* Takes back an empty pool. */
static inline void arena_give_pool(struct arena_object *arena,
                                   struct pool_header *pool)
{
  assert(pool_is_empty(pool) && !arena_is_free(arena));
  pool->nextpool = arena->freepools;
  arena->freepools = pool;
  arena->nfreepools++;
}

#endif
