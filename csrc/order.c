#include "order.h"

static void link_front(struct arena_order *order, struct arena_object *arena)
{
  arena->prevarena = NULL;
  arena->nextarena = order->usable_arenas;
  if (arena->nextarena != NULL)
    arena->nextarena->prevarena = arena;
  order->usable_arenas = arena;
}

static void link_behind(struct arena_object *place, struct arena_object *arena)
{
  arena->prevarena = place;
  arena->nextarena = place->nextarena;
  if (arena->nextarena != NULL)
    arena->nextarena->prevarena = arena;
  place->nextarena = arena;
}

static void unlink_arena(struct arena_order *order, struct arena_object *arena)
{
  if (arena->prevarena == NULL)
    order->usable_arenas = arena->nextarena;
  else
    arena->prevarena->nextarena = arena->nextarena;
  if (arena->nextarena != NULL)
    arena->nextarena->prevarena = arena->prevarena;
  arena->nextarena = arena->prevarena = NULL; /* the vector may move */
}

/* Names another last of the group that an arena leaves, if it was the last. */
static void leave_group(struct arena_order *order, struct arena_object *arena,
                        uint32_t nfreepools)
{
  struct arena_object *previous = arena->prevarena;
  if (order->nfp2lasta[nfreepools] != arena)
    return;
  order->nfp2lasta[nfreepools] =
      previous != NULL && previous->nfreepools == nfreepools ? previous : NULL;
}

/* An arena that comes in front of its group is the last only of an empty one. */
static void join_group(struct arena_order *order, struct arena_object *arena)
{
  if (order->nfp2lasta[arena->nfreepools] == NULL)
    order->nfp2lasta[arena->nfreepools] = arena;
}

/* The arenas that 3.6 passes on its way right. */
static uint64_t hops_to_place(const struct arena_object *arena)
{
  const struct arena_object *next = arena->nextarena;
  uint64_t hops = 0;
  for (; next != NULL && next->nfreepools < arena->nfreepools;
       next = next->nextarena)
    hops++;
  return hops;
}

void order_start(struct arena_order *order, struct arena_object *arena)
{
  assert(order->usable_arenas == NULL);
  link_front(order, arena);
  join_group(order, arena);
}

void order_head_took_pool(struct arena_order *order)
{
  struct arena_object *head = order->usable_arenas;
  leave_group(order, head, head->nfreepools + 1);
  if (arena_is_full(head))
    unlink_arena(order, head);
  else
    join_group(order, head);
}

void order_gained_pool(struct arena_order *order, struct arena_object *arena)
{
  uint32_t was = arena->nfreepools - 1;
  struct arena_object *last = order->nfp2lasta[was];
  if (was == 0) { /* it was on no list? */
    link_front(order, arena);
    join_group(order, arena);
    return;
  }
  if (order->count_hops)
    order->hops += hops_to_place(arena);
  leave_group(order, arena, was);
  join_group(order, arena);
  if (last != arena) { /* others of its old group are behind it? */
    unlink_arena(order, arena);
    link_behind(last, arena);
  }
}

void order_remove(struct arena_order *order, struct arena_object *arena)
{
  leave_group(order, arena, arena->nfreepools - 1);
  unlink_arena(order, arena);
}
