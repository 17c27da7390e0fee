/*
** The order of usable arenas: those with a free pool, the fullest first, so
** that the emptier ones get a chance to become wholly free.
**
**   usable_arenas -> A(1) <-> B(1) <-> C(5) <-> D(5) <-> E(62)   (nfreepools)
**                              ^                 ^        ^
**                    nfp2lasta[1]      nfp2lasta[5]   nfp2lasta[62]
**
** When a pool of an arena becomes free the arena moves right, to the place
** just behind the last one of the group it leaves: in front of the next
** group. 3.6 walks there from the arena, which makes freeing many arenas
** quadratic; 3.8 keeps the last one of each group in nfp2lasta and lands on
** the same place at once. So does this. With 'count_hops' it walks as 3.6 did
** and counts the arenas it passes.
**
** When a pool is taken it is from the head, which only gets fuller: nothing
** moves.
**
** [usable.members]  usable_arenas holds exactly the arenas with a free pool
** [usable.links]    nextarena and prevarena agree; the head has no prevarena
** [usable.sorted]   nfreepools never falls along the list
** [usable.lasts]    nfp2lasta[n] is the last arena with n free pools, or NULL
**
** Runs in spec/lessons/07_arenas_spec.lua and spec/unit/order_spec.lua.
*/
#ifndef ORDER_H
#define ORDER_H

#include "arena.h"

struct arena_order {
  struct arena_object *usable_arenas;
  struct arena_object **nfp2lasta; /* indexed by nfreepools */
  uint64_t hops;                   /* counted only when asked for */
  bool count_hops;
};

/* A new arena, all of it free, becomes the only usable one. */
void order_start(struct arena_order *order, struct arena_object *arena);

/* The head has just lost a free pool; it leaves when that was its last. */
void order_head_took_pool(struct arena_order *order);

/* An arena has just gained a free pool: moves it where it now belongs. */
void order_gained_pool(struct arena_order *order, struct arena_object *arena);

/* Takes out an arena that has just gained the last of its pools. */
void order_remove(struct arena_order *order, struct arena_object *arena);

/* Is the arena on usable_arenas? */
static inline bool arena_is_listed(const struct arena_order *order,
                                   const struct arena_object *arena)
{
  return arena->prevarena != NULL || order->usable_arenas == arena;
}

#endif
