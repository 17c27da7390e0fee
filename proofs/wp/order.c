/*
** The list of usable arenas: insertion, removal, groups and their order.
**
** prove: link_front link_behind unlink_arena arena_is_listed
** prove: order_is_sorted_at order_drop_head order_put_first
** prove: order_join_group order_leave_group arena_is_full
**
** open: [usable.links], [usable.sorted] and [usable.lasts] of a list of any
** open: length; the contracts say which links and which last arena each function
** open: writes, and eva/order follows whole lists within its bound
**
** The functions write only the links of an arena and of its neighbours, so a
** list may have any length.
*/
#include "state/order.c"

/*@ // may an arena be written beside what 'order' and 'other' are?
    predicate beside(struct arena_order *order, struct arena_object *other,
                     struct arena_object *a) =
      a != \null ==>
        \valid(a) && \separated(a, order) && \separated(a, other);
*/

/*@ requires \valid(order) && \valid(arena) && \separated(order, arena);
    requires arena != \null && beside(order, arena, order->usable_arenas);
    assigns order->usable_arenas, arena->prevarena, arena->nextarena,
            order->usable_arenas->prevarena;
    ensures becomes_the_head: order->usable_arenas == arena &&
      arena->prevarena == \null &&
      arena->nextarena == \old(order->usable_arenas);
    ensures its_neighbours_agree: arena->nextarena != \null ==>
      arena->nextarena->prevarena == arena;
*/
static void link_front(struct arena_order *order, struct arena_object *arena);

/*@ requires \valid(place) && \valid(arena) && \separated(place, arena);
    requires arena != \null;
    requires place->nextarena != \null ==>
      \valid(place->nextarena) && \separated(place->nextarena, place) &&
      \separated(place->nextarena, arena);
    assigns arena->prevarena, arena->nextarena, place->nextarena,
            place->nextarena->prevarena;
    ensures comes_behind_the_place: place->nextarena == arena &&
      arena->prevarena == place &&
      arena->nextarena == \old(place->nextarena);
    ensures its_neighbours_agree: arena->nextarena != \null ==>
      arena->nextarena->prevarena == arena;
*/
static void link_behind(struct arena_object *place, struct arena_object *arena);

/*@ requires \valid(order) && \valid(arena) && \separated(order, arena);
    requires beside(order, arena, arena->prevarena);
    requires beside(order, arena, arena->nextarena);
    requires arena->prevarena != \null && arena->nextarena != \null ==>
      \separated(arena->prevarena, arena->nextarena);
    assigns order->usable_arenas, arena->prevarena, arena->nextarena,
            arena->prevarena->nextarena, arena->nextarena->prevarena;
    ensures has_no_links_left: arena->prevarena == \null &&
      arena->nextarena == \null;
    ensures the_head_stays_or_is_the_second: order->usable_arenas ==
      (\old(arena->prevarena) == \null ? \old(arena->nextarena)
                                       : \old(order->usable_arenas));
    ensures its_neighbours_agree: \old(arena->prevarena) != \null ==>
      \old(arena->prevarena)->nextarena == \old(arena->nextarena);
    ensures its_neighbours_agree: \old(arena->nextarena) != \null ==>
      \old(arena->nextarena)->prevarena == \old(arena->prevarena);
*/
static void unlink_arena(struct arena_order *order, struct arena_object *arena);

/*@ requires \valid_read(order) && \valid_read(arena);
    assigns \nothing;
    ensures \result <==>
      arena->prevarena != \null || order->usable_arenas == arena;
*/
static inline bool arena_is_listed(const struct arena_order *order,
                                   const struct arena_object *arena);

/*@ requires \valid_read(arena);
    requires arena->nextarena != \null ==> \valid_read(arena->nextarena);
    requires arena->prevarena != \null ==> \valid_read(arena->prevarena);
    assigns \nothing;
    ensures \result <==>
      (arena->prevarena != \null ==>
         arena->prevarena->nfreepools <= arena->nfreepools) &&
      (arena->nextarena != \null ==>
         arena->nfreepools <= arena->nextarena->nfreepools);
*/
static inline bool order_is_sorted_at(const struct arena_object *arena);

