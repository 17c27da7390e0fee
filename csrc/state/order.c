#include "state/order.h"

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
  arena->nextarena = arena->prevarena = NULL; /* the vector may move: a link
                                                 left here would be invalid */
}

void order_start(struct arena_order *order, struct arena_object *arena)
{
  assert(order->usable_arenas == NULL && arena_is_free(arena));
  order_put_first(order, arena);
}

void order_drop_head(struct arena_order *order)
{
  assert(order->usable_arenas != NULL && arena_is_full(order->usable_arenas));
  unlink_arena(order, order->usable_arenas);
}

void order_put_first(struct arena_order *order, struct arena_object *arena)
{
  assert(!arena_is_listed(order, arena) && !arena_is_full(arena));
  link_front(order, arena);
  order_join_group(order, arena);
}

void order_move_behind(struct arena_order *order, struct arena_object *place,
                       struct arena_object *arena)
{
  assert(place != arena && arena_is_listed(order, place));
  unlink_arena(order, arena);
  link_behind(place, arena);
}

void order_count_hops(struct arena_order *order,
                      const struct arena_object *arena)
{
  const struct arena_object *next = arena->nextarena;
  for (; next != NULL && next->nfreepools < arena->nfreepools;
       next = next->nextarena)
    order->hops++;
}

void order_remove(struct arena_order *order, struct arena_object *arena,
                  uint32_t nfreepools)
{
  assert(arena_is_listed(order, arena));
  order_leave_group(order, arena, nfreepools);
  unlink_arena(order, arena);
}
