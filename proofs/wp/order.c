/*
** The list of usable arenas: insertion, removal, groups and their order.
**
** prove: link_front link_behind unlink_arena arena_is_listed
** prove: order_is_sorted_at order_drop_head order_put_first
** prove: order_join_group order_leave_group arena_is_full
**
** A set has the arenas of the list. Sets are any sets, so each contract holds
** for lists of any length. The contracts say of each arena of the set what the
** invariants say, and so nothing of arenas in a circle that the head does not
** reach: [usable.members] is proved only as far as a set is.
*/
#include "state/order.c"

/*@ axiomatic Sets {
      type arenas;
      predicate in(arenas s, struct arena_object *a);
      logic arenas with(arenas s, struct arena_object *a);
      logic arenas without(arenas s, struct arena_object *a);
      axiom with_one: \forall arenas s, struct arena_object *a, *b;
        in(with(s, a), b) <==> in(s, b) || a == b;
      axiom without_one: \forall arenas s, struct arena_object *a, *b;
        in(without(s, a), b) <==> in(s, b) && a != b;
    }

    predicate apart(struct arena_order *order, arenas s) =
      \valid(order) &&
      (\forall struct arena_object *a; in(s, a) ==>
        a != \null && \valid(a) && \separated(a, order)) &&
      (\forall struct arena_object *a, *b; in(s, a) && in(s, b) && a != b ==>
        \separated(a, b));

    predicate next_agrees{L}(arenas s, struct arena_object *a) =
      a->nextarena != \null ==>
        in(s, a->nextarena) && a->nextarena->prevarena == a;

    predicate previous_agrees{L}(struct arena_order *order, arenas s,
                                 struct arena_object *a) =
      a->prevarena == \null ? order->usable_arenas == a
        : in(s, a->prevarena) && a->prevarena->nextarena == a;

    predicate head_agrees{L}(struct arena_order *order, arenas s) =
      order->usable_arenas != \null ==>
        in(s, order->usable_arenas) &&
        order->usable_arenas->prevarena == \null;

    // [usable.links]
    predicate links{L}(struct arena_order *order, arenas s) =
      (\forall struct arena_object *a; in(s, a) ==> next_agrees(s, a)) &&
      (\forall struct arena_object *a; in(s, a) ==>
        previous_agrees(order, s, a)) &&
      head_agrees(order, s);

    // [usable.sorted]
    predicate sorted{L}(arenas s) =
      \forall struct arena_object *a; in(s, a) && a->nextarena != \null ==>
        a->nfreepools <= a->nextarena->nfreepools;

    predicate stranger(struct arena_order *order, arenas s,
                       struct arena_object *a) =
      !in(s, a) && a != \null && \valid(a) && \separated(a, order) &&
      (\forall struct arena_object *b; in(s, b) ==> \separated(a, b));

    // may an arena be written beside what 'order' and 'other' are?
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
    ensures usable_links: \forall arenas s, struct arena_object *a;
      links{Pre}(order, s) && apart(order, s) && stranger(order, s, arena) ==>
      in(with(s, arena), a) ==>
        next_agrees(with(s, arena), a);
    ensures usable_links: \forall arenas s, struct arena_object *a;
      links{Pre}(order, s) && apart(order, s) && stranger(order, s, arena) ==>
      in(with(s, arena), a) ==>
        previous_agrees(order, with(s, arena), a);
    ensures usable_links: \forall arenas s;
      links{Pre}(order, s) && apart(order, s) && stranger(order, s, arena) ==>
        head_agrees(order, with(s, arena));
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
    ensures usable_links: \forall struct arena_order *order,
        arenas s, struct arena_object *a;
      links{Pre}(order, s) && apart(order, s) && stranger(order, s, arena) &&
      in(s, place) ==>
      in(with(s, arena), a) ==>
        next_agrees(with(s, arena), a);
    ensures usable_links: \forall struct arena_order *order,
        arenas s, struct arena_object *a;
      links{Pre}(order, s) && apart(order, s) && stranger(order, s, arena) &&
      in(s, place) ==>
      in(with(s, arena), a) ==>
        previous_agrees(order, with(s, arena), a);
    ensures usable_links: \forall struct arena_order *order, arenas s;
      links{Pre}(order, s) && apart(order, s) && stranger(order, s, arena) &&
      in(s, place) ==>
        head_agrees(order, with(s, arena));
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
    ensures usable_links: \forall arenas s, struct arena_object *a;
      links{Pre}(order, s) && apart(order, s) && in(s, arena) ==>
      in(without(s, arena), a) ==>
        next_agrees(without(s, arena), a);
    ensures usable_links: \forall arenas s, struct arena_object *a;
      links{Pre}(order, s) && apart(order, s) && in(s, arena) ==>
      in(without(s, arena), a) ==>
        previous_agrees(order, without(s, arena), a);
    ensures usable_links: \forall arenas s;
      links{Pre}(order, s) && apart(order, s) && in(s, arena) ==>
        head_agrees(order, without(s, arena));
*/
static void unlink_arena(struct arena_order *order, struct arena_object *arena);

/*@ requires \valid_read(order) && \valid_read(arena);
    assigns \nothing;
    ensures usable_links: \forall arenas s;
      links(order, s) && in(s, arena) ==> \result;
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
    ensures usable_links: \forall arenas s, struct arena_object *a;
      links{Pre}(order, s) && apart(order, s) ==>
      in(without(s, \old(order->usable_arenas)), a) ==>
        next_agrees(without(s, \old(order->usable_arenas)), a);
    ensures usable_links: \forall arenas s, struct arena_object *a;
      links{Pre}(order, s) && apart(order, s) ==>
      in(without(s, \old(order->usable_arenas)), a) ==>
        previous_agrees(order, without(s, \old(order->usable_arenas)), a);
    ensures usable_links: \forall arenas s;
      links{Pre}(order, s) && apart(order, s) ==>
        head_agrees(order, without(s, \old(order->usable_arenas)));
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