/*@ requires \valid_read(arena);
    assigns \nothing;
    ensures \result <==> arena->nfreepools == 0;
*/
static inline bool arena_is_full(const struct arena_object *arena);

/*@ requires \valid(order) && order->usable_arenas != \null;
    requires \valid(order->usable_arenas);
    requires \separated(order, order->usable_arenas);
    requires order->usable_arenas->prevarena == \null;
    requires order->usable_arenas->nfreepools == 0;
    requires beside(order, order->usable_arenas,
                    order->usable_arenas->nextarena);
    assigns order->usable_arenas, order->usable_arenas->nextarena,
            order->usable_arenas->prevarena,
            order->usable_arenas->nextarena->prevarena,
            order->usable_arenas->prevarena->nextarena;
    ensures the_second_becomes_the_head:
      order->usable_arenas == \old(order->usable_arenas->nextarena);
*/
void order_drop_head(struct arena_order *order);

/*@ requires \valid(order) && \valid(arena) && \separated(order, arena);
    requires arena->nfreepools > 0 && arena->nfreepools <= arena->ntotalpools;
    requires arena != \null && beside(order, arena, order->usable_arenas);
    requires arena->prevarena == \null && order->usable_arenas != arena;
    requires \valid(order->nfp2lasta + arena->nfreepools);
    requires \separated(order->nfp2lasta + arena->nfreepools, order);
    requires \separated(order->nfp2lasta + arena->nfreepools, arena);
    requires order->usable_arenas != \null ==>
      \separated(order->nfp2lasta + arena->nfreepools, order->usable_arenas);
    assigns order->usable_arenas, arena->prevarena, arena->nextarena,
            order->usable_arenas->prevarena,
            order->nfp2lasta[arena->nfreepools];
    ensures becomes_the_head: order->usable_arenas == arena &&
      arena->prevarena == \null &&
      arena->nextarena == \old(order->usable_arenas);
    ensures the_last_of_its_group_if_the_only_one:
      order->nfp2lasta[arena->nfreepools] ==
        (\old(order->nfp2lasta[arena->nfreepools]) == \null ? arena
           : \old(order->nfp2lasta[arena->nfreepools]));
*/
void order_put_first(struct arena_order *order, struct arena_object *arena);

/*@ requires \valid_read(order) && \valid_read(arena);
    requires arena->nfreepools > 0;
    requires \valid(order->nfp2lasta + arena->nfreepools);
    requires \separated(order->nfp2lasta + arena->nfreepools, order);
    requires \separated(order->nfp2lasta + arena->nfreepools, arena);
    assigns order->nfp2lasta[arena->nfreepools];
    ensures the_last_of_its_group_if_the_only_one:
      order->nfp2lasta[arena->nfreepools] ==
        (\old(order->nfp2lasta[arena->nfreepools]) == \null ? arena
           : \old(order->nfp2lasta[arena->nfreepools]));
*/
static inline void order_join_group(struct arena_order *order,
                                    struct arena_object *arena);

/*@ requires \valid_read(order) && \valid_read(arena);
    requires 0 < nfreepools <= arena->ntotalpools;
    requires \valid(order->nfp2lasta + nfreepools);
    requires \separated(order->nfp2lasta + nfreepools, order);
    requires order->nfp2lasta[nfreepools] != \null;
    requires arena->prevarena != \null ==> \valid_read(arena->prevarena);
    assigns order->nfp2lasta[nfreepools];
    ensures the_arena_before_it_becomes_the_last: order->nfp2lasta[nfreepools]
      == (\old(order->nfp2lasta[nfreepools]) != arena
            ? \old(order->nfp2lasta[nfreepools])
            : \old(arena->prevarena) != \null &&
              \old(arena->prevarena->nfreepools) == nfreepools
                ? \old(arena->prevarena)
                : (struct arena_object *)\null);
*/
static inline void order_leave_group(struct arena_order *order,
                                     const struct arena_object *arena,
                                     uint32_t nfreepools);
