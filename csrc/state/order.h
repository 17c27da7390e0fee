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
** Taught in lesson 7; tested by spec/unit/order_spec.lua.
*/
#ifndef ORDER_H
#define ORDER_H

#include "state/arena.h"

struct arena_order {
  struct arena_object *usable_arenas;
  struct arena_object **nfp2lasta; /* indexed by nfreepools */
  uint64_t hops;                   /* counted only when asked for */
  bool count_hops;
};

/* A new arena, all of it free, becomes the only usable one. */
void order_start(struct arena_order *order, struct arena_object *arena);

/* Takes the head out; it has no free pool left. */
void order_drop_head(struct arena_order *order);

/* An arena that was on no list has a free pool: it becomes the head. */
void order_put_first(struct arena_order *order, struct arena_object *arena);

/* Puts an arena behind another one, whatever groups they belong to. */
void order_move_behind(struct arena_order *order, struct arena_object *place,
                       struct arena_object *arena);

/* Counts the arenas that 3.6 passes on its way right. */
void order_count_hops(struct arena_order *order,
                      const struct arena_object *arena);

/* Takes out an arena that stands in the group of 'nfreepools'. */
void order_remove(struct arena_order *order, struct arena_object *arena,
                  uint32_t nfreepools);

/* Is the arena on usable_arenas? */
static inline bool arena_is_listed(const struct arena_order *order,
                                   const struct arena_object *arena)
{
  return arena->prevarena != NULL || order->usable_arenas == arena;
}

/* Names another last of the group that an arena leaves, if it was the last. */
static inline void order_leave_group(struct arena_order *order,
                                     const struct arena_object *arena,
                                     uint32_t nfreepools)
{
  struct arena_object *previous = arena->prevarena;
  if (order->nfp2lasta[nfreepools] != arena)
    return;
  order->nfp2lasta[nfreepools] =
      previous != NULL && previous->nfreepools == nfreepools ? previous : NULL;
}

/* An arena that comes in front of its group is the last only of an empty one. */
static inline void order_join_group(struct arena_order *order,
                                    struct arena_object *arena)
{
  if (order->nfp2lasta[arena->nfreepools] == NULL)
    order->nfp2lasta[arena->nfreepools] = arena;
}

/* The head has just lost a free pool; it leaves when that was its last. */
static inline void order_head_took_pool(struct arena_order *order)
{
  struct arena_object *head = order->usable_arenas;
  order_leave_group(order, head, head->nfreepools + 1);
  if (arena_is_full(head))
    order_drop_head(order);
  else
    order_join_group(order, head);
}

/* An arena has just gained a free pool: moves it where it now belongs. */
static inline void order_gained_pool(struct arena_order *order,
                                     struct arena_object *arena)
{
  uint32_t was = arena->nfreepools - 1;
  struct arena_object *last_of_old = order->nfp2lasta[was];
  if (unlikely(was == 0)) { /* it was on no list? */
    order_put_first(order, arena);
    return;
  }
  if (unlikely(order->count_hops))
    order_count_hops(order, arena);
  order_leave_group(order, arena, was);
  order_join_group(order, arena);
  if (last_of_old != arena) /* others of its old group are behind it? */
    order_move_behind(order, last_of_old, arena);
}

#endif
