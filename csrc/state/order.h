/*
** The usable arenas are those with a free pool. Their order is: the arena
** with the fewest free pools first, so that arenas with many free pools are
** not used and can become wholly free.
**
**   usable_arenas -> A(1) <-> B(1) <-> C(5) <-> D(5) <-> E(62)   (nfreepools)
**                              ^                 ^        ^
**                    nfp2lasta[1]      nfp2lasta[5]   nfp2lasta[62]
**
** The arenas with the same number of free pools are a group. When a pool of
** an arena becomes free, the arena leaves its group and moves right, to the
** place behind the last arena of that group, in front of the next group.
** CPython 3.6 walks to that place from the arena, so that freeing many arenas
** takes quadratic time. CPython 3.8 keeps the last arena of each group in
** nfp2lasta and finds the same place in constant time; so does this code.
** With 'count_hops' it also walks as 3.6 did, to count the arenas passed.
**
** A pool is always taken from the head. The head has then one free pool less
** and stays in front, so no arena moves.
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
  uint64_t hops;                   /* counted if count_hops is true */
  bool count_hops;
};

/* A new arena, all of it free, becomes the only usable one. */
void order_start(struct arena_order *order, struct arena_object *arena);

/* Takes the head out of the list, because it has no free pool left. */
void order_drop_head(struct arena_order *order);

/* Makes an arena that was on no list and now has a free pool the head. */
void order_put_first(struct arena_order *order, struct arena_object *arena);

/* Puts an arena behind 'place'. The caller keeps [usable.sorted]. */
void order_move_behind(struct arena_order *order, struct arena_object *place,
                       struct arena_object *arena);

/* Counts the arenas that CPython 3.6 passes when it moves this one right. */
void order_count_hops(struct arena_order *order,
                      const struct arena_object *arena);

/* Takes an arena of the group 'nfreepools' out of the list. */
void order_remove(struct arena_order *order, struct arena_object *arena,
                  uint32_t nfreepools);

/* Is the arena on usable_arenas? */
static inline bool arena_is_listed(const struct arena_order *order,
                                   const struct arena_object *arena)
{
  return arena->prevarena != NULL || order->usable_arenas == arena;
}

/* Do the neighbours of an arena keep [usable.sorted]? For assertions. */
static inline bool order_is_sorted_at(const struct arena_object *arena)
{
  const struct arena_object *left = arena->prevarena;
  const struct arena_object *right = arena->nextarena;
  return (left == NULL || left->nfreepools <= arena->nfreepools) &&
         (right == NULL || arena->nfreepools <= right->nfreepools);
}

/*
** Takes an arena out of a group. If it was the last of the group, the arena
** before it becomes the last, or the group becomes empty.
*/
static inline void order_leave_group(struct arena_order *order,
                                     const struct arena_object *arena,
                                     uint32_t nfreepools)
{
  assert(nfreepools > 0 && nfreepools <= arena->ntotalpools);
  assert(order->nfp2lasta[nfreepools] != NULL);
  struct arena_object *previous = arena->prevarena;
  if (order->nfp2lasta[nfreepools] != arena)
    return;
  order->nfp2lasta[nfreepools] =
      previous != NULL && previous->nfreepools == nfreepools ? previous : NULL;
}

/* Enters an arena in front of its group: it is the last if it is the only. */
static inline void order_join_group(struct arena_order *order,
                                    struct arena_object *arena)
{
  assert(arena->nfreepools > 0);
  if (order->nfp2lasta[arena->nfreepools] == NULL)
    order->nfp2lasta[arena->nfreepools] = arena;
}

/*
** To be called when the head has lost a free pool: it changes its group, and
** leaves the list if it has none left.
*/
static inline void order_head_took_pool(struct arena_order *order)
{
  struct arena_object *head = order->usable_arenas;
  assert(head != NULL && head->prevarena == NULL);
  order_leave_group(order, head, head->nfreepools + 1);
  if (arena_is_full(head))
    order_drop_head(order);
  else
    order_join_group(order, head);
}

/* To be called when an arena has gained a free pool: moves it to its place. */
static inline void order_gained_pool(struct arena_order *order,
                                     struct arena_object *arena)
{
  assert(arena->nfreepools > 0);
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
  if (last_of_old != arena) /* are arenas of its old group behind it? */
    order_move_behind(order, last_of_old, arena);
  assert(order_is_sorted_at(arena));
}

#endif
